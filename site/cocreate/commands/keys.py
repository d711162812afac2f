"""``cocreate keys``: the pair that seals what members write."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from cocreate.commands.context import failures
from cocreate.config import load_config
from cocreate.storage import crypto, files, marks
from cocreate.storage import keys as keyring
from cocreate.storage.database import Database


@click.group()
def keys() -> None:
    """Make keys that seal personal data."""


@keys.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
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
    with failures():
        files.write_new(out, private)
    click.echo(public)
    click.echo(f"Private key written to {out}. Never put it on the web server.", err=True)


@keys.command()
def adopt() -> None:
    """Accept SECRET_KEY for this database though it is another, where its own is lost.

    Whoever joined under the lost one is not recognised any more: not when joining again, and not by
    'members erase'. Members can still be exported.
    """
    config = keyring.complete(load_config(), make=False)
    with (
        failures(),
        closing(Database(config.database_url)) as database,
        database.transaction(immediate=True) as connection,
    ):
        marks.adopt(connection, config.secret_key, config.seal_key)
    click.echo("This SECRET_KEY belongs to the database from now on.")
