"""Nothing is lost on a small screen, in large type or with a reader's own spacing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from browser.chrome import Browser
from browser.engine import DESKTOP, PHONE, Rendering
from browser.live import PAST_FRONT, Live
from cocreate.languages import Language
from cocreate.pages import HOME, PAGES, Page
from matrix import every_language, every_page
from pseudo import MALAY, Pseudo

LAYOUT = (("overflow",), ("clipped",), ("overlaps",))
LINES = ("lines", 75, 40)  # WCAG 1.4.8: characters, Chinese ones
SPACING = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important } p { margin-block-end: 2em !important }"""  # WCAG 1.4.12
WIDTHS = (280, 320, 360, 414, 600, 768, 1024, 1280, 1920, 2560)


def layout(browser: Browser) -> list[str]:
    return browser.probes(*LAYOUT)


@every_page
def test_no_sideways_scroll_at_320_px(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    """WCAG 1.4.10; the same width is 1280 px at 400 % zoom."""
    browser.look_at(live.at(page, language), rendering=PHONE)
    faults += layout(browser)


@every_page
def test_it_fits_any_width(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    """Nothing scrolls sideways or is cut off, and no line gets long, from a watch to a wall."""
    browser.look_at(live.at(page, language))
    for width in WIDTHS:
        browser.show_in(Rendering(width, 800))
        faults += browser.probes(*LAYOUT, LINES)


@every_page
def test_a_reader_may_space_the_text(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    browser.look_at(live.at(page, language))
    browser.adopt(SPACING)
    for rendering in (PHONE, DESKTOP):
        browser.show_in(rendering)
        faults += layout(browser)


@every_page
def test_text_alone_may_be_twice_as_large(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    """WCAG 1.4.4 with the reader's font size, not with zoom: every text must follow it."""
    browser.look_at(live.at(page, language))
    with browser.letters_of(32):  # widths in rem that a layout begins at follow too
        faults += layout(browser)
    faults += browser.probe("doubled")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_texts_may_be_40_percent_longer(
    browser: Browser, live: Live, faults: list[str], page: Page
) -> None:
    """A pseudo-language in the place of Malay; the front is passed by."""
    made = live.app.extensions["cocreate.translators"]
    before = made.get(MALAY.slug)
    made[MALAY.slug] = Pseudo()
    try:
        for rendering in (PHONE, DESKTOP):
            browser.open(f"{live.at(page, MALAY)}?{PAST_FRONT}", rendering=rendering)
            assert "［" in browser.driver.title
            faults += layout(browser)
    finally:
        made.pop(MALAY.slug)
        if before:
            made[MALAY.slug] = before


@every_language
def test_zoom_of_400_percent_leaves_room_to_read(
    browser: Browser, live: Live, faults: list[str], language: Language
) -> None:
    browser.look_at(live.at(HOME, language), rendering=Rendering(320, 256, scale=4))
    faults += layout(browser)
    stuck = browser.run(
        "return [...document.querySelectorAll('body *')].filter(e => ['fixed', 'sticky']"
        ".includes(getComputedStyle(e).position)).map(probe.describe)"
    )
    assert stuck == [], "nothing may stay over the little that is seen"


@every_page
def test_it_fits_in_landscape(
    browser: Browser, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    browser.look_at(live.at(page, language), rendering=replace(PHONE, width=640, height=320))
    faults += layout(browser)
