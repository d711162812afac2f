"""Every page in every language obeys the rules of checks.py."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from checks import check_page
from cocreate.languages import LANGUAGES, Language
from cocreate.pages import PAGES, Page
from cocreate.urls import page_path
from documents import Document, text_of
from matrix import every_language, every_page


@every_page
def test_it_obeys_every_rule(
    site: Flask, visitor: FlaskClient, page: Page, language: Language
) -> None:
    answer = visitor.get("/" + page_path(page, language))
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    with site.test_request_context():
        check_page(answer.text, page, language)


@every_language
def test_titles_and_descriptions_are_the_page_s_own(
    visitor: FlaskClient, language: Language
) -> None:
    pages = [Document(visitor.get("/" + page_path(p, language)).text) for p in PAGES]
    titles = {text_of(d.all("title")[0]) for d in pages}
    descriptions = {e.attrib["content"] for d in pages for e in d.named_meta("description")}
    assert len(titles) == len(descriptions) == len(PAGES)


@every_page
def test_the_switcher_stays_on_the_page(
    visitor: FlaskClient, page: Page, language: Language
) -> None:
    """Each language is named in itself, with ``lang``; the current one is marked."""
    document = Document(visitor.get("/" + page_path(page, language)).text)
    named = {
        e.attrib["lang"]: text_of(e)
        for e in document.all("a", "button", "span")
        if text_of(e) in {other.own_name for other in LANGUAGES} and "lang" in e.attrib
    }
    assert named == {other.tag: other.own_name for other in LANGUAGES}
    current = [e for e in document.elements if e.attrib.get("aria-current") == "true"]
    assert [text_of(e) for e in current] == [language.own_name]


@every_page
def test_every_link_on_it_leads_somewhere(
    visitor: FlaskClient, page: Page, language: Language
) -> None:
    """Links within the site answer 200; HEAD of an asset too."""
    path = "/" + page_path(page, language)
    for address in Document(visitor.get(path).text).references(path):
        assert visitor.head(address).status_code == 200, address
