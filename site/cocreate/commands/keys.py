"""``cocreate keys``: the pair that seals what members write."""

from __future__ import annotations

from pathlib import Path

import click

from cocreate.commands.context import failures
from cocreate.storage import crypto
from cocreate.storage import keys as keyring


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
    """Print a new public key for SEAL_KEY, and write its private key to a file.

    The file is an age identity file: whoever has it can read every member's data. Keep it away
    from the web server, and a copy in a safe place.
    """
    private, public = crypto.new_identity()
    with failures():
        keyring.write_private(out, private)
    click.echo(public)
    click.echo(f"Private key written to {out}. Move it off this machine.", err=True)
