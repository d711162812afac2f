"""Somebody with a phone or at a desk: looks, points, types, opens mail. Nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.message import EmailMessage
from functools import partial
from itertools import count
from pathlib import Path

from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By

from browser.chrome import Browser
from browser.engine import DESKTOP, Rendering
from browser.journey import said
from browser.live import Live
from browser.states import BUTTON, FOCUSED, MARK, SETTLED, soon
from cocreate.languages import BY_SLUG, Language
from fixtures.backend import body, letters

PHONE = Rendering(360, 740)
NUMBERS = count(1)
# Where the words of an element stand; of a field, its own middle.
MIDDLE = """const range = document.createRange(); range.selectNodeContents(arguments[0]);
  arguments[0].scrollIntoView({block: 'center'});
  const { left, top, width, height } =
    [...range.getClientRects()].find(r => r.width > 2) ?? arguments[0].getBoundingClientRect();
  return [left + Math.min(width, 60) / 2, top + height / 2]"""
TOUCH, MOUSE = "Input.dispatchTouchEvent", "Input.dispatchMouseEvent"
CHOSEN = "return document.getElementById(arguments[0]).checked"
# In one question: between two, another page may have come.
WORDS = "return document.querySelector(arguments[0])?.innerText.trim() ?? ''"
READING = "return document.documentElement.lang"
TYPED = "return document.querySelector(`#form [name=${arguments[0]}]`)?.value"


class Person:
    """One visitor; every page is reached by what the page before offers.

    Args:
        browser, live: what one visits with, and what.
        story: ``ta phone plain``: a language, a device (by finger on a small screen, else by mouse
            on a wide one), and whether pages may run scripts.
        folder: for the letter that one opens.
    """

    def __init__(self, browser: Browser, live: Live, story: str, folder: Path) -> None:
        slug, device, script = story.split()
        self.browser, self.driver, self.live = browser, browser.driver, live
        self.language, self.phone = BY_SLUG[slug], device == "phone"
        self.letter, self.address = folder / "letter.html", f"mala{next(NUMBERS)}@lived.example"
        browser.scripts(script == "script")
        browser.show_in(PHONE if self.phone else DESKTOP)

    def comes_to(self, address: str) -> None:
        self.browser.open(address, rendering=self.browser.rendering)

    def comes_home(self) -> None:
        self.comes_to(f"{self.live.url}{self.language.slug}/")

    def points_at(self, selector: str) -> None:
        """A finger or a mouse, in the middle of the words."""
        x, y = self.finds(selector)
        kind, name = ("touch", "finger") if self.phone else ("mouse", "mouse")
        pointer = PointerInput(kind, name)  # type: ignore[no-untyped-call]
        actions = ActionBuilder(self.driver, mouse=pointer, duration=250 if self.phone else 0)
        actions.pointer_action.move_to_location(x, y)  # type: ignore[no-untyped-call]
        actions.pointer_action.pointer_down().pointer_up()  # type: ignore[no-untyped-call]
        actions.perform()

    def finds(self, selector: str) -> list[int]:
        """Where in the window, once it is shown.

        Two taps at one place of the screen within 0.3 s are a double tap to Chromium, whatever has
        been scrolled beneath; a person's finger takes longer from field to field.
        """
        if self.phone:
            time.sleep(0.35)
        self.waits_for(lambda: self.driver.find_element(By.CSS_SELECTOR, selector).is_displayed())
        found = self.driver.find_element(By.CSS_SELECTOR, selector)
        return list(map(round, self.browser.run(MIDDLE, found)))

    def presses(self, selector: str) -> None:
        """Point, and wait for the page or the answer that comes."""
        self.browser.run(MARK)
        self.points_at(selector)
        self.waits_for(lambda: self.browser.run(SETTLED))

    def presses_twice(self, selector: str) -> None:
        """Past the driver: it would wait for the page that the first press opens."""
        x, y = self.finds(selector)
        for number in (1, 2):
            if self.phone:
                self.browser.cdp(TOUCH, type="touchStart", touchPoints=[{"x": x, "y": y}])
                self.browser.cdp(TOUCH, type="touchEnd", touchPoints=[])
            else:
                for kind in ("mousePressed", "mouseReleased"):
                    self.browser.cdp(MOUSE, type=kind, x=x, y=y, button="left", clickCount=number)

    def types(self, name: str, text: str) -> None:
        self.points_at(f"#form [name={name}]")
        self.waits_for(lambda: self.browser.run(FOCUSED, "name") == name)
        self.browser.press(text)

    def finds_stack(self) -> None:
        self.comes_home()
        self.goes_to_the_form()

    def goes_to_the_form(self) -> None:
        """Through the menu, and the button at the top of STACK's page."""
        if self.phone:
            self.points_at(".menu__toggle")
        self.presses(".menu__panel a[href$='/stack/']")
        self.presses("main a[href$='/join/stack/']")

    def answers(self) -> None:
        """Every question of STACK's form that must be answered."""
        self.types("name", "Mala")
        self.types("email", self.address)
        self.chooses()

    def chooses(self) -> None:
        for choice in ("role-1", "interests-0", "consent"):
            self.points_at(f"[for={choice}]")
            self.waits_for(partial(self.browser.run, CHOSEN, choice))

    def sends(self) -> None:
        self.presses(BUTTON)

    def reads(self, english: str) -> None:
        """The page's heading, in the language that is being read."""
        expected = said(self, english)
        self.waits_for(lambda: self.browser.run(WORDS, "h1") == expected)
        assert self.browser.run(READING) == self.language.tag

    def sees(self, text: str) -> None:
        self.waits_for(lambda: text in self.browser.run(WORDS, "main"))

    def finds_typed(self, **answers: str) -> None:
        self.waits_for(lambda: {n: self.browser.run(TYPED, n) for n in answers} == answers)

    def switches_to(self, language: Language) -> None:
        self.presses(f".languages [lang={language.tag}]")
        self.language = language

    def letters(self) -> list[EmailMessage]:
        """Those that have arrived, oldest first."""
        return [one for one in letters(self.live.app) if self.address in str(one["To"])]

    def opens_mail(self) -> None:
        """The newest letter, as a mail program shows it."""
        self.letter.write_text(body(self.letters()[-1], "html"), encoding="utf-8")
        self.comes_to(self.letter.as_uri())

    def waits_for(self, happened: Callable[[], object]) -> None:
        soon(self.browser, happened)
