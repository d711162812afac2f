"""The keyboard reaches everything, in order, and one always sees where one is."""

from __future__ import annotations

from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser.chrome import Browser
from browser.engine import DESKTOP, PHONE, Engine, Rendering
from browser.firefox import Firefox
from browser.keyboard import ring_faults, walk
from browser.live import Live
from browser.states import STACK
from cocreate.languages import BY_SLUG, ENGLISH, Language
from cocreate.pages import HOME, PAGES, Page
from matrix import every_scheme, pages_in_turn

RINGED = "const e = document.activeElement; return [e.type, getComputedStyle(e).outlineWidth]"
LOW = Rendering(320, 256)  # 1280 × 1024 at 400 %


@pages_in_turn
def test_every_stop_is_in_order_seen_and_uncovered(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    """Also at 400 %."""
    for rendering in (DESKTOP, PHONE, *([LOW] if page is HOME else [])):
        browser.look_at(live.at(page, language), rendering=rendering)
        faults += walk(browser).faults


def test_the_skip_link_skips(browser: Browser, live: Live) -> None:
    """WCAG 2.4.1: shown on the first Tab; after Enter the next stop lies within main."""
    browser.open(live.at(HOME, BY_SLUG["ta"]))
    browser.press("Tab")
    assert browser.run("return document.activeElement.getAttribute('href')") == "#main"
    box = browser.run("return document.activeElement.getBoundingClientRect().toJSON()")
    assert box["top"] >= 0
    assert box["width"] > 44
    browser.press("Enter")
    browser.press("Tab")
    assert browser.run("return !!document.activeElement.closest('main')")


@every_scheme
def test_the_ring_is_seen_in_pixels(
    browser: Browser, live: Live, faults: list[str], scheme: str
) -> None:
    """WCAG 2.4.13 (AAA): as many pixels as a 2 px line around it change by 3:1 or more.

    Stops that look alike (same element, same classes) are photographed once.
    """
    photographed: set[str] = set()
    for page in PAGES:
        browser.open(live.at(page, ENGLISH), rendering=Rendering(scheme=scheme))
        news = browser.run("return probe.fresh(arguments[0])", [*photographed])
        for stop in walk(browser).stops if news else ():
            if stop["look"] not in photographed:
                photographed.add(stop["look"])
                faults += ring_faults(browser, stop)
    assert len(photographed) > 10


def arrow_ring(engine: Engine, live: Live) -> list[str]:
    engine.open(live.at(STACK, ENGLISH))
    engine.driver.find_element(By.ID, "role-0").click()
    ActionChains(engine.driver).send_keys(Keys.ARROW_DOWN).perform()
    return engine.run(RINGED)  # type: ignore[no-any-return]


def test_a_choice_reached_by_arrow_has_a_ring(
    browser: Browser, firefox: Firefox, live: Live
) -> None:
    assert arrow_ring(browser, live) == ["radio", "3px"]
    assert arrow_ring(firefox, live) == ["radio", "3px"]
