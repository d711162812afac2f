"""What a manage link does, how people leave, and what time erases."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from flask import current_app
from sqlalchemy import Connection, and_, delete, or_, select, update

from cocreate.config import Config
from cocreate.languages import BY_SLUG, ENGLISH, Language
from cocreate.mail import postbox
from cocreate.storage import database, mailfolder, sealing
from cocreate.storage.database import table
from cocreate.storage.people import (
    Answer,
    address_of,
    answer_columns,
    find_token,
    hashes_of,
    joined,
)

SINGAPORE = timezone(timedelta(hours=8), "+08")  # no summer time since 1982
DAY = 24 * 3600


@dataclass(frozen=True)
class Membership:
    """One community that an address belongs to, as far as this server can read it.

    Args:
        since: the day of confirmation in Singapore; None while the link is not used yet.
        answers: codes chosen, by question; empty where there are none.
    """

    community: str
    since: date | None
    language: Language
    answers: dict[str, tuple[str, ...]]


def day_of(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, SINGAPORE).date()


def memberships(raw: object) -> list[Membership]:
    """What a manage link shows; empty for one that opens nothing (any more)."""
    signups = table("signups")
    with database.reading() as connection:
        token = find_token(connection, raw, "manage")
        if token is None:
            return []
        query = select(signups).where(signups.c.email_hash == token.email_hash)
        rows = connection.execute(query.order_by(signups.c.community)).mappings().all()
    return [_membership(row) for row in rows]


def _membership(row: Any) -> Membership:
    return Membership(
        community=row["community"],
        since=day_of(row["confirmed_at"]) if row["confirmed_at"] else None,
        language=BY_SLUG.get(row["language"], ENGLISH),
        answers={
            name: tuple((row[name] or "").split(",")) if row[name] else ()
            for name in answer_columns()
        },
    )


def change(
    raw: object, language: Language, interests: list[str] | None = None, **answers: Answer
) -> bool:
    """Set the language of mail and, where given, plain answers, in every community of the address.

    Returns:
        False for a link that opens nothing.
    """
    signups = table("signups")
    if interests is not None:
        answers["interests"] = interests
    values = {name: joined(answers[name]) for name in answer_columns() if name in answers}
    with database.writing() as connection:
        token = find_token(connection, raw, "manage")
        if token is None:
            return False
        of_address = update(signups).where(signups.c.email_hash == token.email_hash)
        changed = connection.execute(of_address, values | {"language": language.slug})
    return bool(changed.rowcount)


def withdraw(raw: object, community: str | None = None) -> bool:
    """Erase a membership (or all of the address) at once, with every link and letter of it.

    Returns:
        True if something was erased; a second time there is nothing, and that is as good.
    """
    with database.writing() as connection:
        token = find_token(connection, raw, "manage")
        if token is None:
            return False
        gone = _erase(connection, token.email_hash, community)
        note(connection, "withdraw", gone)
    database.truncate_wal()
    if not memberships(raw):
        mailfolder.forget(token.email_hash)
    return bool(gone)


def erase(email: str) -> Counter[str]:
    """Erase everything that is kept of an address: how much, by community and ``feedback``."""
    feedback = table("feedback")
    with database.writing() as connection:
        address = address_of(connection, hashes_of(email))
        gone = _erase(connection, address, None)
        letters = connection.execute(delete(feedback).where(feedback.c.email_hash == address))
        gone += Counter(feedback=letters.rowcount)
        note(connection, "erase", gone)
    database.truncate_wal()
    gone += Counter({"letter in the mail folder": mailfolder.forget(address)})
    return gone


def _erase(connection: Connection, address: bytes, community: str | None) -> Counter[str]:
    """Erase sign-ups; once none is left, all else that is kept by this address."""
    signups = table("signups")
    database.hold(connection, address)
    which = signups.c.email_hash == address
    chosen = and_(which, signups.c.community == community) if community else which
    query = delete(signups).where(chosen).returning(signups.c.community)
    gone = Counter(connection.execute(query).scalars().all())
    if not connection.execute(select(signups.c.id).where(which)).first():
        for name in ("outbox", "tokens", "mail_requests"):
            rows = table(name)
            connection.execute(delete(rows).where(rows.c.email_hash == address))
    return gone


def note(connection: Connection, action: str, numbers: Counter[str]) -> None:
    """Write down that something was done to how many, and nothing about whom."""
    now = int(time.time())
    rows = [
        {"done_at": now, "action": action, "community": community, "number": number}
        for community, number in sorted(numbers.items())
        if number
    ]
    if rows:
        connection.execute(table("audit").insert(), rows)


def give_feedback(page: str, message: str, email: str, language: Language) -> None:
    """Keep a message: sealed with the address for an answer, if there is one.

    Raises:
        StorageUnavailable: it is not kept.
    """
    config: Config = current_app.config["COCREATE"]
    values = {
        "email_hash": hashes_of(email)[0] if email else None,
        "page": page or "",
        "language": language.slug,
        "created_at": int(time.time()),
        "sealed": sealing.seal({"message": message, "email": email or ""}, config.seal_key),
    }
    with database.writing() as connection:
        connection.execute(table("feedback").insert(), values)


def purge(now: float) -> Counter[str]:
    """Erase what is past its time: how much, by kind.

    Unconfirmed sign-ups and feedback by ``RETENTION_DAYS``; links that nobody can use any more;
    letters that were given up; the memory of mails sent, once it limits nothing.
    """
    config: Config = current_app.config["COCREATE"]
    unconfirmed, feedback_days = config.retention_days
    longest = max(limit.get_expiry() for limit in postbox.limits_of(config.mail_limit))
    signups, links, letters = table("signups"), table("tokens"), table("outbox")
    requests, feedback = table("mail_requests"), table("feedback")
    known = select(signups.c.email_hash)
    old = int(now) - unconfirmed * DAY
    rules = {
        "signups": (signups, and_(signups.c.confirmed_at.is_(None), signups.c.consented_at < old)),
        "letters": (letters, or_(letters.c.email_hash.not_in(known), letters.c.given_up_at < old)),
        "links": (links, or_(links.c.email_hash.not_in(known), links.c.expires_at < old)),
        "mail_requests": (requests, requests.c.requested_at <= int(now) - longest),
        "feedback": (feedback, feedback.c.created_at < int(now) - feedback_days * DAY),
    }
    gone: Counter[str] = Counter()
    with database.writing() as connection:
        for name, (rows, condition) in rules.items():
            gone[name] = connection.execute(delete(rows).where(condition)).rowcount
        note(connection, "purge", Counter({n: gone[n] for n in ("signups", "feedback")}))
    database.truncate_wal()
    return gone
