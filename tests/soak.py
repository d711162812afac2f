"""``make soak``: people read and join while everything around them breaks; then the counts agree.

Whoever was told that a join is kept is in the database, and whoever is there got a letter. Half
of the time on SQLite, a quarter on PostgreSQL, a quarter in four processes behind nginx, with
Redis. Run as ``python tests/soak.py SECONDS`` (600 at most); prints a table for each; exit code 1
where the counts do not agree or an answer came that should not.
"""

from __future__ import annotations

import http.client
import os
import random
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "site")]

from cocreate.config import ROOT  # noqa: E402
from cocreate.storage import crypto, schema  # noqa: E402
from cocreate.storage.database import Database  # noqa: E402
from fixtures.backend import postgresql_in  # noqa: E402
from fixtures.mailserver import MailServer  # noqa: E402
from fixtures.proxy import nginx_conf  # noqa: E402
from processes import COCREATE, PATIENCE, ask, free_port, running, wait_until  # noqa: E402

LONGEST = 600  # seconds
READERS, JOINERS = 3, 3
PAUSE = 0.05  # seconds between two joins of one joiner: two cores also send the letters
READ_PAUSE = 0.001  # seconds between two pages of one reader
LIVE_SENDERS = 5  # seconds for those who live to send what they have claimed
DRAINED_WITHIN = 180  # seconds for the last letters, once all is well again
PATHS = (
    "/en/",
    "/zh/stack/",
    "/ms/privacy/",
    "/ta/join/stack/",
    "/en/?utm_source=soak",
    "/healthz",
)
FORM = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
ANSWERS = {
    "name": "Ann",
    "role": "developer",
    "interests": "events",
    "mail_language": "en",
    "consent": "yes",
}
REFUSALS = {503, 429}  # said plainly, with Retry-After, and nothing kept
GATEWAY = {502, 504}  # nginx does not know what became of it
SENDERS = 12  # who stall at once: more than the site lets wait
HALF = (
    b"POST /en/feedback/ HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nmessage=half"
)


def children(pid: int) -> list[int]:
    """Of a process, now."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Soak:
    """One server in ``folder``, with people in front of it and trouble around it."""

    # Kilobytes, all processes: 160 MB at the start, level within 10 %.
    resident_at_most = 176 * 1024
    killed_at_once = 3  # workers, one after the other

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.port = folder, folder / "data", free_port()
        self.acknowledged: set[str] = set()
        self.unanswered: set[str] = set()  # kept or not: nobody was told
        self.counts: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.mail = MailServer().start()
        self.stop = threading.Event()
        self.lives = ExitStack()
        self.database: dict[str, str] = {}  # settings
        self.kinds: list[Callable[[], None]] = [
            self.kill,
            self.kill_all,
            self.reload_good,
            self.reload_bad,
            self.lock,
            self.lose_database,
            self.refuse_mail,
            self.lose_mail,
            self.stall_and_cut,
        ]
        self.template = folder / "tree/templates/pages/stack.html"
        for name in ("site", "templates", "static", "translations"):
            skipped = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / "tree" / name, ignore=skipped)
        self.good = self.template.read_text("utf-8")

    @contextmanager
    def serving(self) -> Iterator[None]:
        with self.lives:
            self.start()
            yield

    def start(self) -> None:
        self.server = self.serve(self.port)
        wait_until(self.answers)  # it listens before it has loaded

    def serve(self, port: int) -> subprocess.Popen[bytes]:
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self.folder / "tree/site"),
            "COCREATE_DATA_DIR": str(self.data),
            "COCREATE_MAIL_URL": f"smtp://127.0.0.1:{self.mail.port}",
            "COCREATE_MAIL_BACKOFF": "1",
            "COCREATE_JOIN_LIMIT": "1000000 per hour",
            "COCREATE_MAIL_CEILING": "1000000 per hour",
        }
        command = [COCREATE, "serve", "--port", port]
        self.log = self.folder / f"log{time.monotonic()}"
        started = running(command, port, self.log, env | self.database)
        return self.lives.enter_context(started)

    def close(self) -> None:
        """Give back what was taken for the whole of it."""

    # People

    def read(self) -> None:
        """A reader: every page comes, whatever befalls the rest."""
        while not self.stop.is_set():
            wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            try:
                self.read_on(wire)
            except (OSError, http.client.HTTPException):
                self.counts["reads cut off by a kill"] += 1
            finally:
                wire.close()

    def read_on(self, wire: http.client.HTTPConnection) -> None:
        while not self.stop.wait(READ_PAUSE):
            wire.request("GET", random.choice(PATHS))
            answer = wire.getresponse()
            answer.read()
            self.counts["pages read"] += 1
            if answer.status != 200:
                self.wrong[f"a page answered {answer.status}"] += 1

    def join(self, name: int) -> None:
        """A joiner: each time with an address of its own, and no second try."""
        number = 0
        while not self.stop.wait(PAUSE):
            number += 1
            address = f"soak-{name}-{number}@example.com"
            body = urlencode(ANSWERS | {"email": address})
            try:
                status = ask(self.port, "/en/join/stack/", "POST", FORM, body)[0]
            except (OSError, http.client.HTTPException):
                self.unanswered.add(address)
                continue
            if status == 303:
                self.acknowledged.add(address)
            elif status in GATEWAY:
                self.unanswered.add(address)
            elif status in REFUSALS:
                self.counts[f"joins refused with {status}"] += 1
            else:
                self.wrong[f"a join answered {status}"] += 1

    # Trouble

    def workers(self) -> list[int]:
        return children(self.server.pid)

    def kill(self) -> None:
        """SIGKILL for the worker, and for those that come after it."""
        for _ in range(self.killed_at_once):
            self.strike(signal.SIGKILL, *self.workers())
            wait_until(self.answers)

    def kill_all(self) -> None:
        """SIGKILL for the parent and the worker; systemd starts them again."""
        self.strike(signal.SIGKILL, self.server.pid, *self.workers())
        self.server.wait(PATIENCE)
        self.start()

    def strike(self, blow: signal.Signals, *processes: int) -> None:
        for one in processes:
            with suppress(ProcessLookupError):  # replaced meanwhile
                os.kill(one, blow)
                self.counts[blow.name] += 1

    def stall_and_cut(self) -> None:
        """Senders who stop half way, stay for a second, and go with a reset."""
        wires = []
        for _ in range(SENDERS):
            wire = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
            wire.sendall(HALF)
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            wires.append(wire)
        time.sleep(1)
        for wire in wires:
            wire.close()

    def reload_good(self) -> None:
        """A storm of SIGHUPs, with a template that changes."""
        self.template.write_text(self.good + f"{{# {time.time()} #}}", encoding="utf-8")
        self.hang_up(5)

    def reload_bad(self) -> None:
        """The same with a template that cannot be rendered; then with the good one again."""
        broken = self.good.replace("{% block main %}", "{% block main %}{{ nothing_of_this }}")
        self.template.write_text(broken, encoding="utf-8")
        self.hang_up(3)
        self.template.write_text(self.good, encoding="utf-8")
        self.hang_up(1)

    def hang_up(self, times: int) -> None:
        for _ in range(times):
            self.server.send_signal(signal.SIGHUP)
            time.sleep(0.3)

    def lock(self) -> None:
        """Another program holds the database's write lock."""
        with closing(sqlite3.connect(self.data / "cocreate.db", isolation_level=None)) as other:
            other.execute("PRAGMA busy_timeout = 10000")
            other.execute("BEGIN IMMEDIATE")
            time.sleep(random.uniform(0.5, 7))  # the site waits for 5

    def lose_database(self) -> None:
        """The file is not where it was, for a second."""
        file = self.data / "cocreate.db"
        file.rename(file.with_name("away"))
        time.sleep(1)
        file.with_name("away").rename(file)

    def refuse_mail(self) -> None:
        """The mail server takes nothing for now."""
        self.mail.answers["DATA"] = "451 later"
        time.sleep(2)
        self.mail.answers.clear()

    def lose_mail(self) -> None:
        """The mail server is gone, and comes back."""
        self.mail.stop()
        time.sleep(1)
        self.mail.start()

    def trouble(self, seconds: float) -> None:
        """One after the other, in any order, none left out."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for kind in random.sample(self.kinds, len(self.kinds)):
                kind()
                self.counts[f"times: {kind.__name__.replace('_', ' ')}"] += 1
                self.weigh()
                if time.monotonic() > until and all(
                    self.counts[f"times: {one.__name__.replace('_', ' ')}"] for one in self.kinds
                ):
                    return

    def weigh(self) -> None:
        """Note how much memory all processes have, unless one is just being replaced."""
        with suppress(OSError, ValueError):
            (worker,) = self.workers()
            status = [Path(f"/proc/{one}/status").read_text() for one in (self.server.pid, worker)]
            found = sum(int(text.partition("VmRSS:")[2].split()[0]) for text in status)
            self.counts["resident at most (KB)"] = max(self.counts["resident at most (KB)"], found)

    def answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return ask(self.port, "/healthz")[0] == 200
        return False

    # Reckoning

    def run(self, seconds: float) -> bool:
        """Whether all is well after ``seconds`` of trouble."""
        people = [threading.Thread(target=self.read) for _ in range(READERS)]
        people += [threading.Thread(target=self.join, args=(name,)) for name in range(JOINERS)]
        try:
            with self.serving():
                for person in people:
                    person.start()
                try:
                    self.trouble(seconds)
                finally:
                    self.stop.set()
                    for person in people:
                        person.join(PATIENCE)
                self.drain()
        finally:
            self.mail.stop()
        return self.reckon()

    def drain(self) -> None:
        """Until the outbox is empty; the leases of senders that were killed run out at once."""
        start = time.monotonic()
        hurried = False
        while self.rows("SELECT id FROM outbox") and time.monotonic() < start + DRAINED_WITHIN:
            time.sleep(0.5)
            if not hurried and time.monotonic() > start + LIVE_SENDERS:
                self.rows("UPDATE outbox SET due_at = 0 RETURNING id")
                hurried = True

    def rows(self, query: str) -> list[Any]:
        file = self.data / "cocreate.db"
        with closing(sqlite3.connect(file, timeout=PATIENCE)) as connection, connection:
            return [row[0] for row in connection.execute(query)]

    def reckon(self) -> bool:
        secret = ((self.data / "secret.key").read_text("utf-8").strip(),)
        hashes = {
            crypto.address_hashes(address, secret)[0]: address
            for address in self.acknowledged | self.unanswered
        }
        found = {hashes.get(key, "?") for key in self.rows("SELECT email_hash FROM signups")}
        mailed = Counter(str(letter["To"]) for letter in self.mail.received)
        told = self.acknowledged
        differences: dict[str, Collection[Any]] = {
            "acknowledged, not stored": told - found,
            "stored, never asked for": found - told - self.unanswered,
            "stored, not mailed": found - mailed.keys(),
            "mailed, not stored": mailed.keys() - found,
            "half a message stored": self.rows("SELECT id FROM feedback"),
        }
        self.wrong.update({text: len(names) for text, names in differences.items() if names})
        if self.counts["resident at most (KB)"] > self.resident_at_most:
            self.wrong["more memory than allowed (KB)"] = self.counts["resident at most (KB)"]
        self.counts |= {
            "joins acknowledged": len(told),
            "joins cut off, and kept": len(found - told),
            "joins cut off, and not kept": len(self.unanswered - found),
            "sign-ups stored": len(found),
            "mailboxes written to": len(mailed),
            "letters sent twice": sum(number - 1 for number in mailed.values()),
        }
        return not self.wrong and bool(told)

    def table(self) -> str:
        rows = [*sorted(self.counts.items()), *((f"WRONG: {k}", n) for k, n in self.wrong.items())]
        return "\n".join(f"{text:<40} {number:>9,}" for text, number in rows)


class PostgresqlSoak(Soak):
    """The same on a PostgreSQL of its own."""

    resident_at_most = 198 * 1024

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.postgresql = postgresql_in(folder)
        url = self.postgresql.get_uri()
        self.plain = url.replace("/postgres?", "/cocreate?")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE cocreate")
        ours = self.plain.replace("postgresql:", "postgresql+psycopg:")
        with closing(Database(ours)) as database:
            schema.upgrade(database)
        self.database = {"COCREATE_DATABASE_URL": ours}
        self.kinds = [
            self.kill,
            self.kill_all,
            self.restart_database,
            self.freeze_database,
            self.lose_mail,
            self.stall_and_cut,
        ]

    def close(self) -> None:
        self.postgresql.cleanup()

    def restart_database(self) -> None:
        self.postgresql.stop()
        time.sleep(1)
        self.postgresql.start()

    def freeze_database(self) -> None:
        """It neither answers nor hangs up."""
        first = self.postgresql.get_pid()
        frozen = [first, *children(first)]
        self.strike(signal.SIGSTOP, *frozen)
        time.sleep(random.uniform(0.5, 7))
        self.strike(signal.SIGCONT, *frozen)

    def rows(self, query: str) -> list[Any]:
        with psycopg.connect(self.plain) as connection:
            return [row[0] for row in connection.execute(query.encode())]


class ClusterSoak(PostgresqlSoak):
    """Four processes, nginx as in docs/hosting.md, one PostgreSQL, one Redis."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.redis, self.ports = free_port(), [free_port() for _ in range(4)]
        self.database |= {
            "COCREATE_SITE_URL": f"http://127.0.0.1:{self.port}/",
            "COCREATE_RATE_LIMIT_URL": f"redis://127.0.0.1:{self.redis}/0",
            "COCREATE_TRUSTED_PROXIES": "1",
        }
        self.kinds = [self.kill, self.freeze, self.restart_database, self.lose_mail]

    @contextmanager
    def serving(self) -> Iterator[None]:
        redis = ["redis-server", "--port", self.redis, "--bind", "127.0.0.1", "--save", ""]
        conf = self.folder / "conf"
        conf.write_text(nginx_conf(self.folder, self.port, free_port(), self.ports))
        nginx = ["nginx", "-c", conf, "-e", self.folder / "nginx.log"]
        with ExitStack() as stack, self.lives:
            stack.enter_context(running(redis, self.redis, self.folder / "redis.log"))
            self.servers = [self.serve(port) for port in self.ports]
            stack.enter_context(running(nginx, self.port, self.folder / "nginx.out"))
            wait_until(self.answers)
            yield

    def kill(self) -> None:
        """Every 5 seconds SIGKILL for one of them, parent and worker; it is started again."""
        for _ in range(4):
            number = random.randrange(len(self.servers))
            victim = self.servers[number]
            self.strike(signal.SIGKILL, victim.pid, *children(victim.pid))
            victim.wait(PATIENCE)
            self.servers[number] = self.serve(self.ports[number])
            time.sleep(5)

    def freeze(self) -> None:
        """One of them neither answers nor goes away."""
        with self.one_frozen():
            time.sleep(random.uniform(0.5, 15))

    @contextmanager
    def one_frozen(self) -> Iterator[None]:
        one = random.choice(self.servers).pid
        frozen = [one, *children(one)]
        self.strike(signal.SIGSTOP, *frozen)
        yield
        self.strike(signal.SIGCONT, *frozen)

    def drain(self) -> None:
        """With one process frozen for good: what it had claimed goes out by the others."""
        begun = time.monotonic()
        with self.one_frozen():
            while self.rows("SELECT id FROM outbox") and time.monotonic() < begun + DRAINED_WITHIN:
                time.sleep(0.5)
        self.counts["seconds to drain, one frozen"] = round(time.monotonic() - begun)

    def weigh(self) -> None:
        """Not here: one process alone is weighed by the others."""


# Of the time. On SQLite more can go wrong, and a round of all of it takes longest.
SHARES: dict[type[Soak], float] = {Soak: 0.5, PostgresqlSoak: 0.25, ClusterSoak: 0.25}


def main() -> int:
    asked = sys.argv[1] if len(sys.argv) > 1 else "300"
    if not asked.isdecimal() or not 1 <= int(asked) <= LONGEST:
        sys.exit(f"make soak: SECONDS is a number from 1 to {LONGEST}")
    return max(show(kind, int(asked) * share) for kind, share in SHARES.items())


def show(kind: type[Soak], seconds: float) -> int:
    """The exit code."""
    with (
        tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as folder,
        closing(kind(Path(folder))) as soak,
    ):
        well = soak.run(seconds)
        print(f"{kind.__name__}\n{soak.table()}")
        print("acknowledged = stored = mailed" if well else "The counts do not agree.")
        if not well:
            print(soak.log.read_text("utf-8")[-3000:], file=sys.stderr)
    return int(not well)


if __name__ == "__main__":
    sys.exit(main())
