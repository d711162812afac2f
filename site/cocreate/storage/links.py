"""Links, and the letters that carry them: issued together, within the limit on mails.

Whoever the recipient is to us, and whether the letter goes or not, the statements are the same:
what is not to go is written and taken back, so that the work tells nobody who is a member.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from limits import RateLimitItem, parse_many
from sqlalchemy import and_, delete, func, or_, select, update

from cocreate import clock
from cocreate.languages import Language
from cocreate.storage import crypto, database
from cocreate.storage.addresses import AddressLock, secret_keys
from cocreate.storage.database import table

LINK_LASTS = 48 * 3600  # seconds
ONE_PRESS = 600  # seconds in which the same form, sent again, is the same press of the button


def mail_limits() -> list[RateLimitItem]:
    return parse_many(database.settings().mail_limit)


@dataclass(frozen=True)
class Request:
    """A letter that somebody's form asks for."""

    language: Language
    asked: tuple[str, ...]  # communities to confirm; with none, the letter tells a member so
    confirmed: tuple[str, ...]  # communities joined already
    form: bytes | None  # its hash, by which its link is known when the form comes again
    allowed: bool  # False does the same work, and sends nothing
    resent: bool = False  # asked for with an older link

    @property
    def kind(self) -> str:
        if not self.asked:
            return "member"
        return "resend" if self.resent else "confirm"

    @property
    def communities(self) -> tuple[str, ...]:
        return self.asked or self.confirmed


def issue(person: AddressLock, request: Request, keep: Callable[[int | None], None]) -> bool:
    """Write the letter and its links; then take back what is not to go.

    Between the two, ``keep`` stores what the link confirms, by its id, if there is one.

    Returns:
        Whether the mailbox has had all that it may have for now.
    """
    tokens = table("tokens")
    within_limit, repeated = _history(person, request.kind)
    before = _member_letter(person)
    same_form = request.kind == "member" and before and before.form_hash == request.form
    allowed = request.allowed and within_limit
    sends = allowed and bool(request.communities) and not repeated
    # A member is told once in ten minutes: each further form uses up one mail of the limit without
    # one, as it does with a stranger. So does a request for a new link that finds nobody.
    another_form = allowed and repeated and not request.resent and not same_form
    kind = "again" if another_form else request.kind
    _note_request(person, kind, granted=another_form or (allowed and not repeated))
    # The newest form's hash is kept with the letter that was sent, so that its repeat is known.
    told_by = before.id if before and another_form else 0  # no row has id 0
    newest = update(tokens).where(tokens.c.id == told_by).values(form_hash=request.form)
    person.connection.execute(newest)
    raw = {"confirm": crypto.new_token(), "manage": crypto.new_token()}
    ids = _store_tokens(person, request, raw)
    wanted = {
        "confirm": ids["confirm"] if sends and request.asked else None,
        "manage": ids["manage"] if sends else None,
    }
    letter = _store_letter(person, request, raw, wanted["confirm"])
    keep(wanted["confirm"])
    surplus = [0 if wanted[purpose] else number for purpose, number in ids.items()]
    _take_back(person, 0 if sends else letter, surplus)
    return not (within_limit or same_form)


def _history(person: AddressLock, kind: str) -> tuple[bool, bool]:
    """Whether the mailbox has had fewer letters than ``MAIL_LIMIT`` (a moving window), and whether
    such a letter went to this very address a moment ago. A letter to confirm is known by its form.
    """
    requests, limits = table("mail_requests"), mail_limits()
    when = requests.c.requested_at
    counts = [func.count().filter(when > person.now - limit.get_expiry()) for limit in limits]
    recent = func.count().filter(
        requests.c.kind == kind,
        requests.c.email_hash == person.address,
        when > person.now - ONE_PRESS,
    )
    query = select(recent, *counts).where(
        requests.c.mailbox_hash.in_(person.mailboxes), requests.c.granted
    )
    repeated, *sent = person.connection.execute(query).one()
    within = all(number < limit.amount for number, limit in zip(sent, limits, strict=True))
    return within, bool(repeated) and kind != "confirm"


def _member_letter(person: AddressLock) -> Any:
    """The newest manage link that was mailed in the last minutes, and the form it answered."""
    tokens = table("tokens")
    recent = select(tokens.c.id, tokens.c.form_hash).where(
        tokens.c.email_hash == person.address,
        tokens.c.purpose == "manage",
        tokens.c.created_at > person.now - ONE_PRESS,
    )
    return person.connection.execute(recent.order_by(tokens.c.id.desc()).limit(1)).first()


def _note_request(person: AddressLock, kind: str, *, granted: bool) -> None:
    """Remember a request. Refused ones too: every join writes, and takes as long as any other."""
    values = {
        "email_hash": person.address,
        "mailbox_hash": person.mailboxes[0],
        "requested_at": person.now,
        "granted": granted,
        "kind": kind,
    }
    person.connection.execute(table("mail_requests").insert(), values)


def _store_tokens(person: AddressLock, request: Request, raw: dict[str, str]) -> dict[str, int]:
    """The ids of the new links by purpose."""
    lasts = {"confirm": person.now + LINK_LASTS, "manage": None}
    values = [
        {
            "token_hash": crypto.token_hash(token),
            "email_hash": person.address,
            "purpose": purpose,
            "language": request.language.slug,
            "communities": ",".join(request.communities),
            "created_at": person.now,
            "expires_at": lasts[purpose],
            "form_hash": request.form if purpose == "confirm" or request.kind == "member" else None,
        }
        for purpose, token in raw.items()
    ]
    tokens = table("tokens")
    insert = tokens.insert().returning(tokens.c.purpose, tokens.c.id)
    return {row.purpose: row.id for row in person.connection.execute(insert, values)}


def _store_letter(
    person: AddressLock, request: Request, raw: dict[str, str], token_id: int | None
) -> int:
    """Put the letter into the outbox, encrypted: all that its words are made from."""
    letter = {
        "kind": "confirm" if request.asked else "member",
        "to": person.email,
        "language": request.language.slug,
        "communities": request.communities,
        "confirm": raw["confirm"] if request.asked else "",
        "manage": raw["manage"],
    }
    # So that files of mail sort by time.
    stamp = f"{datetime.fromtimestamp(clock.precise(), UTC):%Y%m%dT%H%M%S.%f}"
    values = {
        "message_id": f"{stamp}.{secrets.token_hex(6)}",
        "email_hash": person.address,
        "token_id": token_id,
        "encrypted": crypto.encrypt(letter, secret_keys()),
        "created_at": person.now,
        "due_at": person.now,
        "attempts": 0,
    }
    outbox = table("outbox")
    stored = person.connection.execute(outbox.insert().returning(outbox.c.id), values)
    return int(stored.scalar_one())


def _take_back(person: AddressLock, letter: int, links: list[int]) -> None:
    """Delete a letter and links by their ids, and letters whose link a newer one has replaced."""
    outbox, signups, tokens = table("outbox"), table("signups"), table("tokens")
    in_use = select(signups.c.id).where(signups.c.token_id == outbox.c.token_id).exists()
    replaced = and_(outbox.c.email_hash == person.address, outbox.c.token_id.is_not(None), ~in_use)
    person.connection.execute(delete(outbox).where(or_(outbox.c.id == letter, replaced)))
    person.connection.execute(delete(tokens).where(tokens.c.id.in_(links)))


def renew(token_id: int | None) -> None:
    """Count a link's 48 hours from now: its letter leaves late, and nobody could use it before."""
    tokens = table("tokens")
    late = update(tokens).where(tokens.c.id == token_id)
    with database.writing() as connection:
        connection.execute(late.values(expires_at=clock.now() + LINK_LASTS))
