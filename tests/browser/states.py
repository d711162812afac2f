"""Every state that a visitor can bring the site into, reached as a visitor would."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from browser.chrome import Browser
from browser.engine import Engine
from browser.live import Live
from cocreate.languages import BY_SLUG, ENGLISH, Language
from cocreate.pages import BY_NAME, Page
from cocreate.storage import signups
from cocreate.web.errors import CODES
from fixtures.backend import confirmed as confirmed_member
from fixtures.backend import signup
from fixtures.letters import QUESTION, mint

FORM_PAGES = tuple(BY_NAME[name] for name in ("join-stack", "join-tech-kaki", "feedback"))
STACK, TAMIL = BY_NAME["join-stack"], BY_SLUG["ta"]
BLOCKED = {"htmx lost": ["*htmx*"], "our script lost": ["*/site.*.js"]}
every_form = pytest.mark.parametrize("page", FORM_PAGES, ids=lambda page: page.name)
each_mode = pytest.mark.parametrize("mode", ["with htmx", "without script"])
# Each form with and without script; what is lost on its way, with one of them.
every_way = pytest.mark.parametrize(
    ("page", "mode"),
    [
        *itertools.product(FORM_PAGES, ["with htmx", "without script"]),
        *itertools.product([STACK], BLOCKED),
    ],
    ids=lambda found: getattr(found, "name", found),
)
# Where words change nothing but their length.
english_and_tamil = pytest.mark.parametrize(
    "language", [ENGLISH, TAMIL], ids=lambda found: found.slug
)
NUMBERS = itertools.count(1)
TEXT = {"name": "மாலா / 美玲 / Mala", "message": "The menu is hard to read on my phone."}
BUTTON = "#form p > .button"


@dataclass
class Visit:
    """One visitor with one browser, in one language."""

    browser: Engine
    live: Live
    language: Language

    def path(self, path: str, status: int = 200) -> None:
        address = f"{self.live.url}{self.language.slug}/{path}"
        self.browser.open(address, rendering=self.browser.rendering, status=status)

    def click(self, selector: str) -> None:
        """Click in the middle of the window: two pixels at its edge are hard to hit in Firefox."""
        found = self.browser.driver.find_element(By.CSS_SELECTOR, selector)
        self.browser.run("arguments[0].scrollIntoView({block: 'center'})", found)
        found.click()

    def press(self, selector: str) -> None:
        """Click, and wait until the answer stands: a new page, or a finished swap."""
        self.browser.run(MARK)
        self.click(selector)
        soon(self.browser, lambda: self.browser.run(SETTLED))

    def fill(self, page: Page, address: str = "") -> str:
        """Answer every question that must be answered; the address used."""
        address = address or f"visitor{next(NUMBERS)}@example.org"
        answers = {**TEXT, "email": address}
        for box, name in self.browser.run(BOXES, list(answers)):
            self.browser.write(box, answers[name])
        self.browser.run(CHOOSE)
        return address


CHECKING = "return document.querySelector('.htmx-request')"


@contextmanager
def scripting(browser: Browser, mode: str) -> Iterator[None]:
    """Chromium as a visitor may have it: scripts off, or blocked on their way."""
    with browser.without_cache():
        browser.cdp("Network.setBlockedURLs", urls=BLOCKED.get(mode, []))
        browser.scripts(mode != "without script")
        try:
            yield
        finally:
            browser.scripts(True)
            browser.cdp("Network.setBlockedURLs", urls=[])
            browser.console()


def soon(browser: Engine, happened: Callable[[], object]) -> None:
    WebDriverWait(browser.driver, 10, 0.02).until(lambda _: happened())


BOXES = """return [...document.querySelector('#form').elements]
  .filter(box => arguments[0].includes(box.name)).map(box => [box, box.name])"""
# The first choice of each question, and the consent.
CHOOSE = """for (const box of document.querySelectorAll(
    '#form .choices .choice:first-child input, #form [name=consent]'))
  if (!box.checked) { box.focus(); box.click(); }"""
# A fresh answer has neither mark: a new page lost both, a morphed main its own attributes.
MARK = "for (const e of document.querySelectorAll('html, main')) e.dataset.old = 1"
SETTLED = """return document.readyState === 'complete'
  && !document.querySelector('.htmx-request')
  && (!document.documentElement.dataset.old || !document.querySelector('main').dataset.old)"""


def form_empty(visit: Visit, page: Page) -> None:
    visit.path(page.path)


def form_in_error(visit: Visit, page: Page) -> None:
    visit.path(page.path)
    visit.press(BUTTON)


def form_corrected(visit: Visit, page: Page) -> None:
    """All answered after the errors were shown, but not yet sent."""
    form_in_error(visit, page)
    visit.fill(page)
    visit.browser.press("Tab")


def form_with_slip(visit: Visit, page: Page) -> None:
    """An address that looks like a typing mistake: a correction is offered."""
    visit.path(page.path)
    visit.fill(page, "mala@gmial.com")
    visit.press(BUTTON)


def form_sent(visit: Visit, page: Page) -> str:
    visit.path(page.path)
    address = visit.fill(page)
    visit.press(BUTTON)
    return address


def mailed(visit: Visit, kind: str) -> None:
    """What a link in the mail of somebody who joined opens. How one joins, ``journey`` shows."""
    address = f"visitor{next(NUMBERS)}@example.org"
    with visit.live.app.app_context():
        signups.join(signup(address, name=TEXT["name"], language=visit.language))
    visit.browser.open(visit.live.mailed_link(address, kind))


def confirm(visit: Visit) -> None:
    mailed(visit, "confirm")


def confirmed(visit: Visit) -> None:
    confirm(visit)
    visit.press("main form .button")


def used(visit: Visit) -> None:
    confirmed(visit)
    visit.browser.open(visit.browser.driver.current_url, status=410)


def manage(visit: Visit) -> None:
    mailed(visit, "manage")


def saved(visit: Visit) -> None:
    manage(visit)
    visit.press(".form .button")


def asked_again(visit: Visit) -> None:
    """Withdrawing is asked twice: it cannot be undone (WCAG 3.3.4)."""
    manage(visit)
    visit.click(".ask summary")


def withdrawn(visit: Visit) -> None:
    asked_again(visit)
    visit.press(".button--danger")


def asked(visit: Visit) -> None:
    """A letter's question, as a new member is asked."""
    address = f"visitor{next(NUMBERS)}@example.org"
    with visit.live.app.app_context():
        confirmed_member(visit.live.app, signup(address, language=visit.language))
        (token,) = mint(visit.live.app, QUESTION, to=address)
    visit.path(f"answer/{token}/")


def answered(visit: Visit) -> None:
    asked(visit)
    visit.click("#form .choice:first-child input")
    visit.press(BUTTON)


def unanswered(visit: Visit) -> None:
    asked(visit)
    visit.press(BUTTON)


def journey(visit: Visit, page: Page) -> Iterator[str]:
    """The whole way of a member, from the form to leaving; the name of each step as it stands."""
    form_in_error(visit, page)
    yield "in-error"
    address = visit.fill(page)
    visit.browser.press("Tab")
    yield "corrected"
    visit.press(BUTTON)
    yield "sent"
    visit.browser.open(visit.live.mailed_link(address, "confirm"))
    yield "confirm"
    visit.press("main form .button")
    yield "confirmed"
    visit.browser.open(visit.live.mailed_link(address, "manage"))
    yield "manage"
    visit.press(".form .button")
    yield "saved"
    visit.click(".ask summary")
    yield "asked-again"
    visit.press(".button--danger")
    yield "withdrawn"


PERSONAL: dict[str, Callable[[Visit], None]] = {
    "confirm": confirm,
    "confirmed": confirmed,
    "used": used,
    "manage": manage,
    "saved": saved,
    "asked-again": asked_again,
    "withdrawn": withdrawn,
    "asked": asked,
    "answered": answered,
    "unanswered": unanswered,
    "unknown": lambda visit: visit.path("confirm/nothing-behind-it/", 404),
    "unmanageable": lambda visit: visit.path("manage/nothing-behind-it/", 404),
}
ERRORS: dict[str, Callable[[Visit], None]] = {
    f"error-{code}": lambda visit, code=code: visit.path(f"fail/{code}/", code)  # type: ignore[misc]
    for code in CODES
}
FORMS: dict[str, Callable[[Visit], object]] = {
    f"{page.name}-{name}": lambda visit, page=page, act=act: act(visit, page)  # type: ignore[misc]
    for name, act, pages in (
        ("error", form_in_error, FORM_PAGES),
        ("sent", form_sent, FORM_PAGES),
        ("corrected", form_corrected, FORM_PAGES[1:2]),  # the longest stands for all
        ("slip", form_with_slip, FORM_PAGES[:1]),
    )
    for page in pages
}
GUIDE: dict[str, Callable[[Visit], object]] = {"guide": lambda visit: visit.path("_guide/")}
STATES: dict[str, Callable[[Visit], object]] = {**FORMS, **PERSONAL, **ERRORS}
