"""A walk through a page with the Tab key: where it goes, and what is seen of the focus there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image
from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from browser.chrome import Browser
from browser.colours import contrast

BREATH = 0.005  # seconds after each key, in which a page may pull the focus back


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
        visited = [element for _, element in moves]
        found.faults.append(
            browser.line(
                "focus", f"goes {visited}", "order", f"expected {expected}; no tabindex, no trap"
            )
        )
    for stop in found.stops:
        found.faults += list(_seen(browser, stop))
    return found


def _seen(browser: Browser, stop: dict[str, Any]) -> list[str]:
    """WCAG 2.4.7, 2.4.11 to 2.4.13 at one stop."""
    element, faults = stop["element"], []
    if not stop["outlined"]:  # a shadow alone is lost in forced colours
        faults.append(
            browser.line(element, "no ring of 2 px", "focus", "outline: 2px solid or more")
        )
    elif stop["contrast"] < 3:
        faults.append(
            browser.line(element, f"ring has {stop['contrast']:.2f}:1", "focus", "3:1 or more")
        )
    if not stop["inside"]:
        faults.append(browser.line(element, "is outside the window", "focus", "scroll-margin"))
    if stop["covered"]:
        faults.append(
            browser.line(element, f"covered by {stop['covered']}", "focus", "nothing sticky")
        )
    return faults


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
    pairs = Counter(
        zip(
            before.convert("RGB").get_flattened_data(),
            after.convert("RGB").get_flattened_data(),
            strict=True,
        )
    )
    return sum(many for (one, other), many in pairs.items() if contrast(one, other) >= 3)
