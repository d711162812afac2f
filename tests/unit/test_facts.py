"""Figures and links stand in one file, each is used, and nothing else is."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from browser.engine import AXE, RENDERINGS
from browser.states import ERRORS, STATES
from cocreate.communities import COMMUNITIES
from cocreate.config import HERE, ROOT
from cocreate.facts import FACTS, NAMES
from cocreate.languages import LANGUAGES
from cocreate.pages import PAGES

FILE = HERE / "facts.toml"
RAW: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
TEMPLATES = "".join(f.read_text(encoding="utf-8") for f in (ROOT / "templates").rglob("*.html"))
KEYS = [f"{group}.{key}" for group, items in RAW.items() if group != "names" for key in items]


@pytest.mark.parametrize("key", KEYS)
def test_every_fact_is_shown_somewhere(key: str) -> None:
    group, name = key.split(".")
    shown_as_link = {link.address for community in COMMUNITIES for link in community.links}
    assert f"facts.{key}" in TEMPLATES or RAW[group][name] in shown_as_link


def test_the_statement_counts_what_is_audited() -> None:
    """Errors in one language each, and the door of the static copy; the rest in every language."""
    told = tomllib.loads((HERE / "audited.toml").read_text(encoding="utf-8"))
    assert [key for key in told if f"audited.{key}" not in TEMPLATES] == []
    everywhere = len(PAGES) + len(STATES) - len(ERRORS)
    assert told["states"] == len(LANGUAGES) * everywhere + len(ERRORS) + 1
    assert told["languages"] == len(LANGUAGES)
    assert told["renderings"] == len(RENDERINGS)
    assert f"axe v{told['axe']}" in AXE.read_text("utf-8")[:100]


def test_no_template_asks_for_another() -> None:
    asked = set(re.findall(r"\bfacts\.(\w+\.\w+)", TEMPLATES))
    assert asked <= set(KEYS)


def test_no_template_writes_a_year_or_an_outside_address_itself() -> None:
    """The catalogue's date and the licences' own addresses aside."""
    assert re.findall(r"\b(?:19|20)\d\d\b", without_comments(TEMPLATES)) == []
    outside = re.findall(r'href="(https?://[^"{]+)', TEMPLATES)
    assert outside == []


def without_comments(source: str) -> str:
    return re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)


def test_links_are_https() -> None:
    links = [v for items in RAW.values() if isinstance(items, dict) for v in items.values()]
    links = [link for link in links if isinstance(link, str) and "://" in link]
    assert len(links) >= 5
    assert all(link.startswith("https://") for link in links)


def test_a_fact_is_reached_by_its_name() -> None:
    assert FACTS.stack.members == RAW["stack"]["members"] == 5000
    assert FACTS.tech_kaki.members == 7000


def test_no_name_stands_twice() -> None:
    assert len(set(NAMES)) == len(NAMES)
