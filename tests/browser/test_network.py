"""What a visit costs, and what the browser has to complain about: nothing."""

from __future__ import annotations

import pytest

from browser.chrome import Browser
from browser.engine import DESKTOP, PHONE
from browser.live import Live
from cocreate.catalogue import Page
from cocreate.languages import Language
from matrix import every_page


@every_page
def test_it_loads_in_three_requests_without_script(
    browser: Browser, live: Live, page: Page, language: Language
) -> None:
    """On a first visit: page, style sheet, icon. Only form pages load a script, their own."""
    browser.cdp("Network.clearBrowserCache")
    browser.open("about:blank")
    live.requests.clear()
    browser.open(live.at(page, language))
    loaded = list(live.requests)
    scripts = [address for address in loaded if address.endswith(".js")]
    if len(loaded) - len(scripts) > 3:
        pytest.fail(f"{len(loaded)} requests: {', '.join(loaded)}", pytrace=False)
    assert not scripts or page.form, scripts
    assert all("static" in address for address in scripts)


@every_page
def test_the_console_stays_empty_and_nothing_jumps(
    browser: Browser, live: Live, page: Page, language: Language
) -> None:
    """No error, no breach of the policy, no layout shift, to the end of the page."""
    browser.console()
    for rendering in (PHONE, DESKTOP):
        browser.open(live.at(page, language), rendering=rendering)
        browser.run("scrollTo(0, document.body.scrollHeight)")
        browser.run("scrollTo(0, 0)")
        # To thousandths, as it is reported: on a busy machine, text may come a frame after its box.
        assert round(browser.run("return probe.shift()"), 3) == 0, str(rendering)
    assert browser.console() == []
