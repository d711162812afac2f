"""Notes that a database carries about itself.

Fingerprints of the keys that it was written with, the oldest code that can live with its tables,
when it was purged and backed up last. With another SECRET_KEY nobody would be found, so a start or
a command that has none of the known ones is refused. Databases from before 0004 have no marks.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, column, delete, inspect, select
from sqlalchemy import table as named

from cocreate import clock
from cocreate.storage import crypto

MARKS = named("marks", column("name"), column("value"), column("at"))
SECRET, SEAL = "secret ", "seal "  # and a fingerprint
TIMES = {"audit": "done_at", "signups": "consented_at", "feedback": "created_at"}
WRONG_KEY = (
    "COCREATE_SECRET_KEY: does not belong to this database: nobody would be found;"
    " set the one that it was written with ('cocreate keys adopt' if that one is lost)"
)


def exist(connection: Connection) -> bool:
    return inspect(connection).has_table("marks")


def read(connection: Connection) -> dict[str, tuple[str, int]]:
    """Every mark: its value, and when it was set (seconds since 1970)."""
    if not exist(connection):
        return {}
    return {row.name: (row.value, row.at) for row in connection.execute(select(MARKS))}


def put(connection: Connection, name: str, value: str = "") -> None:
    """Set a mark, dated now."""
    remove(connection, name)
    connection.execute(MARKS.insert(), {"name": name, "value": value, "at": clock.now()})


def remove(connection: Connection, name: str) -> None:
    connection.execute(delete(MARKS).where(MARKS.c.name == name))


def newest_row(connection: Connection) -> int:
    """When the last row came, by those with the highest ids; 0 where there is none."""
    found = []
    for name, at in TIMES.items():
        rows = named(name, column("id"), column(at))
        newest = select(rows.c[at]).order_by(rows.c.id.desc()).limit(1)
        found.append(connection.execute(newest).scalar() or 0)
    return max(found)


def secrets_known(connection: Connection) -> set[str]:
    """Fingerprints of every secret that this database was written with."""
    return {name.removeprefix(SECRET) for name in read(connection) if name.startswith(SECRET)}


def belongs(connection: Connection, keys: tuple[str, ...]) -> bool:
    """Whether one of ``keys`` is known here, or none is."""
    known = secrets_known(connection)
    return not (known and keys) or bool(known.intersection(map(crypto.fingerprint, keys)))


def opens_a_letter(connection: Connection, keys: tuple[str, ...]) -> bool:
    """Whether ``keys`` open a waiting letter; True where none waits, or the database has marks."""
    if not keys or secrets_known(connection) or not inspect(connection).has_table("outbox"):
        return True
    outbox = named("outbox", column("encrypted"))
    waiting = connection.execute(select(outbox.c.encrypted).limit(20)).scalars().all()
    return not waiting or any(crypto.decrypt(bytes(one), keys) is not None for one in waiting)


def adopt(connection: Connection, keys: Iterable[str], seals: Iterable[str] = ()) -> None:
    """Add these to the keys that belong to the database."""
    names = [SECRET + crypto.fingerprint(key) for key in keys] + [SEAL + key for key in seals]
    for name in set(names) - read(connection).keys():
        put(connection, name)
