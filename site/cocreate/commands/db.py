"""``cocreate db``: the database's tables, health and copies."""

from __future__ import annotations

from pathlib import Path

import click

from cocreate.commands.context import failures
from cocreate.config import ConfigError, load_config
from cocreate.storage import keys, schema
from cocreate.storage.database import Database


@click.group()
def db() -> None:
    """Upgrade, check and copy the database."""


@db.command()
def upgrade() -> None:
    """Bring the tables up to date (for SQLite, starting the site does the same)."""
    database = Database(load_config().database_url)
    with failures():
        if database.file:
            keys.make_folder(database.file.parent)
        schema.upgrade(database)
        click.echo(f"The tables are at version {schema.version(database)}.")
    database.close()


@db.command()
def check() -> None:
    """Check that the database is whole and up to date. Exit code 1 where it is not."""
    database = _existing()
    found = schema.faults(database)
    database.close()
    if found:
        raise click.ClickException("; ".join(found))
    click.echo("The database is whole and up to date.")


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Copy a SQLite database to FILE (mode 600) while the site runs. FILE must not exist yet."""
    database = _existing()
    if not database.file:
        raise click.ClickException("for PostgreSQL use pg_dump")
    with failures():
        schema.backup(database, file)
    database.close()
    click.echo(f"Copied to {file}.")


def _existing() -> Database:
    database = Database(load_config().database_url)
    if database.file and not database.file.exists():
        raise ConfigError(f"COCREATE_DATA_DIR: no database at {database.file}")
    return database
