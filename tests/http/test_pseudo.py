"""A fifth language, ［ƀřàćķéţéđ］ and longer: text on a page without brackets escaped gettext."""

from __future__ import annotations

import re

import pytest
from flask import Flask, g, render_template

from cocreate.app import create_app
from cocreate.config import Config
from cocreate.languages import LANGUAGES
from cocreate.mail import message
from cocreate.mail.message import Letter
from cocreate.pages import BY_NAME, PAGES, Page
from cocreate.storage import signups
from cocreate.urls import use_absolute_links
from cocreate.web.errors import CODES
from cocreate.web.membership import ResendForm, show
from documents import Document
from fixtures.backend import body, read
from pseudo import MALAY, Pseudo

OWN_NAMES = {language.own_name for language in LANGUAGES}
READ_ALOUD = ("aria-label", "alt", "title", "placeholder", "content")
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_word_of_a_page_went_through_gettext(pseudo: Flask, page: Page) -> None:
    assert escaped(pseudo.test_client().get(f"/ms/{page.path}").text) == []


@pytest.mark.parametrize("page", [p for p in PAGES if p.form], ids=lambda page: page.name)
def test_every_word_of_an_error_went_through_gettext(pseudo: Flask, page: Page) -> None:
    for data in ({}, {"email": "nobody", "name": "x" * 300, "message": "x" * 6000}):
        answer = pseudo.test_client().post(
            f"/ms/{page.path}", data=data, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert answer.status_code == 422
        assert escaped(answer.text) == []


def test_every_word_of_an_error_page_went_through_gettext(pseudo: Flask) -> None:
    with pseudo.test_request_context("/ms/nothing/"):
        for code in CODES:
            assert escaped(error_page(pseudo, code)) == [], code


def error_page(app: Flask, code: int) -> str:
    from werkzeug.exceptions import default_exceptions

    answer = app.handle_user_exception(default_exceptions[code]())
    return app.make_response(answer).get_data(as_text=True)


@pytest.mark.parametrize("name", ["check-email", "feedback-sent", "resent", "unmanageable"])
def test_every_word_of_an_answer_went_through_gettext(pseudo: Flask, name: str) -> None:
    with pseudo.test_request_context("/ms/join/stack/sent/"):
        g.language, g.rest = MALAY, "join/stack/sent/"
        use_absolute_links()
        page = BY_NAME["join-stack"]
        html = render_template(
            f"system/{name}.html",
            page=page,
            layout="layouts/base.html",
            limit=None,
            address="",
            draft="",
        )
    assert escaped(html) == []


@pytest.mark.parametrize("state", ["ready", "used", "expired", "replaced", "unknown"])
def test_every_word_behind_a_mailed_link_went_through_gettext(pseudo: Flask, state: str) -> None:
    link = signups.Link(state, ("stack", "tech-kaki"), MALAY)
    with pseudo.test_request_context("/ms/confirm/x/"):
        g.language = MALAY
        use_absolute_links()
        for name in ("confirm", "confirmed", "withdrawn"):
            answered = show(name, "confirm/x/", link=link, form=ResendForm())
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
