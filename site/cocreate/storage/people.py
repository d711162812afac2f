"""How the tables hold a person: found by address or by token, never by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Row, Table, select, update

from cocreate.config import Config
from cocreate.storage import database, tokens
from cocreate.storage.database import table

Answer = str | list[str]

# Free text that may say who somebody is: sealed with name and address. Every other answer has a
# plain column of its name; a new question needs a migration that adds one, and nothing here.
SEALED_FIELDS = ("access_needs",)
BY_ADDRESS = ("signups", "tokens", "outbox", "mail_requests", "feedback")
OWN_COLUMNS = {
    "id",
    "email_hash",
    "community",
    "language",
    "consent_version",
    "consent_language",
    "consented_at",
    "confirmed_at",
    "token_id",
    "sealed",
}


def hashes_of(email: str) -> list[bytes]:
    """The keyed hashes that ``email`` may be stored under, today's first."""
    config: Config = current_app.config["COCREATE"]
    if not config.secret_key:
        raise database.StorageUnavailable("no SECRET_KEY: the settings were not prepared")
    return tokens.address_hashes(email, config.secret_key)


@dataclass(frozen=True)
class AddressLock:
    """Somebody by address, held in a transaction: nobody else works on the same one meanwhile.

    Args:
        address: the keyed hash.
        email: as it was typed, to write to.
        now: seconds since 1970.
    """

    connection: Connection
    address: bytes
    email: str
    now: int

    @classmethod
    def found(
        cls, connection: Connection, hashes: list[bytes], email: str, now: int
    ) -> AddressLock:
        return cls(connection, address_of(connection, hashes), email, now)

    def communities(self, *, confirmed: bool) -> tuple[str, ...]:
        """Those joined, or those that wait for their link."""
        signups = table("signups")
        since = signups.c.confirmed_at
        query = select(signups.c.community).where(
            signups.c.email_hash == self.address,
            since.is_not(None) if confirmed else since.is_(None),
        )
        return tuple(self.connection.execute(query.order_by(signups.c.community)).scalars())


def address_of(connection: Connection, hashes: list[bytes]) -> bytes:
    """Today's hash of an address, everything that is kept under older keys moved to it."""
    address, *older = hashes
    database.hold(connection, address)
    for name in BY_ADDRESS if older else ():
        rows: Table = table(name)
        moved = update(rows).where(rows.c.email_hash.in_(older)).values(email_hash=address)
        connection.execute(moved)
    return address


def answer_columns() -> list[str]:
    """Names of the columns that hold plain answers, as the database has them."""
    return [column.name for column in table("signups").c if column.name not in OWN_COLUMNS]


def plain_answers(answers: dict[str, Answer]) -> dict[str, str | None]:
    """Every plain answer by its column, None where there is none; several codes comma-joined.

    Raises:
        LookupError: an answer has no column and is not sealed: its migration is missing.
    """
    columns = answer_columns()
    unknown = answers.keys() - set(columns) - set(SEALED_FIELDS)
    if unknown:
        raise LookupError(f"no column in signups for {', '.join(sorted(unknown))}")
    return {name: joined(answers.get(name)) for name in columns}


def joined(answer: Answer | None) -> str | None:
    return (answer if isinstance(answer, str) else ",".join(answer or ())) or None


def find_token(connection: Connection, raw: object, purpose: str) -> Row[Any] | None:
    """The stored token for what a link carries; None for anything that we never issued."""
    hashed = tokens.token_hash(raw)
    if hashed is None:
        return None
    rows = table("tokens")
    query = select(rows).where(rows.c.token_hash == hashed, rows.c.purpose == purpose)
    return connection.execute(query).one_or_none()
