"""What managers take out: members, feedback, figures. Opened here, never stored open."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Select, Table, and_, func, select, update

from cocreate.storage import crypto, database
from cocreate.storage.addresses import SEALED_FIELDS, answer_columns
from cocreate.storage.copies import partial
from cocreate.storage.database import table
from cocreate.storage.membership import SINGAPORE, note

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What a spreadsheet would show as another number, or as a date.
RESHAPED = re.compile(r"0\d+|\d{12,}|\d+[eE]\d+|\d{1,4}/\d{1,2}(/\d{1,4})?")
PAGE = 500  # rows
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Sheet:
    """Rows to take out, still sealed, a page at a time, however many there are.

    Args:
        what: a community, or ``feedback``.
        names: the columns, in order, sealed ones first.
        number: how many rows there are now.
        pages: reads them, in the order in which they came. In a row, by column name, ``sealed``
            holds the rest: age files of which a later one wins.
    """

    what: str
    names: list[str]
    number: int
    pages: Callable[[], Iterator[Rows]]

    def rows(self) -> Iterator[dict[str, Any]]:
        for page in self.pages():
            yield from page


def members(community: str, since: int) -> Sheet:
    """Confirmed members since then (seconds since 1970)."""
    signups = table("signups")
    those = and_(signups.c.community == community, signups.c.confirmed_at >= since)
    plain = ["community", "language", *answer_columns(), "consent_version", "consent_language"]

    def opened_up(found: list[Any]) -> Rows:
        corrected = corrections([row["id"] for row in found])
        return [
            {
                **{name: row[name] for name in plain},
                "confirmed": moment(row["confirmed_at"]),
                "consented": moment(row["consented_at"]),
                "sealed": [row["sealed"], *corrected[row["id"]]],
            }
            for row in found
        ]

    names = ["name", "email", *SEALED_FIELDS, *plain, "confirmed", "consented"]
    return _sheet(community, names, signups, those, opened_up)


def feedback(since: int) -> Sheet:
    """Feedback since then."""
    messages = table("feedback")

    def opened_up(found: list[Any]) -> Rows:
        return [
            {
                "page": row["page"],
                "language": row["language"],
                "received": moment(row["created_at"]),
                "sealed": [row["sealed"]],
            }
            for row in found
        ]

    names = ["message", "better", "email", "page", "language", "received"]
    return _sheet("feedback", names, messages, messages.c.created_at >= since, opened_up)


def _sheet(
    what: str, names: list[str], rows: Table, those: Any, opened_up: Callable[[list[Any]], Rows]
) -> Sheet:
    """Pages by id, each read in a moment: no long reader holds anybody up."""

    def pages() -> Iterator[Rows]:
        last = 0
        while found := _all(
            select(rows).where(those, rows.c.id > last).order_by(rows.c.id).limit(PAGE)
        ):
            last = found[-1]["id"]
            yield opened_up(found)

    (counted,) = _all(select(func.count().label("number")).select_from(rows).where(those))
    return Sheet(what, names, counted["number"], pages)


def corrections(ids: list[int]) -> defaultdict[int, list[bytes]]:
    """What members sent anew after their form, by sign-up; none in a copy from before 0002."""
    found: defaultdict[int, list[bytes]] = defaultdict(list)
    signups, sent = table("signups"), database.current().tables.get("corrections")
    if sent is not None:
        newer = sent.c.corrected_at >= signups.c.consented_at
        query = select(sent.c.signup_id, sent.c.sealed).join(signups)
        for row in _all(query.where(sent.c.signup_id.in_(ids), newer)):
            found[row["signup_id"]].append(row["sealed"])
    return found


def _all(query: Select[Any]) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(query).mappings().all())


def moment(seconds: int) -> str:
    """Date and time in Singapore, ISO 8601."""
    return datetime.fromtimestamp(seconds, SINGAPORE).isoformat()


Through = Callable[[Iterator[dict[str, Any]]], Iterable[dict[str, Any]]]


def _opened(sheet: Sheet, identities: list[Any], through: Through) -> Iterator[dict[str, Any]]:
    """Each row in the clear.

    Raises:
        KeyFault: at the end, where some did not open.
    """
    closed = total = 0
    for row in through(sheet.rows()):
        total += 1
        try:
            private = [crypto.unseal(sealed, identities) for sealed in row["sealed"]]
        except crypto.KeyFault:
            closed += 1
        else:
            plain = {name: value for name, value in row.items() if name != "sealed"}
            yield {k: v for values in (*private, plain) for k, v in values.items()}
    if closed:
        raise crypto.KeyFault(
            f"{closed} of {total} are sealed for another key; nothing was written"
        )


def text(sheet: Sheet, identities: list[Any], kind: str) -> str:
    """``sheet``, opened and written out as one of :data:`WRITERS`."""
    target = io.StringIO()
    WRITERS[kind](target, sheet.names, _opened(sheet, identities, iter))
    return target.getvalue()


def hand_over(
    sheet: Sheet, identities: list[Any], kind: str, out: Path | None, through: Through = iter
) -> None:
    """Write ``sheet`` out, and note that it was taken: both or none.

    Args:
        sheet: what to open.
        identities: private keys, of which each row needs one.
        kind: one of :data:`WRITERS`.
        out: a new file; without one, it goes to the terminal, once every row has been opened.
        through: what the rows pass on their way; it may show how far they are.

    Raises:
        KeyFault: a row does not open.
        FileExistsError: ``out`` is there already.
    """
    if out is None:
        number = sum(1 for _ in _opened(sheet, identities, through))
        with database.writing() as connection:
            note(connection, "export", Counter({sheet.what: number}))
        WRITERS[kind](sys.stdout, sheet.names, _opened(sheet, identities, iter))
        return
    with partial(out) as unfinished:
        with unfinished.open("w", encoding="utf-8", newline="") as target:
            # A spreadsheet takes a file without this mark for Latin-1, and Tamil for noise.
            target.write("\ufeff" if kind == "csv" else "")
            number = WRITERS[kind](target, sheet.names, _opened(sheet, identities, through))
        with database.writing() as connection:
            note(connection, "export", Counter({sheet.what: number}))
            os.link(unfinished, out)


def reseal(identities: list[Any], recipients: tuple[str, ...]) -> Counter[str]:
    """Seal everything that is kept for ``recipients`` instead, all or nothing: how much, by table.

    Raises:
        KeyFault: something does not open.
    """
    done: Counter[str] = Counter()
    with database.writing() as connection:
        for rows in map(table, ("signups", "corrections", "feedback")):
            page, last = select(rows.c.id, rows.c.sealed).order_by(rows.c.id).limit(PAGE), 0
            while found := connection.execute(page.where(rows.c.id > last)).all():
                for last, sealed in found:
                    anew = crypto.seal(crypto.unseal(sealed, identities), recipients)
                    connection.execute(update(rows).where(rows.c.id == last).values(sealed=anew))
                done[rows.name] += len(found)
        note(connection, "reseal", done)
    database.truncate_wal()
    return done


def _as_csv(target: TextIO, names: list[str], rows: Iterable[dict[str, Any]]) -> int:
    """Comma-separated, every field quoted, nothing that a spreadsheet would run as a formula."""
    writer = csv.DictWriter(target, names, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    number = 0
    for row in rows:
        number += 1
        writer.writerow({name: safe(row.get(name)) for name in names})
    return number


def _as_json_lines(target: TextIO, names: list[str], rows: Iterable[dict[str, Any]]) -> int:
    number = 0
    for row in rows:
        number += 1
        values = {name: row.get(name) for name in names}
        target.write(json.dumps(values, ensure_ascii=False) + "\n")
    return number


WRITERS = {"csv": _as_csv, "jsonl": _as_json_lines}


def safe(value: Any) -> str:
    """``value``, an apostrophe in front if a spreadsheet might run it (OWASP CSV Injection) or take
    it for a number (``00123``).
    """
    text = "" if value is None else str(value)
    odd = text.startswith(FORMULA) or RESHAPED.fullmatch(text.strip())
    return f"'{text}" if odd else text


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
    query = select(signups.c.community, signups.c.language, signups.c.confirmed_at)
    counted: Counter[tuple[str, str, str]] = Counter()
    waiting = 0
    with database.reading() as connection:
        for row in connection.execution_options(yield_per=PAGE).execute(query):
            if row.confirmed_at:
                counted[row.community, row.language, moment(row.confirmed_at)[:7]] += 1
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
