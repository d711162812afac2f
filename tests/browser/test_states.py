"""Forms in every state, what mails lead to, error pages and the static copy: nobody shut out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from browser.audit import audit, audit_everywhere
from browser.chrome import Browser
from browser.engine import DESKTOP, PHONE
from browser.live import Live, serve_frozen
from browser.states import ERRORS, STATES, Visit
from browser.test_pages import LAYOUT, LINES, SAID, broken, missed
from checks import faults_of
from cocreate.languages import ENGLISH, LANGUAGES, Language
from cocreate.pages import Page
from matrix import every_language, pages_in_turn

SHAPES = (*LAYOUT, ("edges",), ("targets", 44), ("pairs", 7))
# A field that was checked by itself comes back alone; what describes it stands in the page.
DESCRIBED_OUTSIDE = "aria-describedby='consent-text' points nowhere"


@every_language
@pytest.mark.parametrize("name", STATES)
def test_nothing_is_wrong_in_state(
    browser: Browser, live: Live, faults: list[str], name: str, language: Language
) -> None:
    """Strict HTML, axe, layout, sizes, contrast, order and taps, as on the pages themselves.

    Error pages differ by a sentence: axe sees each in one language, larger text in two of them.
    """
    live.answers.clear()
    STATES[name](Visit(browser, live, language))
    browser.page = f"/{language.slug}/ ({name})"
    assert live.answers, "nothing was asked of the server"
    faults += [
        f"{browser.page} as answered: {fault}"
        for html in live.answers
        for fault in faults_of(html)
        if not (fault.endswith(DESCRIBED_OUTSIDE) and "<html" not in html)
    ]
    in_turn = name in ERRORS and [*ERRORS].index(name) % len(LANGUAGES) != LANGUAGES.index(language)
    if not in_turn:
        faults += audit_everywhere(browser, language)
    look_closely(browser, faults)
    if not in_turn:
        faults += broken(browser, language)


def look_closely(browser: Browser, faults: list[str]) -> None:
    browser.show_in(DESKTOP)
    faults += browser.probes(*SHAPES, LINES, *SAID)
    browser.show_in(PHONE)
    faults += browser.probes(*SHAPES)
    faults += missed(browser)


def test_nothing_is_wrong_in_the_guide(browser: Browser, live: Live, faults: list[str]) -> None:
    """Every component in each of its states, for developers."""
    Visit(browser, live, ENGLISH).path("_guide/")
    faults += audit_everywhere(browser, ENGLISH)
    look_closely(browser, faults)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serve_frozen(tmp_path_factory.mktemp("frozen")) as running:
        yield running


@pages_in_turn
def test_the_static_copy_is_as_good(
    browser: Browser, frozen: Live, faults: list[str], page: Page, language: Language
) -> None:
    """Pages without a form have the same bytes live (test_hosting.py), and are audited there."""
    browser.console()
    browser.open(frozen.at(page, language), rendering=PHONE)
    assert browser.console() == []
    assert browser.run("return document.scripts.length") == 0
    assert browser.run("return document.forms.length") == 0, "a form that nobody takes"
    for rendering in (PHONE, DESKTOP) if page.form else ():
        browser.show_in(rendering)
        faults += audit(browser) + browser.probe("targets", 44)


def test_the_door_of_the_static_copy_offers_every_language(
    browser: Browser, frozen: Live, faults: list[str]
) -> None:
    browser.open(frozen.url)
    links = browser.run(
        "return [...document.querySelectorAll('main a')].map(a => [a.lang, a.href])"
    )
    assert links == [[one.tag, f"{frozen.url}{one.slug}/"] for one in LANGUAGES]
    faults += audit_everywhere(browser, ENGLISH)
