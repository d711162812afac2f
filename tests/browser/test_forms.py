"""Forms in a browser: with htmx, without it, and when it fails half-way. Nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from browser.chrome import Browser
from browser.live import Live
from browser.states import BUTTON, FORM_PAGES, Visit, form_in_error, form_sent
from cocreate.languages import BY_SLUG, ENGLISH, Language
from cocreate.pages import BY_NAME, Page
from documents import Document, text_of
from matrix import every_language

STACK = BY_NAME["join-stack"]
TAMIL = BY_SLUG["ta"]
HEARD = "return document.activeElement.getAttribute('role')"
VALUE = "return document.querySelector(arguments[0])?.value"
TEXT = "return document.querySelector(arguments[0])?.textContent.trim() ?? ''"
MODES = ("with htmx", "without script", "htmx lost", "our script lost")
every_form = pytest.mark.parametrize("page", FORM_PAGES, ids=lambda page: page.name)
every_mode = pytest.mark.parametrize("mode", MODES)


@contextmanager
def scripting(browser: Browser, mode: str) -> Iterator[None]:
    """Chromium as a visitor may have it: scripts off, or blocked on their way."""
    lost = {"htmx lost": ["*htmx*"], "our script lost": ["*/site.*.js"]}.get(mode, [])
    with browser.without_cache():
        browser.cdp("Network.setBlockedURLs", urls=lost)
        browser.scripts(mode != "without script")
        try:
            yield
        finally:
            browser.scripts(True)
            browser.cdp("Network.setBlockedURLs", urls=[])
            browser.console()


@every_mode
@every_form
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
        WebDriverWait(browser.driver, 5, 0.02).until(lambda _: browser.run(HEARD) == "alert")
        assert browser.run(VALUE, "#form [name=email]") == "no address"
        links = browser.driver.find_elements(By.CSS_SELECTOR, "[role=alert] a")
        assert [link.get_attribute("hash") for link in links] == ["#email"]
        links[0].click()
        assert browser.run("return document.activeElement.name") == "email"


@every_mode
@every_form
def test_a_good_form_arrives(browser: Browser, live: Live, page: Page, mode: str) -> None:
    with scripting(browser, mode):
        form_sent(Visit(browser, live, ENGLISH), page)
        assert browser.driver.current_url.partition("?")[0] == f"{live.at(page, ENGLISH)}sent/"
        assert not browser.driver.find_elements(By.CSS_SELECTOR, "#form")


@every_mode
@every_form
def test_the_language_is_switched_without_losing_a_word(
    browser: Browser, live: Live, page: Page, mode: str
) -> None:
    """And nothing is validated, stored or sent."""
    visit = Visit(browser, live, ENGLISH)
    with scripting(browser, mode):
        visit.path(page.path)
        address = visit.fill(page)
        before = browser.run(ANSWERS)
        live.requests.clear()
        visit.press(".languages [lang=ta]")
        assert browser.run("return document.documentElement.lang") == "ta"
        assert browser.driver.current_url == live.at(page, TAMIL)
        assert browser.run(VALUE, "#form [name=email]") == address
        assert browser.run(ANSWERS) == before
        assert not browser.driver.find_elements(By.CSS_SELECTOR, "[role=alert]:not([hidden])")


ANSWERS = """return [...new FormData(document.querySelector('#form'))]
  .filter(([name]) => name !== 'consent_version')  // tells which words, and those are another's now
  .map(([name, value]) => `${name}=${value}`).sort()"""


@every_language
def test_a_field_is_checked_as_it_is_left(browser: Browser, live: Live, language: Language) -> None:
    """Told politely, without moving the focus; gone as soon as it is mended."""
    visit = Visit(browser, live, language)
    visit.path(STACK.path)
    wait = WebDriverWait(browser.driver, 10, 0.02)
    box = browser.driver.find_element(By.NAME, "email")
    box.send_keys("nobody")
    assert browser.run(TEXT, "#email-error") == "", "nothing is wrong while one is typing"
    browser.press("Tab")
    wait.until(lambda _: browser.run(TEXT, "#email-error"))
    focused = browser.run("return document.activeElement.type")
    assert focused == "radio", "the focus went where Tab sent it"
    assert browser.run(TEXT, "#announcer") in browser.run(TEXT, "#email-error")
    box = browser.driver.find_element(By.NAME, "email")
    assert box.get_attribute("aria-invalid") == "true"
    box.send_keys("@example.org")
    wait.until(lambda _: not browser.run(TEXT, "#email-error"))
    assert browser.run("return document.activeElement.name") == "email"
    assert browser.run(VALUE, "[name=email]") == "nobody@example.org"
    assert browser.run(TEXT, "#announcer") == ""


def test_what_is_typed_while_the_server_thinks_stays(browser: Browser, live: Live) -> None:
    """A slow answer to one field must not undo the next."""
    visit = Visit(browser, live, ENGLISH)
    visit.path(STACK.path)
    slow = {"offline": False, "latency": 600, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.cdp("Network.enable")
    browser.cdp("Network.emulateNetworkConditions", **slow)
    try:
        browser.driver.find_element(By.NAME, "name").send_keys("Mala")
        browser.driver.find_element(By.NAME, "name").clear()
        browser.press("Tab")  # asks about the empty name
        browser.driver.find_element(By.NAME, "name").send_keys("Mala again")
        WebDriverWait(browser.driver, 10).until(
            lambda d: d.execute_script("return !document.querySelector('.htmx-request')")
        )
        assert browser.run(VALUE, "[name=name]") == "Mala again"
        assert browser.run("return document.activeElement.name") == "name"
    finally:
        browser.cdp("Network.emulateNetworkConditions", **{**slow, "latency": 0})


def test_a_server_that_is_away_is_said_and_nothing_is_lost(browser: Browser, live: Live) -> None:
    visit = Visit(browser, live, ENGLISH)
    visit.path(STACK.path)
    address = visit.fill(STACK)
    browser.cdp("Network.enable")
    away = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.cdp("Network.emulateNetworkConditions", **away)
    try:
        browser.driver.find_element(By.CSS_SELECTOR, BUTTON).click()
        trouble = browser.driver.find_element(By.ID, "trouble")
        WebDriverWait(browser.driver, 10, 0.02).until(lambda _: trouble.is_displayed())
        assert trouble.get_attribute("role") == "alert"
        assert browser.run(VALUE, "[name=email]") == address
    finally:
        browser.cdp("Network.emulateNetworkConditions", **{**away, "offline": False})
        browser.console()


@every_language
def test_the_error_page_says_so_in_every_language(
    browser: Browser, live: Live, language: Language
) -> None:
    """Each fault is linked, named at its field and heard with it."""
    form_in_error(Visit(browser, live, language), STACK)
    document = Document(browser.driver.page_source)
    faults = [e for e in document.elements if "field__error" in e.attrib.get("class", "")]
    summary = next(e for e in document.elements if e.attrib.get("role") == "alert")
    assert len(faults) == len([e for e in summary.iter() if e.tag == "a"]) >= 5
    for fault in faults:
        told = [
            e
            for e in document.elements
            if fault.attrib["id"] in e.attrib.get("aria-describedby", "").split()
        ]
        assert told, text_of(fault)


@every_form
def test_enter_sends_the_form_and_does_not_switch_the_language(
    browser: Browser, live: Live, page: Page
) -> None:
    """The first submit button of a form answers Enter, and the switcher stands before it."""
    field = "email" if page.form == "feedback" else "name"
    Visit(browser, live, ENGLISH).path(page.path)
    browser.driver.find_element(By.CSS_SELECTOR, f"#form [name={field}]").click()
    browser.press("Enter")
    WebDriverWait(browser.driver, 10, 0.02).until(lambda d: d.title.startswith("Error: "))
    assert browser.run("return document.documentElement.lang") == "en"
