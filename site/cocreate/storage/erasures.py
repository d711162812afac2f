"""Who has left, kept apart from the database, so that no backup brings them back.

A file of JSON lines in the data folder. An entry holds no address: the keyed hashes that it was
kept under, and the hashes of its links, which tell a membership from a later one of the same person
(and find it under whichever key a backup has it). It is on disk before the erasure is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, delete, or_, select

from cocreate import clock
from cocreate.storage.addresses import erase_without_signup
from cocreate.storage.database import Database
from cocreate.storage.files import append_line, read_lines

NAME = "erasures.journal"


class Erasures(NamedTuple):
    """Entries, and since when all erasures are among them (seconds since 1970)."""

    since: float | None
    entries: list[dict[str, Any]]


def beside(backup: Path) -> Path:
    """Where a backup's journal lies."""
    return backup.with_name(backup.name + ".journal")


def begin(folder: Path) -> None:
    """Start the journal of a data folder, if there is none: from now on it is complete."""
    if not (folder / NAME).exists():
        append_line(folder / NAME, {"since": clock.precise()})


def note(
    folder: Path,
    addresses: Iterable[bytes],
    links: Iterable[bytes],
    *,
    community: str | None = None,
    feedback: bool = False,
) -> None:
    """Write down, before it is committed, that an address leaves a community, or all (None).

    ``addresses`` are the keyed hashes of the address, one a key; ``links`` those of its links.
    Where this fails, nothing may be erased.
    """
    begin(folder)
    entry: dict[str, Any] = {
        "at": clock.precise(),
        "addresses": sorted(bytes(one).hex() for one in addresses),
        "links": sorted(bytes(one).hex() for one in links),
    }
    if community:
        entry["community"] = community
    append_line(folder / NAME, entry | ({"feedback": True} if feedback else {}))


def read(files: Iterable[Path]) -> Erasures:
    """The entries of all these files that exist, each once; ``since`` is of the first one."""
    found: dict[str, dict[str, Any]] = {}
    since: list[float | None] = []
    for file in files:
        entries = list(read_lines(file))
        since.append(next((entry["since"] for entry in entries if "since" in entry), None))
        found |= {json.dumps(e, sort_keys=True): e for e in entries if "at" in e}
    return Erasures(since[0], sorted(found.values(), key=lambda entry: entry["at"]))


def erase_again(database: Database, connection: Connection, entry: dict[str, Any]) -> bool:
    """Erase again what an entry names, and nothing that came after; whether it was there."""
    signups, tokens, feedback = map(database.table, ("signups", "tokens", "feedback"))
    addresses = [bytes.fromhex(one) for one in entry["addresses"]]
    links = [bytes.fromhex(one) for one in entry["links"]]
    by_link = select(tokens.c.email_hash).where(tokens.c.token_hash.in_(links))
    linked = connection.execute(by_link.distinct()).scalars().all()
    at, community = int(entry["at"]), entry.get("community")
    # With one of its links still there, it is what was erased. Else only what is surely older.
    theirs = or_(
        and_(signups.c.email_hash.in_(linked), signups.c.consented_at <= at),
        and_(signups.c.email_hash.in_(addresses), signups.c.consented_at < at),
    )
    if community:
        theirs = and_(theirs, signups.c.community == community)
    everywhere = {*map(bytes, linked), *addresses}
    gone = connection.execute(delete(signups).where(theirs)).rowcount
    if entry.get("feedback"):
        said = and_(feedback.c.email_hash.in_(everywhere), feedback.c.created_at <= at)
        gone += connection.execute(delete(feedback).where(said)).rowcount
    erase_without_signup(database, connection, everywhere)
    return bool(gone)
