"""Who works on this database: each process leaves a row, and notices settings that differ.

A setting is kept only as a keyed fingerprint. Processes whose secrets differ cannot compare the
rest: then the secret itself is what differs.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import platform
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version

from flask import Flask
from sqlalchemy import Connection, delete, select

from cocreate import clock
from cocreate.config import PREFIX, Config
from cocreate.storage import crypto, database
from cocreate.storage.database import StorageUnavailable, table

log = logging.getLogger(__name__)

SHARED = (
    "secret_key", "seal_key", "site_url", "mail_url", "mail_from", "mail_limit", "mail_ceiling",
    "join_limit", "rate_limit_url", "retention_days",
)  # fmt: skip
BEAT = 30  # seconds
ALIVE = 120  # seconds since the last beat
FORGET = clock.DAY


@dataclass(frozen=True)
class Process:
    """One that works on this database; times in seconds since 1970."""

    id: str
    host: str
    pid: int
    version: str
    settings: dict[str, str]
    started_at: int
    seen_at: int

    def __str__(self) -> str:
        return f"{self.host} (process {self.pid})"


def fingerprints(config: Config) -> dict[str, str]:
    """Of each shared setting, by its variable's name."""
    key = crypto.fingerprint(config.secret_key[0]).encode()
    values = {PREFIX + name.upper(): repr(getattr(config, name)) for name in SHARED}
    return {name: hmac.digest(key, said.encode(), "sha256").hex() for name, said in values.items()}


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Names of the settings in which two processes differ."""
    secret = PREFIX + "SECRET_KEY"
    names = [name for name in one if name in other and one[name] != other[name]]
    return [secret] if secret in names else names


def running(connection: Connection) -> list[Process]:
    """Who is there now, longest there first."""
    rows = table("processes")
    alive = select(rows).where(rows.c.seen_at > clock.now() - ALIVE)
    return [
        Process(**{**row, "settings": json.loads(row["settings"])})
        for row in connection.execute(alive.order_by(rows.c.started_at, rows.c.id)).mappings()
    ]


def stay_registered(app: Flask, stop: threading.Event) -> None:
    """Keep the row of this process fresh until ``stop``; warn once where others differ."""
    config: Config = app.config["COCREATE"]
    who = (secrets.token_hex(8), platform.node(), os.getpid(), version("cocreate"))
    ours = Process(*who, fingerprints(config), started_at=clock.now(), seen_at=clock.now())
    told = False
    with app.app_context():
        while not stop.is_set():
            with suppress(StorageUnavailable):  # logged where it happened
                others = _renew(ours)
                if not told:
                    _warn(ours, others, config)
                told = True
            stop.wait(BEAT)
        with suppress(StorageUnavailable), database.writing() as connection:
            rows = table("processes")
            connection.execute(delete(rows).where(rows.c.id == ours.id))


def _renew(ours: Process) -> list[Process]:
    """Write our row anew and delete those of a day ago; the other processes."""
    rows, now = table("processes"), clock.now()
    values = {**vars(ours), "settings": json.dumps(ours.settings), "seen_at": now}
    with database.writing() as connection:
        others = [one for one in running(connection) if one.id != ours.id]
        gone = (rows.c.id == ours.id) | (rows.c.seen_at < now - FORGET)
        connection.execute(delete(rows).where(gone))
        connection.execute(rows.insert(), values)
    return others


def _warn(ours: Process, others: list[Process], config: Config) -> None:
    for other in others:
        if names := differing(ours.settings, other.settings):
            log.warning("settings: %s differ(s) from those of %s", ", ".join(names), other)
            return  # one line; 'cocreate status' names them all
    if config.rate_limit_url.startswith("memory:") and any(o.host != ours.host for o in others):
        log.warning("settings: COCREATE_RATE_LIMIT_URL is in memory: each process counts alone")
