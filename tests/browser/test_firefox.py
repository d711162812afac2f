"""The journey and the audits once more, in another engine: what holds in Chromium holds in Firefox.

Every page in one language, the languages taking turns; the journey in each of them.
"""

from __future__ import annotations

from typing import Any

import pytest
from selenium.webdriver.support.ui import WebDriverWait

from browser.audit import Tally, audit
from browser.engine import DESKTOP, PHONE, Rendering
from browser.firefox import Firefox
from browser.live import Live
from browser.states import Visit, form_empty
from browser.test_journey import COMMUNITIES, follow
from browser.test_states import PROBES
from cocreate.languages import LANGUAGES, Language
from cocreate.pages import Page
from matrix import every_language, pages_in_turn

MORE_PROBES = (*PROBES, ("leading",), ("motion", False))
MENDED = "return !document.querySelector('.htmx-request, .field__error')"


def examine(
    firefox: Firefox, tally: Tally, rendering: Rendering, probes: tuple[tuple[Any, ...], ...]
) -> list[str]:
    """What axe and the probes find on the open page."""
    firefox.show_in(rendering)
    return audit(firefox, tally) + firefox.probes(*probes)


@pages_in_turn
def test_nothing_is_wrong_in_firefox(
    firefox: Firefox, live: Live, second: Tally, faults: list[str], page: Page, language: Language
) -> None:
    firefox.open(live.at(page, language), rendering=PHONE)
    for rendering in (PHONE, DESKTOP):
        faults += examine(firefox, second, rendering, MORE_PROBES)


@every_language
def test_the_whole_way_in_firefox(
    firefox: Firefox, live: Live, second: Tally, faults: list[str], language: Language
) -> None:
    """With htmx. Languages take turns: each step is examined for both communities and widths."""
    community, first = divmod(LANGUAGES.index(language), 2)
    visit, rendering = Visit(firefox, live, language), (PHONE, DESKTOP)[community]
    for number, step in enumerate(follow(visit, COMMUNITIES[community])):
        if number % 2 != first:
            continue
        if step == "corrected":  # mended as one goes, before anything is sent
            WebDriverWait(firefox.driver, 10, 0.02).until(lambda d: d.execute_script(MENDED))
        firefox.page = f"/{language.slug}/ ({step})"
        faults += examine(firefox, second, rendering, PROBES)


@pytest.mark.parametrize("page", COMMUNITIES, ids=lambda page: page.name)
def test_the_whole_way_in_firefox_without_script(firefox: Firefox, live: Live, page: Page) -> None:
    firefox.scripts(False)
    try:
        visit = Visit(firefox, live, LANGUAGES[-COMMUNITIES.index(page)])
        form_empty(visit, page)
        assert firefox.run("return document.scripts.length"), "a script that could have run"
        assert [*follow(visit, page)][-1] == "withdrawn"
    finally:
        firefox.scripts(True)
