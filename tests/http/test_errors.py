"""Whatever is asked: a page in the reader's language, never a 500; what every answer carries."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

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
from sending import OURS

TAMIL = BY_SLUG["ta"]
ABSURD = (
    *("/en/stack", "/en//stack/", "/en/stack/stack/"),  # sent on, or not found
    *("/en/../../etc/passwd", "/static/../pyproject.toml", "/favicon.php"),
    *("/en/%00/", "/en/%ff%fe/", "/en/%e0%ae%a4/", "/en/" + "a" * 5000 + "/"),
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


@pytest.mark.parametrize("method", ["POST", "PUT", "PROPFIND"])
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
    answer = visitor.post("/en/feedback/", data={"message": "x" * 400_000}, headers=OURS)
    main = text_of(Document(answer.text).all("main")[0])
    said = [word for word in ("too long", "shorter", "moment", "try again") if word in main]
    assert said == ["too long", "shorter"]


ANSWERS = ("/", "/en/", "/ta/join/stack/", "/zh/nothing/", "/sitemap.xml", "/robots.txt")
EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_is_guarded(visitor: FlaskClient, path: str) -> None:
    headers = visitor.get(path).headers
    assert {name: headers[name] for name in EXPECTED} == EXPECTED
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Set-Cookie" not in headers
    assert headers["Server"] == "cocreate", "a server that names itself and its version"


@pytest.mark.parametrize("path", ANSWERS)
def test_the_policy_allows_nothing_inline_and_nobody_else(visitor: FlaskClient, path: str) -> None:
    policy = visitor.get(path).headers["Content-Security-Policy"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    # What 'self' leaves to the manifest; a word that an engine lacks is an error on each page.
    assert parts["default-src"] == "'self'"
    for kind in ("child", "font", "media", "object"):
        assert parts[f"{kind}-src"] == "'none'"
    assert "manifest-src" not in parts, "unknown to WebKitGTK"
    assert parts["frame-ancestors"] == parts["base-uri"] == "'none'"
    assert parts.pop("img-src") == "'self' data:", "the icon stands in the page"
    assert set(parts.values()) <= {"'none'", "'self'"}, "a source of somebody else's"


def test_only_https_promises_https(site_config: Config, visitor: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in visitor.get("/en/").headers
    for others in (False, True):  # hosts that we know nothing of
        secure = replace(site_config, site_url="https://example.org/", hsts_subdomains=others)
        answer = create_app(secure).test_client().get("/en/")
        promised = answer.headers["Strict-Transport-Security"]
        assert int(promised.split("max-age=")[1].split(";")[0]) >= 31_536_000
        assert promised.endswith("; includeSubDomains") is others


def test_search_engines_are_let_in_only_when_asked(site_config: Config) -> None:
    for index, tag in ((False, "noindex"), (True, None)):
        answer = create_app(replace(site_config, index=index)).test_client().get("/en/")
        assert answer.headers.get("X-Robots-Tag") == tag
        assert ('content="noindex"' in answer.text) is not index


def test_only_a_government_host_says_it_is_one(site_config: Config) -> None:
    official = "A Singapore Government Agency website"
    for host in ("www.tech.gov.sg", "gov.sg.example.org", "fakegov.sg"):
        app = create_app(replace(site_config, site_url=f"https://{host}/"))
        page = app.test_client().get("/en/").text
        assert (official in page) is (host == "www.tech.gov.sg"), host
        assert ("not a government website" in page) is (host != "www.tech.gov.sg"), host


@pytest.mark.parametrize("host", ["evil.example", "[::1]:80", "a/b"])
@pytest.mark.parametrize("path", ["/", "/en/", "/en", "//evil.example/en", "/nothing/"])
def test_a_claimed_host_changes_nothing(visitor: FlaskClient, host: str, path: str) -> None:
    """Host and X-Forwarded-Host are the client's words: no link, no redirect repeats them."""
    answer = visitor.get(path, headers={"Host": host, "X-Forwarded-Host": host})
    assert host not in answer.text
    location = answer.headers.get("Location", "en/")
    assert host not in location
    assert not location.startswith(("//", "http"))


def test_security_txt_is_renewed_in_time(visitor: FlaskClient) -> None:
    """It fails a month before the file expires (RFC 9116): move the default in config.py."""
    line = visitor.get("/.well-known/security.txt").text.partition("Expires: ")[2].split()[0]
    assert line == f"{Config.security_expires}T15:59:59Z"
    assert datetime.fromisoformat(line) > datetime.now(UTC) + timedelta(days=30)


def test_a_page_of_another_release_finds_its_files(visitor: FlaskClient) -> None:
    """While processes are replaced one by one: the current file, kept by no cache."""
    name = re.findall(r"static/(site\.\w{10}\.css)", visitor.get("/en/").text)[0]
    current = visitor.get(f"/static/{name}")
    other = visitor.get("/static/site.0123456789.css")
    assert (other.status_code, other.data) == (200, current.data)
    assert "immutable" in current.headers["Cache-Control"]
    assert "max-age=0" in other.headers["Cache-Control"]
    for nothing in ("site.css", "site.012345678.css", "sites.0123456789.css", "site.0123456789.js"):
        assert (visitor.get(f"/static/{nothing}").status_code == 404) == (nothing[-2:] != "js")
