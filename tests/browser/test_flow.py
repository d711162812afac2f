"""On the way through a form: jumps, second presses, slow lines, Back, Forward and reload."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Response
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser.chrome import Browser
from browser.engine import Engine, Rendering
from browser.firefox import Firefox
from browser.live import Live
from browser.states import (
    BUTTON,
    CHECKING,
    PERSONAL,
    STACK,
    TAMIL,
    Visit,
    each_mode,
    every_form,
    every_way,
    form_in_error,
    form_sent,
    scripting,
    soon,
)
from cocreate.languages import ENGLISH
from cocreate.pages import BY_NAME, Page
from fixtures.backend import rows

WINDOWS = (Rendering(360, 560), Rendering(1280, 600))
WRONG = {"name": "", "email": "no address", "access_needs": "x" * 1100, "message": ""}
# Of the focused control's question: what does not lie in the window, top to bottom.
HIDDEN = """const control = document.activeElement, field = control.closest('.field');
  if (!field) return [control.outerHTML];
  return [field.querySelector('legend, .field__label, .choice'),
    field.querySelector('.field__error'), control.closest('.choice') ?? control]
    .filter(part => { const { top, bottom } = part.getBoundingClientRect();
      return top < 0 || bottom > innerHeight })
    .map(part => `${control.id}: ${part.className || part.tagName}`)"""
LINKS = ".summary li a"
TOP = "return arguments[0].getBoundingClientRect().top"
TYPED = """return ['name', 'email', 'role'].map(name =>
  document.querySelector('#form').elements[name]?.value)"""
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


def wrong_form(visit: Visit, page: Page) -> None:
    visit.path(page.path)
    for box in visit.browser.driver.find_elements(By.CSS_SELECTOR, "#form .input"):
        if text := WRONG.get(box.get_attribute("name") or "", ""):
            visit.browser.write(box, text)
    visit.press(BUTTON)
    soon(visit.browser, lambda: visit.browser.run("return document.activeElement.className"))


def jumps(browser: Browser) -> list[str]:
    """What is out of sight at the summary, and after each of its links, on a phone and a desk."""
    heading = browser.driver.find_element(By.ID, "summary-title")
    soon(browser, lambda: browser.run("return document.activeElement.className") == "summary")
    top, faults = browser.run(TOP, heading), []
    if not 0 <= top <= browser.rendering.height - 40:
        faults.append(f"{browser.page}: the summary's heading stands at {top}")
    for window in WINDOWS:
        browser.show_in(window)
        for link in browser.driver.find_elements(By.CSS_SELECTOR, LINKS):
            browser.run("arguments[0].scrollIntoView({block: 'center'})", link)
            ActionChains(browser.driver, duration=0).click(link).perform()
            faults += [f"{browser.page} {window}: {fault}" for fault in browser.run(HIDDEN)]
    browser.show_in(WINDOWS[0])
    return faults


@every_form
def test_a_jump_ends_with_question_fault_and_control_in_sight(
    browser: Browser, live: Live, faults: list[str], page: Page
) -> None:
    """From each line of the summary, by a real click; without script, where only CSS can help."""
    with scripting(browser, "without script"):
        browser.show_in(WINDOWS[0])
        wrong_form(Visit(browser, live, TAMIL), page)
        faults += jumps(browser)


@every_form
def test_what_is_swapped_in_is_in_sight(browser: Browser, live: Live, page: Page) -> None:
    """From the button at the end of a long form to the top of what answers it."""
    visit = Visit(browser, live, TAMIL)
    browser.show_in(WINDOWS[0])
    form_in_error(visit, page)
    heading = browser.driver.find_element(By.ID, "summary-title")
    soon(browser, lambda: 0 <= browser.run(TOP, heading) <= WINDOWS[0].height - 40)
    visit.fill(page)
    visit.press(BUTTON)
    soon(browser, lambda: browser.run("return document.activeElement.localName") == "h1")
    heading = browser.driver.find_element(By.TAG_NAME, "h1")
    soon(browser, lambda: 0 <= browser.run(TOP, heading) <= WINDOWS[0].height - 40)


def test_what_a_mailed_link_s_form_answers_is_in_sight(
    browser: Browser, live: Live, faults: list[str]
) -> None:
    """On the manage page and on that of a dead link, whose forms no script sends."""
    visit = Visit(browser, live, TAMIL)
    PERSONAL["manage"](visit)
    browser.show_in(WINDOWS[0])
    visit.press(BUTTON)
    said = browser.driver.find_element(By.CSS_SELECTOR, ".saved")
    soon(browser, lambda: 0 <= browser.run(TOP, said) <= WINDOWS[0].height - 40)
    browser.write(browser.driver.find_element(By.NAME, "name"), "x" * 300)
    visit.press(BUTTON)
    faults += jumps(browser)
    PERSONAL["unknown"](visit)
    visit.press(BUTTON)
    faults += jumps(browser)


@every_way
def test_a_double_click_sends_once(browser: Browser, live: Live, page: Page, mode: str) -> None:
    """Without our script a press may pass before the first is painted: the server stores one."""
    visit = Visit(browser, live, ENGLISH)
    before = stored(live, page)
    with scripting(browser, mode):
        visit.path(page.path)
        visit.fill(page)
        browser.press("Tab")
        soon(browser, lambda: not browser.run(CHECKING))
        button = browser.driver.find_element(By.CSS_SELECTOR, BUTTON)
        browser.run("arguments[0].scrollIntoView({block: 'center'})", button)
        live.requests.clear()
        with live.holding(1):
            ActionChains(browser.driver, duration=0).double_click(button).perform()
        soon(browser, lambda: "/sent/" in browser.driver.current_url)
    assert stored(live, page) == before + 1
    if mode == "with htmx":
        assert live.requests.count(f"POST /en/{page.path}") == 1


def stored(live: Live, page: Page) -> int:
    """Feedback, or letters and those who wait for them."""
    with live.app.app_context():
        return len(rows("feedback" if page.name == "feedback" else "signups"))


@pytest.mark.parametrize("mode", ["with htmx", "htmx lost"])
def test_enter_twice_sends_once_and_no_check_comes_after(
    browser: Browser, live: Live, mode: str
) -> None:
    """Enter in a field is a change and a submit: the check of that field gives way."""
    visit = Visit(browser, live, ENGLISH)
    with scripting(browser, mode):
        visit.path(STACK.path)
        box = browser.driver.find_element(By.NAME, "email")
        live.requests.clear()
        with live.holding(1):
            box.send_keys("kai@gmial.com", Keys.ENTER, Keys.ENTER)
        soon(browser, lambda: browser.driver.title.startswith("Error: "))
        browser.driver.find_element(By.NAME, "name").send_keys("Kai", Keys.TAB)
        soon(browser, lambda: not browser.run(CHECKING))
        announced = browser.run("return document.querySelector('#announcer').textContent")
        assert "gmail" not in announced
    posts = live.requests.count("POST /en/join/stack/")
    assert posts <= (3 if mode == "with htmx" else 1), "the form, and at most two checks"


FOREIGN = (
    "<!doctype html><title>Log in</title><main id='main'><form id='form'>A hotel</form></main>"
)


@pytest.mark.parametrize("status", [200, 204, 413, 422, 503])
def test_no_answer_lands_where_it_was_not_made_for(
    browser: Browser, live: Live, status: int
) -> None:
    """A hotel's log-in page, a proxy's error: nothing changes, and a form that fails says so."""
    visit = Visit(browser, live, ENGLISH)
    visit.path(STACK.path)
    address, title = visit.fill(STACK), browser.driver.title
    soon(browser, lambda: not browser.run(CHECKING))
    body = "" if status == 204 else FOREIGN
    with answering(live, Response(body, status, mimetype="text/html")):
        browser.driver.find_element(By.NAME, "name").send_keys("!", Keys.TAB)
        soon(browser, lambda: not browser.run(CHECKING))
        assert not browser.driver.find_element(By.ID, "trouble").is_displayed()
        visit.click(BUTTON)
        trouble = browser.driver.find_element(By.ID, "trouble")
        soon(browser, trouble.is_displayed)
    browser.console()
    assert ("too long" in trouble.text) is (status == 413)
    assert browser.driver.title == title
    assert len(browser.driver.find_elements(By.TAG_NAME, "main")) == 1
    assert browser.run(TYPED)[1] == address


def test_a_late_check_undoes_nothing(browser: Browser, live: Live) -> None:
    """It holds up no one, and what the form was told meanwhile stays."""
    visit = Visit(browser, live, ENGLISH)
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


@each_mode
def test_sent_then_back_then_sent_again_joins_once(browser: Browser, live: Live, mode: str) -> None:
    with scripting(browser, mode):
        browser.cdp("Network.setCacheDisabled", cacheDisabled=False)
        visit = Visit(browser, live, ENGLISH)
        address = form_sent(visit, STACK)
        link = live.mailed_link(address, "confirm")
        browser.driver.back()
        soon(browser, lambda: browser.run(TYPED)[1] == address)
        visit.press(BUTTON)
        soon(browser, lambda: browser.driver.title.startswith("Check your e-mail"))
        assert live.mailed_link(address, "confirm") == link


def test_a_slow_line_is_said(browser: Browser, live: Live) -> None:
    """After half a second, and after twenty; then another press is let through."""
    visit = Visit(browser, live, ENGLISH)
    visit.path(STACK.path)
    visit.fill(STACK)
    soon(browser, lambda: not browser.run(CHECKING))
    browser.run(CLOCK)
    live.requests.clear()
    with live.holding():
        visit.click(BUTTON)
        assert browser.run(SENDING) == ["true", ""]
        browser.run("due[500]()")
        assert browser.run(SENDING) == ["true", "sending"]
        assert browser.run("return document.querySelector('#announcer').textContent") == "Sending …"
        visit.click(BUTTON)
        browser.run("due[20000]()")
        assert browser.run(SENDING) == [None, "late"]
        assert "look in your e-mail first" in browser.driver.find_element(By.ID, "trouble").text
    soon(browser, lambda: "/sent/" in browser.driver.current_url)
    assert live.requests.count("POST /en/join/stack/") == 1


def travels(engine: Engine, live: Live, scripted: bool) -> None:
    """Over every kind of page, there and back: nothing typed is lost, nothing is asked."""
    visit, driver = Visit(engine, live, ENGLISH), engine.driver
    typed = ["Kai", "kai@nowhere", "designer"]

    def back_at(title: str, lang: str = "en") -> None:
        soon(engine, lambda: driver.title.startswith(title))
        soon(engine, lambda: engine.run(TYPED) == typed)
        assert engine.run("return document.documentElement.lang") == lang

    def away_and_back() -> None:
        visit.press(".footer a")
        driver.back()

    def stays(title: str, lang: str = "en") -> None:
        away_and_back()
        back_at(title, lang)
        if scripted:
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
    visit.fill(STACK)
    typed[:] = engine.run(TYPED)
    visit.press(BUTTON)
    away_and_back()
    soon(engine, lambda: driver.title.startswith("Check your e-mail"))
    driver.back()
    back_at("Join STACK")
    driver.forward()
    soon(engine, lambda: driver.title.startswith("Check your e-mail"))
    driver.refresh()
    soon(engine, lambda: driver.title.startswith("Check your e-mail"))
    driver.back()
    back_at("Join STACK")


@each_mode
def test_back_forward_and_reload_show_the_form_as_it_was_left(
    browser: Browser, live: Live, mode: str
) -> None:
    with scripting(browser, mode):
        browser.cdp("Network.setCacheDisabled", cacheDisabled=False)
        travels(browser, live, mode == "with htmx")


@pytest.mark.parametrize("scripted", [True, False], ids=["with htmx", "without script"])
def test_back_forward_and_reload_in_firefox(firefox: Firefox, live: Live, scripted: bool) -> None:
    firefox.scripts(scripted)
    try:
        travels(firefox, live, scripted)
    finally:
        firefox.scripts(True)


def test_back_to_what_a_mailed_link_opened(firefox: Firefox, live: Live) -> None:
    """Firefox forgets what was typed into a page marked no-store, and will not show a POST's."""
    visit, driver = Visit(firefox, live, ENGLISH), firefox.driver
    visit.path("confirm/nothing-behind-it/", 404)
    driver.find_element(By.NAME, "email").send_keys("kai@nowhere")
    visit.press(".footer a")
    driver.back()
    box = driver.find_element(By.NAME, "email")
    assert box.get_attribute("value") == "kai@nowhere"
    box.send_keys(Keys.ENTER)
    soon(firefox, lambda: driver.title.startswith("Error: "))
    visit.press(".footer a")
    driver.back()
    assert driver.title.startswith("Error: ")


def test_a_jump_from_another_page_ends_at_its_heading(browser: Browser, live: Live) -> None:
    visit = Visit(browser, live, TAMIL)
    for window in WINDOWS:
        browser.show_in(window)
        visit.path(BY_NAME["home"].path)
        visit.press(".footer a[href$='#vulnerability']")
        heading = browser.driver.find_element(By.CSS_SELECTOR, "#vulnerability h2")
        assert 0 <= browser.run(TOP, heading) <= window.height - 60
