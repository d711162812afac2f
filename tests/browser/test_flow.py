"""While a form is on its way: second presses, slow lines, late answers, answers of strangers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Response
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser.chrome import Browser
from browser.live import Live
from browser.states import ANNOUNCED, BUTTON, CHECKING, STACK, Visit, every_way, soon
from cocreate.pages import Page
from fixtures.backend import rows

FOREIGN = (
    "<!doctype html><title>Log in</title><main id='main'><form id='form'>A hotel</form></main>"
)
# Timers of half a second and of twenty run when the test says so.
CLOCK = """const real = setTimeout, due = (window.due = {});
  window.setTimeout = (act, ms, ...more) => ms === 500 || ms === 20000
    ? void (due[ms] = () => act(...more)) : real(act, ms, ...more)"""
# Asked after an answer has left the server: once this comes and is painted, that one was.
LATER = """const [done] = arguments, frame = requestAnimationFrame;
  fetch('/healthz').then(() => frame(() => frame(done)))"""
SENDING = """const form = document.querySelector('#form');
  const seen = [...form.querySelectorAll('[data-when]')].filter(words => words.checkVisibility());
  return [form.getAttribute('aria-busy'), seen.map(words => words.dataset.when).join()]"""


@contextmanager
def answering(live: Live, answer: Response) -> Iterator[None]:
    """Whatever is posted to a form gets ``answer``."""
    views, name = live.app.view_functions, "join.take_form"
    own, views[name] = views[name], lambda **_: answer
    try:
        yield
    finally:
        views[name] = own


def fill(visit: Visit, page: Page = STACK) -> None:
    """Go to a form and answer it, its fields checked."""
    visit.path(page.path)
    visit.fill(page)
    visit.browser.press(Keys.TAB)
    soon(visit.browser, lambda: not visit.browser.run(CHECKING))
    visit.live.requests.clear()


@every_way
def test_a_good_form_arrives_once_however_often_one_presses(
    browser: Browser, visit: Visit, live: Live, page: Page, mode: str
) -> None:
    """Without our script a press may pass before the first is painted: the server stores one."""
    before = stored(live, page)
    fill(visit, page)
    button = browser.driver.find_element(By.CSS_SELECTOR, BUTTON)
    browser.run("arguments[0].scrollIntoView({block: 'center'})", button)
    with live.holding(3):
        ActionChains(browser.driver, duration=0).double_click(button).perform()
    soon(browser, lambda: f"{page.path}sent/" in browser.driver.current_url)
    soon(browser, lambda: not browser.driver.find_elements(By.CSS_SELECTOR, "#form"))
    assert stored(live, page) == before + 1
    if mode == "with htmx":
        assert live.requests.count(f"POST /en/{page.path}") == 1


def stored(live: Live, page: Page) -> int:
    """Feedback, or those who joined."""
    with live.app.app_context():
        return len(rows("feedback" if page.name == "feedback" else "signups"))


@pytest.mark.parametrize("mode", ["with htmx", "htmx lost"])
def test_enter_twice_sends_once_and_no_check_comes_after(
    browser: Browser, visit: Visit, live: Live, mode: str
) -> None:
    """Enter in a field is a change and a submit: the check of that field gives way."""
    visit.path(STACK.path)
    live.requests.clear()
    with live.holding(3):
        box = browser.driver.find_element(By.NAME, "email")
        box.send_keys("kai@gmial.com", Keys.ENTER, Keys.ENTER)
    soon(browser, lambda: browser.driver.title.startswith("Error: "))
    browser.driver.find_element(By.NAME, "name").send_keys("Kai", Keys.TAB)
    soon(browser, lambda: not browser.run(CHECKING))
    assert "gmail" not in browser.run(ANNOUNCED)
    posts = live.requests.count("POST /en/join/stack/")
    assert posts <= (3 if mode == "with htmx" else 1), "the form, and at most two checks"


@pytest.mark.parametrize("status", [200, 204, 413, 422, 503])
def test_no_answer_lands_where_it_was_not_made_for(
    browser: Browser, visit: Visit, live: Live, status: int
) -> None:
    """A hotel's log-in page, a proxy's error: nothing changes, and a form that fails says so."""
    fill(visit)
    title = browser.driver.title
    address, trouble = visit.holds("email"), browser.driver.find_element(By.ID, "trouble")
    body = "" if status == 204 else FOREIGN
    with answering(live, Response(body, status, mimetype="text/html")):
        browser.driver.find_element(By.NAME, "name").send_keys("!", Keys.TAB)
        soon(browser, lambda: live.requests and not browser.run(CHECKING))
        assert not trouble.is_displayed()
        visit.click(BUTTON)
        soon(browser, trouble.is_displayed)
    assert ("too long" in trouble.text) is (status == 413)
    assert browser.driver.title == title
    assert len(browser.driver.find_elements(By.TAG_NAME, "main")) == 1
    assert visit.holds("email") == address


def test_a_late_check_undoes_nothing(browser: Browser, visit: Visit, live: Live) -> None:
    """It holds up no one, and what the form was told meanwhile stays."""
    visit.path(STACK.path)
    with live.holding() as let_go:
        browser.driver.find_element(By.NAME, "email").send_keys("kai@gmial.com", Keys.TAB)
        soon(browser, lambda: browser.run(CHECKING))  # alone it is a doubt, in the form a fault
        visit.click(BUTTON)
        soon(browser, lambda: browser.driver.title.startswith("Error: "))
        live.answers.clear()
        let_go()
        soon(browser, lambda: any("use_email" in answer for answer in live.answers))
    browser.driver.execute_async_script(LATER)
    assert browser.driver.find_elements(By.ID, "email-error")


def test_a_slow_line_is_said(browser: Browser, visit: Visit, live: Live) -> None:
    """After half a second, and after twenty; then another press is let through."""
    fill(visit)
    browser.run(CLOCK)
    with live.holding():
        visit.click(BUTTON)
        assert browser.run(SENDING) == ["true", ""]
        browser.run("due[500]()")
        assert browser.run(SENDING) == ["true", "sending"]
        assert browser.run(ANNOUNCED) == "Sending …"
        visit.click(BUTTON)
        browser.run("due[20000]()")
        assert browser.run(SENDING) == [None, "late"]
        assert "look in your e-mail first" in browser.driver.find_element(By.ID, "trouble").text
    soon(browser, lambda: "/sent/" in browser.driver.current_url)
    assert live.requests.count("POST /en/join/stack/") == 1
