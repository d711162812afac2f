"""Copies of the database: taken, checked, put back, without bringing back who has left."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, MetaData, func, inspect, select

from cocreate import clock
from cocreate.config import Config, sqlite_url
from cocreate.storage import journal, keys, marks, schema
from cocreate.storage.database import Database, StorageUnavailable

LONGEST_WAIT = 30  # seconds for a site that is at the database
LAST = "backup"  # mark: when the last copy was taken
TIMES = {"audit": "done_at", "signups": "consented_at", "feedback": "created_at"}


@dataclass(frozen=True)
class Restored:
    """What a restored database is worth; times in seconds since 1970.

    Args:
        taken: when the backup was taken; None for an empty one of unknown age.
        kept_out: how many had left since.
        complete: whether the journal reaches back to ``taken``.
        since: from when on it is complete; None without a journal.
    """

    taken: float | None
    kept_out: int
    complete: bool
    since: float | None

    def __str__(self) -> str:
        said = f"Restored{f' as of {_day(self.taken)}' if self.taken else ''}."
        said += f" Kept out: {self.kept_out} who had left or been erased since."
        if self.complete:
            return said
        since = f" since {_day(self.taken)}" if self.taken else ""
        until = f" until {_day(self.since)}, where the journal begins" if self.since else ""
        why = "" if self.since else " There is no journal of erasures:"
        return f"{said}{why} whoever left{since}{until} has come back; erase them again by hand."


def _day(seconds: float | None) -> str:
    from cocreate.storage.membership import SINGAPORE

    return f"{datetime.fromtimestamp(seconds or 0, SINGAPORE):%Y-%m-%d %H:%M} (Singapore)"


def backup(database: Database, folder: Path, target: Path) -> None:
    """Copy a database while it is in use, with the journal of its data folder.

    Raises:
        FileExistsError: ``target`` is there already; it is left alone.
        StorageUnavailable: it could not be copied.
    """
    if target.exists():
        raise FileExistsError(17, "is there already", str(target))
    keys.make_folder(target.absolute().parent)
    journal.begin(folder)
    with database.transaction(immediate=True) as connection:
        if marks.exist(connection):
            marks.put(connection, LAST)  # in the copy too, which says so when it was taken
    with _new_file(target) as new:
        if database.file:
            with database.transaction(immediate=False) as connection:
                _copy(connection.connection.driver_connection, new)
        else:
            _dump(database, new)
    beside = journal.beside(target)
    beside.unlink(missing_ok=True)
    with _new_file(beside) as new:
        shutil.copyfile(folder / journal.NAME, new)


@contextmanager
def partial(target: Path) -> Iterator[Path]:
    """A file for us alone, beside ``target``, to write what is linked there once it is whole.

    A link, unlike a rename, never goes over a file that exists.
    """
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield unfinished
    finally:
        unfinished.unlink()


@contextmanager
def _new_file(target: Path) -> Iterator[Path]:
    """A file to write that becomes ``target`` at the end, whole or not at all."""
    with partial(target) as unfinished:
        yield unfinished
        os.link(unfinished, target)


def _copy(source: object, target: Path) -> None:
    """SQLite's own copy (sqlite.org/backup.html) as one file, with nothing beside it."""
    assert isinstance(source, sqlite3.Connection)
    with closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def _dump(database: Database, target: Path) -> None:
    url = database.url
    plain = url.set(drivername="postgresql")._replace(password=None).render_as_string()
    secret = {"PGPASSWORD": url.password} if url.password else {}  # not for all to see, as in ps
    command = ["pg_dump", "--format=custom", "--no-owner", f"--file={target}", plain]
    _run(command, secret)


def _run(command: Sequence[str], secret: dict[str, str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603  # its words are ours
            command, env=os.environ | secret, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise StorageUnavailable(f"{command[0]} is needed: install PostgreSQL's client") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["failed"])[-1]
        raise StorageUnavailable(f"{command[0]}: {last}")


def verify(database: Database, file: Path) -> list[str]:
    """What is wrong with a backup, a line each."""
    try:
        if not database.file:
            _run(["pg_restore", "--file=/dev/null", str(file)], {})
            return []
        copy = Database(sqlite_url(file))
        with closing(copy):
            return schema.faults(copy)
    except StorageUnavailable as error:
        return [str(error)]


def put_in_place(
    database: Database, config: Config, file: Path, journals: Sequence[Path] = ()
) -> tuple[Restored, Path | None]:
    """Write a backup, but for who has left since, over a SQLite database.

    That may be in use, damaged or gone.

    Returns:
        What it is worth, and where the database as it was is kept (None where there was none).

    Raises:
        StorageUnavailable: the backup is not whole, or the database is in use for too long.
        ConfigError: the backup belongs to another SECRET_KEY.
    """
    if not file.exists():
        raise FileNotFoundError(2, "No such file", str(file))
    if faults := verify(database, file):
        raise StorageUnavailable(f"{file} is not whole: {'; '.join(faults)}; nothing was changed")
    target = database.file
    assert target is not None
    keys.make_folder(target.parent)
    work = target.with_name(f".{target.name}.{os.getpid()}.restore")
    copy = Database(sqlite_url(work))
    schema.create_file(copy)
    try:
        shutil.copyfile(file, work)
        with closing(copy):
            restored = erase_again(copy, config, file, journals)
        aside = _set_aside(database, target)
        schema.create_file(database)
        with (
            closing(sqlite3.connect(work)) as source,
            closing(sqlite3.connect(target, timeout=LONGEST_WAIT)) as live,
        ):
            source.backup(live)
    except sqlite3.Error as error:
        raise StorageUnavailable(f"{target}: {error}") from None
    finally:
        for end in ("", "-wal", "-shm"):
            work.with_name(work.name + end).unlink(missing_ok=True)
    return restored, aside


def _set_aside(database: Database, target: Path) -> Path | None:
    """Keep what is there: as a copy where it is whole (others may be at it), else itself."""
    if not target.exists() or not target.stat().st_size:
        return None
    aside = target.with_name(f"{target.name}.before-{clock.now()}")
    try:
        faults = schema.damage(database)
    except StorageUnavailable:
        faults = ["no database"]
    if not faults:
        with _new_file(aside) as new, database.transaction(immediate=False) as connection:
            _copy(connection.connection.driver_connection, new)
        return aside
    database.close()
    for end in ("-wal", "-shm", ""):
        left = target.with_name(target.name + end)
        if left.exists():
            left.rename(aside.with_name(aside.name + end))
    return aside


def erase_again(
    database: Database, config: Config, file: Path | None, journals: Sequence[Path] = ()
) -> Restored:
    """Erase in a restored database whoever has left since, by every journal that there is."""
    keys.check(database, config)
    known = [config.data_dir / journal.NAME, *([journal.beside(file)] if file else []), *journals]
    found = journal.read(known)
    with database.transaction(immediate=True) as connection:
        taken = _taken(connection)
        kept_out = journal.apply(connection, found.entries)
    complete = found.since is not None and taken is not None and found.since <= taken + 1
    return Restored(taken, kept_out, complete, found.since)


def _taken(connection: Connection) -> float | None:
    """When the backup was taken; where it does not say so, the newest that is in it."""
    noted = marks.read(connection).get(LAST)
    metadata = MetaData()
    metadata.reflect(connection, only=[n for n in TIMES if inspect(connection).has_table(n)])
    newest = [
        connection.execute(select(func.max(rows.c[TIMES[name]]))).scalar_one()
        for name, rows in metadata.tables.items()
        if name in TIMES
    ]
    times = [at for at in (*newest, noted[1] if noted else None) if at is not None]
    return max(times, default=None)
