"""A finger meets what it points at: nothing lies over a control's words, at any width."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import cycle
from math import ceil

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import url_to_be
from selenium.webdriver.support.ui import WebDriverWait

from browser.chrome import Browser
from browser.engine import Rendering
from browser.live import Live
from cocreate.languages import LANGUAGES, Language
from cocreate.pages import HOME, PAGES, Page
from cocreate.web.assets import STATIC
from matrix import every_language, pages_in_turn

WIDTHS = (320, 360, 768, 1280)
# Both sides of each width at which the style sheet lays things out anew.
ASKED = re.findall(r"(?:min|max)-width: ([\d.]+)rem", (STATIC / "css/site.css").read_text("utf-8"))
EDGES = sorted({ceil(float(rem) * 16) - side for rem in ASKED for side in (0, 1)})
UNFOLD = "for (const e of document.querySelectorAll('details')) e.open = true"


def missed(browser: Browser, widths: Iterable[int] = WIDTHS) -> list[str]:
    """Controls of the open page that a tap on their words does not reach, at each width.

    Forms in error and every other state are asked in ``test_states.py``, which opens them anyway.
    """
    browser.run(UNFOLD)
    faults = []
    for width in widths:
        browser.show_in(Rendering(width, 740))
        faults += browser.probe("hits")
    return faults


@every_language
def test_each_control_of_each_page_is_hit_at_its_words(
    browser: Browser, live: Live, faults: list[str], language: Language
) -> None:
    for page in PAGES:
        browser.look_at(live.at(page, language), rendering=browser.rendering)
        faults += missed(browser)


@pages_in_turn
def test_each_control_is_hit_where_the_layout_changes(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    browser.look_at(live.at(page, language), rendering=browser.rendering)
    faults += missed(browser, EDGES)


@pytest.mark.parametrize(
    ("language", "width"), list(zip(LANGUAGES, cycle((320, 768)), strict=False))
)
def test_a_finger_opens_the_menu_and_follows_its_links(
    browser: Browser, live: Live, language: Language, width: int
) -> None:
    browser.open(live.at(HOME, language), rendering=Rendering(width, 740))
    places = browser.run("return [...document.querySelectorAll('.menu__panel a')].map(a => a.href)")
    assert len(places) > 3
    for number, place in enumerate(places):
        tap(browser, "summary")
        tap(browser, ".menu__panel a", number)
        WebDriverWait(browser.driver, 10, 0.02).until(
            url_to_be(place),
            f"the tap on link {number} of the menu did not lead to {place}",
        )


def tap(browser: Browser, selector: str, number: int = 0) -> None:
    """A short touch of a finger in the middle of an element's words."""
    element = browser.driver.find_elements(By.CSS_SELECTOR, selector)[number]
    ActionChains(browser.driver).scroll_to_element(element).perform()
    x, y = browser.run("return probe.middle(arguments[0])", element)
    finger = PointerInput("touch", "finger")  # type: ignore[no-untyped-call]
    actions = ActionBuilder(browser.driver, mouse=finger)
    action = actions.pointer_action
    action.move_to_location(round(x), round(y))  # type: ignore[no-untyped-call]
    action.pointer_down().pointer_up()  # type: ignore[no-untyped-call]
    actions.perform()
