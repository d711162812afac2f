"""What stalls, lies, fills up or goes away never takes the pages with it, nor what was taken in."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import struct
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.test import Client

from cocreate.config import LARGEST_BODY, ROOT
from cocreate.freeze.freeze import addresses
from cocreate.serve import prerendered
from cocreate.serve.prerendered import Front
from fixtures.adopted import Copy
from fixtures.server import Server, Start
from processes import PATIENCE, run
from sending import POSTED
from soak import PostgresqlSoak
from soaked import Soak

FEEDBACK = urlencode({"page": "", "message": "It is good", "email": ""})


def send_feedback(server: Server) -> int:
    return server.ask("/en/feedback/", "POST", POSTED, FEEDBACK)[0]


def test_a_reload_that_fails_leaves_the_site_as_it_was(start: Start, tmp_path: Path) -> None:
    tree = Copy(tmp_path / "tree").folder
    server = start(tree=tree)
    (worker,) = server.workers()
    template = tree / "templates/pages/stack.html"
    good = template.read_text()
    template.write_text(good.replace("{% block main %}", "{% block main %}{{ nothing_of_this }}"))
    server.process.send_signal(signal.SIGHUP)
    server.wait_for(lambda: "the one before goes on" in server.log.read_text())
    server.wait_for(lambda: server.workers() == [worker])  # the new one ends in its own time
    assert server.ask("/en/stack/")[0] == 200
    assert server.process.poll() is None
    template.write_text(good + "{# mended #}")
    server.process.send_signal(signal.SIGHUP)
    server.wait_for(lambda: server.workers() and worker not in server.workers())
    assert server.answers()


def test_pages_are_served_whatever_befalls_the_database(start: Start, tmp_path: Path) -> None:
    server = start()
    file = tmp_path / "instance/cocreate.db"
    file.rename(tmp_path / "away")
    (worker,) = server.workers()
    os.kill(worker, signal.SIGKILL)  # a death meanwhile is not the end
    server.wait_for(lambda: worker not in server.workers() and server.answers())
    server.process.send_signal(signal.SIGHUP)
    server.wait_for(server.answers)
    assert send_feedback(server) == 503
    assert [server.ask(path)[0] for path in ("/healthz", "/readyz")] == [200, 503]
    assert not file.exists(), "what a new one takes is lost when the old one comes back"
    (tmp_path / "away").rename(file)
    server.wait_for(lambda: send_feedback(server) == 303)


def test_a_start_without_postgresql_serves_the_pages(start: Start) -> None:
    server = start(DATABASE_URL="postgresql+psycopg://postgres@127.0.0.1:1/nothing")
    assert server.ask("/ta/")[0] == 200
    assert send_feedback(server) == 503
    assert server.ask("/readyz")[0] == 503


def test_a_parent_that_is_killed_leaves_no_worker_on_the_port(start: Start) -> None:
    server = start()
    server.process.kill()
    server.process.wait(PATIENCE)
    server.wait_for(lambda: not server.processes())
    with socket.create_server(("127.0.0.1", server.port)):
        pass


def test_a_database_that_stalls_holds_up_no_reader(start: Start, tmp_path: Path) -> None:
    server = start()
    assert send_feedback(server) == 303
    other = sqlite3.connect(tmp_path / "instance/cocreate.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answers: list[int] = []  # to senders, who go on until the readers are done
    quick: list[bool] = []  # pages that came while every sender waited
    over = threading.Event()

    def send_on() -> None:
        while not over.is_set():
            answers.append(send_feedback(server))

    def has_read() -> bool:
        for path in ("/en/", "/healthz", "/ta/stack/"):
            before = len(answers)
            assert server.ask(path)[0] == 200
            quick.append(before == len(answers))
        return sum(quick) >= 15

    with ThreadPoolExecutor(15) as pool:
        for _ in range(15):
            pool.submit(send_on)
        try:
            server.wait_for(lambda: answers)  # by now all of them are stalled
            server.wait_for(has_read)
            assert set(answers) == {503}
        finally:
            over.set()
            other.close()
    assert send_feedback(server) == 303


def test_a_log_that_nobody_reads_stops_nobody(start: Start) -> None:
    nobody, out = os.pipe()
    server = start(ready=False, out=out)
    server.wait_for(server.answers)
    with server.connect() as wire, wire.makefile("rb") as answers:
        for _ in range(3000):  # 200 KB of log; a pipe takes 64
            wire.sendall(b"HEAD /en/ HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answers.readline().startswith(b"HTTP/1.1 200")
            while answers.readline().strip():
                pass
    server.process.terminate()
    assert server.process.wait(PATIENCE) == 0
    os.close(nobody)
    os.close(out)


HEAD = (
    b"POST /en/feedback/ HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
)
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BODY = FEEDBACK.encode()
CUT = {
    "shorter-than-announced": (HEAD + b"Content-Length: 500\r\n\r\n" + BODY, b"400"),
    "broken-chunk": (CHUNKED + b"%x\r\n%s\r\nzz\r\n" % (len(BODY), BODY), b"400"),
    "cut-between-chunks": (CHUNKED + b"%x\r\n%s\r\n" % (len(BODY), BODY), b"400"),
    "cut-in-a-chunk": (CHUNKED + b"999\r\n" + BODY, b"400"),
    "too-much-in-chunks": (
        CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (LARGEST_BODY + 9, b"x" * (LARGEST_BODY + 9)),
        b"413",
    ),
    "too-much-announced": (HEAD + b"Content-Length: %d\r\n\r\n" % (LARGEST_BODY + 1), b"413"),
}


@pytest.mark.parametrize("case", CUT)
def test_half_a_message_is_never_stored(server: Server, case: str) -> None:
    raw, status = CUT[case]
    with server.connect() as wire:
        wire.sendall(raw)
        if "cut" in case or "shorter" in case:
            wire.shutdown(socket.SHUT_WR)
        answer = wire.recv(65536)
    assert answer.startswith(b"HTTP/1.1 " + status), answer[:100]
    assert stored(server) == 0


def test_a_message_whose_sender_vanishes_is_not_stored(server: Server) -> None:
    wire = server.connect()
    wire.sendall(CUT["shorter-than-announced"][0].replace(b"/en/", b"/ms/"))
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()  # with a reset
    server.wait_for(lambda: '"POST /ms/feedback/ ' in server.log.read_text())  # it is over
    assert stored(server) == 0


def stored(server: Server) -> int:
    with sqlite3.connect(server.log.parent / "instance/cocreate.db") as connection:
        return int(connection.execute("SELECT count(*) FROM feedback").fetchone()[0])


def test_callers_who_say_nothing_hold_up_no_reader(server: Server) -> None:
    with ExitStack() as silent:
        for _ in range(500):
            silent.enter_context(server.connect())
        assert server.ask("/en/")[0] == 200


class Stalled:
    """A body that never arrives, until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def read(self, _size: int) -> bytes:
        self.let_go.wait(PATIENCE)
        return b""


def test_a_body_has_a_deadline(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prerendered, "ANSWER_TIMEOUT", 0.2)
    client, body = Client(Front(site)), Stalled()
    overrides = {"wsgi.input": body, "CONTENT_LENGTH": "10"}
    answer = client.post("/ta/feedback/", environ_overrides=overrides)
    body.let_go.set()
    assert answer.status_code == 503
    assert 'lang="ta"' in answer.text or "lang=ta" in answer.text
    assert answer.headers["Retry-After"] == "30"


QUERIES = ("utm_source=x", "page=stack", "a=b&a=c", "%ff", "=")


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_changes_no_page(site: Flask, front: Client, query: str) -> None:
    packed = {"Accept-Encoding": "br"}
    for address in addresses(site):
        if address.endswith("/feedback/") and query == "page=stack":
            continue  # the one that knows it
        plain = front.get(address, headers=packed)
        asked = front.get(f"{address}?{query}", headers=packed)
        assert asked.data == plain.data, address
        assert asked.headers == plain.headers
        known = {"If-None-Match": plain.headers["ETag"]} | packed
        assert front.get(f"{address}?{query}", headers=known).status_code == 304


@pytest.mark.parametrize("kind", [Soak, PostgresqlSoak])
def test_whatever_breaks_acknowledged_is_stored_is_mailed(tmp_path: Path, kind: type[Soak]) -> None:
    with closing(kind(tmp_path)) as soak:
        assert soak.run(seconds=1), f"{soak.table()}\n{soak.log.read_text('utf-8')[-2000:]}"
        lost = soak.acknowledged.pop()
        soak.mail.received = [one for one in soak.mail.received if str(one["To"]) != lost]
        assert not soak.reckon(), "a letter that was lost goes unnoticed"
        assert "stored, never asked for" in soak.table()


@pytest.mark.parametrize("seconds", ["0", "601", "long"])
def test_it_takes_ten_minutes_at_most(seconds: str) -> None:
    done = run(sys.executable, ROOT / "tests/soak.py", seconds)
    said = "make soak: SECONDS is a number from 1 to 600\n"
    assert (done.returncode, done.stderr) == (1, said)
