"""Several senders at one outbox. A file of its own: the servers of the other would send, too."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from flask import Flask

from cocreate.storage import database, signups
from fixtures.backend import rows, signup
from fixtures.mailserver import MailServer
from processes import PATIENCE, wait_until

CLI = (sys.executable, "-m", "cocreate.cli")
LETTERS = 40
EVERYBODY = {f"{number}@example.com" for number in range(LETTERS)}


@pytest.fixture
def env(backend: Flask, backend_env: dict[str, str], mail_server: MailServer) -> dict[str, str]:
    """Of senders."""
    return backend_env | {
        "PYTHONPATH": ":".join(sys.path),
        "COCREATE_MAIL_URL": f"smtp://127.0.0.1:{mail_server.port}?timeout={PATIENCE}",
        "COCREATE_MAIL_BACKOFF": "30",
    }


@contextmanager
def sender(env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([*CLI, "mail", "send", "--loop"], env=env) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(PATIENCE)


@contextmanager
def all_sending(
    number: int, env: dict[str, str], mail_server: MailServer
) -> Iterator[subprocess.Popen[bytes]]:
    """So many senders, each with a letter under way that the mail server holds; the first."""
    with ExitStack() as senders:
        started = [senders.enter_context(sender(env)) for _ in range(number)]
        wait_until(lambda: len(rows("processes")) == number)
        mail_server.held = True
        for address in EVERYBODY:
            signups.join(signup(address))
        wait_until(lambda: mail_server.at_once == number, claimed)
        yield started[0]


def claimed() -> int:
    return sum(row.claim is not None for row in rows("outbox"))


def test_several_senders_work_side_by_side_and_each_letter_goes_once(
    env: dict[str, str], mail_server: MailServer
) -> None:
    with all_sending(4, env, mail_server):
        mail_server.held = False
        wait_until(lambda: not rows("outbox"), claimed)
    assert Counter(letter["To"] for letter in mail_server.received) == Counter(EVERYBODY)


@pytest.mark.parametrize("blow", [signal.SIGSTOP, signal.SIGKILL], ids=lambda blow: blow.name)
def test_a_frozen_or_killed_sender_holds_up_nothing_for_longer_than_its_lease(
    env: dict[str, str], mail_server: MailServer, blow: signal.Signals
) -> None:
    with all_sending(2, env, mail_server) as struck:
        with database.writing():  # of which it has none open now
            struck.send_signal(blow)
        mail_server.held = False
        wait_until(lambda: len(rows("outbox")) == claimed(), claimed)  # all but what is leased
        outbox = database.table("outbox")
        with database.writing() as connection:  # as a minute would
            connection.execute(outbox.update().where(outbox.c.due_at > 0).values(due_at=0))
        wait_until(lambda: not rows("outbox"), claimed)
    found = {letter["Message-ID"]: letter["To"] for letter in mail_server.received}
    assert set(found.values()) == EVERYBODY
    assert len(found) == LETTERS, "a letter that went twice kept its Message-ID"
