"""Safari's engine: every page, the forms in every language, and how one joins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from browser.audit import EVERY_RULE, Tally, audit
from browser.engine import Rendering
from browser.live import Live
from browser.states import BUTTON
from browser.test_journey import said
from browser.test_letters_and_rings import SPACED
from browser.webkit import WebKit
from cocreate.languages import ENGLISH, LANGUAGES, Language
from cocreate.pages import BY_NAME, Page
from matrix import pages_and_forms_in_turn

STACK, TECH_KAKI = BY_NAME["join-stack"], BY_NAME["join-tech-kaki"]
NARROW, PHONE, WIDE = (Rendering(width, 900) for width in (320, 390, 1280))
LAYOUT = (("overflow",), ("torn",), ("clipped",), ("overlaps",), ("targets", 44), ("pairs", 7))
# Contrast in pixels needs a picture of the whole page, which this driver does not take.
NO_PIXELS: dict[str, Any] = {
    **EVERY_RULE,
    "rules": EVERY_RULE["rules"]
    | {"color-contrast": {"enabled": False}, "color-contrast-enhanced": {"enabled": False}},
}
VALUE = "return document.getElementById(arguments[0]).value"


@pytest.fixture(scope="module")
def plain(webkit: WebKit) -> Iterator[WebKit]:
    """The engine with the page's scripts off; after ``webkit``, which knows whether it is there."""
    started = WebKit("--plain")
    yield started
    started.quit()


def click(webkit: WebKit, selector: str) -> None:
    found = webkit.driver.find_element(By.CSS_SELECTOR, selector)
    webkit.run("arguments[0].scrollIntoView({block: 'center'})", found)
    ActionChains(webkit.driver).move_to_element(found).click().perform()


def keys(webkit: WebKit, *pressed: str) -> None:
    ActionChains(webkit.driver).send_keys(*pressed).perform()


def until(webkit: WebKit, script: str, *arguments: Any) -> Any:
    wait = WebDriverWait(webkit.driver, 10, 0.05)
    return wait.until(lambda driver: driver.execute_script(script, *arguments))


@pages_and_forms_in_turn
def test_nothing_is_wrong_in_webkit(
    webkit: WebKit, live: Live, third: Tally, faults: list[str], page: Page, language: Language
) -> None:
    """Torn words, sideways, sizes and what it prints over, on a phone and on a desktop; axe."""
    webkit.open(live.at(page, language), rendering=NARROW)
    for rendering in (NARROW, WIDE):
        webkit.show_in(rendering)
        faults += webkit.probes(*LAYOUT)
    faults += [
        f"{webkit.page}: {fault}, printed over by the engine" for fault in webkit.run(SPACED)
    ]
    faults += audit(webkit, third, NO_PIXELS)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda found: found.slug)
def test_what_is_typed_after_a_summary_link_lands_in_its_field(
    webkit: WebKit, live: Live, language: Language
) -> None:
    """By pointer and by keys. The engine alone shows the ring there, and loses the letters."""
    webkit.open(live.at(STACK, language), rendering=PHONE)
    click(webkit, BUTTON)
    until(webkit, "return document.activeElement.getAttribute('role') === 'alert'")
    keys(webkit, Keys.TAB, Keys.ENTER)
    until(webkit, "return document.activeElement.id === 'name'")
    keys(webkit, "Kai")
    assert webkit.run(VALUE, "name") == "Kai"
    click(webkit, ".summary a[href='#email']")
    keys(webkit, "kai@example.org")
    assert webkit.run(VALUE, "email") == "kai@example.org"


def join(webkit: WebKit, live: Live, address: str) -> str:
    """Tech Kaki by keys and pointer in turn, first with a mistake; the heading that it ends on."""
    webkit.open(live.at(TECH_KAKI, ENGLISH), rendering=PHONE)
    click(webkit, "#name")
    keys(webkit, "Kai", Keys.ENTER)  # sent too early
    until(
        webkit, "return document.title.startsWith('Error: ') && document.querySelector('.summary')"
    )
    assert webkit.run(VALUE, "name") == "Kai"
    click(webkit, "#email")
    keys(webkit, address)
    click(webkit, "label[for=sessions-0]")
    click(webkit, "#consent")
    click(webkit, BUTTON)
    until(webkit, "return location.pathname.endsWith('/sent/') && document.querySelector('h1')")
    return str(webkit.driver.find_element(By.TAG_NAME, "h1").text)


def test_one_joins_with_pointer_and_keys(webkit: WebKit, live: Live) -> None:
    wanted = said(live, ENGLISH, "Check your e-mail")
    assert join(webkit, live, "webkit@example.org") == wanted
    confirmed = said(live, ENGLISH, "Your e-mail address is confirmed")
    webkit.open(live.mailed_link("webkit@example.org", "confirm"))
    click(webkit, "main form .button")
    until(webkit, "return document.querySelector('h1').textContent === arguments[0]", confirmed)


def test_one_joins_without_script(plain: WebKit, live: Live) -> None:
    assert join(plain, live, "plain-webkit@example.org") == said(live, ENGLISH, "Check your e-mail")
