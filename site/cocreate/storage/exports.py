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

from sqlalchemy import Select, Table, and_, func, select, update

from cocreate import clock
from cocreate.storage import audit, crypto, database
from cocreate.storage.addresses import SEALED_FIELDS, answer_columns
from cocreate.storage.database import table
from cocreate.storage.files import new_file

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What a spreadsheet would show as another number, or as a date.
RESHAPED = re.compile(r"0\d+|\d{12,}|\d+[eE]\d+|\d{1,4}/\d{1,2}(/\d{1,4})?")
PAGE = 500  # rows
Record = dict[str, Any]
SealedPage = Callable[[list[Any]], Iterator[Record]]
Through = Callable[[Iterator[Record]], Iterable[Record]]


@dataclass(frozen=True)
class Sheet:
    """Rows to take out, still sealed.

    Args:
        what: a community, or ``feedback``.
        names: the columns, in order, sealed ones first.
        number: how many rows there are now.
        rows: reads them, in the order in which they came, a page at a time. In a row, by column
            name, ``sealed`` holds the rest: age files of which a later one wins.
    """

    what: str
    names: list[str]
    number: int
    rows: Callable[[], Iterator[Record]]


def members(community: str, since: int) -> Sheet:
    """Confirmed members since then (seconds since 1970)."""
    signups = table("signups")
    chosen = and_(signups.c.community == community, signups.c.confirmed_at >= since)
    plain = ["community", "language", *answer_columns(), "consent_version", "consent_language"]

    def sealed_page(page: list[Any]) -> Iterator[Record]:
        corrected = corrections([row["id"] for row in page])
        for row in page:
            yield {
                **{name: row[name] for name in plain},
                "confirmed": _iso(row["confirmed_at"]),
                "consented": _iso(row["consented_at"]),
                "sealed": [row["sealed"], *corrected[row["id"]]],
            }

    names = ["name", "email", *SEALED_FIELDS, *plain, "confirmed", "consented"]
    return _sheet(community, names, signups, chosen, sealed_page)


def feedback(since: int) -> Sheet:
    """Feedback since then."""
    messages = table("feedback")

    def sealed_page(page: list[Any]) -> Iterator[Record]:
        for row in page:
            yield {
                "page": row["page"],
                "language": row["language"],
                "received": _iso(row["created_at"]),
                "sealed": [row["sealed"]],
            }

    names = ["message", "better", "email", "page", "language", "received"]
    return _sheet("feedback", names, messages, messages.c.created_at >= since, sealed_page)


def _sheet(what: str, names: list[str], rows: Table, chosen: Any, sealed_page: SealedPage) -> Sheet:
    def pages() -> Iterator[Record]:
        """Each page is a query of its own: no long reader holds anybody up."""
        query, last = select(rows).where(chosen).order_by(rows.c.id).limit(PAGE), 0
        while page := _all(query.where(rows.c.id > last)):
            last = page[-1]["id"]
            yield from sealed_page(page)

    (counted,) = _all(select(func.count().label("number")).select_from(rows).where(chosen))
    return Sheet(what, names, counted["number"], pages)


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


def opened(sheet: Sheet, identities: list[Any], through: Through = iter) -> Iterator[Record]:
    """Each row in the clear.

    Args:
        sheet: what to open.
        identities: private keys, of which each row needs one.
        through: what the rows pass on their way; it may show how far they are.

    Raises:
        KeyFault: at the end, where some did not open.
    """
    closed = total = 0
    for row in through(sheet.rows()):
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
    sheet: Sheet, identities: list[Any], kind: str, out: Path | None, through: Through = iter
) -> None:
    """Open ``sheet``, write it out, and note that it was taken: all of that or nothing.

    Args:
        sheet: what to open.
        identities: private keys, of which each row needs one.
        kind: one of :data:`WRITERS`.
        out: a new file; without one, it goes to the terminal, once every row has been opened.
        through: see :func:`opened`.

    Raises:
        KeyFault: a row does not open.
        FileExistsError: ``out`` is there already.
    """
    write = WRITERS[kind]
    if out is None:
        _note(sheet, number=sum(1 for _ in opened(sheet, identities, through)))
        write(sys.stdout, sheet.names, opened(sheet, identities))
        return
    with new_file(out) as unfinished:
        with unfinished.open("w", encoding="utf-8", newline="") as target:
            # A spreadsheet takes a file without this mark for Latin-1, and Tamil for noise.
            target.write("\ufeff" if kind == "csv" else "")
            number = write(target, sheet.names, opened(sheet, identities, through))
        _note(sheet, number)


def _note(sheet: Sheet, number: int) -> None:
    with database.writing() as connection:
        audit.note(connection, "export", {sheet.what: number})


def _as_csv(target: TextIO, names: list[str], rows: Iterable[Record]) -> int:
    """Comma-separated, every field quoted, nothing that a spreadsheet would run as a formula."""
    writer = csv.writer(target, quoting=csv.QUOTE_ALL)
    writer.writerow(names)
    number = 0
    for row in rows:
        number += 1
        writer.writerow([safe(row.get(name)) for name in names])
    return number


def _as_json_lines(target: TextIO, names: list[str], rows: Iterable[Record]) -> int:
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
