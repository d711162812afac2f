"""What members do with their manage link, erasing, and feedback."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, delete, select, update

from cocreate import clock
from cocreate.languages import BY_SLUG, ENGLISH, Language
from cocreate.storage import addresses, audit, crypto, database, erasures, mailfolder
from cocreate.storage.addresses import SEALED_FIELDS, AddressLock, Answer, find_token, hold_token
from cocreate.storage.database import table
from cocreate.storage.links import ONE_PRESS


@dataclass(frozen=True)
class Membership:
    """One community that an address belongs to: all of it that this server can read."""

    community: str
    since: date | None  # day of confirmation in Singapore; None while the link is not used yet
    language: Language  # of our letters
    answers: dict[str, tuple[str, ...]]  # codes chosen, by question
    consented: date  # when the form was sent
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
    questions = addresses.answer_columns()
    return [
        Membership(
            community=row["community"],
            since=clock.in_singapore(row["confirmed_at"]).date() if row["confirmed_at"] else None,
            language=BY_SLUG.get(row["language"], ENGLISH),
            answers={name: tuple(row[name].split(",")) if row[name] else () for name in questions},
            consented=clock.in_singapore(row["consented_at"]).date(),
            consent_version=row["consent_version"],
            consent_language=BY_SLUG.get(row["consent_language"], ENGLISH),
        )
        for row in rows
    ]


def change(raw: object, language: Language, **answers: Answer) -> bool:
    """Set the language of mail and, where given, answers, in every community of the address.

    What is sealed (``name`` and :data:`SEALED_FIELDS`) is sealed anew where it is not empty, beside
    what nobody here can open; whoever opens both takes the newer one. False for a link that opens
    nothing.
    """
    signups, key = table("signups"), database.settings().seal_key
    values = {
        name: addresses.joined(answers[name])
        for name in addresses.answer_columns()
        if name in answers
    }
    texts = {name: str(answers.get(name) or "") for name in ("name", *SEALED_FIELDS)}
    sealed = {name: crypto.seal({name: text}, key) for name, text in texts.items() if text}
    with database.writing() as connection:
        token = hold_token(connection, raw, "manage")
        if token is None:
            return False
        of_address = update(signups).where(signups.c.email_hash == token.email_hash)
        changed = of_address.values(values | {"language": language.slug}).returning(signups.c.id)
        signup_ids = connection.execute(changed).scalars().all()
        corrections = [
            {"signup_id": signup_id, "field": name, "sealed": anew, "corrected_at": clock.now()}
            for name, anew in sealed.items()
            for signup_id in signup_ids
        ]
        if corrections:
            insert = database.insert(connection, table("corrections"))
            newest = {name: insert.excluded[name] for name in ("sealed", "corrected_at")}
            replaced = ["signup_id", "field"]
            upsert = insert.on_conflict_do_update(index_elements=replaced, set_=newest)
            connection.execute(upsert, corrections)
    return bool(signup_ids)


def withdraw(raw: object, community: str | None = None) -> bool:
    """Erase a membership (or all of the address) at once, with every link and letter of it.

    False where nothing is left to erase, which is as good.
    """
    with database.writing() as connection:
        token = hold_token(connection, raw, "manage")
        if token is None:
            return False
        gone = _erase(connection, [token.email_hash], community)
    database.truncate_wal()
    if not memberships(raw):
        mailfolder.forget(token.email_hash)
    return bool(gone)


def erase(email: str) -> Counter[str]:
    """Erase everything that is kept of an address: how much, by community and ``feedback``."""
    with database.writing() as connection:
        address = AddressLock.take(connection, email).address
        gone = _erase(
            connection, crypto.address_hashes(email, addresses.secret_keys()), feedback=True
        )
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
        gone = _erase(connection, [address], feedback=True)
    mailfolder.forget(address)
    return gone


def _erase(
    connection: Connection,
    hashes: list[bytes],
    community: str | None = None,
    *,
    feedback: bool = False,
) -> Counter[str]:
    """Erase sign-ups for a community, or for all (and feedback, as managers do); once none is left,
    all else that is kept of an address, which is kept under the first of its ``hashes``.

    It is in the journal first, so that no backup brings it back. The caller holds the address.
    """
    signups, tokens, address = table("signups"), table("tokens"), hashes[0]
    links = select(tokens.c.token_hash).where(tokens.c.email_hash == address)
    erasures.note(
        database.settings().data_dir,
        hashes,
        connection.execute(links).scalars().all(),
        community=community,
        feedback=feedback,
    )
    leaving = delete(signups).where(signups.c.email_hash == address)
    if community:
        leaving = leaving.where(signups.c.community == community)
    left = connection.execute(leaving.returning(signups.c.community))
    gone = Counter(left.scalars().all())
    addresses.erase_without_signup(database.current(), connection, [address])
    if feedback:
        said = table("feedback")
        erased = connection.execute(delete(said).where(said.c.email_hash == address))
        gone += Counter(feedback=erased.rowcount)
    audit.note(connection, "erase" if feedback else "withdraw", gone)
    return gone


def give_feedback(
    page: str, message: str, email: str, language: Language, *, better: str = ""
) -> None:
    """Keep a message, sealed with a better sentence and an address where they are given.

    The same one again within ten minutes is the same press of the button, and is kept once.
    """
    feedback, now = table("feedback"), clock.now()
    address = crypto.normal_address(email) if email else ""
    form = crypto.form_hash(addresses.secret_keys(), page, message, address, better)
    private = {"message": message, "better": better, "email": email or ""}
    values = {
        "email_hash": crypto.address_hashes(email, addresses.secret_keys())[0] if email else None,
        "page": page,
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
