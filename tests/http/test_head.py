"""What stands in a page's head for others than its reader: previews, phones, search engines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cocreate.config import ROOT, load_config
from cocreate.freeze.freeze import freeze
from cocreate.languages import LANGUAGES, Language
from cocreate.pages import Page
from cocreate.urls import page_path
from cocreate.web.assets import ICONS
from documents import Document
from matrix import every_page

# Out of the published list of og:locale.
PUBLISHED = {"en": "en_GB", "zh": "zh_CN", "ms": "ms_MY", "ta": "ta_IN"}


def metas(html: str, key: str, name: str) -> list[str]:
    found = [e.attrib for e in Document(html).elements if e.tag == "meta"]
    return [str(meta["content"]) for meta in found if meta.get(key) == name]


@every_page
def test_previews_know_the_language(visitor: FlaskClient, page: Page, language: Language) -> None:
    html = visitor.get("/" + page_path(page, language)).text
    others = [PUBLISHED[other.slug] for other in LANGUAGES if other != language]
    assert metas(html, "property", "og:locale") == [PUBLISHED[language.slug]]
    assert metas(html, "property", "og:locale:alternate") == others
    assert metas(html, "name", "twitter:card") == ["summary_large_image"]


def test_the_browser_around_the_page_has_its_colour(visitor: FlaskClient) -> None:
    """In both schemes, the paper's."""
    css = (ROOT / "static/css/site.css").read_text(encoding="utf-8")
    light, dark = re.findall(r"--paper: (#\w+);", css)[:2]
    assert metas(visitor.get("/en/").text, "name", "theme-color") == [light, dark]


@pytest.mark.parametrize("name", ICONS)
def test_icons_answer_by_the_names_that_are_asked_for(visitor: FlaskClient, name: str) -> None:
    answer = visitor.get(f"/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("image/")


def test_the_chooser_of_the_copy_is_its_own_canonical(tmp_path: Path) -> None:
    freeze(load_config({"COCREATE_SITE_URL": "https://example.org/sub/"}), tmp_path / "copy")
    html = (tmp_path / "copy/index.html").read_text(encoding="utf-8")
    links = [e.attrib for e in Document(html).elements if e.tag == "link"]
    own = {"https://example.org/sub/"}
    assert {link["href"] for link in links if link["rel"] == "canonical"} == own
    assert {link["href"] for link in links if link.get("hreflang") == "x-default"} == own
    assert set(metas(html, "property", "og:url")) == own
    for name in ICONS:
        assert (tmp_path / "copy" / name).is_file()


@every_page
def test_drawings_keep_their_size_without_style(
    visitor: FlaskClient, page: Page, language: Language
) -> None:
    for svg in Document(visitor.get("/" + page_path(page, language)).text).elements:
        if svg.tag == "svg":
            assert 0 < float(svg.attrib["width"]) <= 240, svg.attrib
            assert 0 < float(svg.attrib["height"]) <= 240, svg.attrib


def test_the_trap_is_unseen_without_style(visitor: FlaskClient) -> None:
    html = visitor.get("/en/join/stack/").text
    trap = next(e for e in Document(html).elements if e.attrib.get("class") == "trap")
    assert "hidden" in trap.attrib
