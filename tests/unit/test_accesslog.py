"""The access log: what it says, and what it must never say."""

from __future__ import annotations

import io
import json
import logging
import re
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import EnvironBuilder

from cocreate.serve.accesslog import KEPT, AccessLog, clean, log_to_stderr, remembered_line

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

TOKEN = "Qm9vLWJhci1iYXotcXV4LXF1dXgtMTIz"
LINE = re.compile(
    r'- - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "(.*) HTTP/1\.1" (\d{3}) (\d+|-)'
)


def log_of(path: str, outcome: str = "200 5", kind: str = "text", **environ: str) -> str:
    """What one request for ``path`` (as PEP 3333 hands it over) leaves in the log."""
    stream = io.StringIO()
    log = AccessLog(stream, kind)
    log.add(asking(path) | environ, outcome)
    log.close()
    return stream.getvalue()


def asking(path: str = "/") -> WSGIEnvironment:
    return EnvironBuilder().get_environ() | {"REMOTE_ADDR": "203.0.113.9", "PATH_INFO": path}


def test_a_line_is_in_the_common_format_without_an_address() -> None:
    line = log_of("/en/stack/")
    found = LINE.fullmatch(line.rstrip("\n"))
    assert found
    assert found.groups() == ("GET /en/stack/", "200", "5")
    assert "203.0.113.9" not in line


@pytest.mark.parametrize(("outcome", "size"), [("200 5", 5), ("304 -", None)])
def test_a_line_can_be_an_object(outcome: str, size: int | None) -> None:
    said = json.loads(log_of('/en/"\\\n/', outcome, "json"))
    assert datetime.fromisoformat(said.pop("time")).tzinfo
    request = "GET /en/%22%5C%0A/ HTTP/1.1"
    assert said == {"level": "INFO", "request": request, "status": int(outcome[:3]), "bytes": size}


@pytest.mark.parametrize("kind", ["text", "json"])
def test_what_the_program_logs_has_time_and_level(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = logging.root.handlers[:]
    try:
        log_to_stderr(kind)
        logging.getLogger("cocreate").error("a “line”\nof two")
    finally:
        logging.root.handlers[:] = kept
    said = capsys.readouterr().err
    if kind == "json":
        found = json.loads(said)
        assert (found["level"], found["message"]) == ("ERROR", "a “line”\nof two")
        assert datetime.fromisoformat(found["time"]).tzinfo
    else:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \S+ ERROR a “line”\nof two\n", said)


@pytest.mark.parametrize(
    "path",
    [
        f"/ta/confirm/{TOKEN}/",
        f"/en/confirm/{TOKEN}/x/{TOKEN}/",
        "/en/answer/short/",
        "/en/manage/sh ort\r\n/",
        f"/xx/{TOKEN}",
        f"/en//confirm//{TOKEN}/",
    ],
)
def test_a_token_is_never_written(path: str) -> None:
    line = log_of(path)
    assert TOKEN not in line
    assert "sh" not in line
    assert "/-" in line


def test_a_query_is_never_written() -> None:
    assert "secret" not in log_of("/en/feedback/", QUERY_STRING="page=secret")


@pytest.mark.parametrize("path", ["/a\nb", '/a" 200 5', "/a\x1b[31m", "/\xff\xfe", "/a b"])
def test_a_visitor_cannot_write_lines_or_fields_of_the_log(path: str) -> None:
    line = log_of(path)
    assert line.count("\n") == 1
    assert line.isascii()
    assert LINE.fullmatch(line.rstrip("\n"))
    assert len(line.split('"')) == 3


def test_a_long_path_is_cut() -> None:
    assert len(clean("/" + "a/b" * 5000)) <= 500


def test_a_log_that_is_gone_costs_nothing() -> None:
    stream = io.StringIO()
    stream.close()
    log = AccessLog(stream)
    for _ in range(2):
        log.add(asking(), "200 5")
        log.close()


def test_a_log_that_nobody_reads_keeps_a_bounded_number_of_lines() -> None:
    log = AccessLog(io.StringIO())
    for _ in range(KEPT + 100):
        log.add(asking(), "200 5")
    assert len(log._lines) == KEPT


def test_what_strangers_send_is_remembered_only_while_it_is_short() -> None:
    before = remembered_line.cache_info().currsize
    for number in range(50):
        assert log_of(f"/{number}" + "x" * 300)
    assert remembered_line.cache_info().currsize == before
