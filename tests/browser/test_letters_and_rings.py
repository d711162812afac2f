"""What one engine would hide: digits among Chinese, and the ring of a choice reached by arrow."""

from __future__ import annotations

from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser.chrome import Browser
from browser.engine import Engine
from browser.firefox import Firefox
from browser.live import Live
from cocreate.languages import BY_SLUG, ENGLISH
from cocreate.pages import BY_NAME, PAGES

# WebKit prints digits over Chinese with the one, and tears Tamil words with the other.
SPACED = """const wrong = ['normal', 'insert', 'pretty'];
  const asks = e => ['text-autospace', 'text-wrap-style'].some(
    name => wrong.includes(getComputedStyle(e).getPropertyValue(name)));
  return [...document.querySelectorAll('*')].filter(asks).map(probe.describe)"""
RINGED = "const e = document.activeElement; return [e.type, getComputedStyle(e).outlineWidth]"


def test_no_sheet_asks_for_what_webkit_prints_wrong(
    browser: Browser, live: Live, faults: list[str]
) -> None:
    for page in PAGES:
        browser.open(live.at(page, BY_SLUG["zh"]))
        faults += [f"{browser.page}: {fault}" for fault in browser.run(SPACED)]


def arrow_ring(engine: Engine, live: Live) -> list[str]:
    engine.open(live.at(BY_NAME["join-stack"], ENGLISH))
    engine.driver.find_element(By.ID, "role-0").click()
    ActionChains(engine.driver).send_keys(Keys.ARROW_DOWN).perform()
    return engine.run(RINGED)  # type: ignore[no-any-return]


def test_a_choice_reached_by_arrow_has_a_ring(
    browser: Browser, firefox: Firefox, live: Live
) -> None:
    assert arrow_ring(browser, live) == ["radio", "3px"]
    assert arrow_ring(firefox, live) == ["radio", "3px"]
