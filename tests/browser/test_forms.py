"""Forms in a browser: with htmx, without it, and when it fails half-way. Nothing typed is lost."""

from __future__ import annotations

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser.chrome import Browser
from browser.engine import Rendering
from browser.live import Live
from browser.states import (
    ANNOUNCED,
    BUTTON,
    CHECKING,
    FOCUSED,
    STACK,
    TAMIL,
    Visit,
    each_mode,
    english_and_tamil,
    every_way,
    form_with_slip,
    soon,
)
from cocreate.languages import ENGLISH
from cocreate.pages import Page
from matrix import every_form

BOTTOM = "return document.querySelector('.field .input').getBoundingClientRect().bottom"
OFFER = "#email-field [name=use_email]"


@every_way
def test_a_mistake_is_shown_first_and_nothing_is_lost(
    browser: Browser, visit: Visit, page: Page
) -> None:
    visit.path(page.path)
    visit.fill(page, "no address")
    visit.press(BUTTON)
    assert browser.driver.title.startswith("Error: ")
    # A browser moves the focus for autofocus as it paints, a moment after the page is there.
    soon(browser, lambda: browser.run(FOCUSED, "role") == "alert")
    assert visit.holds("email") == "no address"
    links = browser.driver.find_elements(By.CSS_SELECTOR, "[role=alert] a")
    assert [link.get_attribute("hash") for link in links] == ["#email"]
    links[0].click()
    soon(browser, lambda: browser.run(FOCUSED, "name") == "email")


@every_way
def test_the_language_is_switched_without_losing_a_word(
    browser: Browser, visit: Visit, live: Live, page: Page
) -> None:
    """And nothing is validated, stored or sent; one is back at the form, not at the page's top."""
    browser.show_in(Rendering(360, 560))
    visit.path(page.path)
    visit.fill(page)
    before = visit.answers()
    visit.press(".languages [lang=ta]")
    assert browser.run("return document.documentElement.lang") == "ta"
    assert browser.driver.current_url == live.at(page, TAMIL)
    assert visit.answers() == before
    assert not browser.driver.find_elements(By.CSS_SELECTOR, "[role=alert]:not([hidden])")
    soon(browser, lambda: browser.run(FOCUSED, "class") == "switched")
    assert 0 < browser.run(BOTTOM) <= 560


def test_what_is_typed_while_the_server_thinks_stays(
    browser: Browser, visit: Visit, live: Live
) -> None:
    """A slow answer to what was typed must not undo what is typed next."""
    visit.path(STACK.path)
    address = browser.driver.find_element(By.NAME, "email")
    with live.holding() as let_go:
        address.send_keys("nobody", Keys.TAB)
        soon(browser, lambda: browser.run(CHECKING))
        address.send_keys("@example.org")
        let_go()
        soon(browser, lambda: not browser.run(CHECKING))
    assert visit.holds("email") == "nobody@example.org"
    assert browser.run(FOCUSED, "name") == "email"


@every_form
def test_enter_sends_the_form_and_does_not_switch_the_language(
    browser: Browser, visit: Visit, page: Page
) -> None:
    """The first submit button of a form answers Enter, and the switcher stands before it."""
    visit.path(page.path)
    browser.driver.find_element(By.NAME, "email").send_keys(Keys.ENTER)
    soon(browser, lambda: browser.driver.title.startswith("Error: "))
    assert browser.run("return document.documentElement.lang") == "en"


@english_and_tamil
def test_a_mistyped_address_is_mended_with_one_press(browser: Browser, visit: Visit) -> None:
    """Only that field changes, nothing else is asked for, and one goes on where one was."""
    visit.path(STACK.path)
    browser.driver.find_element(By.NAME, "email").send_keys("mala@gmial.com")
    visit.click("#name")
    soon(browser, lambda: browser.driver.find_elements(By.CSS_SELECTOR, OFFER))
    visit.click(OFFER)
    soon(browser, lambda: not browser.driver.find_elements(By.CSS_SELECTOR, OFFER))
    assert visit.holds("email") == "mala@gmail.com"
    soon(browser, lambda: browser.run(FOCUSED, "name") == "email")
    assert not browser.driver.find_elements(By.CSS_SELECTOR, ".field__error")
    soon(browser, lambda: "mala@gmail.com" in browser.run(ANNOUNCED))
    browser.press(".sg")
    assert visit.holds("email").endswith(".sg"), "what is typed next arrives"


@each_mode
def test_either_button_of_the_summary_finishes(browser: Browser, visit: Visit) -> None:
    for name, address in (("use_email", "mala@gmail.com"), ("keep_email", "mala@gmial.com")):
        form_with_slip(visit, STACK)
        summary = browser.driver.find_element(By.CSS_SELECTOR, ".summary")
        assert "You typed mala@gmial.com." in summary.text
        visit.press(f".summary [name={name}]")
        assert "/sent/" in browser.driver.current_url
        assert address in browser.driver.find_element(By.TAG_NAME, "main").text


@each_mode
def test_one_goes_back_to_the_form_as_it_was(browser: Browser, visit: Visit, live: Live) -> None:
    visit.path(STACK.path)
    address, before = visit.fill(STACK), visit.answers()
    visit.press(BUTTON)
    assert address.partition("@")[0] not in browser.driver.current_url
    assert address in browser.driver.find_element(By.TAG_NAME, "main").text
    browser.driver.refresh()
    assert address in browser.driver.find_element(By.TAG_NAME, "main").text
    visit.press("main form button")
    assert browser.driver.current_url == live.at(STACK, ENGLISH)
    assert visit.answers() == before
    assert not browser.driver.find_elements(By.CSS_SELECTOR, ".field__error")


def test_what_a_password_manager_fills_in_is_shown(browser: Browser, visit: Visit) -> None:
    visit.path(STACK.path)
    visit.fill(STACK)
    trap = browser.driver.find_element(By.CSS_SELECTOR, "#form input[tabindex='-1']")
    assert trap.location["x"] < 0, "no eye sees it"
    browser.run("arguments[0].value = 'Mala'", trap)  # programs do not type
    visit.press(BUTTON)
    shown = browser.driver.find_element(By.NAME, trap.get_attribute("name") or "")
    assert shown.is_displayed()
    assert shown.get_attribute("value") == "Mala"
    visit.click(".summary a")
    soon(browser, lambda: browser.driver.switch_to.active_element == shown)
    shown.clear()
    visit.press(BUTTON)
    assert "/sent/" in browser.driver.current_url
