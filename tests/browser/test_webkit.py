"""Safari's engine: every page at three widths, and how one joins, by pointer and by keys."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from browser.audit import EVERY_RULE, Tally, audit
from browser.engine import Rendering
from browser.live import Live
from browser.states import BUTTON
from browser.test_journey import said
from browser.webkit import WebKit
from cocreate.languages import BY_SLUG, ENGLISH, LANGUAGES, Language
from cocreate.pages import BY_NAME, Page
from matrix import every_page

STACK, TECH_KAKI = BY_NAME["join-stack"], BY_NAME["join-tech-kaki"]
CHINESE = BY_SLUG["zh"]
WIDTHS = tuple(Rendering(width, 900) for width in (320, 390, 1280))
LAYOUT = (("overflow",), ("torn",), ("clipped",), ("overlaps",), ("targets", 44), ("pairs", 7))
# Contrast in pixels needs a picture of the whole page, which this driver does not take.
NO_PIXELS: dict[str, Any] = {
    **EVERY_RULE,
    "rules": EVERY_RULE["rules"]
    | {"color-contrast": {"enabled": False}, "color-contrast-enhanced": {"enabled": False}},
}
VALUE = "return document.getElementById(arguments[0]).value"
# The digits of the page: each run, and where it stands.
DIGITS = r"""
const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const { data, parentElement: e } = walk.currentNode, range = document.createRange();
  if (!e.checkVisibility() || !e.closest("main")) continue;
  for (const { 0: word, index } of data.matchAll(/\d{2,}/g)) {
    range.setStart(walk.currentNode, index);
    range.setEnd(walk.currentNode, index + word.length);
    const { left: x, top, width, height } = range.getBoundingClientRect();
    if (width > 2) found.push([word, e, { x, y: top + scrollY, width, height }]);
  }
}
return found;"""
ALONE = """
const { fontFamily, fontSize, fontWeight, letterSpacing } = getComputedStyle(arguments[0]);
const alone = document.createElement("b");
Object.assign(alone, { id: "alone", textContent: arguments[1] });
Object.assign(alone.style, { position: "fixed", inset: "0 auto auto 0", zIndex: 9, padding: "4px",
  lineHeight: 1.5,
  background: "#fff", color: "#000", fontFamily, fontSize, fontWeight, letterSpacing });
document.body.append(alone);
const { width, height } = alone.getBoundingClientRect();
return { x: 0, y: 0, width, height };"""


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


@every_page
def test_nothing_is_wrong_in_webkit(
    webkit: WebKit, live: Live, third: Tally, faults: list[str], page: Page, language: Language
) -> None:
    """Torn words, sideways, sizes and contrast at three widths; every rule of axe at two."""
    webkit.open(live.at(page, language), rendering=WIDTHS[0])
    for rendering in WIDTHS:
        webkit.show_in(rendering)
        faults += webkit.probes(*LAYOUT)
        if rendering is not WIDTHS[1]:
            faults += audit(webkit, third, NO_PIXELS)


@pytest.mark.parametrize("page", [STACK, TECH_KAKI, BY_NAME["privacy"]], ids=lambda p: p.name)
def test_chinese_digits_stand_side_by_side(
    webkit: WebKit, live: Live, faults: list[str], page: Page
) -> None:
    """In pixels: as wide in their sentence as alone. A space set before them printed them over."""
    webkit.open(live.at(page, CHINESE), rendering=WIDTHS[1])
    found = webkit.run(DIGITS)
    assert found
    for word, element, place in found:
        webkit.run("scrollTo(0, arguments[0] - 300)", place["y"])
        inside = place | {"y": place["y"] - webkit.run("return scrollY")}
        seen = columns(webkit.picture(inside))
        alone = columns(webkit.picture(webkit.run(ALONE, element, word)))
        webkit.run("document.getElementById('alone').remove()")
        if abs(seen - alone) > 2:
            faults.append(f"“{word}” has ink over {seen}px in its sentence, {alone}px alone")


def columns(picture: bytes) -> int:
    """From the first to the last column that has ink."""
    image = Image.open(BytesIO(picture)).convert("L")
    ground = max(image.getcolors(image.width * image.height) or [])[1]
    marked = image.point(lambda value: 255 if abs(value - ground) > 60 else 0).getbbox()
    return marked[2] - marked[0] if marked else 0


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda found: found.slug)
def test_what_is_typed_after_a_summary_link_lands_in_its_field(
    webkit: WebKit, live: Live, language: Language
) -> None:
    """By pointer and by keys. The engine alone shows the ring there, and loses the letters."""
    webkit.open(live.at(STACK, language), rendering=WIDTHS[1])
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
    webkit.open(live.at(TECH_KAKI, ENGLISH), rendering=WIDTHS[1])
    click(webkit, "#name")
    keys(webkit, "Kai", Keys.ENTER)  # sent too early
    until(
        webkit, "return document.title.startsWith('Error: ') && document.querySelector('.summary')"
    )
    assert webkit.run(VALUE, "name") == "Kai"
    click(webkit, "#email")
    keys(webkit, address)
    click(webkit, "label[for=sessions-0]")
    click(webkit, "label[for=spoken-0]")
    click(webkit, "#consent")
    click(webkit, BUTTON)
    until(webkit, "return location.pathname.endsWith('/sent/') && document.querySelector('h1')")
    return str(webkit.driver.find_element(By.TAG_NAME, "h1").text)


def test_one_joins_with_pointer_and_keys(webkit: WebKit, live: Live) -> None:
    wanted = said(live, ENGLISH, "Check your e-mail")
    assert join(webkit, live, "webkit@example.org") == wanted
    webkit.open(live.mailed_link("webkit@example.org", "confirm"))
    click(webkit, "main form .button")
    until(webkit, "return document.querySelector('h1').textContent.startsWith('Welcome')")


def test_one_joins_without_script(plain: WebKit, live: Live) -> None:
    assert join(plain, live, "plain-webkit@example.org") == said(live, ENGLISH, "Check your e-mail")
