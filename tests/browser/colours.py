"""WCAG 2.2 "contrast ratio" and "relative luminance" of sRGB colours."""

from __future__ import annotations

from functools import cache
from typing import Any


def contrast(one: Any, other: Any) -> float:
    """WCAG 2.2 contrast ratio of two sRGB colours, each three numbers up to 255."""
    dark, light = sorted((luminance(tuple(one)), luminance(tuple(other))))
    return (light + 0.05) / (dark + 0.05)


@cache
def luminance(colour: tuple[int, ...]) -> float:
    parts = [v / 255 for v in colour]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
