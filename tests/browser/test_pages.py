"""Every page as readers may have it: any width, larger text, their own style, paper, no colours."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import ceil

import pypdfium2
import pytest

from browser.audit import audit_everywhere
from browser.chrome import Browser
from browser.engine import DESKTOP, FORCED, PHONE, RENDERINGS, STILL, Rendering
from browser.live import PAST_FRONT, Live
from browser.old import READABILITY, package
from cocreate.languages import BY_SLUG, Language
from cocreate.pages import Page
from cocreate.web.assets import STATIC
from matrix import (
    every_english_page,
    every_page,
    every_page_without_a_form,
    pages_in_turn,
    pages_in_turn_and_tamil,
)
from pseudo import MALAY, Pseudo

LAYOUT = (("overflow",), ("clipped",), ("overlaps",))
LINES = ("lines", 75, 40)  # WCAG 1.4.8: characters, Chinese ones
SAID = (("fields",), ("wordless",), ("unstyled",), ("letters",))
WIDTHS = (280, 320, 360, 414, 640, 768, 1024, 1280, 1920, 2560)
TAPPED = (320, 360, 768, 1280)
# Both sides of each width at which the style sheet lays things out anew.
ASKED = re.findall(r"(?:min|max)-width: ([\d.]+)rem", (STATIC / "css/site.css").read_text("utf-8"))
EDGES = sorted({ceil(float(rem) * 16) - side for rem in ASKED for side in (0, 1)})
UNFOLD = "for (const e of document.querySelectorAll('details')) e.open = true"
SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important } p { margin-block-end: 2em !important }"""  # WCAG 1.4.12
NO_PICTURES = """img, svg, picture { display: none !important }
  *, ::before, ::after { background-image: none !important }"""
MORE = (("prefers-contrast", "more"),)
STUCK = """return [...document.querySelectorAll('body *')].filter(e =>
  ['fixed', 'sticky'].includes(getComputedStyle(e).position)).map(probe.describe)"""
BUTTON = """const button = document.querySelector('.hero .button');
  return button ? button.getBoundingClientRect().bottom + scrollY : 0"""

# Headings, paragraphs, terms and list items of the page that the reader's view lacks. What stands
# beside the title (lead, buttons) may be left out where the text below it is much longer.
READ = """;const read = new Readability(document.cloneNode(true)).parse();
const plain = (e) => e.textContent.trim().replace(/\\s+/g, ' ');
const view = document.createElement('main');
view.innerHTML = read ? read.content : '';
return [...document.querySelectorAll('main :is(h2, h3, h4, p, dt, dd, li)')]
  .filter((e) => !e.querySelector('p, div') && !e.closest('.hero') && plain(e))
  .map(plain).filter((words) => !plain(view).includes(words));"""


LONG = ("privacy", "accessibility", "licences")  # these may take as many sheets as they need
MARGIN = 12 / 25.4 * 72  # points; the sheet asks for 14 mm and more


def missed(browser: Browser, widths: Iterable[int] = TAPPED) -> list[str]:
    """Controls of the open page that a tap on their words does not reach, at each width."""
    browser.look(UNFOLD)
    faults = []
    for width in widths:
        browser.show_in(Rendering(width, 740))
        faults += browser.probe("hits")
    return faults


def broken(browser: Browser, language: Language) -> list[str]:
    """What the open page does wrong on a small phone, from 100 to 200 % of the reader's own size.

    In Tamil, whose words are the longest, also between.
    """
    browser.look(UNFOLD)
    sizes = (16, 20, 24, 28, 32) if language.slug == "ta" else (16, 24, 32)
    faults = []
    for width in (320, 360):
        browser.show_in(Rendering(width, 740))
        for size in sizes:
            with browser.letters_of(size):
                found = browser.probes(("overflow",), ("torn",), ("outranked",))
            faults += [f"text of {size} px: {fault}" for fault in found]
    return faults


def misprints(pdf: bytes, page: Page, address: str = "") -> Iterator[str]:
    """More than two sheets, words outside the margins, and an ``address`` that does not stand there
    once.
    """
    paper, shown = pypdfium2.PdfDocument(pdf), 0
    if len(paper) > 2 and page.name not in LONG:
        yield f"{page.name} takes {len(paper)} sheets"
    for number, sheet in enumerate(paper, start=1):
        text = sheet.get_textpage()
        shown += text.get_text_range().replace("\r\n", "").count(address)
        width, height = sheet.get_size()
        for i in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(i)
            if left < MARGIN or right > width - MARGIN or bottom < MARGIN or top > height - MARGIN:
                words = text.get_text_bounded(left, bottom, right, top)
                yield f"“{words[:40]}” leaves the margins of sheet {number}"
    if address and shown != 1:
        yield f"its address stands there {shown} times"


@every_page
def test_axe_finds_nothing(opened: Browser, faults: list[str], language: Language) -> None:
    faults += audit_everywhere(opened, language)


@every_page
def test_it_fits_any_width(opened: Browser, faults: list[str], page: Page) -> None:
    """Nothing scrolls sideways or is cut off, and no line gets long, from a watch to a wall.

    WCAG 1.4.10, as 320 px are 1280 at 400 % zoom, and 2.5.5 (AAA): targets of 44 px but for links
    inside a sentence.
    """
    for width in WIDTHS:
        opened.show_in(Rendering(width, 800))
        sizes = [("targets", 44)] if width in {PHONE.width, DESKTOP.width} else []
        faults += opened.probes(*LAYOUT, LINES, *sizes)
    if not page.form:  # there, what is said while it is sent stays in sight
        assert opened.look(STUCK) == [], "nothing may stay over the little that is seen at 400 %"
    opened.show_in(Rendering(360, 740))
    assert opened.look(BUTTON) <= 740, "the first button stands on the first screen"


@every_page
def test_each_control_is_hit_at_its_words(opened: Browser, faults: list[str]) -> None:
    faults += missed(opened)


@pages_in_turn
def test_each_control_is_hit_where_the_layout_changes(opened: Browser, faults: list[str]) -> None:
    faults += missed(opened, EDGES)


@every_page
def test_words_stay_whole_in_larger_text(
    opened: Browser, faults: list[str], language: Language
) -> None:
    """WCAG 1.4.4 with the reader's font size, not with zoom: every text must follow it."""
    faults += broken(opened, language)
    with opened.letters_of(32):  # widths in rem that a layout begins at follow too
        opened.show_in(DESKTOP)
        faults += opened.probes(*LAYOUT)
    faults += opened.probe("doubled")


@every_page
def test_a_reader_may_change_the_style(opened: Browser, faults: list[str]) -> None:
    """WCAG 1.4.12: wider spacing. And no pictures: every control still has words."""
    for css, probes in ((SPACING, LAYOUT), (NO_PICTURES, (("wordless",), *LAYOUT))):
        opened.adopt(css)
        for rendering in (PHONE, DESKTOP):
            opened.show_in(rendering)
            faults += opened.probes(*probes)


@every_page
def test_what_is_seen_can_be_said(opened: Browser, faults: list[str]) -> None:
    """Fields have labels, also without style; no slant, capitals or tight lines. WCAG 1.3.2, 1.3.5,
    1.4.8, 3.3.2.
    """
    faults += opened.probes(*SAID, ("leading",))


@pages_in_turn_and_tamil
def test_print_is_ink_on_two_sheets(opened: Browser, faults: list[str], page: Page) -> None:
    """At the width of A4, in either scheme; and as Chromium prints it, inside the margins."""
    for scheme in ("light", "dark"):
        opened.show_in(replace(DESKTOP, width=720, scheme=scheme, medium="print"))
        faults += opened.probes(("printed",), ("clipped",), ("overlaps",))
    opened.show_in(replace(DESKTOP, medium="print"))
    made = opened.cdp("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
    faults += misprints(base64.b64decode(made["data"]), page, opened.looked_at)


@every_page_without_a_form
def test_reader_mode_keeps_every_word(opened: Browser) -> None:
    """Mozilla's own library, as Firefox has it."""
    library = (package(READABILITY) / "Readability.js").read_text("utf-8")
    lost = opened.look(library + READ)
    assert lost == [], "a box of one short paragraph and a link: make it a <section>"


@pages_in_turn
def test_colours_and_movement_suit_every_reader(opened: Browser, faults: list[str]) -> None:
    """Contrast and edges in every scheme, with more contrast too, shapes and pictures in forced
    colours; nothing moves unasked. WCAG 1.4.6, 1.4.11, 2.2.2 and 2.3.3 (AAA).
    """
    faults += opened.probe("motion", False)
    opened.show_in(replace(DESKTOP, features=STILL))
    faults += opened.probe("motion", True)
    for rendering in RENDERINGS:
        for features in ((), MORE):
            opened.show_in(replace(rendering, features=features))
            faults += opened.probes(("pairs", 7), ("edges",))
        opened.show_in(replace(rendering, features=FORCED))
        faults += opened.probe("forced")


@every_english_page
def test_texts_may_be_40_percent_longer(
    browser: Browser, live: Live, faults: list[str], page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pseudo-language in the place of Malay; the front is passed by."""
    made = live.app.extensions["cocreate.translators"]
    monkeypatch.setitem(made, MALAY.slug, Pseudo())
    browser.open(f"{live.at(page, BY_SLUG['ms'])}?{PAST_FRONT}")
    assert "［" in browser.driver.title
    for rendering in (PHONE, DESKTOP):
        browser.show_in(rendering)
        faults += browser.probes(*LAYOUT)
