"""The tables' versions: applying migrations, checking and copying a database."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from cocreate.config import ConfigError
from cocreate.storage.database import Database, StorageUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_307_209_122  # any number that nobody else on this PostgreSQL would choose


def _alembic(connection: Connection | None = None) -> Any:
    from alembic.config import Config as AlembicConfig

    settings = AlembicConfig(attributes={"connection": connection})
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings


def head() -> str:
    """The version that this code is written for."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(_alembic()).get_current_head())


def version(database: Database) -> str | None:
    """The version that the database has; None for an empty one."""
    from alembic.runtime.migration import MigrationContext

    with database.transaction(immediate=False) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database) -> None:
    """Bring the tables to this code's version, all or nothing, one process at a time.

    Raises:
        ConfigError: the database was written by a newer cocreate.
        StorageUnavailable: the database does not answer.
    """
    from alembic import command
    from alembic.util import CommandError

    create_file(database)
    try:
        with database.transaction(immediate=True) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
            command.upgrade(_alembic(connection), "head")
    except CommandError:
        raise ConfigError(
            "COCREATE_DATABASE_URL: this database was made by a newer cocreate; use that one"
        ) from None
    database.__dict__.pop("tables", None)


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
        found = _damage(database) if database.file else []
        if version(database) != head():
            found.append(f"version {version(database)}, this code needs {head()}: run db upgrade")
    except (StorageUnavailable, SQLAlchemyError) as error:
        return [str(error)]
    return found


def _damage(database: Database) -> list[str]:
    with database.transaction(immediate=False) as connection:
        rows = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        loose = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    found = [str(row) for row in rows if row != "ok"]
    return found + [f"{row[0]}: row {row[1]} points nowhere" for row in loose]


def backup(database: Database, target: Path) -> None:
    """Copy a SQLite database while it is in use (sqlite.org/backup.html).

    Raises:
        FileExistsError: ``target`` is there already; it is left alone.
    """
    if target.exists():
        raise FileExistsError(target)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with database.transaction(immediate=False) as connection:
            source: Any = connection.connection.driver_connection
            copy = sqlite3.connect(partial)
            try:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            finally:
                copy.close()
        os.link(partial, target)  # unlike a rename, never over an existing file
    finally:
        partial.unlink()
