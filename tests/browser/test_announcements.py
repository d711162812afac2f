"""What is said unasked, and what is heard where the focus lands: after each swap and each page.

Read from the accessibility tree.
"""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from browser.chrome import Browser
from browser.listen import Page as Heard
from browser.listen import listen, plain
from browser.live import Live
from browser.states import (
    BUTTON,
    STACK,
    TAMIL,
    Visit,
    english_and_tamil,
    form_empty,
    form_in_error,
    scripting,
)
from browser.test_forms import VALUE
from browser.test_journey import follow, said
from cocreate.gettext import translator
from cocreate.languages import BY_SLUG, LANGUAGES, Language
from cocreate.pages import BY_NAME, HOME

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

    def settled(_: object) -> bool:
        heard.append(listen(browser))
        now, last = heard[-1], heard[-2]
        return now.live() != before.live() and now.transcript() == last.transcript()

    WebDriverWait(browser.driver, 10, 0.1).until(settled)
    return heard[-1]


@english_and_tamil
def test_a_mistake_is_said_as_the_field_is_left(
    browser: Browser, live: Live, language: Language
) -> None:
    """Once, politely, and the focus stays where Tab sent it; mended, the field is silent again."""
    form_empty(Visit(browser, live, language), STACK)
    before, mistake = listen(browser), said(live, language, NO_ADDRESS)
    browser.driver.find_element(By.NAME, "email").send_keys("nobody")
    assert browser.run(TOLD) == "", "nothing is wrong while one is typing"
    browser.press("Tab")
    wrong = wait_for(browser, before)
    assert [plain(line) for line in wrong.announced_since(before)] == [mistake]
    assert wrong.focus().startswith("radio button, not checked, focused: ")
    (field,) = [line for line in wrong.transcript() if "invalid entry" in line]
    assert plain(field).endswith(f"{mistake} = “nobody”"), "heard with the field, too"

    browser.driver.find_element(By.NAME, "email").send_keys("@example.org")
    mended = wait_for(browser, wrong)
    assert mended.announced_since(wrong) == []
    assert mended.focus().startswith("edit, required, focused: ")
    assert browser.run(VALUE, "[name=email]") == "nobody@example.org"


@english_and_tamil
def test_a_likely_slip_is_said(browser: Browser, live: Live, language: Language) -> None:
    form_empty(Visit(browser, live, language), STACK)
    before = listen(browser)
    browser.driver.find_element(By.NAME, "email").send_keys("mala@gmial.com")
    browser.press("Tab")
    asked = said(live, language, "Did you mean %(address)s?", address="mala@gmail.com")
    assert [plain(s) for s in wait_for(browser, before).announced_since(before)] == [asked]


@english_and_tamil
def test_trouble_is_said_and_the_focus_stays(
    browser: Browser, live: Live, language: Language
) -> None:
    """The server is away; nothing that was typed is lost."""
    visit = Visit(browser, live, language)
    form_empty(visit, STACK)
    address = visit.fill(STACK)
    before = listen(browser)
    with browser.offline():
        browser.driver.find_element(By.CSS_SELECTOR, BUTTON).click()
        after = wait_for(browser, before)
    assert [plain(s) for s in after.announced_since(before)] == [said(live, language, TROUBLE)]
    assert after.focus().startswith("button, focused: ")
    assert browser.run(VALUE, "[name=email]") == address


@pytest.mark.parametrize(
    ("slug", "mode"),
    [
        ("en", "with htmx"),
        ("zh", "without script"),
        ("ms", "without script"),
        ("ta", "with htmx"),
    ],
)
def test_each_step_is_heard_where_the_focus_lands(
    browser: Browser, live: Live, slug: str, mode: str
) -> None:
    """A swap puts it on what is new; a new page is heard from its title on."""
    heard, language = {}, BY_SLUG[slug]
    with scripting(browser, mode):
        for step in follow(Visit(browser, live, language), BY_NAME["join-tech-kaki"]):
            heard[step] = plain(listen(browser).focus())

    def words(english: str) -> str:
        return said(live, language, english)

    def page(english: str) -> str:
        site = words("Co-create with GovTech")
        title = said(live, language, "%(page)s – %(site)s", page=words(english), site=site)
        return f"document, focused: {title}"

    check = "Check your e-mail"
    with live.app.app_context():
        join = str(translator(language).pgettext("button", "Join Tech Kaki").striptags())
    leave = said(live, language, "Withdraw from %(community)s", community=words("Tech Kaki"))
    assert heard == {
        "in-error": f"alert, focused: {words('There is a problem')}{language.full_stop}",
        "corrected": f"button, focused: {join}",
        "sent": f"heading 1, focused: {words(check)}" if mode == "with htmx" else page(check),
        "confirm": page("One last step"),
        "confirmed": page("Your e-mail address is confirmed"),
        "manage": page("Your membership"),
        "saved": "status, focused",  # and what stands in it
        "asked-again": f"button, expanded, focused: {leave}",
        "withdrawn": page("You have withdrawn"),
    }


def test_the_summary_leads_to_the_field_and_its_mistake(browser: Browser, live: Live) -> None:
    form_in_error(Visit(browser, live, TAMIL), STACK)
    browser.driver.find_element(By.CSS_SELECTOR, "[role=alert] a").click()
    focus, name = plain(listen(browser).focus()), said(live, TAMIL, "Name")
    assert focus.startswith(f"edit, required, invalid entry, focused: {name} – ")
    assert focus.endswith(said(live, TAMIL, "Enter your name"))


@english_and_tamil
def test_another_language_is_heard_from_where_one_was(
    browser: Browser, live: Live, language: Language
) -> None:
    """A form, where the switch is a button, goes on at its answers; a page at its top."""
    other = LANGUAGES[LANGUAGES.index(language) - 1]
    visit = Visit(browser, live, language)
    for page in (STACK, HOME):
        visit.path(page.path)
        visit.press(f".languages [lang={other.tag}]")
        heard = listen(browser)
        assert heard.language == BY_SLUG[other.slug].tag
        top = f"document, focused: {browser.driver.title}"
        assert plain(heard.focus()) == ("status, focused" if page.form else top)
