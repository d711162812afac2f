"""Several processes behind one proxy: docs/hosting.md (c) as it is written."""

from __future__ import annotations

import gzip
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from subprocess import Popen
from urllib.parse import urlencode

import brotli
import pytest

from fixtures.backend import emptied, read, token_in
from fixtures.proxy import nginx_conf
from processes import COCREATE, PATIENCE, Answer, ask, free_port, require, running, wait_until
from sending import POSTED, STACK

LIMIT, NUMBERS = 5, count()
PAGES = ("/en/", "/ta/stack/", "/zh/join/stack/", "/sitemap.xml")


@dataclass
class Cluster:
    """What a visitor reaches (``front``), the two processes behind it, and what they wrote."""

    front: int
    impatient: int  # the same with a cache that keeps a page for a second only
    ports: tuple[int, int]
    folder: Path
    env: dict[str, str]
    lives: ExitStack
    processes: dict[int, Popen[bytes]] = field(default_factory=dict)

    def start(self, *ports: int) -> None:
        logs = {port: self.folder / f"log{port}" for port in ports}
        for port, log in logs.items():
            process = running([COCREATE, "serve", "--port", port], port, log, self.env)
            self.processes[port] = self.lives.enter_context(process)
        wait_until(lambda: all("ready at" in log.read_text() for log in logs.values()))

    def join(self, port: int, email: str, client: str) -> Answer:
        body = urlencode(STACK | {"email": email}, doseq=True)
        return ask(port, "/en/join/stack/", "POST", POSTED | {"X-Forwarded-For": client}, body)

    def press(self, port: int, path: str) -> Answer:
        return ask(port, path, "POST", {"Origin": f"http://127.0.0.1:{self.front}"})

    def letters(self, address: str) -> list[str]:
        """Tokens to confirm with, of the letters to ``address``; '' for one without."""
        found = map(read, map(Path.read_bytes, sorted((self.folder / "mail").glob("*.eml"))))
        return [token_in(letter) for letter in found if address in str(letter["To"])]

    def asked(self, line: str) -> int:
        """How often ``line`` stands in the access logs of the two, once they have been written."""
        last, logs = f"/last{next(NUMBERS)}/", [self.folder / f"log{port}" for port in self.ports]
        for port in self.ports:
            ask(port, last)
        wait_until(lambda: all(last in log.read_text() for log in logs))
        return sum(log.read_text().count(line) for log in logs)


@pytest.fixture(scope="module")
def cluster(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    nginx, redis_server = require("nginx"), require("redis-server")
    here = tmp_path_factory.mktemp("cluster")
    front, impatient, redis, one, other = (free_port() for _ in range(5))
    (here / "conf").write_text(nginx_conf(here, front, impatient, (one, other)))
    env = {
        "PATH": os.environ["PATH"],
        "COCREATE_SITE_URL": f"http://127.0.0.1:{front}/",
        "COCREATE_DATABASE_URL": emptied(postgresql),
        "COCREATE_RATE_LIMIT_URL": f"redis://127.0.0.1:{redis}/0?socket_timeout={PATIENCE}",
        "COCREATE_JOIN_LIMIT": f"{LIMIT} per hour",
        "COCREATE_TRUSTED_PROXIES": "1",
        "COCREATE_DATA_DIR": str(here / "data"),  # keys: the same for both
        "COCREATE_MAIL_URL": f"file:{here / 'mail'}",
    }
    with ExitStack() as stack:
        memory_only = [redis_server, "--port", redis, "--bind", "127.0.0.1", "--save", ""]
        stack.enter_context(running([*memory_only, "--dir", here], redis, here / "redis"))
        command = [nginx, "-c", here / "conf", "-e", here / "log"]
        stack.enter_context(running(command, front, here / "out"))
        made = Cluster(front, impatient, (one, other), here, env, stack)
        made.start(one, other)
        yield made


def test_joined_at_one_confirmed_at_the_other(cluster: Cluster) -> None:
    one, other = cluster.ports
    assert cluster.join(one, "one@example.com", "203.0.113.1")[0] == 303
    wait_until(lambda: cluster.letters("one@example.com"))
    (token,) = cluster.letters("one@example.com")
    assert ask(other, f"/en/confirm/{token}/")[0] == 200
    first, second = (cluster.press(port, f"/en/confirm/{token}/") for port in (other, one))
    assert first[0] == second[0] == 200, "a second press is no fault, wherever it arrives"
    assert ask(one, f"/en/confirm/{token}/")[0] == 410, "the first one knows that it is used"


def test_a_limit_counts_for_both_and_for_each_client(cluster: Cluster) -> None:
    answers = [
        cluster.join(cluster.ports[turn % 2], "much@example.com", "203.0.113.2")
        for turn in range(LIMIT + 2)
    ]
    assert [status for status, _, _ in answers] == [303] * LIMIT + [429] * 2
    assert all(int(headers["retry-after"]) > 3000 for _, headers, _ in answers[LIMIT:])
    assert cluster.join(cluster.ports[1], "else@example.com", "203.0.113.3")[0] == 303


def test_the_limit_holds_through_the_proxy_whatever_a_client_claims(cluster: Cluster) -> None:
    found = Counter(
        cluster.join(cluster.front, "claim@example.com", f"198.51.100.{turn}")[0]
        for turn in range(LIMIT + 3)
    )
    assert found == {303: LIMIT, 429: 3}


def test_the_proxy_writes_down_no_address_that_opens_something(cluster: Cluster) -> None:
    token = "t0ken" * 6 + "ab"
    for path in (f"/en/manage/{token}/", f"/sub/ta/confirm/{token}/?x=1", "/last/"):
        ask(cluster.front, path)
    log = cluster.folder / "access.log"
    wait_until(lambda: "GET /last/ " in log.read_text())
    assert "t0ken" not in log.read_text() + (cluster.folder / "error.log").read_text()


@pytest.mark.parametrize("path", PAGES)
def test_the_cache_asks_once_for_each_coding(cluster: Cluster, path: str) -> None:
    decode = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}
    before = cluster.asked(f'"GET {path} ')
    bodies = set()
    for coding in [*decode] * 3:
        status, headers, body = ask(cluster.front, path, headers={"Accept-Encoding": coding})
        assert (status, headers.get("content-encoding", "")) == (200, coding)
        assert headers["vary"] == "Accept-Encoding"
        assert "set-cookie" not in headers
        bodies.add(decode[coding](body))
    assert len(bodies) == 1
    assert cluster.asked(f'"GET {path} ') - before <= len(decode)


def test_a_browser_that_has_the_page_gets_a_304_from_the_cache(cluster: Cluster) -> None:
    etag = ask(cluster.front, "/ms/")[1]["etag"]
    status, headers, body = ask(cluster.front, "/ms/", headers={"If-None-Match": etag})
    assert (status, body, headers["etag"]) == (304, b"", etag)


def test_what_is_out_of_date_is_asked_for_by_its_etag(cluster: Cluster) -> None:
    first = ask(cluster.impatient, "/ms/stack/")
    time.sleep(2.1)
    again = ask(cluster.impatient, "/ms/stack/")
    assert (again[0], again[2]) == (200, first[2])
    assert cluster.asked('"GET /ms/stack/ HTTP/1" 200') == 1
    assert cluster.asked('"GET /ms/stack/ HTTP/1" 304') == 1


@pytest.mark.parametrize(
    ("path", "written", "kept"),
    [
        ("/en/confirm/nothing/", "/en/confirm/-/", "private, no-cache"),
        ("/en/nowhere/", "/en/nowhere/", "no-store"),
        ("/healthz", "/healthz", "no-store"),
    ],
)
def test_what_is_one_person_s_or_of_the_moment_is_never_kept(
    cluster: Cluster, path: str, written: str, kept: str
) -> None:
    before = cluster.asked(f'"GET {written} ')
    for _ in range(3):
        assert ask(cluster.front, path)[1]["cache-control"] == kept
    assert cluster.asked(f'"GET {written} ') == before + 3


def test_one_process_may_go_and_nobody_notices(cluster: Cluster) -> None:
    gone = cluster.ports[0]
    cluster.processes[gone].terminate()
    cluster.processes[gone].wait()
    found = Counter(ask(cluster.front, path)[0] for path in ("/healthz", "/ta/", "/en/?q=1") * 4)
    cluster.start(gone)  # for the tests after this one
    assert found == {200: 12}
