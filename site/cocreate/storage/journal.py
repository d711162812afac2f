"""Who has left, kept apart from the database, so that no backup brings them back.

A file of JSON lines in the data folder. An entry holds no address: the keyed hashes that it was
kept under, and the hashes of its links, which tell a membership from a later one of the same person
(and find it under whichever key a backup has it). It is on disk before the erasure is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, delete, or_, select

from cocreate import clock
from cocreate.storage.database import Database, StorageUnavailable

NAME = "erasures.journal"


@dataclass(frozen=True)
class Journal:
    """Entries, and since when all erasures are among them (seconds since 1970)."""

    since: float | None
    entries: list[dict[str, Any]] = field(default_factory=list)


def beside(backup: Path) -> Path:
    """Where a backup's journal lies."""
    return backup.with_name(backup.name + ".journal")


def begin(folder: Path) -> None:
    """Start the journal of a data folder, if there is none: from now on it is complete.

    Raises:
        StorageUnavailable: it cannot be written.
    """
    if not (folder / NAME).exists():
        append(folder / NAME, {"since": clock.precise()})


def note(
    folder: Path,
    addresses: Iterable[bytes],
    links: Iterable[bytes],
    *,
    community: str | None = None,
    feedback: bool = False,
) -> None:
    """Write down an erasure, before it is committed.

    Args:
        folder: the data folder.
        addresses: keyed hashes of the address.
        links: hashes of every link of it.
        community: the one that was left; None where that is all.
        feedback: it went too.

    Raises:
        StorageUnavailable: it is not on disk, so nothing may be erased.
    """
    begin(folder)
    entry: dict[str, Any] = {
        "at": clock.precise(),
        "addresses": sorted(bytes(one).hex() for one in addresses),
        "links": sorted(bytes(one).hex() for one in links),
    }
    if community:
        entry["community"] = community
    append(folder / NAME, entry | ({"feedback": True} if feedback else {}))


def append(file: Path, entry: dict[str, Any]) -> None:
    """Add an entry by one write and one sync: those of several processes never mix."""
    line = b"\n" + json.dumps(entry).encode() + b"\n"  # after half a line too
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if os.write(descriptor, line) != len(line):
                raise OSError("the disk is full")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StorageUnavailable(f"{file}: {error.strerror or error}") from None


def read(files: Iterable[Path]) -> Journal:
    """The entries of all these files that exist, each once; ``since`` is of the first one."""
    found: dict[str, dict[str, Any]] = {}
    since: list[float | None] = []
    for file in files:
        begun = None
        for line in file.read_text("utf-8").splitlines() if file.exists() else ():
            entry = _parsed(line)
            if "since" in entry:
                begun = entry["since"] if begun is None else begun
            elif entry:
                found.setdefault(json.dumps(entry, sort_keys=True), entry)
        since.append(begun)
    return Journal(since[0] if since else None, sorted(found.values(), key=lambda e: e["at"]))


def _parsed(line: str) -> dict[str, Any]:
    """An entry; empty for half a line, whose erasure was never committed."""
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) and entry.keys() & {"since", "at"} else {}


def apply(database: Database, connection: Connection, entries: Iterable[dict[str, Any]]) -> int:
    """Erase again what the entries name, and nothing that came after; how many were kept out."""
    return sum(_erase_again(database, connection, entry) for entry in entries)


def _erase_again(database: Database, connection: Connection, entry: dict[str, Any]) -> bool:
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
    for address in everywhere:
        forget_address(database, connection, address)
    return bool(gone)


def forget_address(database: Database, connection: Connection, address: bytes) -> None:
    """Once no sign-up of an address is left, erase its letters, links and counts of mail."""
    signups = database.table("signups")
    stays = select(signups.c.id).where(signups.c.email_hash == address).limit(1)
    if connection.execute(stays).first() is None:
        for name in ("outbox", "tokens", "mail_requests"):
            rows = database.table(name)
            connection.execute(delete(rows).where(rows.c.email_hash == address))
