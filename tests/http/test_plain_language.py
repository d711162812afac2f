"""Plain words: reading level, length of sentences, unusual words (WCAG 3.1.3 and 3.1.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from flask.testing import FlaskClient

from cocreate.catalogues import read_catalogue
from cocreate.facts import NAMES
from cocreate.gettext import plain, translator
from cocreate.l10n.extract import catalogue_path, extract, texts_of
from cocreate.languages import ENGLISH, LANGUAGES, Language
from cocreate.pages import PAGES, Page
from cocreate.urls import page_path
from documents import Document, name_of, text_of
from matrix import every_language
from plain import LONGEST, TERMS, first, passages, too_hard, too_long, unexplained

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
MESSAGES = extract()
KINDS = (
    "in an e-mail",
    "what is wrong with an answer",
    "hint under a question",
    "failure above a form: heading, then text",
    "text",
)
HARD = (
    "Notwithstanding the aforementioned considerations, participating organisations are obligated"
    " to facilitate comprehensive interoperability of their administrative infrastructure."
)


def opened(visitor: FlaskClient, page: Page, language: Language = ENGLISH) -> Document:
    return Document(visitor.get("/" + page_path(page, language)).text)


def filled(message: str) -> str:
    """A message as it is read: a name or a number in place of each placeholder."""
    return PLACEHOLDER.sub("Ann", message)


every_english_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@every_english_page
def test_a_reader_of_14_understands_it(visitor: FlaskClient, page: Page) -> None:
    assert too_hard(passages(opened(visitor, page).all("main")[0])) == []


@pytest.mark.parametrize("kind", KINDS)
def test_mails_errors_and_hints_are_as_plain(kind: str) -> None:
    found = [filled(e.msgid) for e in MESSAGES.values() if kind in e.comment.split("\n")]
    assert len(found) >= 4
    assert too_hard(found) == []


@every_language
def test_a_sentence_is_short(language: Language) -> None:
    """Every message of the site, wherever it stands; its translation where there is one."""
    said = [text for e in MESSAGES.values() for text in (e.msgid, e.msgid_plural)]
    if language is not ENGLISH:
        entries = read_catalogue(catalogue_path(language))
        said = [t for e in entries if (e.msgctxt, e.msgid) in MESSAGES for t in texts_of(e)]
    assert too_long(map(filled, said), language) == []


@every_english_page
def test_a_sentence_put_together_is_short_too(visitor: FlaskClient, page: Page) -> None:
    assert too_long(passages(opened(visitor, page).all("main")[0]), ENGLISH) == []


@every_english_page
def test_an_unusual_word_is_explained_where_it_first_stands(
    visitor: FlaskClient, page: Page
) -> None:
    document = opened(visitor, page)
    linked = {
        term
        for link in document.all("a")
        for term in TERMS
        if re.search(rf"\b{term}\b", name_of(link), re.IGNORECASE)
        and explains(visitor, urljoin(f"/en/{page.path}", link.attrib["href"]), term)
    }
    assert unexplained(passages(document.all("main")[0]), linked) == []


def explains(visitor: FlaskClient, address: str, term: str) -> bool:
    """Whether ``address`` is a page of ours that says what ``term`` means."""
    if not address.startswith("/"):
        return False
    main = Document(visitor.get(address).text).all("main")[0]
    return first(TERMS[term], passages(main)) is not None


@every_english_page
def test_what_is_explained_is_explained_in_every_language(visitor: FlaskClient, page: Page) -> None:
    """By the same message: its translation stands on the same page."""
    english = passages(opened(visitor, page).all("main")[0])
    explained = [term for term, told in TERMS.items() if first(told, english) is not None]
    for language in LANGUAGES:
        own = text_of(opened(visitor, page, language).all("main")[0])
        said = {t for t in explained if any(re.search(w, own) for w in wordings(t, language))}
        assert said == set(explained)


def wordings(term: str, language: Language) -> Iterator[str]:
    found = (e.msgid for e in MESSAGES.values() if first(TERMS[term], [e.msgid]) is not None)
    return (wording(message, language) for message in found)


def wording(message: str, language: Language) -> str:
    """Pattern of ``message`` as ``language`` says it, whatever fills its placeholders."""
    values = dict.fromkeys(PLACEHOLDER.findall(message), "…")
    said = plain(translator(language).gettext(message, **values))
    return ".*".join(map(re.escape, said.split("…")))


def test_an_english_word_inside_other_languages_is_an_unusual_one() -> None:
    """What is no name, yet stays English everywhere, is explained: facts.toml and TERMS agree."""
    words = {name for name in NAMES if name.islower()} - {"axe-core"}  # named in the docs only
    known = re.compile("|".join(TERMS), re.IGNORECASE)
    assert {word for word in words if not known.fullmatch(word)} == set()


@pytest.mark.parametrize(
    "texts",
    [
        ["A blockchain holds it."],
        ["A blockchain holds it.", "One", "Two", "A blockchain: a shared record."],
    ],
    ids=["never explained", "explained too late"],
)
def test_an_unexplained_word_is_found(texts: list[str]) -> None:
    assert unexplained(texts, []) == ["blockchain"]
    assert unexplained(texts, ["blockchain"]) == []
    assert unexplained(["On a blockchain: a shared record.", *texts], []) == []


def test_a_community_is_this_one_or_named() -> None:
    """“The community” is society to a translator, and which one is meant is not said."""
    said = [text for e in MESSAGES.values() for text in (e.msgid, e.msgid_plural)]
    assert [text for text in said if re.search(r"\bthe community\b(?! %)", text)] == []


def test_one_community_and_two_are_told_apart() -> None:
    """Where both may be named: other languages have other words for one and for two."""
    several = [e for e in MESSAGES.values() if "%(communities)s" in e.msgid]
    assert several
    assert [e.msgid for e in several if not e.msgid_plural] == []


def test_a_hard_text_is_found() -> None:
    assert len(too_hard([HARD])) == 2
    assert too_hard(["We ask for your name. It is sealed at once."]) == []


@every_language
def test_a_long_sentence_is_found(language: Language) -> None:
    word = {"zh": "字", "ta": "சொல் "}.get(language.slug, "word ")
    limit = LONGEST[language.slug]
    assert too_long([word * limit + "."], language) == []
    assert len(too_long([word * (limit + 1) + "."], language)) == 1
