"""Safari's engine: every page in every language, and how one joins."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser.audit import CONTRAST, EVERY_RULE, audit
from browser.engine import Rendering
from browser.journey import said
from browser.live import Live
from browser.states import BUTTON, CONFIRM, STACK, Visit, soon
from browser.test_keyboard import arrow_ring
from browser.webkit import WebKit
from cocreate.languages import BY_SLUG, ENGLISH, Language
from cocreate.pages import BY_NAME, Page
from matrix import every_language, every_page

TECH_KAKI = BY_NAME["join-tech-kaki"]
NARROW, PHONE, WIDE = (Rendering(width, 900) for width in (320, 390, 1280))
LAYOUT = (("overflow",), ("torn",), ("clipped",), ("overlaps",), ("targets", 44), ("pairs", 7))
# Contrast in pixels needs a picture of the whole page, which this driver does not take.
NO_PIXELS: dict[str, Any] = {
    **EVERY_RULE,
    "rules": EVERY_RULE["rules"] | {rule: {"enabled": False} for rule in CONTRAST},
}
HEADED = "return document.querySelector('h1')?.textContent.trim() === arguments[0]"
# Where the ages stand, two digits each.
DIGITS = """document.querySelector('#age_band-field').scrollIntoView({block: 'center'});
return [...document.querySelectorAll('#age_band-field .choice')].flatMap(label => {
  const words = label.lastChild, range = document.createRange();
  return [...words.data.matchAll(/[0-9]{2}/g)].map(({ index }) => {
    range.setStart(words, index);
    range.setEnd(words, index + 2);
    const { x, y, width, height } = range.getBoundingClientRect();
    return { x, y, width, height };
  });
});"""


@pytest.fixture(scope="module")
def plain(webkit: WebKit) -> Iterator[WebKit]:
    """The engine with the page's scripts off; after ``webkit``, which knows whether it is there."""
    started = WebKit("--plain")
    yield started
    started.quit()


def click(webkit: WebKit, selector: str) -> None:
    found = webkit.driver.find_element(By.CSS_SELECTOR, selector)
    webkit.run("arguments[0].scrollIntoView({block: 'center'})", found)
    ActionChains(webkit.driver, duration=0).move_to_element(found).click().perform()


def until(webkit: WebKit, script: str, *arguments: Any) -> None:
    soon(webkit, lambda: webkit.run(script, *arguments))


@every_page
def test_nothing_is_wrong_in_webkit(
    webkit: WebKit, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    """Torn words, sideways and sizes on phones and on a desktop; axe on the last."""
    webkit.open(live.at(page, language), rendering=NARROW)
    for rendering in (NARROW, PHONE, WIDE):
        webkit.show_in(rendering)
        faults += webkit.probes(*LAYOUT)
    faults += audit(webkit, NO_PIXELS)


def test_chinese_digits_stand_side_by_side(webkit: WebKit, live: Live) -> None:
    """In pixels: with ``text-autospace`` the engine prints one over the other."""
    webkit.open(live.at(TECH_KAKI, BY_SLUG["zh"]), rendering=PHONE)
    ages = webkit.run(DIGITS)
    assert len(ages) == 8
    # The first picture may come before its page.
    soon(webkit, lambda: all(digits_in(webkit.picture(age)) == 2 for age in ages))


def digits_in(picture: bytes) -> int:
    """Shapes side by side, each as wide as a digit; what looks in from the neighbours is less."""
    image = Image.open(BytesIO(picture)).convert("L")
    columns = [image.crop((x, 0, x + 1, image.height)) for x in range(image.width)]
    inked = "".join("#" if column.getextrema()[0] < 160 else " " for column in columns)  # type: ignore[operator]
    return sum(len(shape) >= 5 for shape in inked.split())


def test_a_choice_reached_by_arrow_has_a_ring_in_webkit(webkit: WebKit, live: Live) -> None:
    """The engine does not count it as ``:focus-visible``."""
    assert arrow_ring(webkit, live) == ["radio", "3px"]


@every_language
def test_what_is_typed_after_a_summary_link_lands_in_its_field(
    webkit: WebKit, live: Live, language: Language
) -> None:
    """By pointer and by keys. The engine alone shows the ring there, and loses the letters."""
    visit = Visit(webkit, live, language)
    webkit.open(live.at(STACK, language), rendering=PHONE)
    click(webkit, BUTTON)
    until(webkit, "return document.activeElement.getAttribute('role') === 'alert'")
    webkit.press(Keys.TAB, Keys.ENTER)
    until(webkit, "return document.activeElement.id === 'name'")
    webkit.press("Kai")
    assert visit.holds("name") == "Kai"
    click(webkit, ".summary a[href='#email']")
    webkit.press("kai@example.org")
    assert visit.holds("email") == "kai@example.org"


def join(webkit: WebKit, live: Live, address: str) -> Visit:
    """Tech Kaki by keys and pointer in turn, first with a mistake."""
    visit = Visit(webkit, live, ENGLISH)
    webkit.open(live.at(TECH_KAKI, ENGLISH), rendering=PHONE)
    click(webkit, "#name")
    webkit.press("Kai", Keys.ENTER)  # sent too early
    until(
        webkit, "return document.title.startsWith('Error: ') && document.querySelector('.summary')"
    )
    assert visit.holds("name") == "Kai"
    click(webkit, "#email")
    webkit.press(address)
    click(webkit, "label[for=sessions-0]")
    click(webkit, "#consent")
    click(webkit, BUTTON)
    until(webkit, HEADED, said(visit, "Check your e-mail"))
    return visit


def test_one_joins_with_pointer_and_keys(webkit: WebKit, live: Live) -> None:
    visit = join(webkit, live, "webkit@example.org")
    webkit.open(live.mailed_link("webkit@example.org", "confirm"))
    click(webkit, CONFIRM)
    until(webkit, HEADED, said(visit, "Your e-mail address is confirmed"))


def test_one_joins_without_script(plain: WebKit, live: Live) -> None:
    join(plain, live, "plain-webkit@example.org")
