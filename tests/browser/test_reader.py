"""Reader mode: Mozilla's own library, as Firefox has it, keeps every word of a reading page."""

from __future__ import annotations

import pytest

from browser.chrome import Browser
from browser.live import Live
from browser.old import READABILITY, MissingError, package
from cocreate.languages import Language
from cocreate.pages import PAGES, Page
from matrix import every_language

# Headings, paragraphs, terms and list items of the page that the reader's view lacks. What stands
# beside the title (lead, buttons) may be left out where the text below it is much longer.
READ = """;const read = new Readability(document.cloneNode(true)).parse();
const plain = (e) => e.textContent.trim().replace(/\\s+/g, ' ');
const view = document.createElement('main');
view.innerHTML = read ? read.content : '';
return [...document.querySelectorAll('main :is(h2, h3, h4, p, dt, dd, li)')]
  .filter((e) => !e.querySelector('p, div') && !e.closest('.hero') && plain(e))
  .map(plain).filter((words) => !plain(view).includes(words));"""


@pytest.fixture(scope="module")
def library() -> str:
    try:
        return (package(READABILITY) / "Readability.js").read_text(encoding="utf-8")
    except MissingError as missing:
        pytest.fail(str(missing))


@every_language
@pytest.mark.parametrize("page", [p for p in PAGES if not p.form], ids=lambda page: page.name)
def test_reader_mode_keeps_every_word(
    browser: Browser, live: Live, library: str, page: Page, language: Language
) -> None:
    browser.look_at(live.at(page, language))
    lost = browser.run(library + READ)
    assert lost == [], "a box of one short paragraph and a link: make it a <section>"
