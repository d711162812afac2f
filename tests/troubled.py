"""One site on SQLite, and all the trouble that may befall it."""

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
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from cocreate.config import ROOT
from fixtures.mailserver import MailServer
from processes import COCREATE, PATIENCE, ask, free_port, is_free, running, wait_until

SENDERS = 12  # who stall at once: more than the site lets wait
HALF = (
    b"POST /en/feedback/ HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nmessage=half"
)
RESIDENT = "resident at most (KB)"


def children(pid: int) -> list[int]:
    """Of a process, now."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class TroubledSite:
    """A server in ``folder`` and its mail server. Each of ``troubles`` is one of its methods."""

    troubles = (
        "kill kill_all reload_good reload_bad stall_and_cut"
        " lock lose_database refuse_mail lose_mail"
    )

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.port = folder, folder / "data", free_port()
        self.counts: Counter[str] = Counter()
        self.mail = MailServer().start()
        self.lives = ExitStack()
        self.database: dict[str, str] = {}  # settings
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
        wait_until(lambda: is_free(port))  # a worker that outlived a kill may still be there
        self.log = self.folder / f"log{time.monotonic()}"
        command = [COCREATE, "serve", "--port", port]
        return self.lives.enter_context(running(command, port, self.log, env | self.database))

    def answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return ask(self.port, "/healthz")[0] == 200
        return False

    def close(self) -> None:
        """Give back what was taken for the whole of it."""

    def trouble(self, seconds: float) -> None:
        """One after the other, in any order, none left out."""
        kinds = self.troubles.split()
        until, begun = time.monotonic() + seconds, set[str]()
        while time.monotonic() < until or begun < set(kinds):
            for kind in random.sample(kinds, len(kinds)):
                if time.monotonic() > until and begun == set(kinds):
                    return
                begun.add(kind)
                getattr(self, kind)()
                self.counts[f"times: {kind.replace('_', ' ')}"] += 1
                self.weigh()

    def strike(self, blow: signal.Signals, *processes: int) -> None:
        for one in processes:
            with suppress(ProcessLookupError):  # replaced meanwhile
                os.kill(one, blow)
                self.counts[blow.name] += 1

    def kill(self) -> None:
        """SIGKILL for the worker, and for those that come after it."""
        for _ in range(3):
            self.strike(signal.SIGKILL, *children(self.server.pid))
            wait_until(self.answers)

    def kill_all(self) -> None:
        """SIGKILL for the parent and the worker; systemd starts them again."""
        self.strike(signal.SIGKILL, self.server.pid, *children(self.server.pid))
        self.server.wait(PATIENCE)
        self.start()

    def stall_and_cut(self) -> None:
        """Senders who stop half way, stay for a second, and go with a reset."""
        with ExitStack() as wires:
            for _ in range(SENDERS):
                address = ("127.0.0.1", self.port)
                wire = wires.enter_context(socket.create_connection(address, timeout=PATIENCE))
                wire.sendall(HALF)
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            time.sleep(1)

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
            other.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")
            other.execute("BEGIN IMMEDIATE")
            time.sleep(random.uniform(0.5, 7))  # the site waits for 5

    def lose_database(self) -> None:
        """The file is not where it was, for a second."""
        file = self.data / "cocreate.db"
        away = file.rename(file.with_name("away"))
        time.sleep(1)
        away.rename(file)

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

    def weigh(self) -> None:
        """Note how much memory all processes have, unless one is just being replaced."""
        with suppress(OSError, ValueError):
            (worker,) = children(self.server.pid)
            status = [Path(f"/proc/{one}/status").read_text() for one in (self.server.pid, worker)]
            found = sum(int(text.partition("VmRSS:")[2].split()[0]) for text in status)
            self.counts[RESIDENT] = max(self.counts[RESIDENT], found)
