"""Every state that a visitor can bring the site into, reached as a visitor would."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest
from selenium.common.exceptions import NoSuchElementException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from browser.chrome import Browser
from browser.engine import Engine
from browser.live import Live
from cocreate.languages import BY_SLUG, ENGLISH, Language
from cocreate.pages import BY_NAME, Page
from cocreate.storage import signups
from cocreate.web.errors import CODES
from fixtures.backend import confirmed, signup
from fixtures.letters import QUESTION, mint
from matrix import FORM_PAGES
from processes import PATIENCE

COMMUNITIES = STACK, KAKI = BY_NAME["join-stack"], BY_NAME["join-tech-kaki"]
TAMIL = BY_SLUG["ta"]
BLOCKED = {"htmx lost": "*htmx*", "our script lost": "*/site.*.js"}
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
# Where words change nothing but their length; Tamil ones are the longest.
english_and_tamil = pytest.mark.parametrize("language", [ENGLISH, TAMIL], ids=["en", "ta"])
in_tamil = pytest.mark.parametrize("language", [TAMIL], ids=["ta"])
without_script = pytest.mark.parametrize("mode", ["without script"])
NUMBERS = itertools.count(1)
TEXT = {"name": "மாலா / 美玲 / Mala", "message": "The menu is hard to read on my phone."}
BUTTON, CONFIRM, SAVE = "#form p > .button", "main form .button", ".form .button"
LEAVE, REALLY_LEAVE = ".ask summary", ".button--danger"
FIRST_CHOICE = "#form .choice:first-child input"
STAYING = {LEAVE, FIRST_CHOICE}  # to these no answer comes


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

    def holds(self, name: str) -> str:
        """What stands in a field of the form."""
        return str(
            self.browser.run(
                "return document.querySelector(arguments[0]).value", f"#form [name={name}]"
            )
        )

    def answers(self) -> list[str]:
        """All that the form would send."""
        return list(self.browser.run(ANSWERS))


# Of consent_version: it tells which words, and in another language those are others.
ANSWERS = """return [...new FormData(document.querySelector('#form'))]
  .filter(([name]) => name !== 'consent_version').map(pair => pair.join('=')).sort()"""
CHECKING = "return document.querySelector('.htmx-request')"
ANNOUNCED = "return document.querySelector('#announcer').textContent"
FOCUSED = "return document.activeElement.getAttribute(arguments[0])"


@contextmanager
def scripting(engine: Engine, mode: str) -> Iterator[None]:
    """A browser as a visitor may have it: scripts off, or (in Chromium) lost on their way."""
    with ExitStack() as stack:
        stack.callback(engine.scripts, True)
        engine.scripts(mode != "without script")
        if mode in BLOCKED and isinstance(engine, Browser):
            stack.enter_context(engine.blocking(BLOCKED[mode]))
        yield


def in_sight(browser: Engine, selector: str, room: int = 40) -> bool:
    """Whether an element's top stands in the window, ``room`` px or more before its end."""
    found = browser.driver.find_element(By.CSS_SELECTOR, selector)
    top = browser.run("return arguments[0].getBoundingClientRect().top", found)
    return bool(0 <= top <= browser.rendering.height - room)


def soon(
    browser: Engine,
    happened: Callable[[], object],
    ignored: type[Exception] = NoSuchElementException,
) -> None:
    WebDriverWait(browser.driver, PATIENCE, 0.02, [ignored]).until(lambda _: happened())


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


def form_in_error(visit: Visit, page: Page) -> None:
    visit.path(page.path)
    visit.press(BUTTON)


def form_corrected(visit: Visit, page: Page) -> None:
    """All answered after the errors were shown, but not yet sent."""
    form_in_error(visit, page)
    visit.fill(page)
    visit.browser.press(Keys.TAB)


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


def mailed(visit: Visit, kind: str) -> str:
    """Where a link in the mail of somebody who joined leads. How one joins, ``journey`` shows."""
    address = f"visitor{next(NUMBERS)}@example.org"
    made = signup(address, name=TEXT["name"], language=visit.language)
    with visit.live.app.app_context():
        if kind != "answer":
            signups.join(made)
            return visit.live.mailed_link(address, kind)
        confirmed(visit.live.app, made)
        (token,) = mint(visit.live.app, QUESTION, to=address)
        return f"{visit.live.url}{visit.language.slug}/answer/{token}/"


def follow_link(visit: Visit, kind: str, *pressed: str) -> None:
    visit.browser.open(mailed(visit, kind))
    for selector in pressed:
        (visit.click if selector in STAYING else visit.press)(selector)


def used_link(visit: Visit) -> None:
    follow_link(visit, "confirm", CONFIRM)
    visit.browser.open(visit.browser.driver.current_url, status=410)


# What a mailed link opens, and what is pressed there. Withdrawing is asked twice: it cannot be
# undone (WCAG 3.3.4).
MAILED = {
    "confirm": ("confirm",),
    "confirmed": ("confirm", CONFIRM),
    "manage": ("manage",),
    "saved": ("manage", SAVE),
    "asked-again": ("manage", LEAVE),
    "withdrawn": ("manage", LEAVE, REALLY_LEAVE),
    "asked": ("answer",),
    "answered": ("answer", FIRST_CHOICE, BUTTON),
    "unanswered": ("answer", BUTTON),
}
PERSONAL: dict[str, Callable[[Visit], None]] = {
    **{name: lambda visit, way=way: follow_link(visit, *way) for name, way in MAILED.items()},  # type: ignore[misc]
    "used": used_link,
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
        ("corrected", form_corrected, (KAKI,)),  # the longest stands for all
        ("slip", form_with_slip, (STACK,)),
    )
    for page in pages
}
STATES: dict[str, Callable[[Visit], object]] = {**FORMS, **PERSONAL, **ERRORS}
