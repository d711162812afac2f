"""Forms in a browser: with htmx, without it, and when it fails half-way. Nothing typed is lost."""

from __future__ import annotations

from selenium.webdriver.common.by import By

from browser.chrome import Browser
from browser.engine import Rendering
from browser.live import Live
from browser.states import (
    BUTTON,
    CHECKING,
    STACK,
    TAMIL,
    Visit,
    every_form,
    every_way,
    form_sent,
    scripting,
    soon,
)
from cocreate.languages import ENGLISH
from cocreate.pages import Page

FOCUSED = "return document.activeElement.getAttribute(arguments[0])"
VALUE = "return document.querySelector(arguments[0])?.value"
ANSWERS = """return [...new FormData(document.querySelector('#form'))]
  .filter(([name]) => name !== 'consent_version')  // tells which words, and those are another's now
  .map(([name, value]) => `${name}=${value}`).sort()"""
BOTTOM = "return document.querySelector('.field .input').getBoundingClientRect().bottom"


@every_way
def test_a_mistake_is_shown_first_and_nothing_is_lost(
    browser: Browser, live: Live, page: Page, mode: str
) -> None:
    visit = Visit(browser, live, ENGLISH)
    with scripting(browser, mode):
        visit.path(page.path)
        visit.fill(page, "no address")
        visit.press(BUTTON)
        assert browser.driver.title.startswith("Error: ")
        # A browser moves the focus for autofocus as it paints, a moment after the page is there.
        soon(browser, lambda: browser.run(FOCUSED, "role") == "alert")
        assert browser.run(VALUE, "#form [name=email]") == "no address"
        links = browser.driver.find_elements(By.CSS_SELECTOR, "[role=alert] a")
        assert [link.get_attribute("hash") for link in links] == ["#email"]
        links[0].click()
        assert browser.run(FOCUSED, "name") == "email"


@every_way
def test_a_good_form_arrives(browser: Browser, live: Live, page: Page, mode: str) -> None:
    with scripting(browser, mode):
        form_sent(Visit(browser, live, ENGLISH), page)
        assert browser.driver.current_url.partition("?")[0] == f"{live.at(page, ENGLISH)}sent/"
        assert not browser.driver.find_elements(By.CSS_SELECTOR, "#form")


@every_way
def test_the_language_is_switched_without_losing_a_word(
    browser: Browser, live: Live, page: Page, mode: str
) -> None:
    """And nothing is validated, stored or sent; one is back at the form, not at the page's top."""
    visit, window = Visit(browser, live, ENGLISH), Rendering(360, 560)
    with scripting(browser, mode):
        browser.show_in(window)
        visit.path(page.path)
        address = visit.fill(page)
        before = browser.run(ANSWERS)
        visit.press(".languages [lang=ta]")
        assert browser.run("return document.documentElement.lang") == "ta"
        assert browser.driver.current_url == live.at(page, TAMIL)
        assert browser.run(VALUE, "#form [name=email]") == address
        assert browser.run(ANSWERS) == before
        assert not browser.driver.find_elements(By.CSS_SELECTOR, "[role=alert]:not([hidden])")
        soon(browser, lambda: browser.run(FOCUSED, "class") == "switched")
        assert 0 < browser.run(BOTTOM) <= window.height


def test_what_is_typed_while_the_server_thinks_stays(browser: Browser, live: Live) -> None:
    """A slow answer to what was typed must not undo what is typed next."""
    Visit(browser, live, ENGLISH).path(STACK.path)
    address = browser.driver.find_element(By.NAME, "email")
    with live.holding() as let_go:
        address.send_keys("nobody")
        browser.press("Tab")
        soon(browser, lambda: browser.run(CHECKING))
        address.send_keys("@example.org")
        let_go()
        soon(browser, lambda: not browser.run(CHECKING))
    assert browser.run(VALUE, "[name=email]") == "nobody@example.org"
    assert browser.run(FOCUSED, "name") == "email"


@every_form
def test_enter_sends_the_form_and_does_not_switch_the_language(
    browser: Browser, live: Live, page: Page
) -> None:
    """The first submit button of a form answers Enter, and the switcher stands before it."""
    field = "email" if page.form == "feedback" else "name"
    Visit(browser, live, ENGLISH).path(page.path)
    browser.driver.find_element(By.CSS_SELECTOR, f"#form [name={field}]").click()
    browser.press("Enter")
    soon(browser, lambda: browser.driver.title.startswith("Error: "))
    assert browser.run("return document.documentElement.lang") == "en"
