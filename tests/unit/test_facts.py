"""Figures and links stand in one file, each is used, and nothing else is."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from browser.engine import AXE, RENDERINGS
from browser.states import ERRORS, STATES
from cocreate.communities import COMMUNITIES
from cocreate.config import PACKAGE, ROOT
from cocreate.facts import NAMES
from cocreate.languages import LANGUAGES
from cocreate.pages import PAGES

FILE = PACKAGE / "facts.toml"
RAW: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
TEMPLATES = "".join(f.read_text(encoding="utf-8") for f in (ROOT / "templates").rglob("*.html"))
EACH: dict[str, Any] = {
    f"{group}.{name}": value
    for group, items in RAW.items()
    if group != "names"
    for name, value in items.items()
}


def test_every_fact_is_shown_somewhere() -> None:
    links = {link.address for community in COMMUNITIES for link in community.links}
    asked = {key for key in EACH if f"facts.{key}" in TEMPLATES}
    assert [key for key, value in EACH.items() if key not in asked and value not in links] == []


def test_the_statement_claims_no_more_than_is_audited() -> None:
    told = tomllib.loads((PACKAGE / "audited.toml").read_text(encoding="utf-8"))
    assert [key for key in told if f"audited.{key}" not in TEMPLATES] == []
    everywhere = len(PAGES) + len(STATES) - len(ERRORS)
    looked_at = len(LANGUAGES) * everywhere + len(ERRORS) + 1  # errors in one language each
    counted = {"states": looked_at, "languages": len(LANGUAGES), "renderings": len(RENDERINGS)}
    assert [name for name, most in counted.items() if told[name] > most] == [], "audited.toml"
    assert f"axe v{told['axe']}" in AXE.read_text("utf-8")[:100]


def test_no_template_writes_a_year_or_an_outside_address_itself() -> None:
    """The catalogue's date and the licences' own addresses aside."""
    shown = re.sub(r"\{#.*?#\}", "", TEMPLATES, flags=re.DOTALL)
    assert re.findall(r"\b(?:19|20)\d\d\b", shown) == []
    assert re.findall(r'href="(https?://[^"{]+)', TEMPLATES) == []


def test_links_are_https() -> None:
    links = [value for value in map(str, EACH.values()) if "://" in value]
    assert len(links) >= 5
    assert all(link.startswith("https://") for link in links)


def test_no_name_stands_twice() -> None:
    assert len(set(NAMES)) == len(NAMES)
