"""What members do with their manage link, erasing, and feedback."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, select, update

from cocreate import clock
from cocreate.languages import BY_SLUG, ENGLISH, Language
from cocreate.storage import audit, crypto, database, journal, mailfolder
from cocreate.storage.addresses import (
    SEALED_FIELDS,
    AddressLock,
    Answer,
    answer_columns,
    find_token,
    hold_token,
    joined,
    secret_keys,
)
from cocreate.storage.database import table
from cocreate.storage.links import ONE_PRESS


@dataclass(frozen=True)
class Membership:
    """One community that an address belongs to: all of it that this server can read.

    Args:
        since: the day of confirmation in Singapore; None while the link is not used yet.
        language: that of our letters.
        answers: codes chosen, by question; empty where there are none.
        consented: the day on which the form was sent.
        consent_version: which words were agreed to.
        consent_language: the language in which they were read.
    """

    community: str
    since: date | None
    language: Language
    answers: dict[str, tuple[str, ...]]
    consented: date
    consent_version: str
    consent_language: Language


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
        since=clock.day_of(row["confirmed_at"]) if row["confirmed_at"] else None,
        language=BY_SLUG.get(row["language"], ENGLISH),
        answers={
            name: tuple((row[name] or "").split(",")) if row[name] else ()
            for name in answer_columns()
        },
        consented=clock.day_of(row["consented_at"]),
        consent_version=row["consent_version"],
        consent_language=BY_SLUG.get(row["consent_language"], ENGLISH),
    )


def change(raw: object, language: Language, **answers: Answer) -> bool:
    """Set the language of mail and, where given, answers, in every community of the address.

    What is sealed (``name`` and :data:`SEALED_FIELDS`) is sealed anew where it is not empty, beside
    what nobody here can open; whoever opens both takes the newer one.

    Returns:
        False for a link that opens nothing.
    """
    signups = table("signups")
    values = {name: joined(answers[name]) for name in answer_columns() if name in answers}
    sealed = _sealed_anew({name: str(answers.get(name) or "") for name in ("name", *SEALED_FIELDS)})
    with database.writing() as connection:
        token = hold_token(connection, raw, "manage")
        if token is None:
            return False
        of_address = update(signups).where(signups.c.email_hash == token.email_hash)
        changed = of_address.values(values | {"language": language.slug}).returning(signups.c.id)
        numbers = connection.execute(changed).scalars().all()
        corrections = [row | {"signup_id": number} for row in sealed for number in numbers]
        if corrections:
            insert = database.insert(connection, table("corrections"))
            newest = {name: insert.excluded[name] for name in ("sealed", "corrected_at")}
            replaced = ["signup_id", "field"]
            upsert = insert.on_conflict_do_update(index_elements=replaced, set_=newest)
            connection.execute(upsert, corrections)
    return bool(numbers)


def _sealed_anew(texts: dict[str, str]) -> list[dict[str, Any]]:
    keys = database.settings().seal_key
    return [
        {
            "field": name,
            "corrected_at": clock.now(),
            "sealed": crypto.seal({name: text}, keys),
        }
        for name, text in texts.items()
        if text
    ]


def withdraw(raw: object, community: str | None = None) -> bool:
    """Erase a membership (or all of the address) at once, with every link and letter of it.

    Returns:
        True if something was erased; a second time there is nothing, and that is as good.
    """
    with database.writing() as connection:
        token = hold_token(connection, raw, "manage")
        if token is None:
            return False
        gone = _erase(connection, [token.email_hash], community)
        audit.note(connection, "withdraw", gone)
    database.truncate_wal()
    if not memberships(raw):
        mailfolder.forget(token.email_hash)
    return bool(gone)


def erase(email: str) -> Counter[str]:
    """Erase everything that is kept of an address: how much, by community and ``feedback``."""
    with database.writing() as connection:
        address = AddressLock.take(connection, email).address
        gone = _erase_whole(connection, crypto.address_hashes(email, secret_keys()))
    database.truncate_wal()
    gone += Counter({"letter in the mail folder": mailfolder.forget(address)})
    return gone


def erase_owner(link: bytes) -> Counter[str]:
    """The same for the owner of a manage link, known by its hash; the log is not emptied yet."""
    tokens = table("tokens")
    owner = select(tokens.c.email_hash).where(tokens.c.token_hash == link)
    with database.writing() as connection:
        address = connection.execute(owner).scalar()
        if address is None:
            return Counter()
        database.hold(connection, address)
        gone = _erase_whole(connection, [address])
    mailfolder.forget(address)
    return gone


def _erase_whole(connection: Connection, addresses: list[bytes]) -> Counter[str]:
    feedback = table("feedback")
    gone = _erase(connection, addresses, None, feedback=True)
    said = connection.execute(delete(feedback).where(feedback.c.email_hash == addresses[0]))
    gone += Counter(feedback=said.rowcount)
    audit.note(connection, "erase", gone)
    return gone


def _erase(
    connection: Connection,
    addresses: list[bytes],
    community: str | None,
    *,
    feedback: bool = False,
) -> Counter[str]:
    """Erase sign-ups; once none is left, all else that is kept by this address.

    It is in the journal first, so that no backup brings it back.

    Args:
        connection: in a transaction that holds the address.
        addresses: its keyed hashes, of which the first is the one that it is kept under.
        community: the one to leave; all of them where it is None.
        feedback: the caller erases that as well.
    """
    signups, tokens, address = table("signups"), table("tokens"), addresses[0]
    links = select(tokens.c.token_hash).where(tokens.c.email_hash == address)
    journal.note(
        database.settings().data_dir,
        addresses,
        connection.execute(links).scalars().all(),
        community=community,
        feedback=feedback,
    )
    leaving = delete(signups).where(signups.c.email_hash == address)
    if community:
        leaving = leaving.where(signups.c.community == community)
    left = connection.execute(leaving.returning(signups.c.community))
    gone = Counter(left.scalars().all())
    journal.forget_address(database.current(), connection, address)
    return gone


def give_feedback(
    page: str, message: str, email: str, language: Language, *, better: str = ""
) -> None:
    """Keep a message, sealed with a better sentence and an address where they are given.

    The same one again within ten minutes is the same press of the button, and is kept once.

    Raises:
        StorageUnavailable: it is not kept.
    """
    feedback, now = table("feedback"), clock.now()
    address = crypto.normal_address(email) if email else ""
    form = crypto.form_hash(secret_keys(), page, message, address, better)
    private = {"message": message, "better": better, "email": email or ""}
    values = {
        "email_hash": crypto.address_hashes(email, secret_keys())[0] if email else None,
        "page": page or "",
        "language": language.slug,
        "created_at": now,
        "sealed": crypto.seal(private, database.settings().seal_key),
        "form_hash": form,
    }
    again = select(feedback.c.id).where(
        feedback.c.form_hash == form, feedback.c.created_at > now - ONE_PRESS
    )
    with database.writing() as connection:
        database.hold(connection, form)
        if not connection.execute(again.limit(1)).first():
            connection.execute(feedback.insert(), values)
