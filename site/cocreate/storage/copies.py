"""Copies of the database: taken, checked, put back, without bringing back who has left."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cocreate import clock
from cocreate.config import Config, sqlite_url
from cocreate.storage import erasures, files, keys, marks, schema
from cocreate.storage.database import Database, StorageUnavailable
from cocreate.storage.files import new_file

LONGEST_WAIT = 30  # seconds for a site that is at the database
BACKUP_MARK = "backup"  # mark: when the last copy was taken


@dataclass(frozen=True)
class Restored:
    """What a restored database is worth; times in seconds since 1970."""

    taken: int  # when the backup was; 0 for an empty one of unknown age
    kept_out: int  # how many had left since
    since: float | None  # from when on the journal has everybody; None without one

    @property
    def complete(self) -> bool:
        """Whether the journal reaches back to the backup."""
        return self.since is not None and 0 < self.since <= self.taken + 1

    def __str__(self) -> str:
        taken = clock.shown(self.taken) if self.taken else ""
        told = f"Restored{taken and f' as of {taken}'}."
        told += f" Kept out: {self.kept_out} who had left or been erased since."
        if self.complete:
            return told
        when, why = (f" since {taken}" if taken else ""), "There is no journal of erasures"
        if self.since:
            when += f" until {clock.shown(self.since)}"
            why = "The journal of erasures begins later"
        return f"{told} {why}: whoever left{when} has come back; erase them again by hand."


def backup(database: Database, folder: Path, target: Path) -> None:
    """Copy a database while it is in use, with the journal of its data folder, to a new file."""
    files.make_folder(target.absolute().parent)
    erasures.begin(folder)
    with new_file(target) as new:
        with database.transaction(immediate=True) as connection:
            if marks.exist(connection):
                marks.put(
                    connection, BACKUP_MARK
                )  # in the copy too, which so says when it was taken
        if database.file:
            _copy(database, new)
        else:
            _dump(database, new)
    beside = erasures.beside(target)
    beside.unlink(missing_ok=True)
    with new_file(beside) as new:
        shutil.copyfile(folder / erasures.NAME, new)


def _copy(database: Database, target: Path) -> None:
    """SQLite's own copy (sqlite.org/backup.html) as one file, with nothing beside it."""
    with database.transaction(immediate=False) as connection:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        with closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")


def _dump(database: Database, target: Path) -> None:
    url = database.url
    plain = url.set(drivername="postgresql")._replace(password=None).render_as_string()
    secret = {"PGPASSWORD": url.password} if url.password else {}  # not for all to see, as in ps
    _run(["pg_dump", "--format=custom", "--no-owner", f"--file={target}", plain], secret)


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
        with closing(Database(sqlite_url(file))) as copy:
            return schema.faults(copy)
    except StorageUnavailable as error:
        return [str(error)]


def put_in_place(
    database: Database, config: Config, file: Path, journals: Sequence[Path] = ()
) -> tuple[Restored, Path | None]:
    """Write a backup, but for who has left since, over a SQLite database.

    That may be in use, damaged or gone. A backup that is not whole, or of another SECRET_KEY,
    changes nothing.

    Returns:
        What it is worth, and where the database as it was is kept (None where there was none).
    """
    if not file.exists():
        raise FileNotFoundError(2, "No such file", str(file))
    if faults := verify(database, file):
        upgrade = f"'COCREATE_DATABASE_URL={sqlite_url(file)} cocreate db upgrade'"
        reasons = "; ".join(faults).replace("'cocreate db upgrade'", upgrade)
        raise StorageUnavailable(f"{file} cannot be restored: {reasons}; nothing was changed")
    target = database.file
    assert target is not None
    files.make_folder(target.parent)
    with TemporaryDirectory(prefix=".restore-", dir=target.parent) as folder:
        work = Path(shutil.copyfile(file, Path(folder) / "copy.db"))
        with closing(Database(sqlite_url(work))) as copy:
            restored = erase_again(copy, config, file, journals)
        aside = _set_aside(database, target)
        schema.create_file(database)
        try:
            with (
                closing(sqlite3.connect(work)) as source,
                closing(sqlite3.connect(target, timeout=LONGEST_WAIT)) as live,
            ):
                source.backup(live)
        except sqlite3.Error as error:
            raise StorageUnavailable(f"{target}: {error}") from None
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
        with new_file(aside) as new:
            _copy(database, new)
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
    known = [config.data_dir / erasures.NAME, *([erasures.beside(file)] if file else []), *journals]
    found = erasures.read(known)
    with database.transaction(immediate=True) as connection:
        _, noted = marks.read(connection).get(BACKUP_MARK, ("", 0))
        # A copy that was made without us says no more than how new it is.
        taken = max(noted, marks.newest_row(connection))
        left = [erasures.erase_again(database, connection, entry) for entry in found.entries]
    return Restored(taken, sum(left), found.since)
