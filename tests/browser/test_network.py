"""What a visit costs, and what the browser has to complain about: nothing."""

from __future__ import annotations

import pytest

from browser.chrome import Browser
from browser.engine import DESKTOP, PHONE
from browser.live import Live
from cocreate.languages import Language
from cocreate.pages import Page
from matrix import every_page


@every_page
def test_a_first_visit_costs_three_requests_and_nothing_jumps(
    browser: Browser, live: Live, page: Page, language: Language
) -> None:
    """Page, style sheet, icon; only form pages load a script, their own. No error, no breach of
    the policy, no layout shift, to the end of the page.
    """
    browser.console()
    with browser.without_cache():
        for rendering in (PHONE, DESKTOP):
            live.requests.clear()
            browser.open(live.at(page, language), rendering=rendering)
            browser.run("scrollTo(0, document.body.scrollHeight)")
            browser.run("scrollTo(0, 0)")
            # To thousandths, as it is reported: text may be painted a frame after its box.
            assert round(browser.run("return probe.shift()"), 3) == 0, str(rendering)
            scripts = [address for address in live.requests if address.endswith(".js")]
            if len(live.requests) - len(scripts) > 3:
                many = f"{len(live.requests)} requests: {', '.join(live.requests)}"
                pytest.fail(many, pytrace=False)
            assert not scripts or page.form, scripts
            assert all("static" in address for address in scripts)
    assert browser.console() == []


def test_the_manifest_is_let_in_by_the_policy(browser: Browser, live: Live) -> None:
    """Without a directive of its own, which WebKitGTK would complain about on each page."""
    browser.open(live.url + "en/")
    browser.console()
    manifest = browser.cdp("Page.getAppManifest")
    assert manifest["errors"] == []
    assert '"start_url"' in manifest["data"]
    assert browser.console() == []
