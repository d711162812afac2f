"""The whole way of a member: join, mail, confirm, change, withdraw; what pages say on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Protocol

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser.live import Live
from browser.states import BUTTON, CONFIRM, LEAVE, REALLY_LEAVE, SAVE, Visit, form_in_error
from cocreate.gettext import translator
from cocreate.languages import BY_SLUG, Language
from cocreate.pages import Page

HEADINGS = {"sent": "Check your e-mail", "confirm": "One last step"}
AS_MEMBER = {"confirmed", "manage", "saved", "asked-again"}


class Reader(Protocol):
    """Who reads a page."""

    live: Live
    language: Language


def said(reader: Reader, english: str, **values: str) -> str:
    """``english`` as the page shows it."""
    with reader.live.app.app_context():
        return str(translator(reader.language).gettext(english, **values).striptags())


def journey(visit: Visit, page: Page) -> Iterator[str]:
    """From the form to leaving; the name of each step as it stands."""
    form_in_error(visit, page)
    yield "in-error"
    address = visit.fill(page)
    visit.browser.press(Keys.TAB)
    yield "corrected"
    visit.press(BUTTON)
    yield "sent"
    visit.browser.open(visit.live.mailed_link(address, "confirm"))
    yield "confirm"
    visit.press(CONFIRM)
    yield "confirmed"
    visit.browser.open(visit.live.mailed_link(address, "manage"))
    yield "manage"
    visit.press(SAVE)
    yield "saved"
    visit.click(LEAVE)
    yield "asked-again"
    visit.press(REALLY_LEAVE)
    yield "withdrawn"


def follow(visit: Visit, page: Page) -> Iterator[str]:
    """Go the whole way and look at each step; only a person's press makes a member."""
    before = members_of(visit.live)
    for step in journey(visit, page):
        if step in HEADINGS:
            # Tech Kaki asks no language for its mail: it writes in the page's. STACK asks for one.
            here = replace(visit, language=BY_SLUG[visit.browser.page.split("/")[1]])
            heading = visit.browser.driver.find_element(By.TAG_NAME, "h1").text
            assert heading == said(here, HEADINGS[step])
        assert members_of(visit.live) == before + (step in AS_MEMBER), step
        yield step


def members_of(live: Live) -> int:
    with closing(sqlite3.connect(live.folder / "cocreate.db")) as database:
        query = "SELECT count(*) FROM signups WHERE confirmed_at IS NOT NULL"
        return int(database.execute(query).fetchone()[0])
