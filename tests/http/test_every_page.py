"""Every page in every language: its rules, its head, its weight, its ways, how it is heard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client

import guide
from checks import PAGE_RULES, broken, check_document, check_page, metas
from cocreate.app import create_app
from cocreate.config import ROOT, Config
from cocreate.facts import FACTS, NAMES
from cocreate.languages import LANGUAGES, Language
from cocreate.pages import BY_NAME, HOME, PAGES, Page
from cocreate.urls import page_path
from cocreate.web.assets import ICONS
from documents import Document, name_of, text_of
from matrix import every_english_page, every_form, every_language, every_page
from sending import OURS, opened


@every_page
@pytest.mark.parametrize("client", ["visitor", "front"])
def test_it_obeys_every_rule(
    site: Flask, client: str, page: Page, language: Language, request: pytest.FixtureRequest
) -> None:
    """From Flask, and from the memory of the front, where it is as small as it gets."""
    answer = request.getfixturevalue(client).get("/" + page_path(page, language))
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    with site.test_request_context():
        check_page(answer.text, page, language)


def test_each_rule_of_a_page_finds_another_page(site: Flask, visitor: FlaskClient) -> None:
    """In another language, with a number that nobody knows and a menu too many."""
    html = visitor.get("/en/stack/").text.replace("</h1>", " 987</h1><nav></nav>")
    judged = (Document(html), BY_NAME["join-stack"], LANGUAGES[-1])
    with site.test_request_context():
        found = {fault.partition(":")[0] for fault in broken(PAGE_RULES, *judged)}
    assert found == {rule.__name__ for rule in PAGE_RULES}


@every_language
def test_titles_and_descriptions_are_the_page_s_own(
    visitor: FlaskClient, language: Language
) -> None:
    pages = [opened(visitor, page, language) for page in PAGES]
    titles = {text_of(d.all("title")[0]) for d in pages}
    descriptions = {e.attrib["content"] for d in pages for e in d.named_meta("description")}
    assert len(titles) == len(descriptions) == len(PAGES)


@every_page
def test_every_link_on_it_leads_somewhere(
    visitor: FlaskClient, page: Page, language: Language
) -> None:
    """Links within the site answer 200; HEAD of an asset too."""
    path = "/" + page_path(page, language)
    for address in opened(visitor, page, language).references(path):
        assert visitor.head(address).status_code == 200, address


def test_the_browser_around_the_page_has_its_colour(visitor: FlaskClient) -> None:
    """In both schemes, the paper's."""
    css = (ROOT / "static/css/site.css").read_text(encoding="utf-8")
    light, dark = re.findall(r"--paper: (#\w+);", css)[:2]
    assert metas(opened(visitor, HOME), "theme-color") == [light, dark]


@pytest.mark.parametrize("name", ICONS)
def test_icons_answer_by_the_names_that_are_asked_for(visitor: FlaskClient, name: str) -> None:
    answer = visitor.get(f"/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("image/")


def test_the_trap_is_unseen_without_style(visitor: FlaskClient) -> None:
    elements = opened(visitor, BY_NAME["join-stack"]).elements
    assert "hidden" in next(e for e in elements if e.attrib.get("class") == "trap").attrib


PAGE = 14 * 1024  # bytes of HTML and CSS, brotli
STYLE = 7 * 1024
SCRIPT = 20 * 1024
FORM_PAGE = 40 * 1024  # everything
BROTLI = {"Accept-Encoding": "br"}


def weight(front: Client, path: str) -> int:
    answer = front.get(path, headers=BROTLI)
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == "br" or not path.endswith((".css", ".js", "/"))
    return len(answer.data)


@every_page
def test_a_page_is_light(front: Client, page: Page, language: Language) -> None:
    path = "/" + page_path(page, language)
    html = front.get(path).text
    loaded = {a for a in Document(html).references(path) if a.startswith("/static/")}
    style = sum(weight(front, address) for address in loaded if address.endswith(".css"))
    script = sum(weight(front, address) for address in loaded if address.endswith(".js"))
    whole = weight(front, path) + sum(weight(front, address) for address in loaded)
    assert weight(front, path) + style <= PAGE
    assert style <= STYLE
    assert script <= (SCRIPT if page.form else 0)
    assert whole <= (FORM_PAGE if page.form else 20 * 1024)


def test_there_is_one_style_sheet_and_no_font(front: Client) -> None:
    html = front.get("/ta/").text
    assert len(re.findall(r"rel=[\"']?stylesheet", html)) == 1
    css = next(a for a in Document(html).references("/ta/") if a.endswith(".css"))
    assert b"@font-face" not in front.get(css).data
    assert b"@import" not in front.get(css).data


@every_language
def test_menu_footer_and_help_stand_in_the_same_place(
    visitor: FlaskClient, language: Language
) -> None:
    """WCAG 3.2.3, 3.2.4, 3.2.6: the same links in the same order on every page."""
    orders = set()
    for page in PAGES:
        document = opened(visitor, page, language)
        links = [name_of(e) for nav in document.all("nav") for e in nav.iter("a")]
        own = {other.own_name for other in LANGUAGES}
        orders.add(tuple(name for name in links if name not in own))
        footer = [e.attrib["href"] for f in document.all("footer") for e in f.iter("a")]
        assert any("/feedback/" in href for href in footer)
    assert len(orders) == 1


# Words in capitals that are no abbreviations to a reader: names, levels, licences.
KNOWN = {"NVDA", "STACK", "SG", "AA", "AAA", "MIT"}


@every_english_page
def test_an_abbreviation_is_explained_where_it_first_stands(
    visitor: FlaskClient, page: Page
) -> None:
    """WCAG 3.1.4: written as “its long form (ABC)” or with <abbr title>."""
    main = opened(visitor, page).all("main")[0]
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
    found = [list(line.iter("i")) for line in page.all("footer")[0].iter("p")]
    (marks,) = [line for line in found if [text_of(mark) for mark in line] == sources]
    assert {mark.attrib["lang"] for mark in marks} == {"en"}


@every_language
@pytest.mark.parametrize("name", ["stack", "tech-kaki"])
def test_a_limit_of_time_is_told_beforehand(
    visitor: FlaskClient, name: str, language: Language
) -> None:
    """WCAG 2.2.6: how long the link works and how long unconfirmed data are kept."""
    words = text_of(Document(visitor.get(f"/{language.slug}/join/{name}/sent/").text).root)
    assert "48" in words
    assert re.search(r"(?<!\d)7(?!\d)", words)


@every_language
@every_form
def test_what_is_required_is_said_and_nothing_is_invalid(
    visitor: FlaskClient, page: Page, language: Language
) -> None:
    """Firefox calls an empty field with the attribute ``required`` invalid, untouched as it is."""
    d = opened(visitor, page, language)
    assert not [e for e in d.elements if {"required", "aria-invalid"} & e.attrib.keys()]
    required = {e.attrib["name"] for e in d.elements if e.attrib.get("aria-required") == "true"}
    wanted = {"message"} if page.name == "feedback" else {"name", "email", "consent"}
    assert required == wanted
    if "consent" in wanted:
        (box,) = [e for e in d.elements if e.attrib.get("name") == "consent"]
        (told,) = [e for e in d.elements if e.attrib.get("id") == box.attrib["aria-describedby"]]
        assert len(told.findall("p")) == 3


@every_language
def test_a_summary_is_made_of_sentences(visitor: FlaskClient, language: Language) -> None:
    """Run together they are still told apart; an offer is among them."""
    address, data = f"/{language.slug}/join/stack/", {"email": "kai@gmial.com"}
    d = Document(visitor.post(address, data=data, headers=OURS).text)
    alerts = [e for e in d.elements if e.attrib.get("role") == "alert"]
    (summary,) = [e for e in alerts if "autofocus" in e.attrib]
    lines = [text_of(e) for e in summary.iter() if e.tag in {"h2", "li"}]
    assert len(lines) > 3
    assert all(line.endswith(language.full_stop) for line in lines)
    assert "kai@gmail.com" in " ".join(text_of(e) for e in summary.findall("p"))


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


def classes(page: Document) -> set[str]:
    return {name for e in page.elements for name in e.attrib.get("class", "").split()}


@every_language
def test_it_obeys_the_rules_of_every_page(reader: FlaskClient, language: Language) -> None:
    check_document(reader.get(f"/{language.slug}/_guide/").text, language)


def test_pages_use_nothing_that_is_not_in_it(reader: FlaskClient, visitor: FlaskClient) -> None:
    shown = classes(Document(reader.get("/en/_guide/").text))
    used = {
        name: page.name
        for page in PAGES
        for name in classes(opened(visitor, page))
        if "art--" not in name and not name.startswith(("ground-", "page-", "formpage__"))
    }
    assert {name: page for name, page in used.items() if name not in shown | PLACES} == {}
