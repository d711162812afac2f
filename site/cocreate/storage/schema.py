"""The tables' versions: applying migrations, going back, and which code can live with which.

Code asks for the tables of its newest migration. A migration after which older code can go on says
so: ``lives_with = "0007"``, the oldest version whose code can. That is written into the database
beside the tables, since older code cannot know the migration.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
import warnings
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from cocreate.config import ConfigError
from cocreate.storage import marks
from cocreate.storage.database import Database, StorageUnavailable, hold, unavailable

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


def history() -> dict[str, Any]:
    """The module of every migration of this code by its version, oldest first."""
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a missing parent is first of all a warning
            scripts = ScriptDirectory.from_config(_alembic())
            scripts.get_current_head()  # raises where there are two
            found = list(scripts.walk_revisions())
    except (CommandError, KeyError, Warning) as error:
        reason = str(error).partition("\n")[0]
        raise ConfigError(f"{MIGRATIONS / 'versions'} is incomplete: {reason}") from None
    return {script.revision: script.module for script in reversed(found)}


def head() -> str:
    """The version that this code is written for."""
    return list(history())[-1]


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
    versions = list(history())
    ours = versions[-1]
    if found == ours:
        return ""
    if found is None:
        return "no tables yet; run 'cocreate db upgrade'"
    if found in versions:
        return f"at version {found}, this code needs {ours}; run 'cocreate db upgrade'"
    if LIVES_WITH + found in known and known[LIVES_WITH + found][0] in versions:
        return ""
    return (
        f"at version {found}, made by a newer cocreate, which this one ({ours}) cannot live with;"
        f" use the newer one, or go back with it: cocreate db downgrade --to {ours}"
    )


def require(database: Database) -> None:
    if fault := problem(database):
        raise ConfigError(f"COCREATE_DATABASE_URL: {fault}")


def upgrade(database: Database, *, patient: bool = False) -> None:
    """Bring the tables to this code's version, all or nothing, one process at a time.

    Tables of a newer version that this code can live with stay as they are. A ``patient`` caller
    waits for others to finish with the tables, however long that takes.
    """
    if version(database) in {None, *history()}:
        _migrate(database, "upgrade", "head", patient=patient)
    require(database)


def downgrade(database: Database, target: str) -> None:
    """Take the tables back to an older version, with what newer columns held."""
    versions, now = list(history()), version(database)
    if target not in versions:
        raise ConfigError(f"--to: no version {target}; there are {', '.join(versions)}")
    if now not in versions:
        raise ConfigError(
            f"COCREATE_DATABASE_URL: at version {now}, which this code does not know;"
            " go back with the code that made it"
        )
    if versions.index(target) > versions.index(now):
        raise ConfigError(f"--to: {target} is newer than {now}; that is 'cocreate db upgrade'")
    _migrate(database, "downgrade", target, patient=True)


def _migrate(database: Database, way: str, target: str, *, patient: bool) -> None:
    waits = False
    try:
        while not _migrated(database, way, target, patient=patient):
            if not waits:
                log.warning("database: others are at the tables; waiting for them")
            waits = True
            time.sleep(PAUSE)  # in which whoever waits behind us has a turn
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise unavailable(error) from error
    database.forget_tables()


def _migrated(database: Database, way: str, target: str, *, patient: bool) -> bool:
    """Try once; False where others were at the tables for too long."""
    from alembic import command

    with database.engine.connect() as connection:
        connection.execution_options(immediate=True)
        try:
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{TURN}s'")
                    hold(connection, LOCK)
                getattr(command, way)(_alembic(connection), target)
                _note_oldest_code(connection)
        except OperationalError as error:
            blocked = getattr(error.orig, "sqlstate", "") == "55P03"
            if patient and (blocked or "is locked" in str(error.orig)):
                return False
            raise
    return True


def _note_oldest_code(connection: Connection) -> None:
    """Write down the oldest version whose code can live with these tables."""
    now, modules = _version(connection), history()
    if now and marks.exist(connection):
        oldest = now
        while older := getattr(modules[oldest], "lives_with", ""):
            oldest = older
        marks.put(connection, LIVES_WITH + now, oldest)


def create_file(database: Database) -> None:
    """An empty file that only its owner may read, before SQLite makes one that all may."""
    file = database.file
    if not file or (file.is_file() and os.access(file, os.W_OK)):
        return  # nothing is opened: to close it again would drop the locks of this process on it
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise ConfigError(
            f"COCREATE_DATABASE_URL: {file}: {error.strerror}; name a file that can be written"
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
