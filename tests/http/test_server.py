"""``cocreate serve`` as it runs, other servers and ``make dev``: real processes and sockets."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import sys
import time
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlencode

import pytest
from granian.server import mp

from cocreate.config import ROOT, load_config
from cocreate.serve import server as serving
from fixtures.server import Server, Start
from processes import COCREATE, PATIENCE, ask, free_port, run, running, wait_until
from sending import POSTED, STACK


def test_it_serves_says_so_and_stops_in_peace(start: Start) -> None:
    server = start()
    line = f"cocreate: ready at http://127.0.0.1:{server.port}/\n"
    assert line in server.log.read_text()
    status, headers, body = server.ask("/ta/stack/", headers={"Accept-Encoding": "br"})
    assert (status, headers["content-encoding"]) == (200, "br")
    assert headers["server"] == "cocreate"
    assert int(headers["content-length"]) == len(body)
    assert server.ask("/ta/stack/", "HEAD")[2] == b""
    status, headers, _ = server.ask("/healthz")
    assert (status, headers["cache-control"]) == (200, "no-store")
    canonical = f"http://127.0.0.1:{server.port}/en/"
    assert canonical in server.ask("/en/")[2].decode(), "SITE_URL does not follow the port"
    (worker,) = server.workers()
    server.process.terminate()
    assert server.process.wait(PATIENCE) == 0
    assert not Path(f"/proc/{worker}").exists()
    assert "Traceback" not in server.log.read_text()
    assert '"GET /ta/stack/ HTTP/1.1" 200' in server.log.read_text(), "the log was not flushed"


def test_memory_stays_within_the_budget(start: Start) -> None:
    server = start()
    for path in ("/en/", "/en/?q=1", "/en/join/stack/?q=1", "/healthz"):
        server.ask(path)
    print(f"resident: {server.resident() / 1024:.0f} MB")
    assert server.resident() <= 160 * 1024


def test_a_worker_that_dies_is_replaced(start: Start) -> None:
    server = start()
    (worker,) = server.workers()
    os.kill(worker, signal.SIGKILL)
    server.wait_for(lambda: worker not in server.workers() and server.answers())


def test_a_hangup_signal_renders_the_pages_anew(start: Start) -> None:
    server = start()
    old = server.workers()
    server.process.send_signal(signal.SIGHUP)
    answers = []

    def is_replaced() -> bool:
        answers.append(server.answers())
        return not set(old) & set(server.workers())

    server.wait_for(is_replaced)
    assert all(answers), "nobody answered meanwhile"
    assert server.process.poll() is None


def test_what_is_under_way_is_finished_before_a_stop(start: Start) -> None:
    server = start()
    with server.connect() as wire:
        wire.sendall(
            b"POST /en/join/stack/ HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n"
            b"Sec-Fetch-Site: same-origin\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n"
        )
        assert wire.recv(65536).startswith(b"HTTP/1.1 100")  # it is under way
        server.process.terminate()
        time.sleep(1)  # for the stop to arrive first; later, it is awaited all the same
        wire.sendall(b"name=x")
        assert wire.recv(65536).startswith(b"HTTP/1.1 422")
    assert server.process.wait(PATIENCE) == 0


@pytest.mark.parametrize("loading", [False, True])
def test_a_start_can_be_interrupted(start: Start, loading: bool) -> None:
    server = start(ready=False)
    server.wait_for(lambda: server.workers() or not loading)
    server.process.terminate()
    assert server.process.wait(PATIENCE) in (0, -signal.SIGTERM)
    assert "Traceback" not in server.log.read_text()
    server.wait_for(lambda: not server.processes())


def test_no_answer_waits_for_the_caller_to_acknowledge_its_beginning() -> None:
    """What is accepted takes after the socket it came through (RFC 896, tcp(7))."""
    site = serving.Server(load_config({}), "127.0.0.1", free_port())
    site._init_shared_socket()
    assert site._sso
    with site._sso as listening, socket.create_connection(listening.getsockname()):
        wait_until(lambda: select.select([listening], [], [], 0)[0])
        with listening.accept()[0] as call:
            assert call.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("host", ["::", "::1"])
def test_every_kind_of_address_is_listened_at(start: Start, host: str) -> None:
    with socket.create_connection(("::1", start(host=host).port), timeout=PATIENCE):
        pass


def test_a_port_in_use_is_one_line(start: Start, tmp_path: Path) -> None:
    server = start()
    done = run(COCREATE, "serve", "--port", server.port, cwd=tmp_path)
    message = f"cocreate: cannot listen on 127.0.0.1:{server.port}: Address already in use\n"
    assert (done.returncode, done.stderr, done.stdout) == (1, message, "")


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"INDEX": "maybe"}, "COCREATE_INDEX"),
        ({"SITE_URL": "https://example.org/"}, "COCREATE_SECRET_KEY"),
        ({"DATABASE_URL": "sqlite:////nowhere/at/all.db"}, "COCREATE_DATABASE_URL"),
        ({"DATA_DIR": "/proc/no"}, "COCREATE_DATA_DIR"),
    ],
)
def test_a_wrong_setting_is_one_line(start: Start, settings: dict[str, str], name: str) -> None:
    server = start(ready=False, **settings)
    assert server.process.wait(PATIENCE) == 2
    assert re.fullmatch(rf"cocreate: {name}: .+\n", server.log.read_text())


def test_below_a_path_the_address_says_so(start: Start) -> None:
    server = start(SITE_URL="http://127.0.0.1:1/sub/")
    assert f"ready at http://127.0.0.1:{server.port}/sub/\n" in server.log.read_text()
    assert server.ask("/sub/en/")[0] == 200
    status, headers, _ = server.ask("/sub/en/nowhere/")
    assert (status, headers["cache-control"]) == (404, "no-store")


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /en/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /en/\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET http://evil.example/en/nowhere/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"BREW /en/ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /en/ HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 500_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /en/ HTTP/9.9\r\nHost: a\r\n\r\n",
        b"POST /en/feedback/ HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"POST /en/feedback/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_nonsense_on_the_wire_harms_nobody(server: Server, raw: bytes) -> None:
    with server.connect() as wire:
        try:
            wire.sendall(raw)
            wire.shutdown(socket.SHUT_WR)
            answer = wire.recv(65536)
        except OSError:
            answer = b""
    assert not answer or re.match(rb"HTTP/1\.\d [2345]0\d|HTTP/1\.\d 4\d\d", answer)
    assert b" 500 " not in answer.partition(b"\r\n")[0]
    assert b"evil.example" not in answer
    assert server.answers()


def test_senders_who_never_finish_hold_up_no_reader(server: Server) -> None:
    """Bodies are awaited before anybody's turn is taken, and never by all threads."""
    origin = f"Origin: http://127.0.0.1:{server.port}\r\n\r\nname="
    with ExitStack() as slow:

        def is_one_too_many() -> bool:
            for path in ("/en/join/stack/", "/en/manage/x/") * 20:
                wire = slow.enter_context(server.connect())
                head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
                wire.sendall((head + origin).encode())
            answers = [server.ask(path)[0] for path in ("/en/", "/healthz", "/en/nowhere/")]
            status, headers, _ = server.ask("/en/join/stack/", "POST", POSTED, "name=x")
            assert answers == [200, 200, 404]
            return (status, headers.get("retry-after")) == (503, "5")

        server.wait_for(is_one_too_many)
    server.wait_for(lambda: server.ask("/en/join/stack/", "POST", POSTED, "name=x")[0] == 422)


def test_what_we_use_of_granian_s_inside_is_there() -> None:
    """It is pinned exactly, since some of what we build on has no public name."""
    assert f'"granian=={version("granian")}"' in (ROOT / "pyproject.toml").read_text("utf-8")
    source = Path(serving.__file__).read_text("utf-8")
    ours = {"_config", "_signals", "_load", "_replace", "_take_signals"}
    used = {"_serve", *re.findall(r"self\.(_[a-z_]+)", source)} - ours
    assert {"_init_shared_socket", "_spawn_worker", "_shd"} <= used
    theirs = "".join(file.read_text("utf-8") for file in Path(mp.__file__).parent.glob("*.py"))
    assert [name for name in sorted(used) if not re.search(rf"\b{name}\b", theirs)] == []


SERVERS = {
    "gunicorn": ["-m", "gunicorn", "--threads", "4", "--bind", "127.0.0.1:{port}"],
    "waitress": ["-m", "waitress", "--listen", "127.0.0.1:{port}"],
}


@pytest.mark.parametrize("name", SERVERS)
def test_the_whole_site_runs_under_any_wsgi_server(tmp_path: Path, name: str) -> None:
    port = free_port()
    arguments = [part.format(port=port) for part in SERVERS[name]]
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "site"),
        "COCREATE_SITE_URL": f"http://127.0.0.1:{port}/",
        "COCREATE_DATA_DIR": str(tmp_path / "data"),
    }
    command = [sys.executable, *arguments, "cocreate.wsgi:application"]
    with running(command, port, tmp_path / "log", env):
        status, headers, body = ask(port, "/ta/", headers={"Accept-Encoding": "identity"})
        kept = "public, max-age=0, s-maxage=60, must-revalidate"
        assert (status, headers["cache-control"]) == (200, kept)
        style = body.decode().partition("/static/site.")[2].partition(".css")[0]
        assert ask(port, f"/static/site.{style}.css")[0] == 200
        form = urlencode(STACK, doseq=True)
        assert ask(port, "/ta/join/stack/", "POST", POSTED, form)[0] == 303
        assert ask(port, "/readyz")[0] == 200
        wait_until(lambda: list((tmp_path / "data/mail").glob("*.eml")))


def test_a_wrong_setting_is_one_line_there_too(tmp_path: Path) -> None:
    env = {"PYTHONPATH": str(ROOT / "site"), "COCREATE_INDEX": "maybe"}
    done = run(sys.executable, "-c", "import cocreate.wsgi", cwd=tmp_path, env=env)
    assert (done.returncode, done.stderr) == (1, "cocreate: COCREATE_INDEX: use 1 or 0\n")
