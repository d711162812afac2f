"""On paper: few sheets, whole lines, everything inside the margins, and where the page is found."""

from __future__ import annotations

import base64

import pypdfium2
import pytest
from selenium.webdriver.common.print_page_options import PrintOptions

from browser.chrome import Browser
from browser.engine import Rendering
from browser.firefox import Firefox
from browser.live import Live
from cocreate.languages import ENGLISH, Language
from cocreate.pages import PAGES, Page
from matrix import every_language, pages_in_turn

LONG = ("privacy", "accessibility", "licences")  # these may take as many sheets as they need
MARGIN = 12 / 25.4 * 72  # points; the sheet asks for 14 mm and more
A4 = PrintOptions()
A4.page_width, A4.page_height = 21.0, 29.7
A4.margin_top = A4.margin_bottom = A4.margin_left = A4.margin_right = 1.4
PAPER = Rendering(1280, 900, medium="print")

# Words that are seen, whose colour is far from black.
PALE = """const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), pale = [];
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement, box = e.getBoundingClientRect();
    if (!walker.currentNode.data.trim() || !e.checkVisibility() || box.width < 2) continue;
    const [r, g, b] = getComputedStyle(e).color.match(/[0-9.]+/g).map(Number);
    if (r + g + b > 300) pale.push(probe.describe(e));
  }
  return pale"""


def sheets(browser: Browser) -> pypdfium2.PdfDocument:
    """The open page as Chromium prints it on A4, without headers of the browser's own."""
    browser.show_in(PAPER)
    made = browser.cdp("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
    return pypdfium2.PdfDocument(base64.b64decode(made["data"]))


@every_language
def test_a_page_takes_two_sheets_at_most(
    browser: Browser, live: Live, faults: list[str], language: Language
) -> None:
    for page in PAGES:
        browser.open(live.at(page, language))
        paper = sheets(browser)
        if page.name not in LONG and len(paper) > 2:
            faults.append(f"{browser.page}: {len(paper)} sheets")
        faults += [
            f"{browser.page}: {fault}" for fault in misprints(paper, live.at(page, language))
        ]


def misprints(paper: pypdfium2.PdfDocument, address: str) -> list[str]:
    """Words outside the margins, lines cut between two sheets, and how often the address stands."""
    faults = []
    shown = 0
    for number, sheet in enumerate(paper, start=1):
        text = sheet.get_textpage()
        shown += text.get_text_range().replace("\r\n", "").count(address)
        width, height = sheet.get_size()
        for i in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(i)
            if left < MARGIN or right > width - MARGIN or bottom < MARGIN or top > height - MARGIN:
                words = text.get_text_bounded(left, bottom, right, top)
                faults.append(f"“{words[:40]}” leaves the margins of sheet {number}")
    return faults if shown == 1 else [*faults, f"its address stands there {shown} times"]


@pages_in_turn
def test_firefox_cuts_no_line(firefox: Firefox, live: Live, page: Page, language: Language) -> None:
    firefox.open(live.at(page, language))
    made = firefox.driver.print_page(A4)
    paper = pypdfium2.PdfDocument(base64.b64decode(made))
    assert [fault for fault in misprints(paper, "") if "margins" in fault] == []
    assert len(paper) <= 2 or page.name in LONG


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_words_are_black_on_white_paper(browser: Browser, live: Live, page: Page) -> None:
    """Browsers leave out grounds: what was white on a deep one must not stay white."""
    browser.open(live.at(page, ENGLISH))
    browser.show_in(PAPER)
    pale = browser.run(PALE)
    assert pale == [], "too pale on paper"
