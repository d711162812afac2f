"""Somebody with a phone or at a desk: looks, points, types, opens mail. Nothing else."""

from __future__ import annotations

import email
import email.policy
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from selenium.webdriver import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By

from browser.chrome import Browser
from browser.engine import DESKTOP, Rendering
from browser.live import Live
from browser.states import MARK, SETTLED, soon
from browser.test_journey import said
from cocreate.languages import BY_SLUG, Language
from cocreate.mail import worker

PHONE = Rendering(360, 740)
# Where the words of an element stand; of a field, its own middle.
MIDDLE = """const range = document.createRange(); range.selectNodeContents(arguments[0]);
  const { left, top, width, height } =
    [...range.getClientRects()].find(r => r.width > 2) ?? arguments[0].getBoundingClientRect();
  return [left + Math.min(width, 60) / 2, top + height / 2]"""
CENTRE = "arguments[0].scrollIntoView({block: 'center'})"
TYPED = "return document.querySelector(`#form [name=${arguments[0]}]`)?.value"
CHOSEN = "return document.getElementById(arguments[0]).checked"
# In one question: between two, another page may have come.
WORDS = "return document.querySelector(arguments[0])?.innerText.trim() ?? ''"
READING = "return document.documentElement.lang"


class Person:
    """One visitor; every page is reached by what the page before offers.

    Args:
        language: read at first.
        phone: by finger on a small screen; else by mouse on a wide one.
        scripted: whether pages may run scripts.
    """

    def __init__(self, browser: Browser, live: Live, story: tuple[str, bool, bool]) -> None:
        slug, self.phone, scripted = story
        self.browser, self.live, self.language = browser, live, BY_SLUG[slug]
        self.driver = browser.driver
        browser.scripts(scripted)
        browser.show_in(PHONE if self.phone else DESKTOP)

    def comes_to(self, address: str) -> None:
        self.browser.open(address, rendering=self.browser.rendering)

    def comes_home(self) -> None:
        self.comes_to(f"{self.live.url}{self.language.slug}/")

    def points_at(self, selector: str, times: int = 1) -> None:
        """A finger or a mouse, in the middle of the words.

        Two taps at one place of the screen within 0.3 s are a double tap to Chromium, whatever has
        been scrolled beneath; a person's finger takes longer from field to field.
        """
        if self.phone:
            time.sleep(0.35)
        found = self.driver.find_element(By.CSS_SELECTOR, selector)
        self.browser.run(CENTRE, found)
        x, y = self.browser.run(MIDDLE, found)
        kind, name = ("touch", "finger") if self.phone else ("mouse", "mouse")
        pointer = PointerInput(kind, name)  # type: ignore[no-untyped-call]
        actions = ActionBuilder(self.driver, mouse=pointer, duration=250 if self.phone else 0)
        actions.pointer_action.move_to_location(round(x), round(y))  # type: ignore[no-untyped-call]
        for _ in range(times):
            actions.pointer_action.pointer_down().pointer_up()  # type: ignore[no-untyped-call]
        actions.perform()

    def presses(self, selector: str, times: int = 1) -> None:
        """Point, and wait for the page or the answer that comes."""
        self.browser.run(MARK)
        self.points_at(selector, times)
        self.waits_for(lambda: self.browser.run(SETTLED))

    def types(self, name: str, text: str) -> None:
        self.points_at(f"#form [name={name}]")
        self.waits_for(lambda: self.browser.run("return document.activeElement.name") == name)
        ActionChains(self.driver).send_keys(text).perform()

    def finds_stack(self) -> None:
        self.comes_home()
        self.goes_to_the_form()

    def goes_to_the_form(self) -> None:
        """Through the menu, and the button at the top of STACK's page."""
        if self.phone:
            self.points_at(".menu__toggle")
        self.presses(".menu__panel a[href$='/stack/']")
        self.presses("main a[href$='/join/stack/']")

    def answers(self, address: str) -> None:
        """Every question of STACK's form that must be answered."""
        self.types("name", "Mala")
        self.types("email", address)
        self.chooses()

    def chooses(self) -> None:
        for choice in ("role-1", "interests-0", "consent"):
            self.points_at(f"[for={choice}]")
            self.waits_for(partial(self.browser.run, CHOSEN, choice))

    def sends(self, times: int = 1) -> None:
        self.presses("#form p > .button", times)

    def reads(self, english: str, **values: str) -> None:
        """The page's heading, in the language that is being read."""
        expected = said(self.live, self.language, english, **values)
        self.waits_for(lambda: self.browser.run(WORDS, "h1") == expected)
        assert self.browser.run(READING) == self.language.tag

    def sees(self, text: str) -> None:
        self.waits_for(lambda: text in self.browser.run(WORDS, "main"))

    def finds_typed(self, **answers: str) -> None:
        for name, text in answers.items():
            self.waits_for(partial(self._holds, name, text))

    def _holds(self, name: str, text: str) -> bool:
        return bool(self.browser.run(TYPED, name) == text)

    def switches_to(self, language: Language) -> None:
        self.presses(f".languages [lang={language.tag}]")
        self.language = language

    def opens_mail(self, address: str, folder: Path) -> None:
        """The newest letter that has arrived, as a mail program shows it."""
        letters = self.letters(address)
        part = letters[-1].get_body(("html",))
        page = folder / "letter.html"
        page.write_text(part.get_content(), encoding="utf-8")
        self.comes_to(page.as_uri())

    def letters(self, address: str) -> list[Any]:
        worker.send_due(self.live.app)
        files = sorted((self.live.folder / "mail").glob("*.eml"))
        read = [
            email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files
        ]
        return [letter for letter in read if address in str(letter["To"])]

    def waits_for(self, happened: Callable[[], Any]) -> None:
        soon(self.browser, happened)
