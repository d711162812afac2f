"""Forced colours (high contrast): what colour told apart, shape tells apart, in pixels."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from itertools import combinations

import pytest
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from browser.chrome import Browser
from browser.engine import DESKTOP, PHONE, Rendering
from browser.live import Live
from matrix import every_scheme

FORCED = (("forced-colors", "active"),)
CURRENT, PLAIN = "[aria-current]", ":not([aria-current])"
BOX = """const e = document.querySelector(arguments[0]), box = e.getBoundingClientRect();
return {x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height};"""


def forced(scheme: str, rendering: Rendering = DESKTOP) -> Rendering:
    return replace(rendering, scheme=scheme, features=FORCED)


def painted(browser: Browser, selector: str, *, foot: int = 0, head: int = 0) -> Image.Image:
    """The element as it is seen; only its lowest ``foot`` or first ``head`` px, if given."""
    box = browser.run(BOX, selector)
    if foot:
        box |= {"y": box["y"] + box["height"] - foot, "height": foot, "width": 40}
    if head:
        box |= {"width": head, "height": head}
    return Image.open(BytesIO(browser.picture(box))).convert("RGB")


def colours(picture: Image.Image) -> set[object]:
    return {colour for _, colour in picture.getcolors(1 << 24) or []}


@every_scheme
@pytest.mark.parametrize("path", ["en/stack/", "ta/join/stack/"], ids=["reading", "form"])
@pytest.mark.parametrize(
    "item",
    [".menu__panel li > a{}", ".languages li > :is(a, button){}"],
    ids=["menu", "languages"],
)
def test_the_current_link_and_the_one_under_the_pointer_stand_out(
    browser: Browser, live: Live, scheme: str, path: str, item: str
) -> None:
    """WCAG 1.4.1 and 1.4.11: a line below the current one, an underline below a hovered one."""
    browser.open(live.url + path, rendering=forced(scheme))
    plain = item.format(PLAIN)
    current = item.format(CURRENT)
    if browser.run("return !!document.querySelector(arguments[0])", current):
        line = colours(painted(browser, current, foot=3))
        assert line != colours(painted(browser, plain, foot=3)), "current looks like any other"
    assert len(colours(painted(browser, plain, foot=3))) == 1, "a line below a plain link"
    before = painted(browser, plain)
    pointer = ActionChains(browser.driver, duration=0)
    pointer.move_to_element(browser.driver.find_element(By.CSS_SELECTOR, plain)).perform()
    assert painted(browser, plain).tobytes() != before.tobytes(), "nothing shows the pointer"


@every_scheme
@pytest.mark.parametrize("path", ["en/join/stack/", "en/join/stack/sent/"], ids=["form", "sent"])
def test_steps_behind_here_and_ahead_look_different(
    browser: Browser, live: Live, scheme: str, path: str
) -> None:
    browser.open(live.url + path, rendering=forced(scheme, PHONE))
    kinds = {
        "done": ".progress li.done",
        "here": ".progress li[aria-current]",
        "ahead": ".progress li:not(.done):not([aria-current])",
    }
    leaves = {
        kind: painted(browser, selector, head=28)
        for kind, selector in kinds.items()
        if browser.run("return !!document.querySelector(arguments[0])", selector)
    }
    assert len(leaves) >= 2
    for one, other in combinations(leaves, 2):
        assert leaves[one].tobytes() != leaves[other].tobytes(), f"{one} looks like {other}"
    for kind, leaf in leaves.items():
        assert len(colours(leaf)) > 1, f"the leaf of a step {kind} is not seen"
