"""Controls as they look when one points at them, reaches them and presses them: still readable. And
in forced colours (high contrast), what colour told apart is told apart by shape: in pixels.

Controls that look alike (same element, same classes) are looked at once; colours are the same in
every language.
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from itertools import combinations

import pytest
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from browser.chrome import Browser
from browser.engine import DESKTOP, FORCED, PHONE
from browser.live import Live
from browser.pixels import faint
from browser.states import Visit, form_in_error
from cocreate.languages import ENGLISH
from cocreate.pages import PAGES
from matrix import FORM_PAGES, every_scheme

TOUCHED = {
    "resting": (),
    "hover": ("hover",),
    "focus": ("focus", "focus-visible"),
    "pressed": ("hover", "active"),
}
FRESH = "[data-fresh]"
SENDING = "for (const e of document.querySelectorAll('form')) e.classList.add('htmx-request')"
CURRENT, PLAIN = "[aria-current]", ":not([aria-current])"
THERE = "return !!document.querySelector(arguments[0])"


def touched_faults(browser: Browser, known: list[str]) -> list[str]:
    """Contrast of each control's words in pixels, and of its edges, in each of its states.

    Args:
        browser: shows the page.
        known: looks that were looked at before; those of this page are added.
    """
    looks = browser.run("return probe.fresh(arguments[0])", known)
    known += looks
    faults = []
    for name, states in TOUCHED.items() if looks else ():
        with browser.forced(FRESH, *states):
            inks = browser.run("return probe.inks(arguments[0])", FRESH)
            faults += [
                browser.line(inks[i]["element"], fault, name, "another colour in this state")
                for i, fault in faint(browser, inks).items()
            ]
            faults += browser.probe("edges")
    return faults


@every_scheme
def test_controls_keep_their_contrast(
    browser: Browser, live: Live, faults: list[str], scheme: str
) -> None:
    """WCAG 1.4.6 and 1.4.11: on every page, in forms in error and on their way, and in the guide,
    which shows every component in each of its states.
    """
    rendering = replace(DESKTOP, scheme=scheme)
    known: list[str] = []
    for page in PAGES:
        browser.open(live.at(page, ENGLISH), rendering=rendering)
        faults += touched_faults(browser, known)
    assert len(known) > 10
    visit, in_error, sending = Visit(browser, live, ENGLISH), list[str](), list[str]()
    for page in FORM_PAGES:
        form_in_error(visit, page)
        faults += touched_faults(browser, in_error)
        browser.run(SENDING)
        faults += touched_faults(browser, sending)
    visit.path("_guide/")
    faults += touched_faults(browser, [])


def painted(browser: Browser, selector: str) -> Image.Image:
    """The element as it is seen."""
    shown = browser.driver.find_element(By.CSS_SELECTOR, selector).screenshot_as_png
    return Image.open(BytesIO(shown)).convert("RGB")


def foot(picture: Image.Image) -> set[object]:
    """The colours of its lowest 3 px."""
    return colours(picture.crop((0, picture.height - 3, min(40, picture.width), picture.height)))


def colours(picture: Image.Image) -> set[object]:
    return {colour for _, colour in picture.getcolors(1 << 24) or []}


@every_scheme
@pytest.mark.parametrize("path", ["en/stack/", "ta/join/stack/"], ids=["reading", "form"])
@pytest.mark.parametrize(
    "item", [".menu__panel li > a{}", ".languages li > :is(a, button){}"], ids=["menu", "languages"]
)
def test_the_current_link_and_the_one_under_the_pointer_stand_out(
    browser: Browser, live: Live, scheme: str, path: str, item: str
) -> None:
    """WCAG 1.4.1 and 1.4.11: a line below the current one, an underline below a hovered one."""
    browser.open(live.url + path, rendering=replace(DESKTOP, scheme=scheme, features=FORCED))
    plain, current = item.format(PLAIN), item.format(CURRENT)
    before = painted(browser, plain)
    assert len(foot(before)) == 1, "a line below a plain link"
    if browser.run(THERE, current):
        assert foot(painted(browser, current)) != foot(before), "current looks like any other"
    pointer = ActionChains(browser.driver, duration=0)
    pointer.move_to_element(browser.driver.find_element(By.CSS_SELECTOR, plain)).perform()
    assert painted(browser, plain).tobytes() != before.tobytes(), "nothing shows the pointer"


@every_scheme
@pytest.mark.parametrize("path", ["en/join/stack/", "en/join/stack/sent/"], ids=["form", "sent"])
def test_steps_behind_here_and_ahead_look_different(
    browser: Browser, live: Live, scheme: str, path: str
) -> None:
    browser.open(live.url + path, rendering=replace(PHONE, scheme=scheme, features=FORCED))
    kinds = {
        "done": ".progress li.done",
        "here": ".progress li[aria-current]",
        "ahead": ".progress li:not(.done):not([aria-current])",
    }
    leaves = {
        kind: painted(browser, selector).crop((0, 0, 28, 28))
        for kind, selector in kinds.items()
        if browser.run(THERE, selector)
    }
    assert len(leaves) >= 2
    for one, other in combinations(leaves, 2):
        assert leaves[one].tobytes() != leaves[other].tobytes(), f"{one} looks like {other}"
    for kind, leaf in leaves.items():
        assert len(colours(leaf)) > 1, f"the leaf of a step {kind} is not seen"
