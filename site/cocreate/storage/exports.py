"""What managers take out: members, feedback, figures. Opened here, never stored open."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, and_, select

from cocreate.storage import crypto, database
from cocreate.storage.addresses import SEALED_FIELDS, answer_columns
from cocreate.storage.database import table
from cocreate.storage.membership import SINGAPORE, note

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What a spreadsheet would show as another number, or as a date.
RESHAPED = re.compile(r"0\d+|\d{12,}|\d+[eE]\d+|\d{1,4}/\d{1,2}(/\d{1,4})?")
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Sheet:
    """Rows to take out, still sealed.

    Args:
        what: a community, or ``feedback``.
        names: the columns, in order, sealed ones first.
        rows: by column name; ``sealed`` holds the rest, age files of which a later one wins.
    """

    what: str
    names: list[str]
    rows: Rows


def members(community: str, since: int) -> Sheet:
    """Confirmed members since then (seconds since 1970), oldest first."""
    signups = table("signups")
    those = and_(signups.c.community == community, signups.c.confirmed_at >= since)
    query = select(signups).where(those)
    corrected = _corrections(those)
    plain = ["community", "language", *answer_columns(), "consent_version", "consent_language"]
    rows = [
        {
            **{name: row[name] for name in plain},
            "confirmed": moment(row["confirmed_at"]),
            "consented": moment(row["consented_at"]),
            "sealed": [row["sealed"], *corrected[row["id"]]],
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
            "sealed": [row["sealed"]],
        }
        for row in _all(query)
    ]
    return Sheet("feedback", ["message", "email", "page", "language", "received"], rows)


def _corrections(those: Any) -> defaultdict[int, list[bytes]]:
    """What members sent anew after their form, by sign-up; none in a copy from before 0002."""
    found: defaultdict[int, list[bytes]] = defaultdict(list)
    signups, corrections = table("signups"), database.current().tables.get("corrections")
    if corrections is not None:
        newer = corrections.c.corrected_at >= signups.c.consented_at
        query = select(corrections.c.signup_id, corrections.c.sealed).join(signups)
        for row in _all(query.where(those, newer)):
            found[row["signup_id"]].append(row["sealed"])
    return found


def _all(query: Select[Any]) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(query).mappings().all())


def moment(seconds: int) -> str:
    """Date and time in Singapore, ISO 8601."""
    return datetime.fromtimestamp(seconds, SINGAPORE).isoformat()


def text(
    sheet: Sheet, identities: list[Any], kind: str, through: Callable[[Rows], Iterable[Any]] = iter
) -> str:
    """``sheet``, opened and written out.

    Args:
        sheet: what to open.
        identities: private keys, of which each row needs one.
        kind: one of :data:`WRITERS`.
        through: what the rows pass on their way; it may show how far they are.

    Raises:
        KeyFault: a row does not open.
    """
    opened, closed = [], 0
    for row in through(sheet.rows):
        try:
            private = [crypto.unseal(sealed, identities) for sealed in row["sealed"]]
        except crypto.KeyFault:
            closed += 1
        else:
            plain = {name: value for name, value in row.items() if name != "sealed"}
            opened.append({k: v for values in (*private, plain) for k, v in values.items()})
    if closed:
        raise crypto.KeyFault(
            f"{closed} of {len(sheet.rows)} are sealed for another key; nothing was written"
        )
    return WRITERS[kind](sheet.names, opened)


def hand_over(sheet: Sheet, text: str, out: Path | None) -> None:
    """Note that ``sheet`` was taken out, and write ``text`` to the new file ``out``: both or none.

    Raises:
        FileExistsError: ``out`` is there already.
    """
    with database.writing() as connection:
        note(connection, "export", Counter({sheet.what: len(sheet.rows)}))
        if out:
            descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as target:
                    target.write(text)
            except OSError:
                out.unlink()
                raise


def _as_csv(names: list[str], rows: Rows) -> str:
    """Comma-separated, every field quoted, nothing that a spreadsheet would run as a formula."""
    target = io.StringIO()
    writer = csv.DictWriter(target, names, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows({name: safe(row.get(name)) for name in names} for row in rows)
    return target.getvalue()


def safe(value: Any) -> str:
    """``value``, an apostrophe in front if a spreadsheet might run it (OWASP CSV Injection) or take
    it for a number (``00123``).
    """
    text = "" if value is None else str(value)
    odd = text.startswith(FORMULA) or RESHAPED.fullmatch(text.strip())
    return f"'{text}" if odd else text


def _as_json_lines(names: list[str], rows: Rows) -> str:
    objects = ({name: row.get(name) for name in names} for row in rows)
    return "".join(json.dumps(values, ensure_ascii=False) + "\n" for values in objects)


WRITERS: dict[str, Callable[[list[str], Rows], str]] = {"csv": _as_csv, "jsonl": _as_json_lines}


def audit() -> list[dict[str, Any]]:
    """What was done with the data, oldest first."""
    rows = table("audit")
    return [
        {
            "done": moment(row["done_at"]),
            "action": row["action"],
            "what": row["community"] or "",
            "number": row["number"],
        }
        for row in _all(select(rows).order_by(rows.c.id))
    ]


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
