"""Every letter as a mail program shows it: in four languages, light and dark, narrow and wide."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from browser.audit import COLOURS, EVERY_RULE, audit
from browser.chrome import Browser
from browser.engine import Rendering
from browser.live import Live
from cocreate.communities import COMMUNITIES
from cocreate.languages import LANGUAGES, Language
from cocreate.letters import letter
from cocreate.letters.rendering import Renderer
from cocreate.mail.message import SUBJECTS, Letter, write
from fixtures.letters import write_letter

RENDERINGS = [Rendering(width, 800, scheme) for width in (320, 600) for scheme in ("light", "dark")]
KINDS = [*SUBJECTS, "letter"]  # the last: what managers write
each_letter = pytest.mark.parametrize("kind", KINDS)
each_language = pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.slug)


@cache
def renderer() -> Renderer:
    with TemporaryDirectory() as folder:
        return Renderer(letter.read(write_letter(Path(folder) / "letter")))


def show(browser: Browser, live: Live, kind: str, language: Language) -> None:
    if kind == "letter":
        communities = tuple(community.slug for community in COMMUNITIES)
        page = renderer().in_language(language, communities).page
        browser.open_markup(page, rendering=RENDERINGS[0])
        return
    ours = Letter(
        kind,
        "ann@example.com",
        language.slug,
        tuple(community.slug for community in COMMUNITIES),
        "c" * 32 if kind == "confirm" else "",
        "m" * 32,
    )
    found = write(live.app, ours, "20261124T0900.abc", 1_795_487_190).get_body(("html",))
    assert found is not None
    browser.open_markup(found.get_content(), rendering=RENDERINGS[0])


@each_letter
@each_language
def test_axe_finds_nothing_in_a_letter(
    browser: Browser, live: Live, faults: list[str], kind: str, language: Language
) -> None:
    show(browser, live, kind, language)
    for rendering in RENDERINGS:
        browser.show_in(rendering)
        faults += audit(browser, None, EVERY_RULE if rendering == RENDERINGS[0] else COLOURS)


@each_letter
@each_language
def test_a_letter_fits_and_can_be_read(
    browser: Browser, live: Live, faults: list[str], kind: str, language: Language
) -> None:
    """Also where its reader has doubled the text."""
    show(browser, live, kind, language)
    for rendering in (*RENDERINGS, replace(RENDERINGS[0], width=160, height=400, scale=2)):
        browser.show_in(rendering)
        faults += browser.probes(("overflow",), ("clipped",), ("overlaps",), ("pairs", 7))
    browser.show_in(RENDERINGS[0])
    faults += browser.probes(("targets", 44), ("letters",), ("leading",))


@each_letter
def test_a_letter_loads_nothing(browser: Browser, live: Live, kind: str) -> None:
    show(browser, live, kind, LANGUAGES[0])
    loaded = "return performance.getEntriesByType('resource').map((entry) => entry.name)"
    assert browser.run(loaded) == []
    assert browser.run("return document.querySelectorAll('img, link, script, svg').length") == 0


@each_letter
@each_language
def test_the_button_is_large_and_its_address_stands_below(
    browser: Browser, live: Live, kind: str, language: Language
) -> None:
    show(browser, live, kind, language)
    for rendering in RENDERINGS:
        browser.show_in(rendering)
        button, address = (
            browser.run("return document.querySelector(arguments[0]).getBoundingClientRect()", one)
            for one in (".button", ".address")
        )
        assert button["height"] >= 44
        assert address["top"] >= button["bottom"]


def test_axe_finds_nothing_in_the_preview_of_a_letter(browser: Browser, faults: list[str]) -> None:
    browser.open_markup(renderer().preview(), rendering=RENDERINGS[0])
    for rendering in RENDERINGS:
        browser.show_in(rendering)
        faults += audit(browser, None, EVERY_RULE if rendering == RENDERINGS[0] else COLOURS)
        faults += browser.probes(("overflow",))
