"""What somebody typed, and what becomes of it: by keys and pointer, as a person does."""

from __future__ import annotations

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser.chrome import Browser
from browser.live import Live
from browser.states import BUTTON, STACK, Visit, each_mode, english_and_tamil, scripting, soon
from cocreate.languages import ENGLISH, Language


def value_of(browser: Browser, name: str) -> str:
    return str(
        browser.run("return document.querySelector(`#form [name=${arguments[0]}]`).value", name)
    )


@english_and_tamil
def test_a_mistyped_address_is_mended_with_one_press(
    browser: Browser, live: Live, language: Language
) -> None:
    """Only that field changes, nothing else is asked for, and one goes on where one was."""
    visit = Visit(browser, live, language)
    visit.path(STACK.path)
    browser.driver.find_element(By.NAME, "email").send_keys("mala@gmial.com", Keys.TAB)
    offer = "#email-field [name=use_email]"
    soon(browser, lambda: browser.driver.find_elements(By.CSS_SELECTOR, offer))
    visit.click(offer)
    soon(browser, lambda: not browser.driver.find_elements(By.CSS_SELECTOR, offer))
    assert value_of(browser, "email") == "mala@gmail.com"
    soon(browser, lambda: browser.run("return document.activeElement.name") == "email")
    assert not browser.driver.find_elements(By.CSS_SELECTOR, ".field__error")
    assert "mala@gmail.com" in browser.run(
        "return document.querySelector('#announcer').textContent"
    )
    browser.driver.switch_to.active_element.send_keys(".sg")
    assert value_of(browser, "email").endswith(".sg"), "what is typed next arrives"


@each_mode
def test_either_button_of_the_summary_finishes(browser: Browser, live: Live, mode: str) -> None:
    for name, address in (("use_email", "mala@gmail.com"), ("keep_email", "mala@gmial.com")):
        with scripting(browser, mode):
            visit = Visit(browser, live, ENGLISH)
            visit.path(STACK.path)
            visit.fill(STACK, "mala@gmial.com")
            visit.press(BUTTON)
            summary = browser.driver.find_element(By.CSS_SELECTOR, ".summary")
            assert "You typed mala@gmial.com." in summary.text
            visit.press(f".summary [name={name}]")
            assert address in browser.driver.find_element(By.TAG_NAME, "main").text


@each_mode
def test_one_goes_back_to_the_form_as_it_was(browser: Browser, live: Live, mode: str) -> None:
    with scripting(browser, mode):
        visit = Visit(browser, live, ENGLISH)
        visit.path(STACK.path)
        address = visit.fill(STACK)
        before = browser.run(CHOSEN)
        visit.press(BUTTON)
        main = browser.driver.find_element(By.TAG_NAME, "main")
        assert address in main.text
        assert address.partition("@")[0] not in browser.driver.current_url
        browser.driver.refresh()
        assert address in browser.driver.find_element(By.TAG_NAME, "main").text
        visit.press("main form button")
        assert browser.driver.current_url == live.at(STACK, ENGLISH)
        assert value_of(browser, "email") == address
        assert browser.run(CHOSEN) == before
        assert not browser.driver.find_elements(By.CSS_SELECTOR, ".field__error")


CHOSEN = """return [...new FormData(document.querySelector('#form'))]
  .map(([name, value]) => `${name}=${value}`).sort()"""


def test_what_a_password_manager_fills_in_is_shown(browser: Browser, live: Live) -> None:
    visit = Visit(browser, live, ENGLISH)
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
    assert browser.driver.switch_to.active_element == shown
    shown.clear()
    visit.press(BUTTON)
    assert "/sent/" in browser.driver.current_url
