"""The tables' versions: applying migrations, going back, and which code can live with which.

A migration that only adds (tables, columns that may be empty) leaves room for older code. What the
oldest such version is, is written into the database beside the tables, since older code cannot
know the migration. A migration whose changes older code could not bear for another reason says so:
``lives_with = "0007"``, the oldest version that can.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from cocreate.config import ConfigError
from cocreate.storage import marks
from cocreate.storage.database import Database, StorageUnavailable, hold

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = (7_307_209_122).to_bytes(8, "big")  # that nobody else on this PostgreSQL would choose
LIVES_WITH = "lives with "  # mark: the version; its value: the oldest code that can live with it
TURN = 1  # seconds that a migration may keep others waiting for a table
PAUSE = 2.0  # seconds in which those go on, before it tries again


def _alembic(connection: Connection | None = None) -> Any:
    from alembic.config import Config as AlembicConfig

    settings = AlembicConfig(attributes={"connection": connection})
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings


def _history() -> dict[str, Any]:
    """Every migration of this code by its version, oldest first.

    Raises:
        ConfigError: one is missing, or two follow the same one.
    """
    import warnings

    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a missing parent is first of all a warning
            found = list(ScriptDirectory.from_config(_alembic()).walk_revisions())
    except (CommandError, KeyError, Warning) as error:
        reason = str(error).partition("\n")[0]
        raise ConfigError(f"{MIGRATIONS / 'versions'} is incomplete: {reason}") from None
    return {script.revision: script.module for script in reversed(found)}


def head() -> str:
    """The version that this code is written for."""
    return list(_history())[-1]


def version(database: Database) -> str | None:
    """The version that the database has; None for an empty one."""
    with database.transaction(immediate=False) as connection:
        return _version(connection)


def _version(connection: Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def problem(database: Database) -> str:
    """Why this code cannot work on these tables; empty where it can."""
    with database.transaction(immediate=False) as connection:
        found, known = _version(connection), marks.read(connection)
    history = _history()
    ours = list(history)[-1]
    if found == ours:
        return ""
    if found is None:
        return "no tables yet; run 'cocreate db upgrade'"
    if found in history:
        return f"at version {found}, this code needs {ours}; run 'cocreate db upgrade'"
    oldest = known.get(LIVES_WITH + found, ("",))[0]
    if oldest in history:
        return ""
    return (
        f"at version {found}, made by a newer cocreate, which this one ({ours}) cannot live with;"
        f" use the newer one, or go back with it: cocreate db downgrade --to {ours}"
    )


def require(database: Database) -> None:
    """
    Raises:
        ConfigError: this code cannot work on these tables.
    """
    if fault := problem(database):
        raise ConfigError(f"COCREATE_DATABASE_URL: {fault}")


def upgrade(database: Database, *, patient: bool = False) -> None:
    """Bring the tables to this code's version, all or nothing, one process at a time.

    Tables of a newer version that this code can live with stay as they are.

    Args:
        database: which.
        patient: wait for others to finish with the tables, however long that takes.

    Raises:
        ConfigError: the database was written by a newer cocreate.
        StorageUnavailable: the database does not answer.
    """
    create_file(database)
    if version(database) in {None, *_history()}:
        _migrate(database, "upgrade", "head", patient=patient)
    require(database)


def downgrade(database: Database, target: str) -> None:
    """Take the tables back to an older version, with what newer columns held.

    Raises:
        ConfigError: this code does not know the way.
    """
    history, now = list(_history()), version(database)
    if target not in history:
        raise ConfigError(f"--to: no version {target}; there are {', '.join(history)}")
    if now is None or now not in history:
        raise ConfigError(
            f"COCREATE_DATABASE_URL: at version {now}, which this code does not know;"
            " go back with the code that made it"
        )
    if history.index(target) > history.index(now):
        raise ConfigError(f"--to: {target} is newer than {now}; that is 'cocreate db upgrade'")
    _migrate(database, "downgrade", target, patient=True)


def _migrate(database: Database, way: str, target: str, *, patient: bool) -> None:
    told = False
    while True:
        try:
            _migrate_once(database, way, target)
            break
        except OperationalError as error:
            if not patient or not _is_busy(error):
                raise _unavailable(error) from error
            if not told:
                log.warning("database: others are at the tables; waiting for them")
            told = True
            time.sleep(PAUSE)  # in which whoever waits behind us has a turn
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise _unavailable(error) from error
    database.__dict__.pop("tables", None)


def _unavailable(error: Exception) -> StorageUnavailable:
    reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
    log.error("database: %s", reason)
    return StorageUnavailable(reason)


def _migrate_once(database: Database, way: str, target: str) -> None:
    from alembic import command

    with database.engine.connect() as connection:
        connection.execution_options(immediate=True)
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{TURN}s'")
                hold(connection, LOCK)
            before, old = _shape(connection), _version(connection)
            getattr(command, way)(_alembic(connection), target)
            if way == "upgrade" and marks.exist(connection):
                _note_who_can_live_with_it(connection, before, old)


def _is_busy(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlstate", "") == "55P03" or "is locked" in str(error.orig)


Shape = dict[str, dict[str, tuple[str, bool]]]


def _shape(connection: Connection) -> Shape:
    """Each table's columns: type, and whether a row needs a value there."""
    metadata = MetaData()
    metadata.reflect(connection)
    return {
        name: {
            column.name: (str(column.type), not (column.nullable or column.server_default))
            for column in rows.columns
        }
        for name, rows in metadata.tables.items()
    }


def _note_who_can_live_with_it(connection: Connection, before: Shape, old: str | None) -> None:
    now, history = _version(connection), _history()
    if now is None or now == old:
        return
    order = list(history)
    applied = order[order.index(old) + 1 if old in order else 0 : order.index(now) + 1]
    said = [getattr(history[step], "lives_with", "") for step in applied]
    oldest = now
    if old and _only_adds(before, _shape(connection)):
        oldest = marks.read(connection).get(LIVES_WITH + old, (old,))[0]
    known = [step for step in (oldest, *said) if step in order]
    marks.put(connection, LIVES_WITH + now, max(known, key=order.index))


def _only_adds(before: Shape, after: Shape) -> bool:
    """Whether code that knows only ``before`` can read and write ``after``."""
    for name, columns in before.items():
        there = after.get(name, {})
        if any(there.get(column) != kind for column, kind in columns.items()):
            return False
        if any(needed for column, (_, needed) in there.items() if column not in columns):
            return False
    return True


def create_file(database: Database) -> None:
    """An empty file that only its owner may read, before SQLite makes one that all may."""
    if database.file:
        try:
            os.close(os.open(database.file, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise ConfigError(
                f"COCREATE_DATABASE_URL: {database.file}: {error.strerror}; name a file that"
                " can be written"
            ) from None


def faults(database: Database) -> list[str]:
    """What is wrong with the database, a line each; empty when all is well."""
    try:
        found = damage(database) if database.file else []
        return found + [fault for fault in [problem(database)] if fault]
    except (StorageUnavailable, SQLAlchemyError) as error:
        return [str(error)]


def damage(database: Database) -> list[str]:
    """What SQLite finds broken, a line each."""
    with database.transaction(immediate=False) as connection:
        rows = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        loose = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    found = [str(row) for row in rows if row != "ok"]
    return found + [f"{row[0]}: row {row[1]} points nowhere" for row in loose]
