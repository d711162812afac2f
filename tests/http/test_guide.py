"""The living style guide holds every component that a page uses (docs/design.md)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

import guide
from checks import check_document
from cocreate.app import create_app
from cocreate.config import Config
from cocreate.languages import ENGLISH, Language
from cocreate.pages import PAGES
from cocreate.urls import page_path
from documents import Document
from matrix import every_language

# What places a component on one page, or stands once on every page: no part of the guide.
PLACES = {
    *("wide", "split", "prose", "way", "ways", "yours", "formpage", "hero--form"),
    *("duo--crowd", "trap", "updated", "printed", "sending", "uses", "uses__form"),
}


@pytest.fixture(scope="module")
def reader(site_config: Config) -> Iterator[FlaskClient]:
    app = create_app(site_config)
    guide.init_app(app)
    with app.test_client() as client:
        yield client


def classes(html: str) -> set[str]:
    found = Document(html).elements
    return {name for e in found for name in e.attrib.get("class", "").split()}


@every_language
def test_it_obeys_the_rules_of_every_page(reader: FlaskClient, language: Language) -> None:
    check_document(reader.get(f"/{language.slug}/_guide/").text, language)


def test_pages_use_nothing_that_is_not_in_it(reader: FlaskClient, site: Flask) -> None:
    shown = classes(reader.get("/en/_guide/").text)
    with site.test_client() as visitor:
        used = {
            name: page.name
            for page in PAGES
            for name in classes(visitor.get("/" + page_path(page, ENGLISH)).text)
            if "art--" not in name and not name.startswith(("ground-", "page-", "formpage__"))
        }
    assert {name: page for name, page in used.items() if name not in shown | PLACES} == {}
