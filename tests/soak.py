"""``make soak``: people read and join while everything around them breaks; then the counts agree.

Whoever was told that a join is kept is in the database, and whoever is there got a letter. Half
of the time on SQLite, a quarter on PostgreSQL, a quarter in four processes behind nginx, with
Redis. Run as ``python tests/soak.py SECONDS`` (600 at most); prints a table for each; exit code 1
where the counts do not agree or an answer came that should not.
"""

from __future__ import annotations

import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from cocreate.storage import schema
from cocreate.storage.database import Database
from fixtures.backend import postgresql_in
from fixtures.proxy import nginx_conf
from processes import PATIENCE, free_port, running, wait_until
from soaked import Soak
from troubled import children

LONGEST = 600  # seconds


class PostgresqlSoak(Soak):
    """The same on a PostgreSQL of its own."""

    resident_at_most = 198 * 1024
    troubles = "kill kill_all restart_database freeze_database lose_mail stall_and_cut"

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

    troubles = "kill freeze restart_database lose_mail"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.redis, self.ports = free_port(), [free_port() for _ in range(4)]
        self.database |= {
            "COCREATE_SITE_URL": f"http://127.0.0.1:{self.port}/",
            "COCREATE_RATE_LIMIT_URL": f"redis://127.0.0.1:{self.redis}/0",
            "COCREATE_TRUSTED_PROXIES": "1",
        }

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
            self.drained(PATIENCE)
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
