"""How each kind of database is opened: SQLite so that a commit is on disk, PostgreSQL with limits.

SQLite settings and their sources: WAL with ``synchronous=FULL`` keeps every acknowledged commit
through a power cut (sqlite.org/pragma.html#pragma_synchronous); ``BEGIN IMMEDIATE`` avoids the
upgrade deadlock of deferred transactions (sqlite.org/lang_transaction.html); ``secure_delete``
overwrites what is erased.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

WAIT = 5  # seconds for a lock or a connection before the visitor is asked to try again
CONNECTIONS = 20  # of one process to PostgreSQL: a few more than it has threads
PRAGMAS = (
    f"busy_timeout = {WAIT * 1000}",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
)
# A server that stops or vanishes is given up, by libpq and by itself (migrations reset the first):
# postgresql.org/docs/current/libpq-connect.html, …/runtime-config-client.html
LIMITS = {
    "connect_timeout": WAIT,
    "options": f"-c lock_timeout={WAIT}s -c statement_timeout={2 * WAIT}s"
    f" -c idle_in_transaction_session_timeout={6 * WAIT}s",
    "tcp_user_timeout": 2 * WAIT * 1000,  # milliseconds
    "keepalives_idle": 2 * WAIT,
    "keepalives_interval": WAIT,
    "keepalives_count": 2,
}


def sqlite_engine(file: Path) -> Engine:
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
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def postgresql_engine(url: URL) -> Engine:
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=WAIT,
        pool_size=CONNECTIONS,
        max_overflow=0,
        hide_parameters=True,  # what is logged of a failure must not hold anybody's data
        connect_args=LIMITS,
    )
