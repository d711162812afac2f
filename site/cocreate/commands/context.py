"""What commands share: the site's data, failures told in one line, things counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
from flask import Flask

from cocreate.config import Config, ConfigError, load_config
from cocreate.storage import database, keys
from cocreate.storage.crypto import KeyFault
from cocreate.storage.database import Database, StorageUnavailable

FILE = click.Path(path_type=Path, dir_okay=False)
key_option = click.option(
    "--key",
    "keys",
    type=FILE,
    multiple=True,
    required=True,
    help="The private key's file; may be given several times.",
)


@contextmanager
def one_line_errors(*known: type[Exception]) -> Iterator[None]:
    """Known failures become one line on stderr and exit code 1."""
    known += (StorageUnavailable, KeyFault)
    try:
        yield
    except known as error:
        raise click.ClickException(str(error)) from None
    except FileExistsError as error:
        name = error.filename or error
        raise click.ClickException(f"{name} is there already; nothing was written") from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None


@contextmanager
def open_database() -> Iterator[tuple[Database, Config]]:
    """The database that the settings name, and the settings with its key. Makes nothing new.

    Raises:
        ConfigError: there is none, or its key is another one.
    """
    config = keys.with_secret_key(_config_of_existing_site())
    with one_line_errors(), closing(Database(config.database_url)) as found:
        keys.check(found, config)
        yield found, config


@contextmanager
def open_site(*, keyed: bool = False, whole: bool = False) -> Iterator[Flask]:
    """An application on the data that the settings name, in its context. Makes nothing new.

    Args:
        keyed: with the server's keys. An export needs none: it may run on a copy, elsewhere.
        whole: with pages and words too, which writing mail needs and counting members does not.

    Raises:
        ConfigError: there is no such data, or its keys are missing or others.
    """
    config = _config_of_existing_site()
    config = keys.with_all_keys(config, make=False) if keyed else keys.with_secret_key(config)
    if whole:
        from cocreate.app import create_app

        app = create_app(config)
    else:
        app = Flask("cocreate")
        app.config["COCREATE"] = config
        database.init_app(app)
    with one_line_errors(), app.app_context(), closing(database.current()) as found:
        keys.check(found, config)
        yield app


def counted(number: int, noun: str) -> str:
    """``1 member`` or ``5,000 members``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _config_of_existing_site() -> Config:
    config = load_config()
    file = Database(config.database_url).file
    if file and not file.exists():
        raise ConfigError(
            f"COCREATE_DATA_DIR: no database at {file}; name the site's settings"
            " (cocreate --env-file FILE …), or start the site there first"
        )
    return config
