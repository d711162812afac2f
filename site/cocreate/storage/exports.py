"""What managers take out: members, feedback, figures. Opened here, never stored open."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import ColumnElement, Select, Table, and_, func, select, update

from cocreate import clock
from cocreate.storage import audit, crypto, database
from cocreate.storage.addresses import SEALED_FIELDS, answer_columns
from cocreate.storage.database import table
from cocreate.storage.files import new_file

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What a spreadsheet would show as another number, or (with slashes) as a date.
RESHAPED = re.compile(r"0\d+|\d{12,}|\d+[eE]\d+|\d{1,4}/\d{1,2}(/\d{1,4})?")
PAGE = 500  # rows
Record = dict[str, Any]
ShowProgress = Callable[[Iterator[Record]], Iterable[Record]]  # may show how far they are


@dataclass(frozen=True)
class Sheet:
    """Rows to take out, still sealed."""

    what: str  # a community, or "feedback"
    rows: Table
    chosen: ColumnElement[bool]
    sealed: tuple[str, ...]  # what is in the age files
    plain: tuple[str, ...]  # names of columns
    times: dict[str, str]  # names of columns too, by what they are called here

    @property
    def names(self) -> list[str]:
        return [*self.sealed, *self.plain, *self.times]


def member_sheet(community: str, since: int) -> Sheet:
    """Confirmed members since then (seconds since 1970)."""
    signups = table("signups")
    return Sheet(
        community,
        signups,
        and_(signups.c.community == community, signups.c.confirmed_at >= since),
        sealed=("name", "email", *SEALED_FIELDS),
        plain=("community", "language", *answer_columns(), "consent_version", "consent_language"),
        times={"confirmed": "confirmed_at", "consented": "consented_at"},
    )


def feedback_sheet(since: int) -> Sheet:
    """Feedback since then."""
    messages = table("feedback")
    return Sheet(
        "feedback",
        messages,
        messages.c.created_at >= since,
        sealed=("message", "better", "email"),
        plain=("page", "language"),
        times={"received": "created_at"},
    )


def count_rows(sheet: Sheet) -> int:
    """How many rows there are now."""
    (counted,) = _all(
        select(func.count().label("count")).select_from(sheet.rows).where(sheet.chosen)
    )
    return int(counted["count"])


def _records(sheet: Sheet) -> Iterator[Record]:
    """Each row by column name, in the order in which they came; ``sealed`` has the rest: age files,
    of which a later one wins. Each page is a query of its own: no long reader holds anybody up.
    """
    rows, last = sheet.rows, 0
    query = select(rows).where(sheet.chosen).order_by(rows.c.id).limit(PAGE)
    while page := _all(query.where(rows.c.id > last)):
        last = page[-1]["id"]
        newer = corrections([row["id"] for row in page]) if rows.name == "signups" else {}
        for row in page:
            yield {
                **{name: row[name] for name in sheet.plain},
                **{name: _iso(row[column]) for name, column in sheet.times.items()},
                "sealed": [row["sealed"], *newer.get(row["id"], ())],
            }


def corrections(ids: list[int]) -> defaultdict[int, list[bytes]]:
    """What members sent anew after their form, by sign-up."""
    signups, sent = table("signups"), table("corrections")
    newer = sent.c.corrected_at >= signups.c.consented_at
    query = select(sent.c.signup_id, sent.c.sealed).join(signups)
    found: defaultdict[int, list[bytes]] = defaultdict(list)
    for row in _all(query.where(sent.c.signup_id.in_(ids), newer)):
        found[row["signup_id"]].append(row["sealed"])
    return found


def _all(query: Select[Any]) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(query).mappings().all())


def _iso(seconds: int) -> str:
    """Date and time in Singapore, ISO 8601."""
    return clock.in_singapore(seconds).isoformat()


def opened(sheet: Sheet, identities: list[Any], through: ShowProgress = iter) -> Iterator[Record]:
    """Each row in the clear; at the end a KeyFault, where none of the keys opened some."""
    closed = total = 0
    for row in through(_records(sheet)):
        total += 1
        try:
            private = [crypto.unseal(sealed, identities) for sealed in row.pop("sealed")]
        except crypto.KeyFault:
            closed += 1
        else:
            yield {name: value for part in (*private, row) for name, value in part.items()}
    if closed:
        raise crypto.KeyFault(
            f"{closed} of {total} are sealed for another key; nothing was written"
        )


def hand_over(
    sheet: Sheet, identities: list[Any], kind: str, out: Path | None, through: ShowProgress = iter
) -> int:
    """Open ``sheet``, write it out, and note how many it was: all of that or nothing.

    It goes to ``out``, a new file; without one to the terminal, once every row has been opened.
    ``kind`` is ``csv`` or ``jsonl``.
    """
    if out is None:
        _note(sheet, sum(1 for _ in opened(sheet, identities, through)))
        return _write(sys.stdout, kind, sheet.names, opened(sheet, identities))
    with new_file(out) as unfinished:
        with unfinished.open("w", encoding="utf-8", newline="") as target:
            # A spreadsheet takes a file without this mark for Latin-1, and Tamil for noise.
            target.write("\ufeff" if kind == "csv" else "")
            taken = _write(target, kind, sheet.names, opened(sheet, identities, through))
        _note(sheet, taken)
    return taken


def _note(sheet: Sheet, taken: int) -> None:
    with database.writing() as connection:
        audit.note(connection, "export", {sheet.what: taken})


def _write(target: TextIO, kind: str, names: list[str], rows: Iterable[Record]) -> int:
    """Every field of CSV is quoted, and none is a formula for a spreadsheet; how many rows."""
    spreadsheet = csv.writer(target, quoting=csv.QUOTE_ALL)
    if kind == "csv":
        spreadsheet.writerow(names)
    written = 0
    for row in rows:
        written += 1
        values = {name: row.get(name) for name in names}
        if kind == "csv":
            spreadsheet.writerow(map(safe, values.values()))
        else:
            target.write(json.dumps(values, ensure_ascii=False) + "\n")
    return written


def safe(value: Any) -> str:
    """``value``, an apostrophe in front if a spreadsheet might run it (OWASP CSV Injection) or take
    it for a number (``00123``).
    """
    text = "" if value is None else str(value)
    odd = text.startswith(FORMULA) or RESHAPED.fullmatch(text.strip())
    return f"'{text}" if odd else text


def reseal(identities: list[Any], recipients: tuple[str, ...]) -> Counter[str]:
    """Seal all that is kept for ``recipients`` instead, all or nothing: how much, by table."""
    done: Counter[str] = Counter()
    with database.writing() as connection:
        for rows in map(table, ("signups", "corrections", "feedback")):
            query, last = select(rows.c.id, rows.c.sealed).order_by(rows.c.id).limit(PAGE), 0
            while page := connection.execute(query.where(rows.c.id > last)).all():
                for last, sealed in page:
                    anew = crypto.seal(crypto.unseal(sealed, identities), recipients)
                    connection.execute(update(rows).where(rows.c.id == last).values(sealed=anew))
                done[rows.name] += len(page)
        audit.note(connection, "reseal", done)
    database.truncate_wal()
    return done


def count_members() -> dict[str, Any]:
    """Confirmed members by community, language and month (Singapore), and those waiting."""
    signups = table("signups")
    query = select(signups.c.community, signups.c.language, signups.c.confirmed_at)
    counted: Counter[tuple[str, str, str]] = Counter()
    waiting = 0
    with database.reading() as connection:
        for row in connection.execution_options(yield_per=PAGE).execute(query):
            if row.confirmed_at:
                counted[row.community, row.language, _iso(row.confirmed_at)[:7]] += 1
            else:
                waiting += 1
    return {
        "total": counted.total(),
        "waiting": waiting,
        "members": [
            {"community": c, "language": language, "month": month, "number": number}
            for (c, language, month), number in sorted(counted.items())
        ],
    }
