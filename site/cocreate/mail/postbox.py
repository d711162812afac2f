"""Links, and the letters that carry them: issued together, within the limit on mails."""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache

from flask import current_app
from limits import RateLimitItem, parse_many
from sqlalchemy import and_, delete, func, select, update

from cocreate.config import Config
from cocreate.languages import Language
from cocreate.mail import message
from cocreate.storage import database, tokens
from cocreate.storage.database import table
from cocreate.storage.people import AddressLock

LINK_LASTS = 48 * 3600  # seconds


@lru_cache(maxsize=8)
def limits_of(text: str) -> list[RateLimitItem]:
    return parse_many(text)


def may_post(person: AddressLock) -> bool:
    """Whether this recipient has had fewer letters than ``MAIL_LIMIT`` (a moving window)."""
    config: Config = current_app.config["COCREATE"]
    requests = table("mail_requests")
    for limit in limits_of(config.mail_limit):
        recent = select(func.count()).where(
            requests.c.email_hash == person.address,
            requests.c.granted,
            requests.c.requested_at > person.now - limit.get_expiry(),
        )
        if person.connection.execute(recent).scalar_one() >= limit.amount:
            return False
    return True


def note_request(person: AddressLock, *, granted: bool) -> None:
    """Remember a request. Refused ones too: every join writes, and takes as long as any other."""
    values = {"email_hash": person.address, "requested_at": person.now, "granted": granted}
    person.connection.execute(table("mail_requests").insert(), values)


def send_links(
    person: AddressLock,
    language: Language,
    asked: tuple[str, ...],
    confirmed: tuple[str, ...],
    *,
    allowed: bool = True,
) -> int | None:
    """Issue links and post the letter that carries them, within the recipient's limit.

    Args:
        person: the recipient.
        language: to write in.
        confirmed: the communities joined already.
        asked: the communities to confirm; with none, the letter tells a member so.
        allowed: False does the same work, and sends nothing.

    Returns:
        The id of the link that confirms; None where none was issued.
    """
    kind, communities = ("confirm", asked) if asked else ("member", confirmed)
    raw, manage = tokens.new_token(), tokens.new_token()
    letter = message.Letter(
        kind=kind,
        to=person.email,
        language=language.slug,
        communities=communities,
        confirm=raw if asked else "",
        manage=manage,
    )
    encrypted = _encrypt(letter)
    granted = allowed and bool(communities) and may_post(person)
    note_request(person, granted=granted)
    if not granted:
        return None
    _issue(person, letter, manage, "manage")
    token_id = _issue(person, letter, raw, "confirm") if asked else None
    _post(person, encrypted, token_id)
    return token_id


def _encrypt(letter: message.Letter) -> bytes:
    config: Config = current_app.config["COCREATE"]
    return tokens.encrypt(asdict(letter), config.secret_key)


def _issue(person: AddressLock, letter: message.Letter, raw: str, purpose: str) -> int:
    values = {
        "token_hash": tokens.token_hash(raw),
        "email_hash": person.address,
        "purpose": purpose,
        "language": letter.language,
        "communities": ",".join(letter.communities),
        "created_at": person.now,
        "expires_at": person.now + LINK_LASTS if purpose == "confirm" else None,
    }
    links = table("tokens")
    issued = links.insert().returning(links.c.id)
    return int(person.connection.execute(issued, values).scalar_one())


def _post(person: AddressLock, encrypted: bytes, token_id: int | None) -> None:
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"  # so that files of mail sort by time
    values = {
        "message_id": f"{stamp}.{secrets.token_hex(6)}",
        "email_hash": person.address,
        "token_id": token_id,
        "encrypted": encrypted,
        "created_at": person.now,
        "due_at": person.now,
        "attempts": 0,
    }
    person.connection.execute(table("outbox").insert(), values)


def forget_replaced(person: AddressLock) -> None:
    """A letter that waits with a link that no longer counts is not sent."""
    letters, signups = table("outbox"), table("signups")
    current = select(signups.c.token_id).where(
        signups.c.email_hash == person.address, signups.c.token_id.is_not(None)
    )
    replaced = and_(letters.c.email_hash == person.address, letters.c.token_id.not_in(current))
    person.connection.execute(delete(letters).where(replaced))


def renew(token_id: int | None) -> None:
    """Count a link's 48 hours from now: its letter leaves late, and nobody could use it before."""
    links = table("tokens")
    with database.writing() as connection:
        late = update(links).where(links.c.id == token_id)
        connection.execute(late, {"expires_at": int(time.time()) + LINK_LASTS})
