"""What managers take out: members, feedback, figures. Opened here, never stored open."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from sqlalchemy import Select, select

from cocreate.storage import database, sealing
from cocreate.storage.database import table
from cocreate.storage.membership import SINGAPORE, note
from cocreate.storage.people import SEALED_FIELDS, answer_columns

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Sheet:
    """Rows to take out, still sealed.

    Args:
        what: a community, or ``feedback``.
        names: the columns, in order, sealed ones first.
        rows: by column name; ``sealed`` holds the rest.
    """

    what: str
    names: list[str]
    rows: Rows


def members(community: str, since: int) -> Sheet:
    """Confirmed members since then (seconds since 1970), oldest first."""
    signups = table("signups")
    query = select(signups).where(signups.c.community == community, signups.c.confirmed_at >= since)
    plain = ["community", "language", *answer_columns(), "consent_version", "consent_language"]
    rows = [
        {
            **{name: row[name] for name in plain},
            "confirmed": moment(row["confirmed_at"]),
            "consented": moment(row["consented_at"]),
            "sealed": row["sealed"],
        }
        for row in _all(query.order_by(signups.c.confirmed_at, signups.c.id))
    ]
    return Sheet(
        community, ["name", "email", *SEALED_FIELDS, *plain, "confirmed", "consented"], rows
    )


def feedback(since: int) -> Sheet:
    """Feedback since then, oldest first."""
    messages = table("feedback")
    query = select(messages).where(messages.c.created_at >= since).order_by(messages.c.id)
    rows = [
        {
            "page": row["page"],
            "language": row["language"],
            "received": moment(row["created_at"]),
            "sealed": row["sealed"],
        }
        for row in _all(query)
    ]
    return Sheet("feedback", ["message", "email", "page", "language", "received"], rows)


def _all(query: Select[Any]) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(query).mappings().all())


def moment(seconds: int) -> str:
    """Date and time in Singapore, ISO 8601."""
    return datetime.fromtimestamp(seconds, SINGAPORE).isoformat()


def write(sheet: Sheet, identities: list[Any], kind: str, out: Path | None) -> None:
    """Open ``sheet`` and write them, all or none, to ``out`` or the terminal, and note that.

    Raises:
        KeyFault: a row does not open; nothing is written.
        FileExistsError: ``out`` is there already.
    """
    if out and out.exists():
        raise FileExistsError(17, "is there already", str(out))
    text = WRITERS[kind](sheet.names, _opened(sheet.rows, identities))
    with database.writing() as connection:
        note(connection, "export", Counter({sheet.what: len(sheet.rows)}))
    if out is None:
        click.echo(text, nl=False)
        return
    # A spreadsheet takes a file without this mark for Latin-1, and Tamil for noise.
    mark = "\ufeff" if kind == "csv" else ""
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as target:
        target.write(mark + text)


def _opened(rows: Rows, identities: list[Any]) -> Rows:
    terminal = Console(stderr=True)
    quiet = not sys.stderr.isatty()
    opened, closed = [], 0
    for row in track(rows, "Opening", console=terminal, disable=quiet, transient=True):
        try:
            private = sealing.unseal(row["sealed"], identities)
        except sealing.KeyFault:
            closed += 1
        else:
            plain = {name: value for name, value in row.items() if name != "sealed"}
            opened.append(private | plain)
    if closed:
        raise sealing.KeyFault(
            f"{closed} of {len(rows)} are sealed for another key; nothing was written"
        )
    return opened


def _as_csv(names: list[str], rows: Rows) -> str:
    """Comma-separated, every field quoted, nothing that a spreadsheet would run as a formula."""
    target = io.StringIO()
    writer = csv.DictWriter(target, names, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows({name: safe(row.get(name)) for name in names} for row in rows)
    return target.getvalue()


def safe(value: Any) -> str:
    """``value``, an apostrophe in front if a spreadsheet might run it (OWASP CSV Injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _as_json_lines(names: list[str], rows: Rows) -> str:
    objects = ({name: row.get(name) for name in names} for row in rows)
    return "".join(json.dumps(values, ensure_ascii=False) + "\n" for values in objects)


WRITERS: dict[str, Callable[[list[str], Rows], str]] = {"csv": _as_csv, "jsonl": _as_json_lines}


def count_members() -> dict[str, Any]:
    """Confirmed members by community, language and month (Singapore), and those waiting."""
    signups = table("signups")
    rows = _all(select(signups.c.community, signups.c.language, signups.c.confirmed_at))
    counted = Counter(
        (row["community"], row["language"], moment(row["confirmed_at"])[:7])
        for row in rows
        if row["confirmed_at"]
    )
    return {
        "total": counted.total(),
        "waiting": len(rows) - counted.total(),
        "members": [
            {"community": c, "language": language, "month": month, "number": number}
            for (c, language, month), number in sorted(counted.items())
        ],
    }
