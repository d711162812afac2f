"""The front: what it sends from memory, what it passes on, and that nothing confuses it."""

from __future__ import annotations

import gzip
import threading
from dataclasses import replace

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client

from cocreate.app import create_app
from cocreate.config import Config
from cocreate.freeze.freeze import addresses
from cocreate.serve.prerendered import MOST_UNDER_WAY, Front, choose_coding

DECODE = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}
SUB = "https://example.org/sub/site/"


@pytest.fixture(scope="module")
def below(site_config: Config) -> Client:
    """The site below a path, as behind a proxy that passes the whole path on."""
    return Client(Front(create_app(replace(site_config, site_url=SUB))))


def test_flask_and_the_front_send_the_same_headers(
    front: Client, visitor: FlaskClient, site: Flask
) -> None:
    for address in addresses(site):
        mine, flasks = front.get(address).headers, visitor.get(address).headers
        for name in {*flasks.keys()} - {"Content-Length", "Cache-Control", "Vary"}:
            assert mine[name] == flasks[name], (address, name)
        assert "object-src 'none'" in mine["Content-Security-Policy"]


@pytest.mark.parametrize("coding", DECODE)
def test_each_coding_is_the_same_page(front: Client, coding: str) -> None:
    plain = front.get("/ta/")
    coded = front.get("/ta/", headers={"Accept-Encoding": coding})
    assert DECODE[coding](coded.data) == plain.data
    assert coded.headers.get("Content-Encoding", "identity") == coding
    assert int(coded.headers["Content-Length"]) == len(coded.data)
    assert coded.headers["Vary"] == "Accept-Encoding"
    assert coded.headers["ETag"].startswith('"'), "a strong tag"
    assert (coded.headers["ETag"] == plain.headers["ETag"]) == (coding == "identity")


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", "identity"),
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP;Q=1, BR;q=0.5", "gzip"),
        ("*", "br"),
        ("br;q=0, *;q=0.1", "gzip"),
        ("identity;q=0", "identity"),
        (",,;,;q=1,=,\x00", "identity"),
        ("br" + ", br" * 10_000, "identity"),
    ],
)
def test_the_coding_follows_the_weights(accepted: str, coding: str) -> None:
    assert choose_coding(accepted) == coding


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        ("{tag}", True),
        ('"other",W/{tag},"more"', True),
        (" * ", True),
        ('"other"', False),
        ("abc", False),
        ('"{bare}', False),
        ("W/" * 10_000, False),
    ],
)
def test_a_page_that_is_known_is_not_sent_again(front: Client, sent: str, known: bool) -> None:
    fresh = front.get("/en/")
    tag = fresh.headers["ETag"]
    sent = sent.replace("{tag}", tag).replace("{bare}", tag.strip('"'))
    response = front.get("/en/", headers={"If-None-Match": sent})
    assert response.status_code == (304 if known else 200)
    for name in ("ETag", "Cache-Control", "Vary", "Content-Security-Policy"):
        assert response.headers[name] == fresh.headers[name]
    if known:
        assert response.data == b""
        assert "Content-Type" not in response.headers


def test_head_is_a_get_without_its_body(front: Client) -> None:
    get, head = front.get("/zh/stack/"), front.head("/zh/stack/")
    assert head.data == b""
    for answer in (get, head):
        answer.headers.pop("Date", None)
    assert head.headers == get.headers


def test_assets_are_kept_for_ever_and_pages_asked_again(front: Client, site: Flask) -> None:
    for address in addresses(site):
        kept = "immutable" in front.get(address).headers["Cache-Control"]
        assert kept == address.startswith("/static/"), address


def test_a_picture_is_not_compressed_again(front: Client, site: Flask) -> None:
    icon = next(a for a in addresses(site) if a.endswith(".png"))
    response = front.get(icon, headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in response.headers
    assert "Vary" not in response.headers
    assert response.data.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 302),
        ("GET", "/en", 308),
        ("GET", "/en/nowhere/", 404),
        ("GET", "/static/", 404),
        ("POST", "/en/", 405),
        ("PUT", "/robots.txt", 405),
        ("POST", "/static/x.css", 405),
        ("OPTIONS", "/en/", 200),
    ],
)
def test_what_is_not_remembered_goes_to_flask(
    front: Client, method: str, path: str, status: int
) -> None:
    assert front.open(path, method=method).status_code == status


def test_a_range_is_answered_with_the_whole(front: Client) -> None:
    whole = front.get("/en/")
    part = front.get("/en/", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (200, whole.data)


@pytest.mark.parametrize("path", ["/sub/site/ta/stack/", "/ta/stack/"])
def test_a_site_below_a_path_answers_with_it_and_without(below: Client, path: str) -> None:
    response = below.get(path)
    assert response.status_code == 200
    assert f'href="{SUB}ta/stack/"' in response.text or f"href={SUB}ta/stack/" in response.text


@pytest.mark.parametrize(
    "path", ["/sub/site/en/nowhere/", "/sub/site/en/join/stack/", "/en/nowhere/"]
)
def test_absolute_links_stay_below_that_path(below: Client, path: str) -> None:
    text = below.get(path).text
    assert "/sub/site/en/stack/" in text
    assert '"/en/' not in text


@pytest.mark.parametrize(
    ("path", "status", "target"),
    [
        ("/sub/site/", 302, "en/"),
        ("/sub/site", 308, "/sub/site/"),
        ("/sub/site/en", 308, "/sub/site/en/"),
        ("/sub/sitemap.xml", 404, ""),
    ],
)
def test_redirects_stay_below_that_path(below: Client, path: str, status: int, target: str) -> None:
    response = below.get(path)
    assert (response.status_code, response.headers.get("Location", "")) == (status, target)


def test_a_machine_without_threads_is_asked_again_once_it_has_some(
    front: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        refused = {front.get("/en/nowhere/").status_code for _ in range(MOST_UNDER_WAY + 1)}
    assert refused == {503}
    assert front.get("/en/nowhere/").status_code == 404
