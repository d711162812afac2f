"""What every answer carries, and that the policy is as strict as it says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from cocreate.app import create_app
from cocreate.config import Config

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
    secure = create_app(replace(site_config, site_url="https://example.org/"))
    header = secure.test_client().get("/en/").headers["Strict-Transport-Security"]
    assert int(header.split("max-age=")[1].split(";")[0]) >= 31_536_000
    assert "includeSubDomains" not in header, "hosts that we know nothing of"
    asked = replace(site_config, site_url="https://example.org/", hsts_subdomains=True)
    header = create_app(asked).test_client().get("/en/").headers["Strict-Transport-Security"]
    assert header.endswith("; includeSubDomains")


def test_search_engines_are_let_in_only_when_asked(site_config: Config) -> None:
    for index, tag in ((False, "noindex"), (True, None)):
        answer = create_app(replace(site_config, index=index)).test_client().get("/en/")
        assert answer.headers.get("X-Robots-Tag") == tag
        assert ('content="noindex"' in answer.text) is not index


def test_only_a_government_host_says_it_is_one(site_config: Config) -> None:
    official = "A Singapore Government Agency website"
    for address, expected in (
        ("https://www.tech.gov.sg/", True),
        ("https://example.org/", False),
        ("https://gov.sg.example.org/", False),
        ("https://fakegov.sg/", False),
    ):
        page = create_app(replace(site_config, site_url=address)).test_client().get("/en/").text
        assert (official in page) is expected, address
        assert ("not a government website" in page) is not expected


@pytest.mark.parametrize(
    "host", ["evil.example", "xn--bse-sna.example", "[::1]:80", "a/b", "x" * 300]
)
@pytest.mark.parametrize(
    "path", ["/", "/en/", "/en", "/ta/stack", "//evil.example/en", "/nothing/"]
)
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
