"""The server's keys: from the settings, or made once in the data folder and kept there."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pyrage

from cocreate.config import Config, ConfigError
from cocreate.kinds import PUBLIC_KEY
from cocreate.storage import crypto, erasures, files, marks, schema
from cocreate.storage.database import Database, StorageUnavailable, hold

log = logging.getLogger(__name__)

SECRET, PRIVATE, PUBLIC = "secret.key", "seal.key", "seal.pub"


def prepare(config: Config, *, create_file: bool = True) -> Config:
    """Make ready what a server needs, and return the settings with every key filled in.

    Makes the data folder and keys that are missing, and brings a SQLite database up to date.
    PostgreSQL is only looked at: its tables change by ``cocreate db upgrade``. Two processes that
    start together find the same keys.

    With ``create_file``, a SQLite file that is missing is made. Not where the site ran a moment
    ago: then the file is away, and what a new one took would be lost when it comes back.
    """
    database = Database(config.database_url)
    if database.file and not database.url.database:
        raise ConfigError("COCREATE_DATABASE_URL: name a file, like sqlite:////srv/cocreate.db")
    try:
        with _alone_in(config.data_dir):
            _refuse_an_emptied(database, config.data_dir)
            config = with_all_keys(
                config, make=not config.is_https, has_secret=_is_written(database)
            )
            if create_file:
                schema.create_file(database)
            if database.file:
                schema.upgrade(database)
            erasures.begin(config.data_dir)
        schema.require(database)
        check(database, config, adopt=True)
    except OSError as error:
        raise ConfigError(
            f"COCREATE_DATA_DIR: {error.filename or config.data_dir}: {error.strerror};"
            " name a folder that can be written"
        ) from None
    except StorageUnavailable:  # logged where it happened; pages are served, forms answer 503
        log.warning("database: not ready; forms answer 503 until it is")
    finally:
        database.close()
    return config


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    import fcntl  # a manager's Windows has none, and runs no server

    files.make_folder(folder)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given back when the file closes, however we end
        yield


def _refuse_an_emptied(database: Database, folder: Path) -> None:
    """A file that was emptied must not silently become a new database."""
    if not (database.file and database.file.exists() and (folder / erasures.NAME).exists()):
        return
    with suppress(StorageUnavailable):  # heals, or is told when it is used
        if schema.version(database) is None:
            raise ConfigError(
                f"COCREATE_DATABASE_URL: {database.file} is empty, though a site has run here; put"
                " a backup in its place (cocreate db restore FILE), or remove it to begin anew"
            )


def _is_written(database: Database) -> bool:
    """Whether a database has its secret, so that none may be made up for it."""
    if database.file and not database.file.exists():
        return False
    with suppress(StorageUnavailable), database.transaction(immediate=False) as connection:
        return bool(marks.secrets_known(connection))
    return False


def check(database: Database, config: Config, *, adopt: bool = False) -> None:
    """Refuse a secret that this database was not written with; none, or no tables yet, is no fault.

    With ``adopt``, the keys' fingerprints are kept; without it, only where one is kept already.
    """
    with database.transaction(immediate=True) as connection:
        ours = marks.belongs(connection, config.secret_key)
        if not (ours and marks.opens_a_letter(connection, config.secret_key)):
            raise ConfigError(marks.WRONG_KEY)
        if marks.exist(connection) and (adopt or marks.secrets_known(connection)):
            hold(connection, b"cocreate")  # of two that start together one does it
            marks.adopt(connection, config.secret_key, config.seal_key)


def count_missing_secrets(database: Database, config: Config) -> int:
    """How many secrets have written here that are not set now."""
    with database.transaction(immediate=False) as connection:
        known = marks.secrets_known(connection)
    return len(known - set(map(crypto.fingerprint, config.secret_key)))


def with_secret_key(config: Config) -> Config:
    """``config`` with the secret of the data folder, if there is one: a copy may have none."""
    if config.secret_key or not (config.data_dir / SECRET).exists():
        return config
    return replace(config, secret_key=_secret_key(config.data_dir, make=False))


def with_all_keys(config: Config, *, make: bool, has_secret: bool = False) -> Config:
    """``config`` with the keys of the data folder where the settings give none.

    With ``make``, those that are missing are made: but no secret for a database that has one.
    """
    return replace(
        config,
        secret_key=config.secret_key or _secret_key(config.data_dir, make=make and not has_secret),
        seal_key=config.seal_key or _seal_key(config.data_dir, make=make),
    )


def _secret_key(folder: Path, *, make: bool) -> tuple[str, ...]:
    file = folder / SECRET
    if make and not file.exists():
        files.write_new(file, secrets.token_urlsafe(48) + "\n")
    keys = tuple(_read("SECRET_KEY", file).split())
    if not keys or min(map(len, keys)) < 32:
        raise ConfigError(f"COCREATE_SECRET_KEY: {file} holds no key of 32 or more characters")
    return keys


def _seal_key(folder: Path, *, make: bool) -> tuple[str, ...]:
    private, public = folder / PRIVATE, folder / PUBLIC
    if make and not public.exists():
        if not private.exists():
            files.write_new(private, crypto.new_identity()[0])
        try:
            keys = crypto.public_keys(_read("SEAL_KEY", private))
        except pyrage.IdentityError:
            raise ConfigError(f"COCREATE_SEAL_KEY: {private} is no age identity file") from None
        files.write_new(public, "\n".join(keys) + "\n", 0o644)
    try:
        keys = tuple(map(PUBLIC_KEY.parse, _read("SEAL_KEY", public).split()))
    except ValueError:
        keys = ()
    if not keys:
        raise ConfigError(f"COCREATE_SEAL_KEY: {public} holds no public key (age1…)")
    return keys


def _read(setting: str, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise ConfigError(f"COCREATE_{setting}: not set, and {file}: {reason}") from None
