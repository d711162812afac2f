"""The database of an application: its tables and transactions; what fails becomes 503.

The migrations are the only description of the tables; here they are read back from the database
itself, so that a new column is known as soon as it exists.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Connection, Engine, MetaData, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from cocreate.config import Config
from cocreate.storage import engines, marks

log = logging.getLogger(__name__)


class StorageUnavailable(Exception):  # noqa: N818  # a state to wait for, not a mistake
    """The database is locked, full, gone or not set up. Nothing of this call was stored."""


class Database:
    """One database, by URL; with other keys than its own it does not work.

    Making this object opens nothing.
    """

    def __init__(self, url: str, secret_key: tuple[str, ...] = ()) -> None:
        self.url = make_url(url)
        self.secret_key = secret_key
        self._tables: dict[str, Table] = {}

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database; None for PostgreSQL."""
        if self.url.get_backend_name() != "sqlite":
            return None
        return Path(self.url.database or "").absolute()

    @cached_property
    def engine(self) -> Engine:
        file = self.file
        return engines.sqlite_engine(file) if file else engines.postgresql_engine(self.url)

    def table(self, name: str) -> Table:
        """A table as it is in the database now; all are read when one is asked for first."""
        if name not in self._tables:
            metadata = MetaData()
            with self.transaction(immediate=False) as connection:
                metadata.reflect(connection)
                ours = marks.belongs(connection, self.secret_key)
            if not ours:
                log.error("database: %s", marks.WRONG_KEY)
                raise StorageUnavailable(marks.WRONG_KEY)
            if name not in metadata.tables:
                raise StorageUnavailable(f"no table {name} yet; run 'cocreate db upgrade'")
            self._tables = dict(metadata.tables)
        return self._tables[name]

    def forget_tables(self) -> None:
        """They have changed."""
        self._tables = {}

    @contextmanager
    def transaction(self, *, immediate: bool) -> Iterator[Connection]:
        """A connection in a transaction, committed at the end unless something is raised."""
        with _failures(), self.engine.connect() as connection:
            connection.execution_options(immediate=immediate)
            with connection.begin():
                yield connection

    def close(self) -> None:
        if "engine" in self.__dict__:
            self.engine.dispose()


@contextmanager
def _failures() -> Iterator[None]:
    """Whatever the database could not do becomes StorageUnavailable; our own mistakes do not."""
    try:
        yield
    except (IntegrityError, DataError):
        raise
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise unavailable(error) from error


def unavailable(error: Exception) -> StorageUnavailable:
    """What to raise for a failure of the database, which is logged in the driver's words."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    reason = str(cause).strip().partition("\n")[0]  # the lines after it may hold our values
    log.error("database: %s: %s", type(cause).__name__, reason)
    return StorageUnavailable(reason)


def init_app(app: Flask) -> None:
    """Remember which database is the application's. Nothing is opened before it is needed."""
    config: Config = app.config["COCREATE"]
    app.extensions["cocreate.database"] = Database(config.database_url, config.secret_key)


def current() -> Database:
    database: Database = current_app.extensions["cocreate.database"]
    return database


def settings() -> Config:
    config: Config = current_app.config["COCREATE"]
    return config


def table(name: str) -> Table:
    return current().table(name)


def writing() -> AbstractContextManager[Connection]:
    """One transaction that holds the write lock from its start."""
    return current().transaction(immediate=True)


def reading() -> AbstractContextManager[Connection]:
    """One consistent view."""
    return current().transaction(immediate=False)


def hold(connection: Connection, *keys: bytes) -> None:
    """Let no other transaction work on any of ``keys`` until this one ends.

    Their first 8 bytes count. SQLite has one writer at a time anyhow.
    """
    if connection.dialect.name == "postgresql":
        # In one order for all, or two that hold several would wait for each other.
        numbers = sorted({int.from_bytes(key[:8], "big", signed=True) for key in keys})
        connection.execute(select(*map(func.pg_advisory_xact_lock, numbers)))


def insert(connection: Connection, rows: Table) -> Any:
    """An INSERT that knows ON CONFLICT, which both databases spell alike."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(rows)


def is_writable() -> bool:
    """Whether a write reaches the disk now: not when the database is locked, gone or full."""
    try:
        table("signups")
        with writing() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = version_num")
    except StorageUnavailable:
        return False
    return True


def truncate_wal(patience: int = engines.WAIT) -> bool:
    """Empty SQLite's write-ahead log, where pages from before an erasure would otherwise remain.

    It waits ``patience`` seconds for whoever reads, and writers as long for it; False where a long
    read kept old pages. PostgreSQL recycles its log by itself; docs/managers.md says what that
    means.
    """
    database = current()
    if not database.file:
        return True
    with _failures(), closing(database.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {patience * 1000}")
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        cursor.execute(f"PRAGMA {engines.PRAGMAS[0]}")
    if busy and patience:
        log.warning("database: a long read kept old pages in the log; the next purge empties it")
    return not busy
