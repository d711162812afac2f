"""The rows of one person, found by address or by a link's token; and the columns of answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, or_, select, update

from cocreate import clock
from cocreate.storage import crypto, database
from cocreate.storage.database import Database, table

Answer = str | list[str]

# Free text that may say who somebody is: sealed with name and address. Every other answer has a
# plain column of its name; a new question needs a migration that adds one, and nothing here.
SEALED_FIELDS = ("access_needs",)
NOT_ANSWERS = set(
    "id email_hash community language consent_version consent_language consented_at confirmed_at"
    " token_id sealed".split()
)
BY_ADDRESS = ("signups", "tokens", "outbox", "mail_requests", "feedback")


def secret_keys() -> tuple[str, ...]:
    keys = database.settings().secret_key
    if not keys:
        raise database.StorageUnavailable("no SECRET_KEY: the settings were not prepared")
    return keys


@dataclass(frozen=True)
class AddressLock:
    """An address, locked in a transaction: nobody else works on the same one until that ends."""

    connection: Connection
    address: bytes  # the keyed hash that everything of this address is kept under
    mailboxes: tuple[bytes, ...]  # keyed hashes of the mailbox that it leads to, today's first
    email: str  # as it was typed, to write to
    now: int  # seconds since 1970

    @classmethod
    def take(cls, connection: Connection, email: str) -> AddressLock:
        """Hold ``email`` under all keys, and bring what is kept under older ones to today's."""
        keys = secret_keys()
        hashes = crypto.address_hashes(email, keys)
        mailboxes = crypto.mailbox_hashes(email, keys)
        database.hold(connection, *hashes, *mailboxes)
        address, *older = hashes
        if older:
            _bring_together(connection, address, older)
        return cls(connection, address, tuple(mailboxes), email, clock.now())


def _bring_together(connection: Connection, address: bytes, older: list[bytes]) -> None:
    """Move everything that is kept under ``older`` hashes to ``address``.

    After a key was taken back and set again, one address can stand under both. Of two sign-ups for
    one community the confirmed one stays, of two such the newer one. The statements are the same
    whatever is found, so that their number tells nothing.
    """
    signups = table("signups")
    worst_first = (
        signups.c.confirmed_at.is_not(None),
        signups.c.confirmed_at,
        signups.c.consented_at,
    )
    found = connection.execute(
        select(signups.c.id, signups.c.community)
        .where(signups.c.email_hash.in_([address, *older]))
        .order_by(*worst_first)
    ).all()
    best = {row.community: row.id for row in found}
    surplus = {row.id for row in found} - {*best.values()}
    connection.execute(delete(signups).where(signups.c.id.in_(surplus)))
    for name in BY_ADDRESS:
        rows: Table = table(name)
        moved = update(rows).where(rows.c.email_hash.in_(older)).values(email_hash=address)
        connection.execute(moved)


def find_token(connection: Connection, raw: object, purpose: str) -> Row[Any] | None:
    """The stored token for what a link carries; None for anything that we never issued."""
    hashed = crypto.token_hash(raw)
    if hashed is None:
        return None
    rows = table("tokens")
    query = select(rows).where(rows.c.token_hash == hashed, rows.c.purpose == purpose)
    if purpose == "manage":  # one from a bundle expires until its letter is about to leave
        lasts = or_(rows.c.expires_at.is_(None), rows.c.expires_at > clock.now())
        query = query.where(lasts)
    return connection.execute(query).one_or_none()


def hold_token(connection: Connection, raw: object, purpose: str) -> Row[Any] | None:
    """The same, and nobody else works on its address until the transaction ends."""
    held = None
    while (token := find_token(connection, raw, purpose)) and token.email_hash != held:
        held = token.email_hash  # by the time that we hold it, it may be under a newer key
        database.hold(connection, held)
    return token


def erase_without_signup(
    where: Database,
    connection: Connection,
    addresses: Collection[bytes],
    tables: Sequence[str] = ("outbox", "tokens", "mail_requests"),
) -> list[int]:
    """Erase what ``tables`` hold of addresses that have no sign-up left: how many rows of each."""
    signups, gone = where.table("signups"), []
    for rows in map(where.table, tables):
        stays = select(signups.c.id).where(signups.c.email_hash == rows.c.email_hash).exists()
        left = delete(rows).where(rows.c.email_hash.in_(addresses), ~stays)
        gone.append(connection.execute(left).rowcount)
    return gone


def answer_columns() -> list[str]:
    """Names of the columns that hold plain answers, as the database has them."""
    return [column.name for column in table("signups").c if column.name not in NOT_ANSWERS]


def plain_answers(answers: dict[str, Answer]) -> dict[str, str | None]:
    """Every plain answer by its column, None where there is none; several codes comma-joined."""
    columns = answer_columns()
    unknown = answers.keys() - set(columns) - set(SEALED_FIELDS)
    if unknown:  # its migration is missing
        raise LookupError(f"no column in signups for {', '.join(sorted(unknown))}")
    return {name: joined(answers.get(name)) for name in columns}


def joined(answer: Answer | None) -> str | None:
    return (answer if isinstance(answer, str) else ",".join(answer or ())) or None
