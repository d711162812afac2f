"""``cocreate db`` and ``keys``: a database's tables, health and copies, and the keys for it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from cocreate.commands.context import FILE, one_line_errors, open_database
from cocreate.config import load_config
from cocreate.storage import copies, crypto, files, marks, schema
from cocreate.storage import keys as keyring
from cocreate.storage.database import Database


@click.group()
def db() -> None:
    """Upgrade, check, copy and restore the database."""


@db.command()
def upgrade() -> None:
    """Bring the tables up to date (for SQLite, starting the site does the same).

    It waits for whoever is at the tables, as a backup may be, and lets joins through meanwhile.
    """
    config = keyring.with_secret_key(load_config())
    with one_line_errors(), closing(Database(config.database_url)) as database:
        if database.file:
            files.make_folder(database.file.parent)
        schema.create_file(database)
        keyring.check(database, config)
        schema.upgrade(database, patient=True)
        click.echo(f"The tables are at version {schema.version(database)}.")


@db.command()
@click.option("--to", "target", required=True, help="The version to go back to, like 0003.")
def downgrade(target: str) -> None:
    """Take the tables back to an older version, for the code that goes with it.

    What the newer columns and tables held is lost. Stop the site first; on SQLite, newer code
    brings the tables up again at its start.
    """
    with open_database() as (database, _):
        schema.downgrade(database, target)
        click.echo(f"The tables are at version {schema.version(database)}.")


@db.command()
def check() -> None:
    """Check that the database is whole and fits this code and its key. Exit code 1 if not."""
    with open_database() as (database, _):
        if found := schema.faults(database):
            raise click.ClickException("; ".join(found))
        version = schema.version(database)
    if version == schema.head():
        click.echo("The database is whole and up to date.")
    else:
        click.echo(
            f"The database is whole. Its version {version} is newer than this code's"
            f" ({schema.head()}), which can live with it."
        )


@db.command()
@click.argument("file", type=FILE)
@click.option("--verify", is_flag=True, help="Open the copy afterwards and check it.")
def backup(file: Path, *, verify: bool) -> None:
    """Copy the database to FILE (mode 600) while the site runs, its journal of erasures beside it.

    FILE must not exist yet. PostgreSQL is copied by its own pg_dump.
    """
    with open_database() as (database, config):
        copies.backup(database, config.data_dir, file)
        faults = copies.verify(database, file) if verify else []
    if faults:
        raise click.ClickException(f"{file} is not whole: {'; '.join(faults)}")
    click.echo(f"Copied to {file}{', and checked' if verify else ''}.")


@db.command()
@click.argument("file", required=False, type=FILE)
@click.option(
    "--journal",
    "journals",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A further journal of erasures, as of another machine; may be given several times.",
)
def restore(file: Path | None, journals: tuple[Path, ...]) -> None:
    """Replace the database with FILE, a backup; who has left since stays erased.

    With PostgreSQL, run pg_restore first: this erases again what the journal names. FILE is then
    only needed to find the journal beside it.
    """
    config = keyring.with_secret_key(load_config())
    with one_line_errors(), closing(Database(config.database_url)) as database:
        if not database.file:
            found, aside = copies.erase_again(database, config, file, journals), None
        elif file:
            found, aside = copies.put_in_place(database, config, file, journals)
        else:
            raise click.UsageError("name the backup: cocreate db restore FILE")
    click.echo(str(found))
    if aside:
        click.echo(f"The database as it was is kept in {aside}; delete it once all is well.")


@click.group()
def keys() -> None:
    """Make keys that seal personal data."""


@keys.command()
@click.option(
    "--out",
    type=FILE,
    default="seal.key",
    show_default=True,
    help="File for the private key (mode 600); never overwritten.",
)
def new(out: Path) -> None:
    """Print a new public key for COCREATE_SEAL_KEY, and write its private key to a file.

    The file is an age identity file: whoever has it can read every member's data. Keep it away
    from the web server, and a copy in a safe place.
    """
    private, public = crypto.new_identity()
    with one_line_errors():
        files.write_new(out, private)
    click.echo(public)
    click.echo(f"Private key written to {out}. Never put it on the web server.", err=True)


@keys.command()
def adopt() -> None:
    """Accept SECRET_KEY for this database though it is another, where its own is lost.

    Whoever joined under the lost one is not recognised any more: not when joining again, and not by
    'members erase'. Members can still be exported.
    """
    config = keyring.with_all_keys(load_config(), make=False)
    with (
        one_line_errors(),
        closing(Database(config.database_url)) as database,
        database.transaction(immediate=True) as connection,
    ):
        marks.adopt(connection, config.secret_key, config.seal_key)
    click.echo("This SECRET_KEY belongs to the database from now on.")
