"""Forms in every state, what mails lead to, error pages and the static copy: nobody shut out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from browser.audit import Tally, audit, audit_everywhere
from browser.chrome import Browser
from browser.engine import DESKTOP, PHONE
from browser.live import Live, serve_frozen
from browser.states import STATES, Visit
from browser.test_hits import missed
from checks import faults_of_answer
from cocreate.languages import LANGUAGES, Language
from cocreate.pages import BY_NAME, Page
from matrix import every_language, every_page

SHAPES = (("overflow",), ("clipped",), ("overlaps",), ("edges",), ("targets", 44), ("pairs", 7))
WORDS = (("names",), ("fields",), ("wordless",), ("unstyled",), ("tongues",), ("letters",))
# A field that was checked by itself comes back alone; what describes it stands in the page.
DESCRIBED_OUTSIDE = "aria-describedby='consent-text' points nowhere"
PROBES: tuple[tuple[Any, ...], ...] = (*SHAPES, ("lines", 75, 40), *WORDS)


@every_language
@pytest.mark.parametrize("name", STATES)
def test_nothing_is_wrong_in_state(
    browser: Browser, live: Live, tally: Tally, faults: list[str], name: str, language: Language
) -> None:
    """Strict HTML, axe, layout, sizes, contrast, order and taps, as on the pages themselves."""
    browser.show_in(DESKTOP)
    live.answers.clear()
    STATES[name](Visit(browser, live, language))
    browser.page = f"/{language.slug}/ ({name})"
    assert live.answers, "nothing was asked of the server"
    faults += [
        f"{browser.page} as answered: {fault}"
        for html in live.answers
        for fault in faults_of_answer(html)
        if not (fault.endswith(DESCRIBED_OUTSIDE) and "<html" not in html)
    ]
    faults += audit_everywhere(browser, tally)
    faults += browser.probes(*PROBES)
    browser.show_in(PHONE)
    faults += browser.probes(*SHAPES)
    faults += missed(browser)


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serve_frozen(tmp_path_factory.mktemp("frozen")) as running:
        yield running


@pytest.fixture(scope="module")
def frozen_with_forms(tmp_path_factory: pytest.TempPathFactory, live: Live) -> Iterator[Live]:
    """A copy whose forms post to the live site."""
    with serve_frozen(tmp_path_factory.mktemp("posting"), live.url) as running:
        yield running


@every_page
def test_the_static_copy_is_as_good(
    browser: Browser, frozen: Live, tally: Tally, faults: list[str], page: Page, language: Language
) -> None:
    """Pages without a form have the same bytes live (test_hosting.py), and are audited there."""
    browser.console()
    browser.open(frozen.at(page, language), rendering=PHONE)
    assert browser.console() == []
    assert browser.run("return document.scripts.length") == 0
    assert browser.run("return document.forms.length") == 0, "a form that nobody takes"
    for rendering in (PHONE, DESKTOP) if page.form else ():
        browser.show_in(rendering)
        faults += audit(browser, tally) + browser.probe("targets", 44)


@every_language
@pytest.mark.parametrize("name", ["join-stack", "join-tech-kaki", "feedback"])
def test_a_copy_with_forms_posts_them_to_the_live_site(
    browser: Browser,
    frozen_with_forms: Live,
    live: Live,
    tally: Tally,
    faults: list[str],
    name: str,
    language: Language,
) -> None:
    browser.open(frozen_with_forms.at(BY_NAME[name], language))
    action = browser.run("return document.forms[0].action")
    assert action == live.at(BY_NAME[name], language)
    faults += audit(browser, tally)


def test_the_door_of_the_static_copy_offers_every_language(
    browser: Browser, frozen: Live, tally: Tally, faults: list[str]
) -> None:
    browser.open(frozen.url)
    links = browser.run(
        "return [...document.querySelectorAll('main a')].map(a => [a.lang, a.href])"
    )
    assert links == [[one.tag, f"{frozen.url}{one.slug}/"] for one in LANGUAGES]
    faults += audit_everywhere(browser, tally)
