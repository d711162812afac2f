"""The whole way of a member in a real browser: join, mail, confirm, change, withdraw."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from selenium.webdriver.common.by import By

from browser.chrome import Browser
from browser.engine import Engine
from browser.live import Live
from browser.states import Visit, journey, scripting
from cocreate.gettext import translator
from cocreate.languages import BY_SLUG, LANGUAGES, Language
from cocreate.pages import BY_NAME, Page
from matrix import every_language

COMMUNITIES = tuple(BY_NAME[name] for name in ("join-stack", "join-tech-kaki"))
HEADINGS = {"sent": "Check your e-mail", "confirm": "One last step"}
AS_MEMBER = {"confirmed", "manage", "saved", "asked-again"}


def members_of(live: Live) -> int:
    with sqlite3.connect(Path(live.folder) / "cocreate.db") as database:
        query = "SELECT count(*) FROM signups WHERE confirmed_at IS NOT NULL"
        return int(database.execute(query).fetchone()[0])


def heading(browser: Engine) -> str:
    return str(browser.driver.find_element(By.TAG_NAME, "h1").text)


def said(live: Live, language: Language, english: str, **values: str) -> str:
    """``english`` as the page of ``language`` shows it."""
    with live.app.app_context():
        return str(translator(language).gettext(english, **values).striptags())


def follow(visit: Visit, page: Page) -> Iterator[str]:
    """Go the whole way and look at each step; only a person's press makes a member."""
    before = members_of(visit.live)
    for step in journey(visit, page):
        if step in HEADINGS:
            # Tech Kaki asks no language for its mail: it writes in the page's. STACK asks for one.
            language = BY_SLUG[visit.browser.page.split("/")[1]]
            assert heading(visit.browser) == said(visit.live, language, HEADINGS[step])
        assert members_of(visit.live) == before + (step in AS_MEMBER), step
        yield step


@every_language
def test_from_the_form_to_leaving(browser: Browser, live: Live, language: Language) -> None:
    """Through STACK, with htmx and without script in turn.

    Through Tech Kaki it is gone both ways in each language, and listened to: test_announcements.py.
    """
    with scripting(browser, ("with htmx", "without script")[LANGUAGES.index(language) % 2]):
        assert [*follow(Visit(browser, live, language), COMMUNITIES[0])][-1] == "withdrawn"
