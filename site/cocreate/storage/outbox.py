"""Letters that wait to go out: rows, claimed by a lease.

A claimed letter is due again in a minute. A sender that dies or freezes meanwhile loses it to the
next one; the letter keeps its Message-ID, so that a second copy is recognised (at least once,
RFC 5321 section 6.1). No lock and no transaction is held while a mail server is spoken to.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update

from cocreate import clock
from cocreate.storage import database
from cocreate.storage.database import table

LEASE = 60  # seconds
GIVE_UP_AFTER = 5 * 24 * 3600  # seconds; RFC 5321 section 4.5.4.1: after 4 to 5 days
LONGEST_REASON = 100  # characters: the width of outbox.last_error


@dataclass(frozen=True)
class ClaimedLetter:
    """A letter that is ours for a minute."""

    id: int
    message_id: str
    token_id: int | None
    encrypted: bytes
    created_at: int  # seconds since 1970
    attempts: int  # in vain
    claim: str  # of the lease: random, another for each claim


@dataclass(frozen=True)
class Failure:
    """Why letters did not leave: how many for the same reason."""

    reason: str
    number: int
    latest: int | None = None  # when the last was given up: seconds since 1970
    too_old: bool = False  # given up for their age; False: refused for good


@dataclass(frozen=True)
class Status:
    """The outbox in figures; times in seconds since 1970."""

    waiting: int
    failing: int
    oldest: int | None
    failures: list[Failure]
    given_up: list[Failure]


def claim(number: int, besides: Collection[int] = ()) -> list[ClaimedLetter]:
    """Take up to ``number`` letters that are due, longest due first, but none of ``besides``."""
    outbox, now, lease = table("outbox"), clock.now(), secrets.token_hex(8)
    due = _not_given_up() & (outbox.c.due_at <= now) & outbox.c.id.not_in(besides)
    if number < 1:
        return []
    with database.reading() as connection:  # nothing to do: no write lock, once a second
        if connection.execute(select(outbox.c.id).where(due).limit(1)).first() is None:
            return []
    names = [name for name in ClaimedLetter.__dataclass_fields__ if name != "claim"]
    first = select(*(outbox.c[name] for name in names)).where(due)
    first = first.order_by(outbox.c.due_at, outbox.c.id).limit(number)
    with database.writing() as connection:
        # SKIP LOCKED is PostgreSQL's; SQLite has one writer at a time and needs none.
        found = connection.execute(first.with_for_update(skip_locked=True)).mappings().all()
        ours = outbox.c.id.in_([row["id"] for row in found])
        values = {"claim": lease, "due_at": now + LEASE}
        connection.execute(update(outbox).where(ours).values(values))
    return [ClaimedLetter(**row, claim=lease) for row in found]


def is_ours(letter: ClaimedLetter) -> bool:
    """Whether it is still there (nobody has withdrawn) and nobody else has claimed it since."""
    same = select(table("outbox").c.id).where(_same(letter))
    with database.reading() as connection:
        return connection.execute(same).first() is not None


def postpone(letter: ClaimedLetter, reason: str, *, wait: int, give_up: bool = False) -> None:
    """Try a letter again in ``wait`` seconds, or no more."""
    now = clock.now()
    values = {
        "attempts": letter.attempts + 1,
        "due_at": now + wait,
        "last_error": reason[:LONGEST_REASON],
        "given_up_at": now if give_up else None,
        "claim": None,
    }
    with database.writing() as connection:
        connection.execute(update(table("outbox")).where(_same(letter)).values(values))


def remove(letter: ClaimedLetter) -> None:
    """It has left: whoever holds it now need not send it."""
    outbox, sent = table("outbox"), table("mail_sent")
    with database.writing() as connection:
        connection.execute(delete(outbox).where(outbox.c.id == letter.id))
        connection.execute(sent.insert(), {"sent_at": clock.now()})


def release(letters: Iterable[ClaimedLetter]) -> None:
    """Give back what was claimed and neither sent nor postponed: others may take it at once."""
    outbox = table("outbox")
    with database.writing() as connection:
        for letter in letters:
            values = {"claim": None, "due_at": clock.now()}
            connection.execute(update(outbox).where(_same(letter)).values(values))


def room(limits: Iterable[tuple[int, int]]) -> int:
    """How many more may leave now, where ``limits`` are letters and the seconds they may leave in.

    What has left within each window counts, and what is on its way.
    """
    outbox, sent, now = table("outbox"), table("mail_sent"), clock.now()
    with database.reading() as connection:
        leased = outbox.c.claim.is_not(None) & (outbox.c.due_at > now)
        away = _count(connection, outbox.c.id, leased)
        left = [
            most - away - _count(connection, sent.c.id, sent.c.sent_at > now - seconds)
            for most, seconds in limits
        ]
    return min(left)


def forget_sent(seconds: int) -> None:
    """Forget when letters left, once that is longer ago than any ceiling looks back."""
    sent = table("mail_sent")
    with database.writing() as connection:
        connection.execute(delete(sent).where(sent.c.sent_at <= clock.now() - seconds))


def hurry(*, given_up: bool = False) -> int:
    """Make letters due that wait for their next try, or those that were given up; their number."""
    outbox, now = table("outbox"), clock.now()
    late = _not_given_up() & outbox.c.claim.is_(None) & (outbox.c.due_at > now)
    which = outbox.c.given_up_at.is_not(None) if given_up else late
    values = {"given_up_at": None, "due_at": now}
    with database.writing() as connection:
        return int(connection.execute(update(outbox).where(which).values(values)).rowcount)


def status() -> Status:
    """The outbox in figures."""
    outbox = table("outbox")
    number = func.count().label("number")
    old = (outbox.c.given_up_at - outbox.c.created_at >= GIVE_UP_AFTER).label("old")
    failing = select(outbox.c.last_error, number).where(_not_given_up(), outbox.c.attempts > 0)
    given_up = select(outbox.c.last_error, number, func.max(outbox.c.given_up_at), old)
    dropped = outbox.c.given_up_at.is_not(None)
    with database.reading() as connection:
        waiting, oldest = connection.execute(
            select(func.count(), func.min(outbox.c.created_at)).where(_not_given_up())
        ).one()
        failures = connection.execute(failing.group_by(outbox.c.last_error)).all()
        gone = connection.execute(given_up.where(dropped).group_by(outbox.c.last_error, old)).all()
    return Status(
        waiting=waiting,
        failing=sum(count for _, count in failures),
        oldest=oldest,
        failures=[Failure(*row) for row in failures],
        given_up=[Failure(reason, count, at, bool(days)) for reason, count, at, days in gone],
    )


def _not_given_up() -> ColumnElement[bool]:
    return table("outbox").c.given_up_at.is_(None)


def _same(letter: ClaimedLetter) -> ColumnElement[bool]:
    outbox = table("outbox")
    return (outbox.c.id == letter.id) & (outbox.c.claim == letter.claim)


def _count(connection: Any, column: Any, which: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count(column)).where(which)).scalar_one())
