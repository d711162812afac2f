"""Without pictures, without style, by voice alone: the words are there and in their order."""

from __future__ import annotations

from browser.chrome import Browser
from browser.engine import DESKTOP, PHONE
from browser.live import Live
from browser.test_reflow import LAYOUT
from cocreate.languages import Language
from cocreate.pages import Page
from matrix import every_page

NO_PICTURES = """img, svg, picture { display: none !important }
  *, ::before, ::after { background-image: none !important }"""


@every_page
def test_nothing_is_lost_without_pictures(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    """Every control still has words, and the layout holds."""
    browser.look_at(live.at(page, language))
    browser.adopt(NO_PICTURES)
    for rendering in (PHONE, DESKTOP):
        browser.show_in(rendering)
        faults += browser.probes(("wordless",), *LAYOUT)


@every_page
def test_the_order_makes_sense_without_style(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    """WCAG 1.3.2: skip link, menu, heading; labels before fields; no helper turns to nonsense."""
    browser.look_at(live.at(page, language))
    faults += browser.probe("unstyled")


@every_page
def test_every_passage_is_read_in_its_language(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    """WCAG 3.1.2, in the page as it is shown, labels that are only heard included."""
    browser.look_at(live.at(page, language))
    faults += browser.probe("tongues")
