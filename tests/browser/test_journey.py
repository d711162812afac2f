"""The whole way of a member in a real browser: join, mail, confirm, change, withdraw."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from browser.chrome import Browser
from browser.live import Live
from browser.states import BUTTON, Visit
from browser.test_forms import scripting
from cocreate.catalogue import BY_NAME, Page
from cocreate.i18n import translator
from cocreate.languages import BY_SLUG, Language
from matrix import every_language

COMMUNITIES = tuple(BY_NAME[name] for name in ("join-stack", "join-tech-kaki"))


def members_of(live: Live) -> int:
    with sqlite3.connect(Path(live.folder) / "cocreate.db") as database:
        query = "SELECT count(*) FROM signups WHERE confirmed_at IS NOT NULL"
        return int(database.execute(query).fetchone()[0])


def heading(browser: Browser) -> str:
    return str(browser.driver.find_element(By.TAG_NAME, "h1").text)


def said(live: Live, language: Language, english: str) -> str:
    """``english`` as the page of ``language`` shows it."""
    with live.app.app_context():
        return str(translator(language).gettext(english).striptags())


@pytest.mark.parametrize("mode", ["with htmx", "without script"])
@pytest.mark.parametrize("page", COMMUNITIES, ids=lambda page: page.name)
@every_language
def test_from_the_form_to_leaving(
    browser: Browser, live: Live, language: Language, page: Page, mode: str
) -> None:
    visit, before = Visit(browser, live, language), members_of(live)
    with scripting(browser, mode):
        visit.path(page.path)
        address = visit.fill(page)
        visit.press(BUTTON)
        assert heading(browser) == said(live, language, "Check your e-mail")
        assert members_of(live) == before, "not yet: only a person's press makes a member"

        # Tech Kaki asks no language for its mail: it writes in the page's. STACK asks for one.
        link = live.mailed_link(address, "confirm")
        browser.open(link)
        assert heading(browser) == said(live, _language_of(link, language), "One last step")
        visit.press("main form .button")
        assert members_of(live) == before + 1

        browser.open(live.mailed_link(address, "manage"))
        visit.press(".form .button")
        browser.driver.find_element(By.CSS_SELECTOR, ".ask summary").click()
        visit.press(".button--danger")
        assert members_of(live) == before


def _language_of(link: str, language: Language) -> Language:
    return BY_SLUG.get(link.split("/")[3], language)
