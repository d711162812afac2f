"""With 150,000 members: what a person waits for, a purge, and joins and letters meanwhile."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

from cocreate.storage import schema
from cocreate.storage.database import Database
from fixtures.backend import body, postgresql_in
from fixtures.crowd import DAY, MEMBERS, UNCONFIRMED, fill
from fixtures.mailserver import MailServer
from machine import COCREATE, ask, resident, server
from processes import free_port, wait_until
from report import Row
from serving import FORM, FORM_HEADERS, NO_LIMITS

FEW, MANY, LATE = 1_000, 150_000, 10_000
PEOPLE = 40  # whose waiting is measured
MEGABYTES = {"SQLite": 176, "PostgreSQL": 198}  # at the start 160 and 180; level within 10 %


def answer(port: int, path: str, form: str | None = None) -> float:
    """Seconds until a person has it. Raises RuntimeError when it is none of the expected."""
    began, method = time.perf_counter(), "GET" if form is None else "POST"
    status = ask(port, path, method, FORM_HEADERS, form)[0]
    if status not in (200, 303):
        raise RuntimeError(f"{method} was answered {status}")
    return time.perf_counter() - began


def join(port: int, address: str) -> float:
    return answer(port, "/en/join/stack/", f"{FORM}&{urlencode({'email': address})}")


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """URLs of an empty SQLite and an empty PostgreSQL."""
    postgresql = postgresql_in(folder)
    try:
        ours = postgresql.get_uri().replace("postgresql:", "postgresql+psycopg:")
        yield {"SQLite": f"sqlite:///{folder}/cocreate.db", "PostgreSQL": ours}
    finally:
        postgresql.cleanup()


def measure(folder: Path) -> Iterator[Row]:
    with databases(folder) as urls:
        for name, url in urls.items():
            data = folder / f"members-{name}"
            with closing(Database(url)) as database:
                schema.create_file(database)
                schema.upgrade(database)
                yield from with_members(name, database, url, data)


def with_members(name: str, database: Database, url: str, data: Path) -> Iterator[Row]:
    mail, port = MailServer().start(), free_port()
    env = NO_LIMITS | {
        "COCREATE_DATA_DIR": str(data),
        "COCREATE_DATABASE_URL": url,
        "COCREATE_MAIL_URL": f"smtp://127.0.0.1:{mail.port}",
        "COCREATE_MAIL_CEILING": "1000000 per hour",
    }

    def put(script: str, first: int, last: int, at: float | None = None) -> None:
        with database.transaction(immediate=True) as connection:
            fill(connection, script, first, last, at)

    with server([COCREATE, "serve", "--port", port], port, env) as process:
        put(MEMBERS, 1, FEW)
        few = waiting(port, mail, "few")
        put(MEMBERS, FEW + 1, MANY)
        many = waiting(port, mail, "many")
        for step, seconds in many.items():
            what = f"{step} with {MANY:,} members ÷ with {FEW:,}, {name}"
            yield {"what": what, "is": seconds / few[step], "at_most": 1.5}
        put(UNCONFIRMED, 1, LATE, time.time() - 30 * DAY)
        yield from purging(name, port, mail, env)
        memory = resident(process.pid) / 2**20
        at_most = MEGABYTES[name]
        yield {"what": f"resident memory then, MB, {name}", "is": memory, "at_most": at_most}
    mail.stop()


def waiting(port: int, mail: MailServer, name: str) -> dict[str, float]:
    """Median seconds of each thing that a new member asks of the server."""
    people = [f"{name}{number}@example.org" for number in range(PEOPLE)]
    joins = [join(port, one) for one in people]
    wait_until(lambda: {str(letter["To"]) for letter in mail.received} >= set(people))
    letters = [body(letter) for letter in mail.received if str(letter["To"]) in people]
    confirm, manage = (
        [answer(port, re.findall(rf"/en/{kind}/[\w-]+/", text)[0], form) for text in letters]
        for kind, form in (("confirm", ""), ("manage", None))
    )
    found = {"join": joins, "confirm": confirm, "manage": manage}
    return {step: statistics.median(seconds) for step, seconds in found.items()}


def purging(name: str, port: int, mail: MailServer, env: dict[str, str]) -> Iterator[Row]:
    """A purge of ``LATE`` sign-ups by the command, while one person after the other joins."""
    joins: list[float] = []
    over = threading.Event()

    def keep_joining() -> None:
        while not over.wait(0.05):
            joins.append(join(port, f"meanwhile{len(joins)}@example.org"))

    joiner = threading.Thread(target=keep_joining)
    joiner.start()
    before, began = len(mail.received), time.perf_counter()
    done = subprocess.run(
        [COCREATE, "purge"], env=os.environ | env, capture_output=True, text=True, check=True
    )
    seconds, sent = time.perf_counter() - began, len(mail.received) - before
    over.set()
    joiner.join()
    if f"{LATE:,}" not in done.stdout and str(LATE) not in done.stdout:
        raise RuntimeError(f"purge said {done.stdout}")
    yield {"what": f"purge of {LATE:,} sign-ups, seconds, {name}", "is": seconds, "at_most": 10}
    yield {"what": f"the longest join meanwhile, seconds, {name}", "is": max(joins), "at_most": 0.5}
    yield {"what": f"letters sent meanwhile, {name}", "is": sent, "at_least": 1}
