"""What a visit costs, and what the browser has to complain about: nothing."""

from __future__ import annotations

from itertools import count

import pytest

from browser.chrome import Browser
from browser.engine import DESKTOP, PHONE
from browser.live import Live
from cocreate.languages import Language
from cocreate.pages import Page
from matrix import pages_in_turn

VISITS = count(1)  # each visit has an address of its own, and so have its requests


@pages_in_turn
def test_a_first_visit_costs_three_requests_and_nothing_jumps(
    browser: Browser, live: Live, page: Page, language: Language
) -> None:
    """Page, style sheet, icon; only form pages load a script, their own. No error, no breach of
    the policy, no layout shift, to the end of the page.
    """
    browser.console()
    with browser.without_cache():
        for rendering in (PHONE, DESKTOP):
            address = f"{live.at(page, language)}?visit={next(VISITS)}"
            browser.open("about:blank", rendering=rendering)  # another test's widths, letters end
            browser.open(address, rendering=rendering)
            browser.run("scrollTo(0, document.body.scrollHeight)")
            browser.run("scrollTo(0, 0)")
            # To thousandths, as it is reported: text may be painted a frame after its box.
            assert round(browser.run("return probe.shift()"), 3) == 0, str(rendering)
            asked = live.asked_by(address)
            scripts = [path for path in asked if path.endswith(".js")]
            if 1 + len(asked) - len(scripts) > 3:
                pytest.fail(f"the page and {', '.join(asked)}", pytrace=False)
            assert any(path.endswith(".css") for path in asked), "told apart by their page"
            assert not scripts or page.form, scripts
            assert all("static" in path for path in scripts)
    assert browser.console() == []


def test_the_manifest_is_let_in_by_the_policy(browser: Browser, live: Live) -> None:
    """Without a directive of its own, which WebKitGTK would complain about on each page."""
    browser.open(live.url + "en/")
    browser.console()
    manifest = browser.cdp("Page.getAppManifest")
    assert manifest["errors"] == []
    assert '"start_url"' in manifest["data"]
    assert browser.console() == []
