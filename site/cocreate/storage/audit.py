"""What was done with the data, how often and when; nothing about whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from cocreate import clock
from cocreate.storage import database
from cocreate.storage.database import table


def note(connection: Connection, action: str, numbers: Mapping[str, int]) -> None:
    """Write down, in the transaction that does it, to how many (by community or kind) it was."""
    now = clock.now()
    rows = [
        {"done_at": now, "action": action, "community": what, "number": number}
        for what, number in sorted(numbers.items())
        if number
    ]
    if rows:
        connection.execute(table("audit").insert(), rows)


def entries() -> list[dict[str, Any]]:
    """Everything that was noted, oldest first."""
    rows = table("audit")
    with database.reading() as connection:
        found = connection.execute(select(rows).order_by(rows.c.id)).all()
    return [
        {
            "done": clock.in_singapore(row.done_at).isoformat(),
            "action": row.action,
            "what": row.community or "",
            "number": row.number,
        }
        for row in found
    ]
