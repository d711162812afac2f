"""The docs agree with the code: settings, links, commands of make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cocreate.config import KNOWN, PREFIX

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("translations/*.md")])
every_doc = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def test_the_settings_page_lists_exactly_the_settings() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    listed = set(re.findall(rf"^\| `({PREFIX}\w+)`", text, re.MULTILINE))
    assert listed == {PREFIX + name.upper() for name in KNOWN}


@every_doc
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    targets = re.findall(r"\]\((?!\w+:)([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@every_doc
def test_every_make_command_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    known = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = re.findall(r"(?:`|^)make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE)
    assert set(named) <= known


def test_every_test_that_security_leans_on_exists() -> None:
    named = re.findall(r"`(test_\w+)`", (ROOT / "docs/security.md").read_text("utf-8"))
    files = [file.read_text("utf-8") for file in ROOT.glob("tests/*/test_*.py")]
    written = set(re.findall(r"^def (test_\w+)", "\n".join(files), re.MULTILINE))
    assert len(named) > 40
    assert [name for name in named if name not in written] == []
