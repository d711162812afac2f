"""People who join: from a sign-up that waits for its link to a member, and out again.

An address is known here only by its keyed hash. Whatever it is to us (new, waiting, a member), a
join does the same work and says the same: one hash, one seal, one transaction, one letter.
The other half of this module's interface lives in :mod:`cocreate.storage.membership`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Row, and_, select, update

from cocreate.config import Config
from cocreate.languages import BY_SLUG, ENGLISH, Language
from cocreate.mail import postbox
from cocreate.storage import database, sealing
from cocreate.storage.database import table
from cocreate.storage.membership import (
    Membership,
    change,
    erase,
    give_feedback,
    memberships,
    purge,
    withdraw,
)
from cocreate.storage.people import (
    SEALED_FIELDS,
    AddressLock,
    Answer,
    find_token,
    hashes_of,
    plain_answers,
)

__all__ = [
    "Link",
    "Membership",
    "Signup",
    "change",
    "confirm",
    "erase",
    "give_feedback",
    "join",
    "look_up",
    "memberships",
    "purge",
    "resend",
    "withdraw",
]


@dataclass(frozen=True)
class Signup:
    """What somebody sent, checked by its form.

    Args:
        language: the language to write mail in.
        communities: which to join, out of ``stack`` and ``tech-kaki``.
        answers: the form's other fields by name; several codes as a list.
        consent_language: the language in which the consent was read; by default that of the mail.
    """

    name: str
    email: str
    language: Language
    communities: tuple[str, ...]
    answers: dict[str, Answer]
    consent_version: str
    consent_language: Language | None = None


@dataclass(frozen=True)
class Link:
    """What a confirm link is worth.

    Args:
        state: ``ready``, ``used``, ``expired``, ``replaced`` (by a newer one) or ``unknown``.
        communities: which it joins, or joined.
        language: the language of the mail that it came in.
    """

    state: str
    communities: tuple[str, ...] = ()
    language: Language = ENGLISH


def join(signup: Signup) -> bool:
    """Keep a sign-up and the letter that asks to confirm it. Once this returns, both are on disk.

    Joining twice is one sign-up: the newest answers and the newest link count. A confirmed
    membership is never changed by a form that anybody can fill in: its address gets a letter with
    the manage link instead.

    Returns:
        Whether no letter goes out, because this address has had all that it may have for now.
        That is the same for a stranger, somebody waiting and a member.

    Raises:
        StorageUnavailable: nothing was kept.
    """
    hashes, now = hashes_of(signup.email), int(time.time())
    values = _row(signup, now)
    with database.writing() as connection:
        person = AddressLock.found(connection, hashes, signup.email, now)
        limited = not postbox.may_post(person)
        confirmed = person.communities(confirmed=True)
        asked = tuple(c for c in signup.communities if c not in confirmed)
        token_id = postbox.send_links(person, signup.language, asked, confirmed)
        for community in asked:
            _keep(person, community, values, token_id)
        postbox.forget_replaced(person)
    return limited


def _row(signup: Signup, now: int) -> dict[str, Any]:
    """The columns of a sign-up that are the same for each of its communities."""
    config: Config = current_app.config["COCREATE"]
    private = {"name": signup.name, "email": signup.email}
    private |= {name: str(signup.answers.get(name) or "") for name in SEALED_FIELDS}
    return plain_answers(signup.answers) | {
        "language": signup.language.slug,
        "consent_version": signup.consent_version,
        "consent_language": (signup.consent_language or signup.language).slug,
        "consented_at": now,
        "sealed": sealing.seal(private, config.seal_key),
    }


def _keep(
    person: AddressLock, community: str, values: dict[str, Any], token_id: int | None
) -> None:
    """Write a waiting sign-up, over an older one of the same address.

    Without a new link (the recipient's mail limit is reached) the older one stays as it is, or a
    stranger could put other words behind a link that its owner is about to press.
    """
    signups = table("signups")
    same = and_(signups.c.email_hash == person.address, signups.c.community == community)
    newest = values | {"token_id": token_id} if token_id else {"sealed": signups.c.sealed}
    if not person.connection.execute(update(signups).where(same).values(newest)).rowcount:
        new = values | {
            "token_id": token_id,
            "email_hash": person.address,
            "community": community,
        }
        person.connection.execute(signups.insert(), new)


def look_up(raw: object) -> Link:
    """What a confirm link is worth now. Changes nothing: mail scanners follow links."""
    with database.reading() as connection:
        return _look_up(connection, find_token(connection, raw, "confirm"))


def _look_up(connection: Connection, token: Row[Any] | None) -> Link:
    if token is None:
        return Link("unknown")
    signups = table("signups")
    waiting = select(signups.c.community).where(
        signups.c.token_id == token.id, signups.c.confirmed_at.is_(None)
    )
    opens = tuple(connection.execute(waiting.order_by(signups.c.community)).scalars())
    if token.used_at is not None:
        state = "used"
    elif not opens:
        state = "replaced"
    else:
        state = "ready" if time.time() < token.expires_at else "expired"
    communities = opens or tuple(token.communities.split(","))
    return Link(state, communities, BY_SLUG.get(token.language, ENGLISH))


def confirm(raw: object) -> Link:
    """Use a confirm link. The answer is the link as it was: ``ready`` means that it worked now."""
    signups, links, now = table("signups"), table("tokens"), int(time.time())
    with database.writing() as connection:
        token = find_token(connection, raw, "confirm")
        if token is not None:
            database.hold(connection, token.email_hash)
            token = find_token(connection, raw, "confirm")  # as it is now that we hold it
        link = _look_up(connection, token)
        if token is not None and link.state == "ready":
            mine = and_(signups.c.token_id == token.id, signups.c.confirmed_at.is_(None))
            connection.execute(update(signups).where(mine), {"confirmed_at": now})
            connection.execute(update(links).where(links.c.id == token.id), {"used_at": now})
    return link


def resend(raw: object, email: str, language: Language) -> None:
    """Send a new link to somebody whose own does not work (any more).

    ``email`` is as typed again, since we cannot read it ourselves. Mail goes to the address that
    the old link went to; with a link that we never issued (most often a part of one), to any that
    waits, as the form itself would send one. The work is the same for every other.

    Raises:
        StorageUnavailable: nothing was kept.
    """
    signups, hashes, now = table("signups"), hashes_of(email), int(time.time())
    with database.writing() as connection:
        person = AddressLock.found(connection, hashes, email, now)
        token = find_token(connection, raw, "confirm")
        waiting = person.communities(confirmed=False)
        theirs = token.email_hash == person.address if token is not None else bool(waiting)
        confirmed = person.communities(confirmed=True)
        token_id = postbox.send_links(person, language, waiting, confirmed, allowed=theirs)
        if token_id:
            unconfirmed = signups.c.confirmed_at.is_(None)
            mine = and_(signups.c.email_hash == person.address, unconfirmed)
            connection.execute(update(signups).where(mine), {"token_id": token_id})
        postbox.forget_replaced(person)
