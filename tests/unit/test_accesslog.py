"""The access log: what it says, and what it must never say."""

from __future__ import annotations

import io
import re

import pytest
from werkzeug.test import Client

from cocreate.serve.accesslog import AccessLog, clean

TOKEN = "Qm9vLWJhci1iYXotcXV4LXF1dXgtMTIz"
LINE = re.compile(
    r'- - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "(.*) HTTP/1\.1" (\d{3}) (\d+|-)'
)


def log_of(path: str, query: str = "") -> str:
    """What one request for ``path`` (as PEP 3333 hands it over) leaves in the log."""

    def answer(environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "5")])  # type: ignore[operator]
        return [b"hello"]

    stream = io.StringIO()
    overrides = {"PATH_INFO": path, "QUERY_STRING": query, "REMOTE_ADDR": "203.0.113.9"}
    Client(AccessLog(stream).around(answer)).get("/", environ_overrides=overrides)
    return stream.getvalue()


def test_a_line_is_in_the_common_format_without_an_address() -> None:
    line = log_of("/en/stack/")
    found = LINE.fullmatch(line.rstrip("\n"))
    assert found
    assert found.groups() == ("GET /en/stack/", "200", "5")
    assert "203.0.113.9" not in line


@pytest.mark.parametrize(
    "path",
    [
        f"/ta/confirm/{TOKEN}/",
        f"/en/manage/{TOKEN}",
        f"/en/confirm/{TOKEN}/x/{TOKEN}/",
        "/en/confirm/short/",
        "/en/manage/sh ort\r\n/",
        f"/xx/{TOKEN}/",
        f"/{TOKEN}",
        f"/en//confirm//{TOKEN}/",
    ],
)
def test_a_token_is_never_written(path: str) -> None:
    line = log_of(path)
    assert TOKEN not in line
    assert "sh" not in line
    assert "/-" in line


def test_a_query_is_never_written() -> None:
    assert "secret" not in log_of("/en/feedback/", "page=secret")


@pytest.mark.parametrize(
    "path", ["/a\nb", '/a" 200 5', "/a\x1b[31m", "/\xff\xfe", "/a\u0085b", "/a b"]
)
def test_a_visitor_cannot_write_lines_or_fields_of_the_log(path: str) -> None:
    line = log_of(path)
    assert line.count("\n") == 1
    assert line.isascii()
    assert LINE.fullmatch(line.rstrip("\n"))
    assert len(line.split('"')) == 3


def test_a_long_path_is_cut() -> None:
    assert len(clean("/" + "a/b" * 5000)) <= 500


def test_a_log_that_is_gone_costs_no_page() -> None:
    stream = io.StringIO()
    stream.close()

    def answer(environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [])  # type: ignore[operator]
        return [b"hello"]

    assert Client(AccessLog(stream).around(answer)).get("/").text == "hello"
