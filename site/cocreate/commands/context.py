"""What the commands for managers share: the site's data, and failures told in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from cocreate.config import Config, ConfigError, load_config
from cocreate.storage import database, keys
from cocreate.storage.crypto import KeyFault
from cocreate.storage.database import Database, StorageUnavailable


@contextmanager
def failures(*known: type[Exception]) -> Iterator[None]:
    """Known failures become one line on stderr and exit code 1."""
    try:
        yield
    except (StorageUnavailable, KeyFault) as error:
        raise click.ClickException(str(error)) from None
    except known as error:
        raise click.ClickException(str(error)) from None
    except FileExistsError as error:
        name = error.filename or error
        raise click.ClickException(f"{name} is there already; nothing was written") from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None


@contextmanager
def open_site(*, keyed: bool = False, whole: bool = False) -> Iterator[Flask]:
    """An application on the data that the settings name, in its context. Makes nothing new.

    Args:
        keyed: with the server's keys. An export needs none: it may run on a copy, elsewhere.
        whole: with pages and words too, which writing mail needs and counting members does not.

    Raises:
        ConfigError: there is no such data, or its keys are missing or others.
    """
    config = load_config()
    where = Database(config.database_url).file
    if where and not where.exists():
        raise ConfigError(f"COCREATE_DATA_DIR: no database at {where}; start the site there first")
    config = keys.complete(config, make=False) if keyed else keys.available(config)
    app = _whole(config) if whole else _bare(config)
    with failures(), app.app_context():
        try:
            keys.check(database.current(), config)
            yield app
        finally:
            database.current().close()


def _whole(config: Config) -> Flask:
    from cocreate.app import create_app

    return create_app(config)


def _bare(config: Config) -> Flask:
    app = Flask("cocreate")
    app.config["COCREATE"] = config
    database.init_app(app)
    return app
