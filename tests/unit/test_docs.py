"""The docs agree with the code: settings, links, commands of make, tests that they lean on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cocreate.config import KNOWN, PREFIX, ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("translations/*.md")])
every_doc = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
# https://www.w3.org/TR/WCAG22/, level AAA (1.2.6 to 1.2.9 stand in one row)
CRITERIA = (
    "1.2.6 1.3.6 1.4.6 1.4.7 1.4.8 1.4.9 2.1.3 2.2.3 2.2.4 2.2.5 2.2.6 2.3.2 2.3.3 2.4.8 2.4.9"
    " 2.4.10 2.4.12 2.4.13 2.5.5 2.5.6 3.1.3 3.1.4 3.1.5 3.1.6 3.2.5 3.3.5 3.3.6 3.3.9"
).split()


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_the_settings_page_lists_exactly_the_settings() -> None:
    listed = set(re.findall(rf"^\| `({PREFIX}\w+)`", read("docs/settings.md"), re.MULTILINE))
    assert listed == {PREFIX + name.upper() for name in KNOWN}


@every_doc
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    targets = re.findall(r"\]\((?!\w+:)([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@every_doc
def test_every_make_command_exists(page: Path) -> None:
    known = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE)) <= known


@pytest.mark.parametrize("page", ["docs/security.md", "docs/accessibility.md"])
def test_every_test_that_it_leans_on_exists(page: str) -> None:
    tests = "\n".join(file.read_text("utf-8") for file in ROOT.glob("tests/**/test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", read(page)))
    assert len(named) > 40
    assert named - set(re.findall(r"^def (test_\w+)", tests, re.MULTILINE)) == set()
    files = re.findall(r"`(tests/\S+)`", read(page))
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_every_criterion_of_level_aaa_has_its_row() -> None:
    rows = re.findall(r"^\| ([\d.]+) ", read("docs/accessibility.md"), re.MULTILINE)
    assert set(CRITERIA) - set(rows) == set()
