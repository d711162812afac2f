"""A database that is 10 ms away, and several processes that send letters."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from cocreate.storage import schema
from cocreate.storage.database import Database
from machine import COCREATE, HERE, on_core, server, wrk
from members import MailServer, databases
from processes import free_port, wait_until
from report import Row
from serving import FORM, NO_LIMITS, QUIET_MAIL

AWAY = 0.01  # seconds
JOINERS = 16
MAIL_TAKES = 0.05  # seconds a letter
SENDING = 6  # seconds
FILLING = 5  # seconds of sign-ups, a letter each


def measure(folder: Path) -> Iterator[Row]:
    apart = folder / "far"  # the members' PostgreSQL has the marks of another key
    apart.mkdir()
    with databases(apart) as urls:
        url = urls["PostgreSQL"]
        with closing(Database(url)) as database:
            schema.upgrade(database)
        env = NO_LIMITS | {"COCREATE_DATA_DIR": str(apart / "data")}
        yield from joins(url, env)
        yield from letters(env | {"COCREATE_DATABASE_URL": url})


def joins(url: str, env: dict[str, str]) -> Iterator[Row]:
    """Sign-ups of one person after the other, and of ``JOINERS`` at once."""
    away, port = free_port(), free_port()
    socket = Path(url.partition("?host=")[2]) / ".s.PGSQL.5432"
    distant = url.partition("?")[0].replace("@", f"@127.0.0.1:{away}")
    delay = on_core(1, [sys.executable, HERE / "delay.py", away, socket, AWAY])
    env = env | QUIET_MAIL | {"COCREATE_DATABASE_URL": distant}
    with subprocess.Popen(delay) as between, ExitStack() as stack:
        stack.callback(between.terminate)
        stack.enter_context(server([COCREATE, "serve", "--port", port], port, env))
        alone, many = (
            wrk(port, "/en/join/stack/", 5, connections=connections, BENCH_FORM=FORM)["rate"]
            for connections in (1, JOINERS)
        )
    yield {"what": "sign-ups a second, PostgreSQL 10 ms away, one person", "is": alone}
    what = f"{JOINERS} at once ÷ one, PostgreSQL 10 ms away"
    yield {"what": what, "is": many / alone, "at_least": 5}


def letters(env: dict[str, str]) -> Iterator[Row]:
    """Letters a second that one ``mail send --loop`` sends, and four, to a server that is slow."""
    fill_outbox = on_core(0, [sys.executable, HERE / "apps.py", "join", FILLING])
    subprocess.run(fill_outbox, env=os.environ | env, capture_output=True, check=True)
    mail = MailServer().start()
    mail.slow = MAIL_TAKES
    env |= {
        "COCREATE_MAIL_URL": f"smtp://127.0.0.1:{mail.port}",
        "COCREATE_MAIL_CEILING": "1000000 per hour",
    }
    rates = []
    for senders in (1, 4):
        with ExitStack() as stack:
            for _ in range(senders):
                command = [COCREATE, "mail", "send", "--loop"]
                sender = stack.enter_context(subprocess.Popen(command, env=os.environ | env))
                stack.callback(sender.terminate)
            wait_until(lambda senders=senders: mail.at_once >= senders)
            before = len(mail.received)
            time.sleep(SENDING)
            rates.append((len(mail.received) - before) / SENDING)
    mail.stop()
    yield {"what": "letters a second, one process, 50 ms each", "is": rates[0]}
    yield {"what": "four processes ÷ one", "is": rates[1] / rates[0], "at_least": 3}
