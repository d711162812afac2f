"""Plain words (WCAG 3.1.3 and 3.1.5), and every one of them given to translators: ［ƀřàćķéţéđ］."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from flask import Flask, g, render_template
from flask.testing import FlaskClient
from werkzeug.exceptions import default_exceptions

from cocreate.app import create_app
from cocreate.catalogues import read_catalogue
from cocreate.config import Config
from cocreate.facts import NAMES
from cocreate.gettext import plain, translator
from cocreate.l10n.extract import catalogue_path, extract, texts_of
from cocreate.languages import ENGLISH, LANGUAGES, Language
from cocreate.mail import message
from cocreate.mail.message import Letter
from cocreate.pages import BY_NAME, Page
from cocreate.storage import signups
from cocreate.urls import use_absolute_links
from cocreate.web.errors import CODES
from cocreate.web.membership import ResendForm, token_page
from documents import Document, name_of, text_of
from fixtures.backend import body, read
from matrix import every_english_page, every_form, every_language
from plain import LONGEST, TERMS, first, passages, too_hard, too_long, unexplained
from pseudo import MALAY, Pseudo
from sending import opened, send

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
MESSAGES = extract()
KINDS: tuple[str, ...] = ("in an e-mail", "what is wrong with an answer", "hint under a question")
KINDS += ("failure above a form: heading, then text", "text")
HARD = (
    "Notwithstanding the aforementioned considerations, participating organisations are obligated"
    " to facilitate comprehensive interoperability of their administrative infrastructure."
)


def filled(message: str) -> str:
    """A message as it is read: a name or a number in place of each placeholder."""
    return PLACEHOLDER.sub("Ann", message)


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


@pytest.mark.parametrize("later", [[], ["One", "Two", "A blockchain: a shared record."]], ids=len)
def test_an_unexplained_word_is_found(later: list[str]) -> None:
    """One that is never explained, and one that is explained too late."""
    texts = ["A blockchain holds it.", *later]
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


OWN_NAMES = {language.own_name for language in LANGUAGES}
READ_ALOUD = ("aria-label", "alt", "title", "placeholder", "content")
EMPTY = {"limit": None, "address": "", "draft": ""}
NO_WORDS = re.compile(r"[^\W\d_]")  # a passage without a letter says nothing


@pytest.fixture(scope="module")
def pseudo(site_config: Config) -> Flask:
    app = create_app(site_config)
    app.extensions["cocreate.translators"][MALAY.slug] = Pseudo()
    return app


def escaped(html: str) -> list[str]:
    """What a visitor reads or hears that no translator has seen."""
    document, found, depth = Document(html), [], 0
    for passage, _ in document.passages("textarea"):
        outside = depth == 0 and not re.fullmatch(r"https?://\S+|-- |--", passage.strip())
        outside = outside and passage.strip() not in OWN_NAMES
        depth += passage.count("［") - passage.count("］")
        if outside and "［" not in passage and NO_WORDS.search(passage):
            found.append(passage.strip())
    for e in document.elements:
        spoken = {k: v for k, v in e.attrib.items() if k in READ_ALOUD}
        if e.tag == "meta" and not is_prose(e.attrib):
            continue
        found += [f"{k}={v}" for k, v in spoken.items() if "［" not in v and NO_WORDS.search(v)]
    return found


def is_prose(meta: dict[str, str]) -> bool:
    name = meta.get("name", meta.get("property", ""))
    return name == "description" or name.endswith((":title", ":description", ":alt"))


@every_english_page
def test_every_word_of_a_page_went_through_gettext(pseudo: Flask, page: Page) -> None:
    assert escaped(pseudo.test_client().get(f"/ms/{page.path}").text) == []


@every_form
def test_every_word_of_an_error_went_through_gettext(pseudo: Flask, page: Page) -> None:
    for data in ({}, {"email": "nobody", "name": "x" * 300, "message": "x" * 6000}):
        answer = send(pseudo, f"/ms/{page.path}", data)
        assert answer.status_code == 422
        assert escaped(answer.text) == []


def test_every_word_of_an_error_page_went_through_gettext(pseudo: Flask) -> None:
    with pseudo.test_request_context("/ms/nothing/"):
        for code in CODES:
            answer = pseudo.handle_user_exception(default_exceptions[code]())
            assert escaped(pseudo.make_response(answer).get_data(as_text=True)) == [], code


@pytest.mark.parametrize("name", ["check-email", "feedback-sent", "resent", "unmanageable"])
def test_every_word_of_an_answer_went_through_gettext(pseudo: Flask, name: str) -> None:
    with pseudo.test_request_context("/ms/join/stack/sent/"):
        g.language, g.path_in_language = MALAY, "join/stack/sent/"
        use_absolute_links()
        page = BY_NAME["join-stack"]
        html = render_template(
            f"system/{name}.html", page=page, layout="layouts/base.html", **EMPTY
        )
    assert escaped(html) == []


@pytest.mark.parametrize("state", ["ready", "used", "expired", "replaced", "unknown"])
def test_every_word_behind_a_mailed_link_went_through_gettext(pseudo: Flask, state: str) -> None:
    link = signups.Link(state, ("stack", "tech-kaki"), MALAY)
    with pseudo.test_request_context("/ms/confirm/x/"):
        g.language = MALAY
        use_absolute_links()
        for name in ("confirm", "confirmed", "withdrawn"):
            answered = token_page(name, "confirm/x/", link=link, form=ResendForm())
            assert escaped(answered.get_data(as_text=True)) == [], name


@pytest.mark.parametrize("purpose", ["confirm", "member"])
def test_every_word_of_a_mail_went_through_gettext(pseudo: Flask, purpose: str) -> None:
    letter = Letter(purpose, "ann@example.com", "ms", ("stack", "tech-kaki"), "c" * 32, "m" * 32)
    written = read(message.write(pseudo, letter, "1.a", 1_795_487_190).as_bytes())
    assert written["Subject"].startswith("［")
    html = re.sub(r"http://[^\s<\"]+", "", body(written, "html"))
    assert escaped(html) == []
    lines = [line for line in body(written).splitlines() if line.strip(" -") and "://" not in line]
    assert [line for line in lines if "［" not in line] == []


def test_the_test_finds_a_sentence_without_gettext() -> None:
    page = "<!doctype html><title>［Ţîţļé］</title><p>［Ŵôřđš <b>5</b> ɱôřé］</p><p>%s</p>"
    assert escaped(page % "［Fîñé］") == []
    assert escaped(page % "Forgotten") == ["Forgotten"]
    assert escaped(page % "<a aria-label='Lost'>［a］</a>") == ["aria-label=Lost"]
