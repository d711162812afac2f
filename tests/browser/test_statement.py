"""The last of the browser tests: the accessibility statement tells what this run has seen."""

from __future__ import annotations

import tomllib

import pytest

from browser.audit import Tally
from browser.audited import FILE, as_toml, behind, figures
from browser.chrome import Browser


def test_the_statement_tells_what_was_audited(
    request: pytest.FixtureRequest, browser: Browser, tally: Tally, versions: dict[str, str]
) -> None:
    """Left out of a run of some tests only; ``make audited`` writes the figures anew."""
    if request.session.testsfailed:
        return  # a test that failed audited less than it would have
    seen = figures(browser, tally)
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    if request.config.getoption("audited"):
        told |= seen | versions  # what this machine lacks keeps the version that took part last
        FILE.write_text(as_toml(told), encoding="utf-8")
    if wrong := behind(told, seen):
        pytest.fail(f"{'; '.join(wrong)}: run 'make renew'", pytrace=False)
