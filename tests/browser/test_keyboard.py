"""The keyboard reaches everything, in order, and one always sees where one is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser.chrome import Browser
from browser.engine import DESKTOP, PHONE, Engine, Rendering
from browser.firefox import Firefox
from browser.live import Live
from browser.pixels import contrast
from browser.states import STACK
from cocreate.languages import BY_SLUG, ENGLISH, Language
from cocreate.pages import HOME, PAGES, Page
from matrix import every_scheme, pages_in_turn

BREATH = 0.005  # seconds after each key, in which a page may pull the focus back
RINGED = "const e = document.activeElement; return [e.type, getComputedStyle(e).outlineWidth]"
LOW = Rendering(320, 256)  # 1280 × 1024 at 400 %


@dataclass
class Walk:
    """The stops in order, and what is wrong with them."""

    stops: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def walk(browser: Browser) -> Walk:
    """Press Tab from the start of the open page until the focus leaves it again."""
    found, expected = Walk(), browser.run("return probe.listen()")
    keys = ActionChains(browser.driver)
    for _ in range(len(expected) + 1):  # a way that leads elsewhere is seen in as many
        keys.send_keys(Keys.TAB).pause(BREATH)
    keys.perform()
    heard, moves = browser.run("return probe.heard()")
    ends = (i for i, stop in enumerate(heard) if not stop or (i and stop["index"] == 0))
    found.stops = heard[: next(ends, None)]
    order, ways = list(range(len(expected))), [index for index, _ in moves]
    in_order = ways in (order, order + order[:1])  # from its end it may begin again
    if not in_order or [stop["index"] for stop in found.stops] != order:
        goes = f"goes {[element for _, element in moves]}"
        mend = f"expected {expected}; no tabindex, no trap"
        found.faults.append(browser.line("focus", goes, "order", mend))
    found.faults += [fault for stop in found.stops for fault in _seen(browser, stop)]
    return found


def _seen(browser: Browser, stop: dict[str, Any]) -> list[str]:
    """WCAG 2.4.7, 2.4.11 to 2.4.13 at one stop."""
    found = [  # a shadow alone is lost in forced colours
        (not stop["outlined"], "no ring of 2 px", "outline: 2px solid or more"),
        (
            stop["outlined"] and stop["contrast"] < 3,
            f"ring has {stop['contrast']}:1",
            "3:1 or more",
        ),
        (not stop["inside"], "is outside the window", "scroll-margin"),
        (stop["covered"], f"covered by {stop['covered']}", "nothing sticky"),
    ]
    return [
        browser.line(stop["element"], text, "focus", mend) for is_so, text, mend in found if is_so
    ]


def ring_faults(browser: Browser, stop: dict[str, Any]) -> list[str]:
    """Photograph one stop with and without the focus: the change must be large and strong."""
    browser.cdp("Emulation.setFocusEmulationEnabled", enabled=True)  # the walk left the page
    box = browser.run("return probe.ringed(arguments[0], true)", stop["index"])
    lit = Image.open(BytesIO(browser.picture(box)))
    browser.run("probe.ringed(arguments[0], false)", stop["index"])
    changed = contrast_of_change(Image.open(BytesIO(browser.picture(box))), lit)
    browser.cdp("Emulation.setFocusEmulationEnabled", enabled=False)
    wanted = 2 * 2 * (box["inner_width"] + box["inner_height"]) - 16
    if changed >= wanted:
        return []
    fault = f"{changed} px change by 3:1, {wanted:.0f} wanted"
    return [browser.line(stop["element"], fault, "appearance", "outline: 2px or more, 3:1")]


def contrast_of_change(before: Image.Image, after: Image.Image) -> int:
    """How many pixels differ by a contrast ratio of 3:1 or more (WCAG 2.2, 2.4.13)."""
    pictures = (picture.convert("RGB").get_flattened_data() for picture in (before, after))
    pairs = Counter(zip(*pictures, strict=True))
    return sum(many for (one, other), many in pairs.items() if contrast(one, other) >= 3)


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
    browser.press(Keys.TAB)
    assert browser.run("return document.activeElement.getAttribute('href')") == "#main"
    box = browser.run("return document.activeElement.getBoundingClientRect().toJSON()")
    assert box["top"] >= 0
    assert box["width"] > 44
    browser.press(Keys.ENTER, Keys.TAB)
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
    engine.press(Keys.ARROW_DOWN)
    return engine.run(RINGED)  # type: ignore[no-any-return]


def test_a_choice_reached_by_arrow_has_a_ring(
    browser: Browser, firefox: Firefox, live: Live
) -> None:
    assert arrow_ring(browser, live) == ["radio", "3px"]
    assert arrow_ring(firefox, live) == ["radio", "3px"]
