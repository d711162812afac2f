"""What is seen: sizes, lines, edges, in every scheme that a reader may set."""

from __future__ import annotations

from dataclasses import replace

from browser.chrome import Browser
from browser.engine import DESKTOP, PHONE, RENDERINGS
from browser.live import Live
from cocreate.languages import Language
from cocreate.pages import Page
from matrix import every_page, pages_in_turn

FORCED = (("forced-colors", "active"),)
STILL = (("prefers-reduced-motion", "reduce"),)
MORE = (("prefers-contrast", "more"),)


@every_page
def test_targets_are_44_px(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    """WCAG 2.5.5 (AAA): all but the links inside a sentence."""
    browser.look_at(live.at(page, language))
    for rendering in (PHONE, DESKTOP):
        browser.show_in(rendering)
        faults += browser.probe("targets", 44)


@every_page
def test_lines_are_short_and_letters_plain(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    """WCAG 1.4.8 (AAA): 75 characters, 40 Chinese ones; no slant, capitals or torn Tamil."""
    browser.look_at(live.at(page, language))
    faults += browser.probes(("lines", 75, 40), ("letters",), ("leading",))


@pages_in_turn
def test_text_and_edges_have_contrast_in_every_scheme(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    """WCAG 1.4.6 and 1.4.11; what ``prefers-contrast`` adds included. By axe in every language."""
    browser.look_at(live.at(page, language))
    for rendering in (*RENDERINGS, *(replace(r, features=MORE) for r in RENDERINGS)):
        browser.show_in(rendering)
        faults += browser.probes(("pairs", 7), ("edges",))


@pages_in_turn
def test_forced_colours_keep_shapes_and_pictures(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    browser.look_at(live.at(page, language))
    for rendering in RENDERINGS:
        browser.show_in(replace(rendering, features=FORCED))
        faults += browser.probe("forced")


@pages_in_turn
def test_nothing_moves_unasked(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    """WCAG 2.2.2 and 2.3.3 (AAA)."""
    browser.look_at(live.at(page, language))
    faults += browser.probe("motion", False)
    browser.show_in(replace(DESKTOP, features=STILL))
    faults += browser.probe("motion", True)


@every_page
def test_print_is_ink_on_paper(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    """In either scheme, at the width of A4."""
    browser.look_at(live.at(page, language))
    for scheme in ("light", "dark"):
        browser.show_in(replace(DESKTOP, width=720, scheme=scheme, medium="print"))
        faults += browser.probes(("printed",), ("clipped",), ("overlaps",))


@every_page
def test_what_is_seen_can_be_said(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    """WCAG 2.5.3, 1.3.5 and 3.3.2: names begin with the visible words, fields have labels."""
    browser.look_at(live.at(page, language))
    faults += browser.probes(("names",), ("fields",))
