"""A sentence that a catalogue lacks is English, and says so; it never fails a page."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from cocreate.app import create_app
from cocreate.config import Config
from cocreate.gettext import Translator, translator
from cocreate.languages import BY_SLUG, ENGLISH
from cocreate.pages import HOME
from documents import Document, text_of
from pseudo import Words

TAMIL = BY_SLUG["ta"]


@pytest.fixture
def own_site(site_config: Config) -> Flask:
    """A site of the test's own, whose catalogues it may spoil."""
    return create_app(site_config)


def spoil(app: Flask, message: str, translation: str | None) -> None:
    """Take ``message`` out of the Tamil catalogue, or replace what it says."""
    with app.test_request_context():
        words = Words({message: translation or ""}, translator(TAMIL).translations)
    app.extensions["cocreate.translators"][TAMIL.slug] = Translator(TAMIL, words)


def test_a_missing_heading_is_marked_english(own_site: Flask) -> None:
    spoil(own_site, HOME.title, None)
    answer = own_site.test_client().get("/ta/")
    document = Document(answer.text)
    heading = document.all("h1")[0]
    assert answer.status_code == 200
    assert text_of(heading) == HOME.title
    marked = [e for e in heading.iter() if e.attrib.get("lang") == "en"]
    assert [text_of(e) for e in marked] == [HOME.title]


def test_a_missing_title_or_description_is_plain(own_site: Flask) -> None:
    spoil(own_site, HOME.title, None)
    spoil(own_site, HOME.description, None)
    document = Document(own_site.test_client().get("/ta/").text)
    assert text_of(document.all("title")[0]).startswith(f"{HOME.title} – ")
    assert [e.attrib["content"] for e in document.named_meta("description")] == [HOME.description]


@pytest.mark.parametrize("spoilt", [None, "Hundred %"])
def test_a_sentence_that_stands_in_a_template_is_found_missing(
    own_site: Flask, spoilt: str | None
) -> None:
    spoil(own_site, "What co-creation is", spoilt)
    shown = own_site.test_client().get("/ta/").text
    assert '<i lang="en">What co-creation is</i>' in shown


@pytest.mark.parametrize("broken", ["%(nothing)s", "%(date)d", "%(date", "%s %s", "100 %"])
def test_a_broken_placeholder_falls_back_to_english(own_site: Flask, broken: str) -> None:
    spoil(own_site, "Last updated: %(date)s", broken)
    answer = own_site.test_client().get("/ta/")
    assert answer.status_code == 200
    assert "Last updated: " in text_of(Document(answer.text).root)


def test_english_needs_no_catalogue(own_site: Flask) -> None:
    with own_site.test_request_context():
        assert translator(ENGLISH).gettext("Never seen before") == "Never seen before"


@pytest.mark.parametrize("slug", ["zh", "ms", "ta"])
def test_each_catalogue_is_really_loaded(own_site: Flask, slug: str) -> None:
    """A missing folder would silently be English everywhere."""
    with own_site.test_request_context():
        assert translator(BY_SLUG[slug]).translations.gettext(HOME.title)


@pytest.mark.parametrize("slug", ["zh", "ms", "ta"])
def test_nothing_on_a_page_falls_back(own_site: Flask, slug: str) -> None:
    """English inside a page of another language is a name (translate=no), never a lost sentence."""
    for page in ("", "stack/", "join/tech-kaki/", "feedback/", "nothing/"):
        html = own_site.test_client().get(f"/{slug}/{page}").text
        assert re.findall(r'<i lang="en">[^<]*', html) == [], page
