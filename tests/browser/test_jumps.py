"""Wherever a jump, a swap or an answer leads, it is in sight: on a phone and at a desk."""

from __future__ import annotations

from selenium.webdriver.common.by import By

from browser.chrome import Browser
from browser.engine import Rendering
from browser.states import (
    BUTTON,
    PERSONAL,
    Visit,
    form_in_error,
    in_sight,
    in_tamil,
    soon,
    without_script,
)
from cocreate.pages import HOME, Page
from matrix import every_form

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
LANDED = "return document.activeElement.closest('.field')"
TITLE = "#summary-title"


def jumps(visit: Visit) -> list[str]:
    """What is out of sight at the summary, and after each of its links, on a phone and a desk."""
    browser, faults = visit.browser, list[str]()
    soon(browser, lambda: browser.run("return document.activeElement.className") == "summary")
    soon(browser, lambda: in_sight(browser, TITLE))
    for window in WINDOWS:
        browser.show_in(window)
        for link in browser.driver.find_elements(By.CSS_SELECTOR, ".summary li a"):
            browser.run("arguments[0].scrollIntoView({block: 'center'})", link)
            link.click()
            soon(browser, lambda: browser.run(LANDED))
            faults += [f"{browser.page} {window}: {fault}" for fault in browser.run(HIDDEN)]
    browser.show_in(WINDOWS[0])
    return faults


@in_tamil
@without_script
@every_form
def test_a_jump_ends_with_question_fault_and_control_in_sight(
    browser: Browser, visit: Visit, faults: list[str], page: Page
) -> None:
    """From each line of the summary, by a real click; without script, where only CSS can help."""
    browser.show_in(WINDOWS[0])
    visit.path(page.path)
    for box in browser.driver.find_elements(By.CSS_SELECTOR, "#form .input"):
        if text := WRONG.get(box.get_attribute("name") or "", ""):
            browser.write(box, text)
    visit.press(BUTTON)
    faults += jumps(visit)


@in_tamil
@every_form
def test_what_is_swapped_in_is_in_sight(browser: Browser, visit: Visit, page: Page) -> None:
    """From the button at the end of a long form to the top of what answers it."""
    browser.show_in(WINDOWS[0])
    form_in_error(visit, page)
    soon(browser, lambda: in_sight(browser, TITLE))
    visit.fill(page)
    visit.press(BUTTON)
    soon(browser, lambda: browser.run("return document.activeElement.localName") == "h1")
    soon(browser, lambda: in_sight(browser, "h1"))


@in_tamil
def test_what_a_mailed_link_s_form_answers_is_in_sight(
    browser: Browser, visit: Visit, faults: list[str]
) -> None:
    """On the manage page and on that of a dead link, whose forms no script sends."""
    PERSONAL["manage"](visit)
    browser.show_in(WINDOWS[0])
    visit.press(BUTTON)
    soon(browser, lambda: in_sight(browser, ".saved"))
    browser.write(browser.driver.find_element(By.NAME, "name"), "x" * 300)
    visit.press(BUTTON)
    faults += jumps(visit)
    PERSONAL["unknown"](visit)
    visit.press(BUTTON)
    faults += jumps(visit)


@in_tamil
def test_a_jump_from_another_page_ends_at_its_heading(browser: Browser, visit: Visit) -> None:
    for window in WINDOWS:
        browser.show_in(window)
        visit.path(HOME.path)
        visit.press(".footer a[href$='#vulnerability']")
        soon(browser, lambda: in_sight(browser, "#vulnerability h2", room=60))
