"""``cocreate translations``: what a translator and the gate ask of the catalogues."""

from __future__ import annotations

import sys

import click

from cocreate import messages


@click.group()
def translations() -> None:
    """Look after the catalogues under translations/."""


@translations.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where an update would.")
def update(check: bool) -> None:
    """Extract the messages and bring every .po up to date."""
    changes = messages.update(write=not check)
    for change in changes:
        click.echo(str(change))
    if check and any(change.differs for change in changes):
        click.echo("The catalogues are behind the source: run 'make messages'.", err=True)
        sys.exit(1)


@translations.command()
def status() -> None:
    """How far each language is. Exit 1 while one is not complete."""
    changes = messages.update(write=False)
    for change in changes:
        click.echo(str(change))
    sys.exit(any(change.new or change.changed for change in changes))
