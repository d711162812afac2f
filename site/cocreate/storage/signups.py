"""People who join: from a sign-up that waits for its link to a member.

An address is known here only by its keyed hash. Whatever it is to us (new, waiting, a member), a
join does the same work and says the same: one hash, one seal, one transaction, one letter.
What a member does later is in :mod:`cocreate.storage.membership`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection, Integer, Row, and_, case, func, literal, select, update

from cocreate import clock
from cocreate.languages import BY_SLUG, ENGLISH, Language
from cocreate.storage import addresses, crypto, database, links
from cocreate.storage.addresses import SEALED_FIELDS, AddressLock, Answer, find_token, hold_token
from cocreate.storage.database import table
from cocreate.storage.links import ONE_PRESS


@dataclass(frozen=True)
class Signup:
    """What somebody sent, checked by its form."""

    name: str
    email: str
    language: Language  # to write mail in
    communities: tuple[str, ...]
    answers: dict[str, Answer]  # the form's other fields by name; several codes as a list
    consent_version: str
    consent_language: Language  # in which it was read

    def form_hash(self) -> bytes:
        """The same for two presses of the button, another for any other answer."""
        return crypto.form_hash(
            addresses.secret_keys(),
            crypto.normal_address(self.email),
            self.name,
            self.answers,
            self.communities,
            [self.language.slug, self.consent_language.slug, self.consent_version],
        )


@dataclass(frozen=True)
class Link:
    """What a confirm link is worth."""

    state: str  # ready, used, expired, replaced (by a newer one) or unknown
    communities: tuple[str, ...] = ()  # which it joins, or joined
    language: Language = ENGLISH  # of the mail that it came in
    just_used: bool = field(default=False, compare=False)  # by an earlier press of the same button


def join(signup: Signup) -> bool:
    """Keep a sign-up and the letter that asks to confirm it. Once this returns, both are on disk.

    Joining twice is one sign-up: the newest answers and the newest link count, and the same form
    again within ten minutes changes nothing. A confirmed membership is never changed by a form that
    anybody can fill in: its address gets a letter with the manage link instead.

    Returns:
        Whether no letter goes out, because this mailbox has had all that it may have for now.
        That is the same for a stranger, somebody waiting and a member.
    """
    form, values = signup.form_hash(), _row(signup)
    with database.writing() as connection:
        person = AddressLock.take(connection, signup.email)
        known = _known(person)
        confirmed = tuple(row.community for row in known if row.confirmed_at)
        asked = tuple(c for c in signup.communities if c not in confirmed)
        stands = _stands(known, asked, form, person.now)
        request = links.Request(signup.language, asked, confirmed, form, not stands)
        keep = partial(_keep, person, signup.communities, values)
        limited = links.issue(person, request, keep)
    return limited and not stands


def _row(signup: Signup) -> dict[str, Any]:
    """The columns of a sign-up that are the same for each of its communities."""
    private = {"name": signup.name, "email": signup.email}
    private |= {name: str(signup.answers.get(name) or "") for name in SEALED_FIELDS}
    return addresses.plain_answers(signup.answers) | {
        "language": signup.language.slug,
        "consent_version": signup.consent_version,
        "consent_language": signup.consent_language.slug,
        "sealed": crypto.seal(private, database.settings().seal_key),
    }


def _known(person: AddressLock) -> Sequence[Any]:
    """What an address has joined or waits to join, each with the form behind its link."""
    signups, tokens = table("signups"), table("tokens")
    query = (
        select(signups.c.community, signups.c.confirmed_at, tokens.c.form_hash, tokens.c.created_at)
        .outerjoin_from(signups, tokens, tokens.c.id == signups.c.token_id)
        .where(signups.c.email_hash == person.address)
    )
    return person.connection.execute(query.order_by(signups.c.community)).all()


def _stands(known: Sequence[Any], asked: tuple[str, ...], form: bytes, now: int) -> bool:
    """Whether this very form was sent a moment ago, and its link still waits."""
    same = {
        row.community for row in known if row.form_hash == form and row.created_at > now - ONE_PRESS
    }
    return bool(asked) and same.issuperset(asked)


def _keep(
    person: AddressLock, communities: tuple[str, ...], values: dict[str, Any], token_id: int | None
) -> None:
    """Write sign-ups, over older ones of the same address that wait.

    Members stay as they are. So does what waits where there is no new link (the recipient's mail
    limit is reached), or a stranger could put other words behind a link that its owner is about to
    press. It is written all the same, so that the work tells nothing.
    """
    signups, values = table("signups"), values | {"consented_at": person.now, "token_id": token_id}
    insert = database.insert(person.connection, signups)
    newer = and_(signups.c.confirmed_at.is_(None), literal(token_id is not None))
    newest = {name: case((newer, insert.excluded[name]), else_=signups.c[name]) for name in values}
    upsert = insert.on_conflict_do_update(
        index_elements=[signups.c.email_hash, signups.c.community], set_=newest
    )
    rows = [values | {"email_hash": person.address, "community": name} for name in communities]
    person.connection.execute(upsert, rows)


def look_up(raw: object) -> Link:
    """What a confirm link is worth now. Changes nothing: mail scanners follow links."""
    with database.reading() as connection:
        return _look_up(connection, find_token(connection, raw, "confirm"))


def _look_up(connection: Connection, token: Row[Any] | None) -> Link:
    if token is None:
        return Link("unknown")
    signups, now = table("signups"), clock.now()
    columns = (signups.c.community, signups.c.confirmed_at)
    behind = select(*columns).where(signups.c.token_id == token.id).order_by(signups.c.community)
    found = connection.execute(behind).all()
    opens = tuple(row.community for row in found if row.confirmed_at is None)
    if token.used_at is not None:
        state = "used"
    elif not opens:
        state = "replaced"
    else:
        state = "ready" if now < token.expires_at else "expired"
    return Link(
        state,
        opens or tuple(token.communities.split(",")),
        BY_SLUG.get(token.language, ENGLISH),
        just_used=bool(found) and state == "used" and now < token.used_at + ONE_PRESS,
    )


def confirm(raw: object) -> Link:
    """Use a confirm link. The answer is the link as it was: ``ready`` means that it worked now."""
    signups, tokens, now = table("signups"), table("tokens"), clock.now()
    with database.writing() as connection:
        token = hold_token(connection, raw, "confirm")
        link = _look_up(connection, token)
        if token is not None and link.state == "ready":
            mine = and_(signups.c.token_id == token.id, signups.c.confirmed_at.is_(None))
            connection.execute(update(signups).where(mine), {"confirmed_at": now})
            used = update(tokens).where(tokens.c.id == token.id)
            connection.execute(used, {"used_at": now, "form_hash": None})
    return link


def resend(raw: object, email: str, language: Language) -> None:
    """Send a new link to somebody whose own does not work (any more).

    ``email`` is as typed again, since we cannot read it ourselves. Mail goes to the address that
    the old link went to; with a link that we never issued (most often a part of one), to any that
    waits or is a member's, as the form itself would send one. Any other address gets none, at
    equal work.
    """
    signups = table("signups")
    with database.writing() as connection:
        person = AddressLock.take(connection, email)
        token = find_token(connection, raw, "confirm")
        known = _known(person)
        waiting = tuple(row.community for row in known if not row.confirmed_at)
        confirmed = tuple(row.community for row in known if row.confirmed_at)
        forms = {row.form_hash for row in known if not row.confirmed_at}
        theirs = token is None or token.email_hash == person.address
        form = forms.pop() if len(forms) == 1 else None

        def keep(token_id: int | None) -> None:
            late = and_(signups.c.email_hash == person.address, signups.c.confirmed_at.is_(None))
            newest = func.coalesce(literal(token_id, Integer), signups.c.token_id)
            connection.execute(update(signups).where(late).values(token_id=newest))

        request = links.Request(language, waiting, confirmed, form, theirs, resent=True)
        links.issue(person, request, keep)
