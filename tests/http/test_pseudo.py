"""A fifth language, ［ƀřàćķéţéđ］ and longer: text on a page without brackets escaped gettext."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from markupsafe import Markup

from cocreate.app import create_app
from cocreate.catalogue import PAGES, Page
from cocreate.config import Config
from cocreate.i18n import PLACEHOLDER, Translator
from cocreate.languages import BY_SLUG, LANGUAGES
from cocreate.web.errors import CODES
from documents import Document

MALAY = BY_SLUG["ms"]  # its place in the site is lent to the fifth language
OWN_NAMES = {language.own_name for language in LANGUAGES}
READ_ALOUD = ("aria-label", "alt", "title", "placeholder", "content")
NO_WORDS = re.compile(r"[^\W\d_]")  # a passage without a letter says nothing
ACCENTED = str.maketrans("aceiounsyACEIOUNSY", "àçéîôüñšýÀÇÉÎÔÜÑŠÝ")


class Pseudo(Translator):
    """Every sentence accented, in brackets and 40 % longer; placeholders stay."""

    def _prepare(self, key: object, english: str) -> Markup:
        parts = PLACEHOLDER.split(english)
        parts[::2] = [part.translate(ACCENTED) for part in parts[::2]]
        return Markup("［" + "".join(parts) + "~" * (len(english) * 2 // 5) + "］")


@pytest.fixture(scope="module")
def pseudo(site_config: Config) -> Flask:
    app = create_app(site_config)
    app.extensions["cocreate.translators"][MALAY.slug] = Pseudo(MALAY, {})
    return app


def escaped(html: str) -> list[str]:
    """What a visitor reads or hears that no translator has seen."""
    document, found, depth = Document(html), [], 0
    for passage, _ in document.passages("textarea"):
        outside = depth == 0 and passage.strip() not in OWN_NAMES
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


def test_the_test_finds_a_sentence_without_gettext() -> None:
    page = "<!doctype html><title>［Ţîţļé］</title><p>［Ŵôřđš <b>5</b> ɱôřé］</p><p>%s</p>"
    assert escaped(page % "［Fîñé］") == []
    assert escaped(page % "Forgotten") == ["Forgotten"]
    assert escaped(page % "<a aria-label='Lost'>［a］</a>") == ["aria-label=Lost"]
