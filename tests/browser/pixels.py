"""Contrast as it is painted: each letter's colour against the page without its letters."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image

from browser.engine import Engine

NO_INK = """* { color: transparent !important; -webkit-text-fill-color: transparent !important;
  transition: none !important; caret-color: transparent !important }"""
NEAR = 400  # CSS px
WANTED = (7, 4.5)  # of text, of large text: WCAG 1.4.6


def contrast(one: Any, other: Any) -> float:
    """WCAG 2.2 contrast ratio of two sRGB colours, each three numbers up to 255."""
    dark, light = sorted((luminance(tuple(one)), luminance(tuple(other))))
    return (light + 0.05) / (dark + 0.05)


@cache
def luminance(colour: tuple[int, ...]) -> float:
    parts = [v / 255 for v in colour]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def faint(browser: Engine, inks: list[dict[str, Any]]) -> dict[int, str]:
    """Which of ``inks`` (see ``probe.inks``) are too faint, by their number, and how faint."""
    if not inks:
        return {}
    found = {}
    browser.adopt(NO_INK)
    for together in _near(inks):
        near = [inks[number] for number in together]
        left, top = (min(ink[key] for ink in near) for key in "xy")
        width = max(ink["x"] + ink["width"] for ink in near) - left
        height = max(ink["y"] + ink["height"] for ink in near) - top
        clip = {"x": left, "y": top, "width": width, "height": height}
        ground = Image.open(BytesIO(browser.picture(clip, whole=True))).convert("RGB")
        for number in together:
            ratio = _worst(ground, inks[number], left, top)
            wanted = WANTED[inks[number]["large"]]
            if ratio < wanted:
                found[number] = f"{ratio:.2f}:1 in pixels, {wanted}:1 wanted"
    browser.adopt("")
    return found


def _near(inks: list[dict[str, Any]]) -> list[list[int]]:
    """Their numbers, those together that one small picture shows: a whole page takes long."""
    groups: list[list[int]] = []
    for number in sorted(range(len(inks)), key=lambda n: float(inks[n]["y"])):
        if groups and inks[number]["y"] - inks[groups[-1][-1]]["y"] < NEAR:
            groups[-1].append(number)
        else:
            groups.append([number])
    return groups


def _worst(ground: Image.Image, ink: dict[str, Any], left: float, top: float) -> float:
    """Lowest contrast between the ink and what lies behind it, in its middle 60 %."""
    x, y = ink["x"] - left, ink["y"] - top + 0.2 * ink["height"]
    area = ground.crop(tuple(map(round, (x, y, x + ink["width"], y + 0.6 * ink["height"]))))
    colours: set[Any] = set(area.get_flattened_data())
    return min((contrast(colour, _painted(ink, colour)) for colour in colours), default=21.0)


def _painted(ink: dict[str, Any], ground: tuple[int, ...]) -> list[float]:
    """The colour of a letter once it, or a box that it stands in, lets the ground shine through."""
    faded = zip(ground, ink["colour"], ink["own"] or ground, strict=True)
    mixed = [min(255, max(0, g + ink["fade"] * (c - u))) for g, c, u in faded]
    return mixed if ink["fade"] < 1 else list(ink["colour"])
