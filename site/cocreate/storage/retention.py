"""What time erases: in small batches, each a transaction of its own, so that no join waits long."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Delete, Update, delete, func, select, update

from cocreate import clock
from cocreate.clock import DAY
from cocreate.storage import audit, database, marks
from cocreate.storage.addresses import erase_without_signup
from cocreate.storage.database import table
from cocreate.storage.links import ONE_PRESS, mail_limits

BATCH = 500  # rows
PURGE_MARK = "purge"  # mark: when it last ran
DOUBT = "clock"  # mark: since when the clock is taken for wrong
PURGE_LOCK = 7_307_209_124
Batch = Callable[[Connection], Counter[str]]


class ClockDoubt(Exception):  # noqa: N818  # a state to wait out, or to look into
    """The clock may be wrong, and erasing by it wrong too. Its text is one line."""


def check_clock() -> None:
    """Compare the clock with the newest rows and the last purge.

    A site that was off for days looks the same as a clock that jumped ahead: what has run on for a
    day like that is taken for right. ClockDoubt: it is more than a day off.
    """
    now = clock.now()
    with database.writing() as connection:
        known = marks.read(connection)
        last = known[PURGE_MARK][1] if PURGE_MARK in known else None
        newest = max(marks.newest_row(connection), last or 0)
        is_plausible = newest <= now + DAY and (last is None or now <= newest + DAY)
        if is_plausible:
            marks.remove(connection, DOUBT)
            return
        doubted = known[DOUBT][1] if DOUBT in known else None
        if doubted is not None and newest < now and DAY <= now - doubted <= 7 * DAY:
            return  # it has run on for a day since the doubt came up
        if doubted is None or abs(now - doubted) > 7 * DAY:
            marks.put(connection, DOUBT)
    days, way = abs(now - newest) // DAY, "behind" if now < newest else "ahead of"
    raise ClockDoubt(
        f"nothing is erased: the clock is {days} days {way} the newest row; set it right, or, where"
        " it is right, wait a day or run 'cocreate purge --anyway'"
    )


def purge(stop: threading.Event | None = None) -> Counter[str]:
    """Erase what is past its time: how much, by kind.

    Unconfirmed sign-ups and feedback by ``RETENTION_DAYS``; links that nobody can use any more;
    letters that were given up; the memory of mails sent and of forms that came, once it is of no
    use. One process at a time: where another is at it, this one leaves it to that. Once ``stop`` is
    set, no further batch is begun.
    """
    stop, gone = stop or threading.Event(), Counter[str]()
    for batch in _batches(clock.now()):
        full = True
        while full and not stop.is_set():
            start = time.monotonic()
            with database.writing() as connection:
                if not _is_our_turn(connection):
                    return gone
                found = batch(connection)
                audit.note(connection, "purge", {n: found[n] for n in ("signups", "feedback")})
            gone.update(found)
            full = max(found.values(), default=0) >= BATCH
            if full and database.current().file:  # one writer at a time: as long for who joins
                stop.wait(time.monotonic() - start)
    if not stop.is_set():  # else the next one goes on
        with database.writing() as connection:
            marks.put(connection, PURGE_MARK)
    if gone.total():
        database.truncate_wal()
    return gone


def _is_our_turn(connection: Connection) -> bool:
    if connection.dialect.name != "postgresql":
        return True  # SQLite has one writer at a time anyhow
    return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(PURGE_LOCK))))


def _batches(now: int) -> Iterator[Batch]:
    unconfirmed, feedback_days = database.settings().retention_days
    longest = max(limit.get_expiry() for limit in mail_limits())
    old = now - unconfirmed * DAY
    letters, links, feedback = table("outbox"), table("tokens"), table("feedback")
    requests = table("mail_requests")
    yield lambda connection: _erase_signups(connection, old)
    for kind, rows, late in (
        ("letters", letters, letters.c.given_up_at < old),
        ("links", links, links.c.expires_at < old),
        ("mail_requests", requests, requests.c.requested_at <= now - longest),
        ("feedback", feedback, feedback.c.created_at < now - feedback_days * DAY),
    ):
        yield _counting(kind, delete(rows).where(_some(rows, late)))
    for rows in (links, feedback):
        known = rows.c.form_hash.is_not(None) & (rows.c.created_at < now - ONE_PRESS)
        yield _counting("forms", update(rows).where(_some(rows, known)).values(form_hash=None))


def _some(rows: Any, which: ColumnElement[bool]) -> ColumnElement[bool]:
    """A batch of ``which``; asked twice, for PostgreSQL looks again at what changed meanwhile."""
    picked: ColumnElement[bool] = rows.c.id.in_(select(rows.c.id).where(which).limit(BATCH))
    return picked & which


def _counting(kind: str, statement: Delete | Update) -> Batch:
    return lambda connection: Counter({kind: connection.execute(statement).rowcount})


def _erase_signups(connection: Connection, old: int) -> Counter[str]:
    """With each the links and letters of its address, unless that has joined something else."""
    signups = table("signups")
    late = signups.c.confirmed_at.is_(None) & (signups.c.consented_at < old)
    erase = delete(signups).where(_some(signups, late)).returning(signups.c.email_hash)
    addresses = connection.execute(erase).scalars().all()
    letters, links = erase_without_signup(
        database.current(), connection, addresses, ("outbox", "tokens")
    )
    return Counter(signups=len(addresses), letters=letters, links=links)
