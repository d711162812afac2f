"""Whatever is asked, the answer is a page in the reader's language, and never a 500."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from checks import check_document
from cocreate.app import create_app
from cocreate.config import Config
from cocreate.languages import BY_SLUG, ENGLISH, Language
from cocreate.pages import Page
from cocreate.urls import page_path
from cocreate.web.errors import CODES
from documents import Document, text_of
from matrix import every_language, pages_in_turn

TAMIL = BY_SLUG["ta"]
ABSURD = (
    "/en/stack",  # without its slash: sent on, or not found
    "/EN/",
    "/en//stack/",
    "/en/stack/stack/",
    "/en/../../etc/passwd",
    "/en/%00/",
    "/en/%ff%fe/",
    "/en/%e0%ae%a4/",
    "/en/" + "a" * 5000 + "/",
    "/static/../pyproject.toml",
    "/static/nothing.css",
    "/favicon.php",
    "/en/confirm/%0d%0aSet-Cookie:a=b/",
)
HEADERS = ("", "*", ";;;q=", "ta;q=abc", "zh-Hant-HK;q=0.1, ms;q=0.9", ",", "x" * 9000, "en;q=-1")


@pytest.fixture(scope="module")
def failing(site_config: Config) -> Flask:
    """The site with one more address, which fails in any way one names."""
    app = create_app(site_config)

    @app.get("/<language:language>/fail/<int:code>/")
    def fail(language: Language, code: int) -> str:
        if code == 999:
            raise RuntimeError("a secret <b>detail</b>")
        abort(code)

    return app


@every_language
@pytest.mark.parametrize("code", [*CODES, 999])
def test_each_error_has_its_page(failing: Flask, language: Language, code: int) -> None:
    answer = failing.test_client().get(f"/{language.slug}/fail/{code}/")
    assert answer.status_code == (500 if code == 999 else code)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "secret" not in answer.text
    check_document(answer.text, language)


def test_no_two_errors_say_the_same(failing: Flask) -> None:
    titles = {}
    for code in CODES:
        document = Document(failing.test_client().get(f"/en/fail/{code}/").text)
        titles[code] = text_of(document.all("title")[0]), text_of(document.all("h1")[0])
    assert len(set(titles.values())) == len(CODES), titles


@pytest.mark.parametrize("path", ABSURD)
def test_an_absurd_path_is_refused_politely(visitor: FlaskClient, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code in (301, 308, 400, 404)
    if answer.status_code in (400, 404):
        check_document(answer.text, ENGLISH)
    else:  # sent on within the site
        assert answer.headers["Location"].startswith("/en/")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_a_reading_page_takes_no_other_method(visitor: FlaskClient, method: str) -> None:
    answer = visitor.open("/ta/stack/", method=method, data={"a": "b"})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    check_document(answer.text, TAMIL)


@pytest.mark.parametrize("header", HEADERS)
def test_any_accept_language_is_answered(visitor: FlaskClient, header: str) -> None:
    answer = visitor.get("/", headers={"Accept-Language": header})
    assert answer.status_code == 302
    assert answer.headers["Vary"] == "Accept-Language"
    assert answer.headers["Location"].strip("/") in BY_SLUG


def test_an_unknown_prefix_is_answered_in_the_reader_s_language(visitor: FlaskClient) -> None:
    answer = visitor.get("/nothing/", headers={"Accept-Language": "ta-IN, en;q=0.5"})
    assert answer.status_code == 404
    check_document(answer.text, TAMIL)


def spellings(path: str) -> list[str]:
    """The ways in which people and programs write an address."""
    first, _, rest = path.strip("/").partition("/")
    cases = [path.upper(), path.title(), f"/{first.upper()}/{rest}"]
    cases += [path + end for end in ("%20", ")", ".", "%E2%80%9D", "&gt;", "%3E", "%E3%80%82")]
    return [written for case in cases for written in (case, case.rstrip("/"), f"{case}?a=b")]


@pages_in_turn
def test_letter_case_and_what_clings_to_the_end_make_no_difference(
    visitor: FlaskClient, page: Page, language: Language
) -> None:
    path = "/" + page_path(page, language)
    for written in spellings(path):
        answer = visitor.get(written)
        if answer.status_code == 308:
            assert answer.headers["Location"].partition("?")[0] == path, written
            assert answer.headers["Location"].partition("?")[2] == written.partition("?")[2]
            answer = visitor.get(answer.headers["Location"])
        assert answer.status_code == 200, written


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("/EN/Confirm/AbC/", "/en/confirm/AbC/"),
        ("/Ta/MANAGE/AbC/)", "/ta/manage/AbC/%29"),
        ("/EN/Confirm/AbC%E2%80%9D", "/en/confirm/AbC%E2%80%9D"),
        ("/en/con%0Afirm/AbC/", "/en/confirm/AbC/"),
        ("/en/%20confirm/AbC/", "/en/confirm/AbC/"),
        ("/EN/JOIN/STACK/SENT", "/en/join/stack/sent/"),
        ("/Robots.TXT", "/robots.txt"),
        ("/sitemap.xml/", "/sitemap.xml"),
        ("/HealthZ", "/healthz"),
    ],
)
def test_a_token_keeps_its_letters(visitor: FlaskClient, written: str, meant: str) -> None:
    answer = visitor.get(written)
    assert (answer.status_code, answer.headers["Location"]) == (308, meant)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_mailed_link_in_a_language_that_is_gone_leads_to_english(
    visitor: FlaskClient, method: str
) -> None:
    for way in ("confirm", "manage", "answer"):
        answer = visitor.open(f"/hi/{way}/AbC/?a=b", method=method)
        assert (answer.status_code, answer.headers["Location"]) == (308, f"/en/{way}/AbC/?a=b")
    assert visitor.get("/hi/stack/").status_code == 404


def test_letter_case_below_a_path_of_the_site(site_config: Config) -> None:
    app = create_app(replace(site_config, site_url="http://127.0.0.1:8000/sub/"))
    answer = app.test_client().get("/EN/STACK")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/sub/en/stack/")


def test_the_path_decides_before_the_header(visitor: FlaskClient) -> None:
    answer = visitor.get("/ta/nothing/", headers={"Accept-Language": "en"})
    check_document(answer.text, TAMIL)


def test_too_long_has_words_of_its_own(visitor: FlaskClient) -> None:
    """Waiting helps nobody: the page may not say so."""
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = visitor.post("/en/feedback/", data={"message": "x" * 400_000}, headers=headers)
    main = text_of(Document(answer.text).all("main")[0])
    assert "too long" in main
    assert "shorter" in main
    assert "moment" not in main
    assert "try again" not in main
