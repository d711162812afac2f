"""Old phones: Chromium 92 shows the pages as today's, 80 and a lost style sheet leave them sane.

Small differences are named in docs/design.md. There is no old Safari or Firefox to be had here:
for these, tests/unit/test_old_browsers.py reads the style sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from browser.chrome import Browser
from browser.engine import Engine, Rendering
from browser.live import Live
from browser.old import CHROMIUM_80, CHROMIUM_92, Old, old_chromium
from browser.states import BUTTON, soon
from browser.test_pages import LAYOUT
from cocreate.languages import LANGUAGES, Language
from cocreate.pages import BY_NAME, Page
from matrix import every_page

PHONE, DESKTOP = Rendering(390, 800), Rendering(1280, 800)
NEAR = 3  # px
PART = 0.03  # of a height, and down the page: lines of text are a fraction of a pixel apart
FOUR = [
    pytest.param(BY_NAME[name], language, id=f"{language.slug}-{name}")
    for name, language in zip(
        ("home", "join-stack", "get-involved", "tech-kaki"), LANGUAGES, strict=True
    )
]
four_pages = pytest.mark.parametrize(("page", "language"), FOUR)
# Box of each part that one would miss: number within its kind, place and size. Not the five ways,
# which are the difference that docs/design.md names.
BOXES = """const kinds = ['.notice', '.header', '.brand', '.menu__toggle', '.menu__panel a',
  '.languages a', '.languages button', '.hero', 'h1', '.lede', '.hero .button', '.hero__drawing',
  '#form', '.field', '.input', '.choice', '.choice input', '#form .button', '.footer',
  'svg:not(.icon)'];
const found = {};
for (const kind of kinds) [...document.querySelectorAll(kind)].forEach((e, n) => {
  const {x, y, width, height} = e.getBoundingClientRect();
  if (!width || !height || !e.checkVisibility() || e.closest('.ways')) return;
  found[`${kind} ${n}`] = {x, y, width, height};
});
return found;"""
# Where the trap is: its box must not meet the page's.
TRAP = """const e = document.querySelector('.trap');
if (!e) return false;
const {right, width, height} = e.getBoundingClientRect();
return right > 0 && width > 0 && height > 0;"""
# Shapes as black as a lost style leaves them.
BLACK = """return [...document.querySelectorAll('path, circle')]
  .filter(shape => getComputedStyle(shape).fill === 'rgb(0, 0, 0)').map(e => e.outerHTML)"""
BARE = "return getComputedStyle(document.querySelector('a:not(.skip)')).color === 'rgb(0, 0, 238)'"
LARGE = """return [...document.querySelectorAll('svg')]
  .filter(e => e.getBoundingClientRect().width > 240).map(e => e.outerHTML.slice(0, 80))"""


def module(package: str) -> Any:
    """A fixture: that Chromium, for this module."""

    @pytest.fixture(scope="module")
    def started() -> Iterator[Old]:
        with old_chromium(package) as browser:
            yield browser

    return started


chromium_92, chromium_80 = module(CHROMIUM_92), module(CHROMIUM_80)


def differences(now: dict[str, Any], then: dict[str, Any]) -> Iterator[str]:
    """Parts that stand elsewhere or are of another size. (Below the five ways stand the foot and
    some drawings: of these, how far down is left out.)
    """
    if now.keys() != then.keys():
        yield f"only in one of them: {', '.join(sorted(now.keys() ^ then.keys()))}"
    for part in now.keys() & then.keys():
        room = {"x": NEAR, "width": NEAR, "height": max(2 * NEAR, PART * now[part]["height"])}
        if not part.startswith((".footer", "svg")):
            room["y"] = max(2 * NEAR, PART * now[part]["y"])
        if any(abs(now[part][side] - then[part][side]) > px for side, px in room.items()):
            yield f"{part}: {now[part]} today, {then[part]} then"


@every_page
def test_chromium_92_shows_the_page_as_todays(
    browser: Browser,
    chromium_92: Old,
    live: Live,
    faults: list[str],
    page: Page,
    language: Language,
) -> None:
    browser.look_at(live.at(page, language), rendering=PHONE)
    chromium_92.open(live.at(page, language), rendering=PHONE)
    for rendering in (PHONE, DESKTOP):
        browser.show_in(rendering)
        chromium_92.show_in(rendering)
        shown = (browser.run(BOXES), chromium_92.run(BOXES))
        faults += [f"{page.name} [{rendering}] {found}" for found in differences(*shown)]
        faults += chromium_92.probes(*LAYOUT)
        assert not chromium_92.run(TRAP), "the trap is seen"
        assert chromium_92.run(BLACK) == []


@four_pages
def test_chromium_80_is_plain_but_sane(
    chromium_80: Old, live: Live, page: Page, language: Language
) -> None:
    """Our probes are too young for it."""
    chromium_80.open(live.at(page, language), rendering=PHONE)
    look(chromium_80)


@four_pages
def test_without_its_style_sheet_a_page_is_plain_but_sane(
    browser: Browser, live: Live, page: Page, language: Language
) -> None:
    with browser.blocking("*.css"):
        browser.open(live.at(page, language), rendering=PHONE)
        assert browser.run(BARE), "there is a style sheet after all"
        look(browser)
        assert browser.run(LARGE) == []
        seen = "return document.querySelector(arguments[0]).checkVisibility()"
        assert browser.run(seen, "main h1")
        assert not page.form or not browser.run(seen, ".trap")


def look(browser: Engine) -> None:
    assert browser.run("return document.documentElement.scrollWidth - innerWidth") <= 0
    assert browser.run(BLACK) == []
    assert not browser.run(TRAP), "the trap is seen"


def test_the_way_in_with_chromium_92(chromium_92: Old, live: Live) -> None:
    join(chromium_92, live, checked="htmx clears a mistake as it is mended")


def test_the_way_in_with_chromium_80_where_htmx_is_too_young(chromium_80: Old, live: Live) -> None:
    join(chromium_80, live)


def join(browser: Old, live: Live, checked: str = "") -> None:
    """By pointer and keys: sent empty, told what is wrong, answered, sent, told to look for it."""
    browser.open(f"{live.url}en/join/stack/", rendering=PHONE)
    assert not browser.run(TRAP)
    browser.click(BUTTON)
    wait_for(browser, "document.querySelector('.summary[role=alert]')")
    assert browser.run("return document.title").startswith("Error")
    assert not browser.run(TRAP)
    address = f"mala-{bool(checked)}@example.org"
    browser.write("[name=name]", "Mala")
    browser.write("[name=email]", address)
    for name in ("role", "interests", "consent"):
        browser.click(f"[name={name}]")
        if checked:
            wait_for(browser, f"!document.querySelector('#{name}-field .field__error')")
    browser.click(BUTTON)
    wait_for(browser, "document.querySelector('h1').innerText === 'Check your e-mail'")
    assert live.mailed_link(address, "confirm")


def wait_for(browser: Old, condition: str) -> None:
    """Until ``condition`` holds in whatever page is open then; between two pages there is none."""
    script = f"return document.readyState === 'complete' && !!({condition})"
    soon(browser, lambda: browser.run(script), RuntimeError)
