"""The database: one engine an application, opened when first asked for; what fails becomes 503.

The migrations are the only description of the tables; here they are read back from the database
itself, so that a new column is known as soon as it exists.

SQLite settings and their sources: WAL with ``synchronous=FULL`` keeps every acknowledged commit
through a power cut (sqlite.org/pragma.html#pragma_synchronous); ``BEGIN IMMEDIATE`` avoids the
upgrade deadlock of deferred transactions (sqlite.org/lang_transaction.html); ``secure_delete``
overwrites what is erased.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app
from sqlalchemy import URL, Connection, Engine, MetaData, Table, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    SQLAlchemyError,
)

from cocreate.config import Config
from cocreate.storage import marks

log = logging.getLogger(__name__)

WAIT = 5  # seconds for a lock or a connection before the visitor is asked to try again
CONNECTIONS = 20  # of one process to PostgreSQL: a few more than it has threads
# A server that stops or vanishes is given up, by libpq and by itself (migrations reset the first):
# postgresql.org/docs/current/libpq-connect.html, …/runtime-config-client.html
MANNERS = {
    "connect_timeout": WAIT,
    "options": f"-c lock_timeout={WAIT}s -c statement_timeout={2 * WAIT}s"
    f" -c idle_in_transaction_session_timeout={6 * WAIT}s",
    "tcp_user_timeout": 2 * WAIT * 1000,  # milliseconds
    "keepalives_idle": 2 * WAIT,
    "keepalives_interval": WAIT,
    "keepalives_count": 2,
}
PRAGMAS = (
    f"busy_timeout = {WAIT * 1000}",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
)


class StorageUnavailable(Exception):  # noqa: N818  # a state to wait for, not a mistake
    """The database is locked, full, gone or not set up. Nothing of this call was stored."""


class Database:
    """One database, by URL. Making this object opens nothing.

    Args:
        url: as ``COCREATE_DATABASE_URL``.
        secret_key: the keys that will be used on it; with others than its own it does not work.
    """

    def __init__(self, url: str, secret_key: tuple[str, ...] = ()) -> None:
        self.url = make_url(url)
        self.secret_key = secret_key

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database; None for PostgreSQL."""
        if self.url.get_backend_name() != "sqlite":
            return None
        return Path(self.url.database or "").absolute()

    @cached_property
    def engine(self) -> Engine:
        return _sqlite(self.file) if self.file else _postgresql(self.url)

    @cached_property
    def tables(self) -> dict[str, Table]:
        """Every table as it is in the database now, read once.

        Raises:
            StorageUnavailable: it cannot be read, has no tables yet, or was written with other
                keys (and is asked again later).
        """
        metadata = MetaData()
        with self.transaction(immediate=False) as connection:
            metadata.reflect(connection)
            ours = marks.belongs(connection, self.secret_key)
        if not ours:
            log.error("database: %s", marks.WRONG_KEY)
            raise StorageUnavailable(marks.WRONG_KEY)
        if "signups" not in metadata.tables:
            raise StorageUnavailable("the database has no tables; run 'cocreate db upgrade'")
        return dict(metadata.tables)

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


def _sqlite(file: Path) -> Engine:
    """An engine that never creates a file: a database that is gone must not come back empty."""
    url = URL.create(
        "sqlite", database=f"file:{quote(str(file))}", query={"mode": "rw", "uri": "true"}
    )
    engine = create_engine(url, pool_timeout=WAIT, pool_use_lifo=True, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's begin event below opens transactions
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
        record.info["file"] = _identity(file)

    @event.listens_for(engine, "checkout")
    def same_file(connection: Any, record: Any, proxy: Any) -> None:
        # An open handle outlives its file: writing there would be lost with it.
        if record.info["file"] != _identity(file):
            raise DisconnectionError("the database file was replaced")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(file)  # noqa: PTH116  # on every transaction: three times as fast
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=WAIT,
        pool_size=CONNECTIONS,
        max_overflow=0,
        hide_parameters=True,  # what is logged of a failure must not hold anybody's data
        connect_args=MANNERS,
    )


@contextmanager
def _failures() -> Iterator[None]:
    """Whatever the database could not do becomes StorageUnavailable; our own mistakes do not."""
    try:
        yield
    except (IntegrityError, DataError):
        raise
    except (SQLAlchemyError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        reason = str(cause).strip().partition("\n")[0]  # the driver's words, never our values
        log.error("database: %s: %s", type(cause).__name__, reason)
        raise StorageUnavailable(reason) from error


def init_app(app: Flask) -> None:
    """Remember which database is the application's. Nothing is opened before it is needed."""
    config: Config = app.config["COCREATE"]
    app.extensions["cocreate.database"] = Database(config.database_url, config.secret_key)


def current() -> Database:
    database: Database = current_app.extensions["cocreate.database"]
    return database


def table(name: str) -> Table:
    return current().tables[name]


def writing() -> AbstractContextManager[Connection]:
    """One transaction that holds the write lock from its start."""
    return current().transaction(immediate=True)


def reading() -> AbstractContextManager[Connection]:
    """One consistent view."""
    return current().transaction(immediate=False)


def hold(connection: Connection, *keys: bytes) -> None:
    """Let no other transaction work on any of ``keys`` (16 bytes or more) until this one ends.

    SQLite has one writer at a time anyhow.
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


def truncate_wal(patience: int = WAIT) -> bool:
    """Empty SQLite's write-ahead log, where pages from before an erasure would otherwise remain.

    PostgreSQL recycles its log by itself; docs/managers.md says what that means.

    Args:
        patience: seconds to wait for whoever reads; writers wait as long.

    Returns:
        False where a long read kept old pages.
    """
    database = current()
    if not database.file:
        return True
    with _failures():
        connection = database.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout = {patience * 1000}")
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            cursor.execute(f"PRAGMA {PRAGMAS[0]}")
        finally:
            connection.close()
    if busy and patience:
        log.warning("database: a long read kept old pages in the log; the next purge empties it")
    return not busy
