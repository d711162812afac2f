"""docs/accessibility.md names only tests that exist, and leaves out no criterion of level AAA."""

from __future__ import annotations

import re

import pytest

from cocreate.config import ROOT

PAGE = (ROOT / "docs" / "accessibility.md").read_text(encoding="utf-8")
TESTS = {
    name
    for file in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
}
# https://www.w3.org/TR/WCAG22/, level AAA (1.2.6 to 1.2.9 stand in one row)
CRITERIA = (
    "1.2.6 1.3.6 1.4.6 1.4.7 1.4.8 1.4.9 2.1.3 2.2.3 2.2.4 2.2.5 2.2.6 2.3.2 2.3.3 2.4.8 2.4.9"
    " 2.4.10 2.4.12 2.4.13 2.5.5 2.5.6 3.1.3 3.1.4 3.1.5 3.1.6 3.2.5 3.3.5 3.3.6 3.3.9"
).split(" ")


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(test_\w+)`", PAGE))))
def test_a_test_that_is_named_exists(name: str) -> None:
    assert name in TESTS


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(tests/\S+)`", PAGE))))
def test_a_file_that_is_named_exists(name: str) -> None:
    assert (ROOT / name).exists()


@pytest.mark.parametrize("criterion", CRITERIA)
def test_every_criterion_has_a_row(criterion: str) -> None:
    assert re.search(rf"^\| {re.escape(criterion)} ", PAGE, re.MULTILINE)
