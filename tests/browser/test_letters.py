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
from browser.test_pages import LAYOUT
from cocreate.communities import COMMUNITIES
from cocreate.languages import Language
from cocreate.letters import letter
from cocreate.letters.rendering import Renderer
from cocreate.mail.message import SUBJECTS, Letter, write
from fixtures.letters import write_letter
from matrix import every_language

RENDERINGS = [Rendering(width, 800, scheme) for width in (320, 600) for scheme in ("light", "dark")]
LOADED = """return [...performance.getEntriesByType('resource'),
  ...document.querySelectorAll('img, link, script, svg')].length"""
MANAGERS = "managers"  # a letter that they wrote
# What a frame of the preview holds is audited by itself.
OF_FRAMES = {"rules": EVERY_RULE["rules"] | {"frame-tested": {"enabled": False}}}
PLACES = """return ['.button', '.address'].map(one =>
  document.querySelector(one).getBoundingClientRect())"""


@cache
def renderer() -> Renderer:
    with TemporaryDirectory() as folder:
        return Renderer(letter.read_letter(write_letter(Path(folder) / "letter")))


def page_of(live: Live, kind: str, language: Language) -> str:
    communities = tuple(community.slug for community in COMMUNITIES)
    if kind == MANAGERS:
        return renderer().in_language(language, communities).html
    confirm = "c" * 32 if kind == "confirm" else ""
    ours = Letter(kind, "ann@example.com", language.slug, communities, confirm, "m" * 32)
    page = write(live.app, ours, "20261124T0900.abc", 1_795_487_190).get_body(("html",))
    assert page is not None
    return str(page.get_content())


@pytest.mark.parametrize("kind", [*SUBJECTS, MANAGERS])
@every_language
def test_nothing_is_wrong_in_a_letter(
    browser: Browser, live: Live, faults: list[str], kind: str, language: Language
) -> None:
    """Nothing is loaded; it fits, also where its reader has doubled the text; its button is large,
    and the bare address stands below.
    """
    browser.open_markup(page_of(live, kind, language), rendering=RENDERINGS[0])
    assert browser.run(LOADED) == 0
    faults += browser.probes(("targets", 44), ("letters",), ("leading",))
    for rendering in RENDERINGS:
        browser.show_in(rendering)
        faults += audit(browser, EVERY_RULE if rendering == RENDERINGS[0] else COLOURS)
        faults += browser.probes(*LAYOUT, ("pairs", 7))
        button, address = browser.run(PLACES)
        assert button["height"] >= 44
        assert address["top"] >= button["bottom"]
    browser.show_in(replace(RENDERINGS[0], width=160, height=400, scale=2))
    faults += browser.probes(*LAYOUT)


def test_nothing_is_wrong_in_the_preview_of_a_letter(browser: Browser, faults: list[str]) -> None:
    browser.open_markup(renderer().preview(), rendering=RENDERINGS[0])
    for rendering in RENDERINGS:
        browser.show_in(rendering)
        faults += audit(browser, EVERY_RULE | OF_FRAMES)
        faults += browser.probes(("overflow",))
