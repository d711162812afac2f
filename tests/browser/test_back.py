"""Back, Forward and reload show a form and its answers as they were left: in two engines."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser.firefox import Firefox
from browser.live import Live
from browser.states import BUTTON, STACK, Visit, each_mode, scripting, soon
from cocreate.languages import ENGLISH

TYPED = """return ['name', 'email', 'role'].map(name =>
  document.querySelector('#form')?.elements[name]?.value)"""

ADDRESS = "return document.querySelector('[name=email]')?.value"


@each_mode
@pytest.mark.parametrize("name", ["browser", "firefox"])
def test_back_forward_and_reload_show_the_form_as_it_was_left(
    request: pytest.FixtureRequest, live: Live, name: str, mode: str
) -> None:
    engine = request.getfixturevalue(name)
    with scripting(engine, mode):
        travels(Visit(engine, live, ENGLISH), reloading=mode == "with htmx")


def travels(visit: Visit, *, reloading: bool) -> None:
    """Over every kind of page, there and back: nothing typed is lost, nothing is asked. Sent once
    more from what was gone back to, the form joins once.
    """
    engine, driver = visit.browser, visit.browser.driver
    typed = ["Kai", "kai@nowhere", "designer"]

    def at(title: str) -> None:
        soon(engine, lambda: driver.title.startswith(title))

    def back_at(title: str, lang: str = "en") -> None:
        at(title)
        soon(engine, lambda: engine.run(TYPED) == typed)
        assert engine.run("return document.documentElement.lang") == lang

    def stays(title: str, lang: str = "en") -> None:
        visit.press(".footer a")
        driver.back()
        back_at(title, lang)
        if reloading:
            driver.refresh()
            back_at(title, lang)

    visit.path(STACK.path)
    for name, text in zip(("name", "email"), typed, strict=False):
        driver.find_element(By.NAME, name).send_keys(text)
    visit.click("[for=role-1]")
    stays("Join STACK")
    visit.press(BUTTON)
    stays("Error: Join STACK")
    visit.press(".languages [lang=ta]")
    stays(driver.title, "ta")
    visit.press(".languages [lang=en]")
    address = visit.fill(STACK)
    typed[:] = engine.run(TYPED)
    visit.press(BUTTON)
    visit.press(".footer a")
    driver.back()
    at("Check your e-mail")
    driver.back()
    back_at("Join STACK")
    driver.forward()
    at("Check your e-mail")
    driver.refresh()
    at("Check your e-mail")
    link = visit.live.mailed_link(address, "confirm")
    driver.back()
    back_at("Join STACK")
    visit.press(BUTTON)
    at("Check your e-mail")
    assert visit.live.mailed_link(address, "confirm") == link


def test_back_to_what_a_mailed_link_opened(firefox: Firefox, live: Live) -> None:
    """Firefox forgets what was typed into a page marked no-store, and will not show a POST's."""
    visit, driver = Visit(firefox, live, ENGLISH), firefox.driver
    visit.path("confirm/nothing-behind-it/", 404)
    driver.find_element(By.NAME, "email").send_keys("kai@nowhere")
    visit.press(".footer a")
    driver.back()
    soon(firefox, lambda: firefox.run(ADDRESS) == "kai@nowhere")
    driver.find_element(By.NAME, "email").send_keys(Keys.ENTER)
    soon(firefox, lambda: driver.title.startswith("Error: "))
    visit.press(".footer a")
    driver.back()
    soon(firefox, lambda: driver.title.startswith("Error: "))
