"""What the browsers of product.md's floor (Chrome 87, Safari 14, Firefox 78) make of ours.

A browser drops a declaration, a whole list of selectors or a whole block for one word that it does
not know. So a newer word stands where its loss takes nothing else along.
"""

from __future__ import annotations

import re

import pytest
from flask import Flask

from cocreate.web.templating import INKS

# Never in the sheet as it is sent: a piece of it, the pattern that finds such a piece, what does
# not know it, and what holds everywhere.
UNKNOWN = {
    "@layer": ("@layer", "Chrome 98, Safari 15.3", "order"),
    "@container": (r"@container|\bcq(w|h|i|b|min|max)\b", "Chrome 104, Safari 15", "@media in rem"),
    "(width>9rem)": (r"\((width|height)\s*[<>=]", "Chrome 103", "lightningcss with targets"),
    "@media not": (r"@media not\b", "Chrome 103", "undo it in the opposite query"),
    ":is(a, b)": (r":(is|where|any|-webkit-any|-moz-any)\(", "Chrome 87", "a list"),
    ":not(a, b)": (r":not\([^()]*,", "Firefox 83", ":not(a):not(b)"),
    "9dvh": (r"[\d.](r?lh|[dsl]v(h|w|i|b|min|max))\b", "Chrome 107", "em, vh"),
    "color-mix(": (r"color-mix\(|light-dark\(|oklch\(", "Chrome 110", "the colour"),
    "aspect-ratio:": (r"aspect-ratio\s*:", "Chrome 87, Safari 14", "the picture's own"),
    "{inset:": (r"[{;]inset(-block|-inline)?\s*:", "Safari 14.0", "top, right, bottom, left"),
    ";margin-block:": (r"[{;](padding|margin)-(block|inline)\s*:", "Safari 14.0", "left and right"),
    "border-end-end-radius": ("(start|end)-radius", "Safari 14", "border-bottom-left-radius"),
    "{translate:": (r"[{;](translate|rotate|scale)\s*:", "Chrome 103", "transform"),
    "overflow: clip": (r"overflow(-[xy])?\s*:\s*clip", "Safari 15", "hidden"),
    "::details-content": ("details-content", "Chrome 130", "a list beside <details>"),
}
NEWER = re.compile(r":has\(|(?<!:not\():focus-visible|:user-invalid|:popover-open")


@pytest.fixture(scope="module")
def sheet(site: Flask) -> str:
    """The style sheet as it is sent."""
    assets = site.extensions["cocreate.assets"]
    return str(assets.by_source["css/site.css"].body.decode())


@pytest.mark.parametrize("word", UNKNOWN)
def test_no_word_that_an_old_browser_lacks(sheet: str, word: str) -> None:
    pattern, lacking, instead = UNKNOWN[word]
    assert re.search(pattern, word), "the pattern finds nothing"
    found = re.search(pattern, sheet)
    near = found and sheet[max(0, found.start() - 60) : found.end() + 30]
    assert not found, f"{near}: {word} is unknown up to {lacking}; use {instead}"


def test_a_newer_selector_stands_alone(sheet: str) -> None:
    """One unknown selector takes its whole list along."""
    for selectors in re.findall(r"([^{};]+)\{", sheet):
        parts = re.split(r",(?![^(]*\))", selectors)
        known = [part for part in parts if not NEWER.search(part)]
        assert len(known) in (0, len(parts)), f"{selectors}: a rule of its own for {NEWER.pattern}"


def test_nothing_that_is_printed_or_read_wrong(sheet: str) -> None:
    """In WebKit digits over Chinese with the first, torn Tamil words with the second; anywhere, the
    first letter apart from what is heard.
    """
    assert not re.search(r"text-autospace:(?!no-)|text-wrap[^;}]*pretty|first-letter", sheet)


def test_subgrid_is_asked_for_where_columns_need_it(sheet: str) -> None:
    """Rows that do not line up are a small difference; columns within columns are not."""
    for block in re.findall(r"@supports[^{]+\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}", sheet):
        sheet = sheet.replace(block, "")
    assert "grid-template:subgrid" not in sheet
    assert "grid-template-columns:subgrid" not in sheet


def test_drawings_are_painted_alike_with_and_without_style(sheet: str) -> None:
    """The attributes' colours are the light scheme's, and no style leaves them to themselves."""
    for key, ink in INKS.items():
        (value,) = re.findall(r'(?:fill|opacity)="([^"]+)"', ink)
        said = re.findall(rf"\.art \.{key}\{{(?:fill|opacity):([^}};]+)", sheet)[0]
        if token := re.fullmatch(r"var\((--[\w-]+)\)", said):
            said = re.findall(rf"{token[1]}:([^;}}]+)", sheet)[0]
        assert said == value, key
