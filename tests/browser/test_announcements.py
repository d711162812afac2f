"""What is said unasked, and what is heard where the focus lands: after each swap and each page.

Read from the accessibility tree.
"""

from __future__ import annotations

from functools import partial

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser.chrome import Browser
from browser.journey import follow, said
from browser.listen import Page as Heard
from browser.listen import listen, plain
from browser.states import (
    BUTTON,
    COMMUNITIES,
    STACK,
    Visit,
    english_and_tamil,
    soon,
)
from cocreate.gettext import translator
from cocreate.languages import BY_SLUG, LANGUAGES, Language
from cocreate.pages import HOME

NO_ADDRESS = "Enter an e-mail address in the correct format, like name@example.com"
TROUBLE = (
    "What you sent did not reach us. Everything that you typed is still here."
    " Please try again in a moment."
)
TOLD = "return document.querySelector('#email-error')?.textContent.trim() ?? ''"


def wait_for(browser: Browser, before: Heard) -> Heard:
    """The page once a live region has changed and all is heard twice alike.

    In the frame of the swap, Chromium's tree does not yet know which boxes stand in one line.
    """
    heard = [before]

    def settled() -> bool:
        heard.append(listen(browser))
        now, last = heard[-1], heard[-2]
        return now.live() != before.live() and now.transcript() == last.transcript()

    soon(browser, settled)
    return heard[-1]


def wait_for_focus(browser: Browser, wanted: str) -> None:
    soon(browser, lambda: plain(listen(browser).focus()) == wanted)


@english_and_tamil
def test_a_mistake_is_said_as_the_field_is_left(browser: Browser, visit: Visit) -> None:
    """Once, politely, and the focus stays where Tab sent it; mended, the field is silent again."""
    visit.path(STACK.path)
    before, mistake = listen(browser), said(visit, NO_ADDRESS)
    field = browser.driver.find_element(By.NAME, "email")
    field.send_keys("nobody")
    assert browser.run(TOLD) == "", "nothing is wrong while one is typing"
    field.send_keys(Keys.TAB)
    wrong = wait_for(browser, before)
    assert [plain(line) for line in wrong.announced_since(before)] == [mistake]
    assert wrong.focus().startswith("radio button, not checked, focused: ")
    (heard,) = [line for line in wrong.transcript() if "invalid entry" in line]
    assert plain(heard).endswith(f"{mistake} = “nobody”"), "heard with the field, too"

    field.send_keys("@example.org")
    mended = wait_for(browser, wrong)
    assert mended.announced_since(wrong) == []
    assert mended.focus().startswith("edit, required, focused: ")
    assert visit.holds("email") == "nobody@example.org"


@english_and_tamil
def test_a_likely_slip_is_said(browser: Browser, visit: Visit) -> None:
    visit.path(STACK.path)
    before = listen(browser)
    browser.driver.find_element(By.NAME, "email").send_keys("mala@gmial.com", Keys.TAB)
    asked = said(visit, "Did you mean %(address)s?", address="mala@gmail.com")
    assert [plain(s) for s in wait_for(browser, before).announced_since(before)] == [asked]


@english_and_tamil
def test_trouble_is_said_and_the_focus_stays(browser: Browser, visit: Visit) -> None:
    """The server is away; nothing that was typed is lost."""
    visit.path(STACK.path)
    address = visit.fill(STACK)
    before = listen(browser)
    with browser.offline():
        browser.driver.find_element(By.CSS_SELECTOR, BUTTON).click()
        after = wait_for(browser, before)
    assert [plain(s) for s in after.announced_since(before)] == [said(visit, TROUBLE)]
    assert after.focus().startswith("button, focused: ")
    assert visit.holds("email") == address


@pytest.mark.parametrize(
    ("language", "mode", "community"),
    [
        (BY_SLUG["en"], "with htmx", "STACK"),
        (BY_SLUG["zh"], "without script", "Tech Kaki"),
        (BY_SLUG["ms"], "without script", "Tech Kaki"),
        (BY_SLUG["ta"], "with htmx", "Tech Kaki"),
    ],
)
def test_each_step_is_heard_where_the_focus_lands(
    browser: Browser, visit: Visit, mode: str, community: str
) -> None:
    """A swap puts it on what is new; a new page is heard from its title on."""
    form = COMMUNITIES[community == "Tech Kaki"]
    words = partial(said, visit)

    def page(english: str) -> str:
        site = words("Co-create with GovTech")
        title = words("%(page)s – %(site)s", page=words(english), site=site)
        return f"document, focused: {title}"

    check = "Check your e-mail"
    with visit.live.app.app_context():
        translated = translator(visit.language).pgettext("button", f"Join {community}")
    leave = words("Withdraw from %(community)s", community=words(community))
    lands = {
        "in-error": f"alert, focused: {words('There is a problem')}{visit.language.full_stop}",
        "corrected": f"button, focused: {translated.striptags()}",
        "sent": f"heading 1, focused: {words(check)}" if mode == "with htmx" else page(check),
        "confirm": page("One last step"),
        "confirmed": page("Your e-mail address is confirmed"),
        "manage": page("Your membership"),
        "saved": "status, focused",  # and what stands in it
        "asked-again": f"button, expanded, focused: {leave}",
        "withdrawn": page("You have withdrawn"),
    }
    for step in follow(visit, form):
        wait_for_focus(browser, lands.pop(step))
    assert not lands


@english_and_tamil
def test_another_language_is_heard_from_where_one_was(
    browser: Browser, visit: Visit, language: Language
) -> None:
    """A form, where the switch is a button, goes on at its answers; a page at its top."""
    other = LANGUAGES[LANGUAGES.index(language) - 1]
    for page in (STACK, HOME):
        visit.path(page.path)
        visit.press(f".languages [lang={other.tag}]")
        top = f"document, focused: {browser.driver.title}"
        wait_for_focus(browser, "status, focused" if page.form else top)
        assert listen(browser).language == BY_SLUG[other.slug].tag
