"""What an eye meets at once: a wide form uses its width, figures and choices keep their lines."""

from __future__ import annotations

import pytest

from browser.chrome import Browser
from browser.engine import DESKTOP, Rendering
from browser.live import Live
from browser.states import COMMUNITIES, ERRORS, PERSONAL, STACK, Visit, form_in_error, form_sent
from cocreate.languages import LANGUAGES, Language
from cocreate.pages import BY_NAME, Page
from matrix import every_language

# How far each part of the form reaches, in px before the right end of the room that the page gives.
SHORT = """const form = document.querySelector('#form');
  const end = e => e.getBoundingClientRect().right;
  const room = document.querySelector('.formpage');
  const pad = parseFloat(getComputedStyle(room).paddingRight);
  return ['.choices', '.consent', '#email-field'].map(part =>
    end(room) - pad - Math.max(...[...form.querySelectorAll(part)].map(end)))"""
TOPS = """return arguments[0].map(
  s => Math.round(document.querySelector(s).getBoundingClientRect().top))"""
AFTER = """const [box, hint] = ['#also', '#also-hint'].map(s => document.querySelector(s));
  return !!(box.compareDocumentPosition(hint) & Node.DOCUMENT_POSITION_FOLLOWING)"""
# How many lines the words of each element take.
LINES = """const range = document.createRange();
  return [...document.querySelectorAll(arguments[0])].map(e => {
    range.selectNodeContents(e);
    let lines = 0, bottom = -1;
    for (const box of [...range.getClientRects()].sort((a, b) => a.top - b.top))
      if (box.width && box.top >= bottom - 2) [lines, bottom] = [lines + 1, box.bottom];
    return lines;
  })"""
# Options whose words need more than what the box shows of them; its arrow takes 20 px.
CLIPPED = """const box = document.querySelector('select'), style = getComputedStyle(box);
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = style.font;
  const px = name => parseFloat(style[name]), width = words => pen.measureText(words).width;
  const room = box.clientWidth - px('paddingLeft') - px('paddingRight') - 20;
  const height = box.clientHeight - px('paddingTop') - px('paddingBottom');
  const most = style.whiteSpace === 'normal' ? Math.floor(height / px('lineHeight')) : 1;
  const lines = text => text.split(' ').reduce(([line, ...above], word) => {
    const both = `${line} ${word}`.trim();
    return width(both) > room ? [word, line, ...above] : [both, ...above];
  }, ['']);
  return [...box.options].map(o => lines(o.text)).filter(
    all => all.length > most || all.some(line => width(line) > room))"""
WALL = """const [wall, art] = ['.footer__wall', '.footer__wall svg'].map(
    s => document.querySelector(s).getBoundingClientRect());
  return [wall.left, innerWidth - wall.right, art.left - wall.left, wall.right - art.right]"""


@pytest.mark.parametrize("page", COMMUNITIES, ids=lambda page: page.name)
@every_language
def test_a_wide_join_form_uses_the_width(
    browser: Browser, live: Live, page: Page, language: Language
) -> None:
    browser.look_at(live.at(page, language), rendering=DESKTOP)
    assert all(gap < 4 for gap in browser.run(SHORT)), browser.run(SHORT)
    one, other = browser.run(TOPS, ["#name-field", "#email-field"])
    assert one == other, "name and e-mail stand side by side"
    assert browser.run(AFTER), "the other community is explained after its box"


@every_language
def test_where_one_is_is_said_in_words(browser: Browser, visit: Visit, language: Language) -> None:
    """Beside the leaves, and all three steps in one row of a phone."""
    said = []
    for step in (form_in_error, form_sent):
        step(visit, STACK)
        browser.show_in(Rendering(360, 740))
        said.append(browser.run("return document.querySelector('.progress__words').innerText"))
        rows = {*browser.run(TOPS, [f".progress li:nth-child({n})" for n in (1, 2, 3)])}
        assert len(rows) == (2 if language.slug == "ta" else 1), "long words need a second row"
    assert ["1" in said[0], "2" in said[1]] == [True, True]
    assert said[0] != said[1]


@every_language
def test_figures_and_the_longest_option_keep_their_lines(
    browser: Browser, live: Live, language: Language
) -> None:
    """A figure takes two lines at most; so does an option, but in Firefox, which knows one."""
    for name in ("stack", "tech-kaki", "home", "feedback"):
        browser.open(live.at(BY_NAME[name], language))
        for width in (320, 360):
            browser.show_in(Rendering(width, 740))
            assert max(browser.run(LINES, ".figure"), default=0) <= 2, name
            for size in (16, 24, 32) if name == "feedback" else ():
                with browser.letters_of(size):
                    assert browser.run(CLIPPED) == [], f"text of {size} px"


def test_answers_begin_like_pages(browser: Browser, live: Live) -> None:
    """Each has the hero of its family, its heading in it, and a wall that fills the foot."""
    shows = [*PERSONAL.values(), ERRORS["error-404"], ERRORS["error-500"]]
    for number, show in enumerate(shows):
        show(Visit(browser, live, LANGUAGES[number % len(LANGUAGES)]))
        assert browser.run("return !!document.querySelector('.hero h1')"), browser.page
        for width in (360, 1280):
            browser.show_in(Rendering(width, 740))
            left, right, *over = browser.run(WALL)
            assert (left, right) == (0, 0), browser.page
            assert max(over) <= 0, f"{browser.page}: the wall has holes at its ends"
