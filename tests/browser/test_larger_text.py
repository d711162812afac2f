"""The reader's own font size, from 100 to 200 %, on the narrowest phones: nothing sideways, no word
torn, headings in their order, and the first button on the first screen.
"""

from __future__ import annotations

from browser.chrome import Browser
from browser.engine import Rendering
from browser.firefox import Firefox
from browser.live import Live
from browser.states import (
    ERRORS,
    FORM_PAGES,
    PERSONAL,
    Visit,
    form_in_error,
    form_sent,
    form_with_slip,
)
from cocreate.languages import Language
from cocreate.pages import PAGES
from matrix import every_language

SIZES = (16, 20, 24, 28, 32)  # px that a browser gives to a text of its own: 100 to 200 %
WIDTHS = (320, 360)
# The others differ from these by a sentence.
DIFFERENT = ("confirm", "confirmed", "unknown", "asked-again", "withdrawn")
UNFOLD = "for (const e of document.querySelectorAll('details')) e.open = true"
# Each heading's letters, in px; a name that is set larger than its claim counts.
LETTERS = """const size = e => parseFloat(getComputedStyle(e.querySelector('.name') ?? e).fontSize);
  const letters = ['h1', 'h2'].map(level =>
    Math.max(0, ...[...document.querySelectorAll(level)].map(size)));
  return [letters, probe.overflow(), probe.torn()]"""
BUTTON = """const button = document.querySelector('.hero .button');
  return button ? button.getBoundingClientRect().bottom + scrollY : 0"""


def broken(browser: Browser) -> list[str]:
    """What the open page does wrong at any of the sizes."""
    faults = []
    browser.run(UNFOLD)
    for width in WIDTHS:
        browser.show_in(Rendering(width, 740))
        for size in SIZES:
            with browser.letters_of(size):
                (one, two), *found = browser.run(LETTERS)
            faults += [
                f"text of {size} px: {browser.line(f['element'], f['fault'], 'text', f['mend'])}"
                for fault in found
                for f in fault
            ]
            if one <= two:
                faults.append(f"{browser.page}: h1 of {one} px over h2 of {two} px at {size} px")
    return faults


@every_language
def test_pages_keep_their_words_whole(
    browser: Browser, live: Live, faults: list[str], language: Language
) -> None:
    for page in PAGES:
        browser.open(live.at(page, language))
        faults += broken(browser)


@every_language
def test_states_keep_their_words_whole(
    browser: Browser, live: Live, faults: list[str], language: Language
) -> None:
    visit = Visit(browser, live, language)
    for page in FORM_PAGES:
        form_in_error(visit, page)
        faults += broken(browser)
    form_with_slip(visit, FORM_PAGES[0])
    faults += broken(browser)
    form_sent(visit, FORM_PAGES[0])
    faults += broken(browser)
    for show in (*(PERSONAL[name] for name in DIFFERENT), ERRORS["error-404"]):
        show(visit)
        faults += broken(browser)


@every_language
def test_the_first_button_stands_on_the_first_screen(
    browser: Browser, live: Live, faults: list[str], language: Language
) -> None:
    for page in PAGES:
        browser.open(live.at(page, language), rendering=Rendering(360, 740))
        if (bottom := browser.run(BUTTON)) > 740:
            faults.append(f"{browser.page}: the first button ends at {bottom:.0f} px")


@every_language
def test_firefox_may_enlarge_the_text_alone(
    firefox: Firefox, live: Live, faults: list[str], language: Language
) -> None:
    """Its setting "Zoom text only": widths in rem follow it, and so do lengths in vw."""
    for page in PAGES:
        firefox.open(live.at(page, language), rendering=Rendering(360, 740))
        firefox.run(UNFOLD)
        for zoom in (1.25, 1.5, 1.75, 2):
            firefox.zoom_text(zoom)
            found = firefox.probes(("overflow",), ("torn",))
            faults += [f"text zoomed {zoom} times: {fault}" for fault in found]
        firefox.zoom_text(1)
