"""Where one is, where help is, and words that can be trusted: the AAA criteria of reading pages."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cocreate.facts import FACTS, NAMES
from cocreate.languages import ENGLISH, LANGUAGES, Language
from cocreate.pages import BY_NAME, PAGES, Page
from cocreate.urls import page_path
from documents import Document, name_of, text_of
from matrix import every_language, every_page

LONG = 150  # words; a text beyond this has sections
# Words in capitals that are no abbreviations to a reader: names, levels, licences.
KNOWN = {
    "NVDA",  # name of a program
    "STACK",
    "SG",
    "AA",
    "AAA",
    "MIT",
}


def opened(visitor: FlaskClient, page: Page, language: Language) -> Document:
    return Document(visitor.get("/" + page_path(page, language)).text)


@every_page
def test_it_says_where_one_is(visitor: FlaskClient, page: Page, language: Language) -> None:
    """WCAG 2.4.8: the page is marked in the menu or footer that lists it."""
    document = opened(visitor, page, language)
    current = [e for e in document.all("a") if e.attrib.get("aria-current") == "page"]
    assert len(current) == bool(page.place)


@every_language
def test_menu_footer_and_help_stand_in_the_same_place(
    visitor: FlaskClient, language: Language
) -> None:
    """WCAG 3.2.3, 3.2.4, 3.2.6: the same links in the same order on every page."""
    orders = set()
    for page in PAGES:
        document = opened(visitor, page, language)
        links = [e for nav in document.all("nav") for e in nav.iter("a")]
        own = {other.own_name for other in LANGUAGES}
        orders.add(tuple(name_of(e) for e in links if name_of(e) not in own))
        footer = [e.attrib["href"] for f in document.all("footer") for e in f.iter("a")]
        assert any("/feedback/" in href for href in footer)
    assert len(orders) == 1


@every_page
def test_a_long_text_has_sections(visitor: FlaskClient, page: Page, language: Language) -> None:
    """WCAG 2.4.10."""
    main = opened(visitor, page, language).all("main")[0]
    if len(text_of(main).split()) > LONG:
        assert [e for e in main.iter() if e.tag in ("h2", "legend")]


@every_page
def test_the_same_words_lead_to_the_same_place(
    visitor: FlaskClient, page: Page, language: Language
) -> None:
    """WCAG 2.4.9: a link is understood without what stands around it."""
    targets: dict[str, set[str]] = {}
    for link in opened(visitor, page, language).all("a"):
        targets.setdefault(name_of(link), set()).add(link.attrib["href"])
    assert {words: found for words, found in targets.items() if len(found) > 1} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_an_abbreviation_is_explained_where_it_first_stands(
    visitor: FlaskClient, page: Page
) -> None:
    """WCAG 3.1.4: written as “its long form (ABC)” or with <abbr title>."""
    main = opened(visitor, page, ENGLISH).all("main")[0]
    words = text_of(main)
    for name in sorted(NAMES, key=len, reverse=True):
        words = words.replace(name, "Name") if not name.isupper() else words
    used = set(re.findall(r"\b[A-Z]{2,}\b", words)) - KNOWN
    titled = {text_of(e) for e in main.iter("abbr") if e.attrib.get("title")}
    explained = {short for short in used if re.search(rf"\w \({short}\)", words)}
    assert used - titled - explained == set()


@every_language
@pytest.mark.parametrize(("name", "sources"), vars(FACTS.sources).items())
def test_who_says_so_stands_in_one_line_at_the_foot(
    visitor: FlaskClient, name: str, sources: list[str], language: Language
) -> None:
    page = opened(visitor, BY_NAME[name.replace("_", "-")], language)
    marks = [e for line in page.all("footer")[0].iter("p") for e in line.iter("i")]
    *_, marked = [e for e in marks if all(source in text_of(e) for source in sources)]
    assert marked.attrib["lang"] == "en"


def test_no_page_reloads_or_moves_on_by_itself(visitor: FlaskClient) -> None:
    """WCAG 2.2.4 and 3.2.5: nothing happens unasked."""
    for page in PAGES:
        document = opened(visitor, page, ENGLISH)
        assert not [e for e in document.all("meta") if "http-equiv" in e.attrib]


@every_language
@pytest.mark.parametrize("name", ["stack", "tech-kaki"])
def test_a_limit_of_time_is_told_beforehand(
    visitor: FlaskClient, name: str, language: Language
) -> None:
    """WCAG 2.2.6: how long the link works and how long unconfirmed data are kept."""
    words = text_of(Document(visitor.get(f"/{language.slug}/join/{name}/sent/").text).root)
    assert "48" in words
    assert re.search(r"(?<!\d)7(?!\d)", words)


def test_every_outside_link_says_that_it_leaves(site: Flask, visitor: FlaskClient) -> None:
    """In words, in every language, not by an arrow alone."""
    for language in LANGUAGES:
        for page in PAGES:
            for link in opened(visitor, page, language).all("a"):
                if link.attrib["href"].startswith("http"):
                    assert re.search(r"[(（]", name_of(link)), name_of(link)
                    assert "external" in link.attrib["rel"]
