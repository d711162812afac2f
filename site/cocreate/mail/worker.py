"""Letters on their way: written with the sign-up, in its transaction, and sent by a worker.

A letter is encrypted until it is sent, and deleted then. One process at a time sends, under a lock
that the system takes back however the process ends; a crash between sending and deleting sends the
same letter again with the same Message-ID (at least once, RFC 5321 section 6.1).
"""

from __future__ import annotations

import fcntl
import logging
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import click
from flask import Flask, current_app
from sqlalchemy import case, func, select, update

from cocreate import clock
from cocreate.config import Config
from cocreate.mail import message
from cocreate.mail.transport import MailError, Transport, open_transport
from cocreate.storage import crypto, database, links, retention
from cocreate.storage.database import StorageUnavailable, table

log = logging.getLogger(__name__)

LONGEST_WAIT = 4 * 3600  # seconds between two tries
PATIENCE = 5 * 24 * 3600  # RFC 5321 section 4.5.4.1: give up after 4 to 5 days
POLL = 1.0  # seconds
ROUND = 10_000  # letters at once: a statement that names them all has a limit (PostgreSQL: 65,535)
HOUSEKEEPING = 6 * 3600  # seconds between two purges
SENDER_LOCK = 7_307_209_123


def send_due(app: Flask, stop: threading.Event | None = None) -> int:
    """Send what is due, up to ``ROUND`` letters, each tried once; the number that went out.

    0 where another process is sending: it sends these too.

    Raises:
        StorageUnavailable: the database does not answer.
    """
    config: Config = app.config["COCREATE"]
    sent = 0
    with app.app_context(), _only_sender() as is_ours:
        waiting = _due() if is_ours else []
        if not waiting:
            return 0
        with open_transport(config) as transport:
            for number in waiting:
                if stop and stop.is_set():
                    break
                try:
                    sent += _send(app, transport, number)
                except MailError as error:
                    _postpone(waiting if error.nobody else [number], error)
                    if error.nobody:
                        break
    return sent


@contextmanager
def _only_sender() -> Iterator[bool]:
    """Whether no other process or thread sends now; holds them off meanwhile."""
    file = database.current().file
    if file is None:
        with database.reading() as connection:  # the lock ends with this transaction
            ask = select(func.pg_try_advisory_xact_lock(SENDER_LOCK))
            yield bool(connection.execute(ask).scalar_one())
        return
    with _open_lock(file.with_name(f"{file.name}-message.lock")) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _open_lock(file: Path) -> IO[str]:
    try:
        return file.open("w")
    except OSError as error:
        raise StorageUnavailable(f"{file.name}: {error.strerror}") from None


def _due() -> list[int]:
    outbox = table("outbox")
    with database.reading() as connection:
        query = select(outbox.c.id).where(
            outbox.c.due_at <= clock.now(), outbox.c.given_up_at.is_(None)
        )
        ordered = query.order_by(outbox.c.attempts, outbox.c.id).limit(ROUND)
        return list(connection.execute(ordered).scalars())


def _send(app: Flask, transport: Transport, number: int) -> int:
    """Send one letter and delete it: 1, or 0 where its reader has withdrawn meanwhile."""
    outbox = table("outbox")
    with database.reading() as connection:
        row = connection.execute(select(outbox).where(outbox.c.id == number)).one_or_none()
    if row is None:
        return 0
    config: Config = app.config["COCREATE"]
    values = crypto.decrypt(row.encrypted, config.secret_key)
    if values is None:
        raise MailError("encrypted with a SECRET_KEY that is no longer set")
    letter = message.Letter(**values | {"communities": tuple(values["communities"])})
    if row.attempts:
        links.renew(row.token_id)
    handed_over: set[str] = app.extensions.setdefault("cocreate.handed_over", set())
    if row.message_id not in handed_over:
        transport.deliver(_written(app, letter, row))
        handed_over.add(row.message_id)  # if deleting it fails now, it is not sent again
    with database.writing() as connection:
        connection.execute(outbox.delete().where(outbox.c.id == number))
    handed_over.discard(row.message_id)
    if config.mail_url.startswith("file:") and config.is_loopback:
        found = letter.links(config)
        click.echo(f"mail: {found['confirm'] or found['manage']}")
    return 1


def _written(app: Flask, letter: message.Letter, row: Any) -> Any:
    try:
        return message.write(app, letter, row.message_id, row.created_at)
    except Exception as error:  # one letter that cannot be written must not hold up the others
        log.exception("mail %s: cannot be written", row.message_id)
        raise MailError(f"cannot be written: {type(error).__name__}") from None


def _postpone(numbers: list[int], error: MailError) -> None:
    """Try these again after a doubling, slightly random wait; after days, no more."""
    config: Config = current_app.config["COCREATE"]
    outbox, now = table("outbox"), clock.now()
    these = outbox.c.id.in_(numbers)
    with database.writing() as connection:  # whoever joins waits for this: few statements
        for attempts in connection.scalars(select(outbox.c.attempts).where(these).distinct()).all():
            failed = {
                "attempts": attempts + 1,
                "due_at": now + wait_after(attempts, config.mail_backoff),
                "last_error": str(error),
                "given_up_at": case((outbox.c.created_at < now - PATIENCE, now)),
            }
            alike = these & (outbox.c.attempts == attempts)
            connection.execute(update(outbox).where(alike).values(failed))
    which = f"letter {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} letters"
    log.warning("mail: %s not sent: %s; see 'cocreate mail status'", which, error)


def wait_after(attempts: int, first: int) -> int:
    """Seconds to the next try: doubling from ``first``, capped, 50 to 100 % of that at random."""
    longest: int = min(LONGEST_WAIT, first * 2 ** min(attempts, 20))
    return round(longest * random.uniform(0.5, 1))  # noqa: S311  # spreads load, guards nothing


@dataclass(frozen=True)
class Status:
    """The outbox in figures; times in seconds since 1970."""

    waiting: int
    failing: int
    oldest: int | None
    given_up: list[tuple[int, str]]


def status() -> Status:
    outbox = table("outbox")
    with database.reading() as connection:
        rows = connection.execute(
            select(
                outbox.c.attempts, outbox.c.created_at, outbox.c.given_up_at, outbox.c.last_error
            )
        ).all()
    live = [row for row in rows if row.given_up_at is None]
    return Status(
        waiting=len(live),
        failing=sum(row.attempts > 0 for row in live),
        oldest=min((row.created_at for row in live), default=None),
        given_up=[(row.given_up_at, row.last_error) for row in rows if row.given_up_at is not None],
    )


def try_given_up_again() -> int:
    """Make every letter that was given up due now; their number."""
    outbox = table("outbox")
    values = {"given_up_at": None, "due_at": clock.now()}
    with database.writing() as connection:
        again = update(outbox).where(outbox.c.given_up_at.is_not(None))
        return int(connection.execute(again, values).rowcount)


def run_worker(app: Flask, stop: threading.Event) -> None:
    """Send mail, and erase what is past its time, until ``stop`` is set. Outlives any failure."""
    cleaned = float("-inf")
    while not stop.is_set():
        pause = POLL
        try:
            send_due(app, stop)
            if time.monotonic() - cleaned > HOUSEKEEPING:
                with app.app_context():
                    retention.purge(stop)
                cleaned = time.monotonic()
        except StorageUnavailable:
            pause = 10 * POLL  # logged where it happened
        except Exception:
            log.exception("mail: this round failed")
        stop.wait(pause)
