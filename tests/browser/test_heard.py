"""What a screen reader says is what was approved: a change in it shows up in review."""

from __future__ import annotations

import difflib

import pytest

from browser.chrome import Browser
from browser.live import Live
from browser.states import Visit
from cocreate.languages import Language
from heard import APPROVED, FOLDER, approved, heard

MEND = "If this is meant to be heard: make renew, and have the diff reviewed."


def compare(now: str, before: str, name: str) -> str:
    """A readable difference; empty if there is none."""
    lines = difflib.unified_diff(
        before.splitlines(), now.splitlines(), f"{name} as approved", "as heard now", lineterm=""
    )
    return "\n".join(lines)


@pytest.mark.parametrize(("state", "language"), APPROVED)
def test_it_is_heard_as_approved(
    browser: Browser, live: Live, faults: list[str], state: str, language: Language
) -> None:
    file = approved(state, language)
    now = heard(Visit(browser, live, language), browser, state)
    if changed := compare(now, file.read_text(encoding="utf-8"), file.name):
        faults += [changed, MEND]


def test_no_transcript_is_left_over() -> None:
    assert set(FOLDER.iterdir()) == {approved(*each) for each in APPROVED}
