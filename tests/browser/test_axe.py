"""axe-core finds nothing on any page, in any language, at either width, in either scheme."""

from __future__ import annotations

from browser.audit import Tally, audit_everywhere
from browser.chrome import Browser
from browser.live import Live
from cocreate.languages import Language
from cocreate.pages import Page
from matrix import every_page


@every_page
def test_axe_finds_nothing(
    browser: Browser, live: Live, tally: Tally, faults: list[str], page: Page, language: Language
) -> None:
    browser.look_at(live.at(page, language))
    faults += audit_everywhere(browser, tally)
