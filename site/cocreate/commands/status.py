"""``cocreate status``: the whole site at a glance."""

from __future__ import annotations

from datetime import datetime

import click

from cocreate import clock
from cocreate.commands.context import open_site
from cocreate.storage import copies, database, marks, processes, retention
from cocreate.storage.membership import SINGAPORE


@click.command()
def status() -> None:
    """Say who is there, what differs between them, and what was done last.

    Exit code 1 where processes have different settings that must be shared.
    """
    with open_site(), database.reading() as connection:
        there = processes.everybody(connection)
        oldest, known = processes.oldest_letter(connection), marks.read(connection)
    click.echo(f"Processes: {len(there) or 'none'}")
    for one in there:
        ago = clock.now() - one.seen_at
        since = _moment(one.started_at)
        click.echo(f"  {one}: version {one.version}, since {since}, seen {ago} s ago")
    click.echo(f"Oldest letter: {_moment(oldest) if oldest else 'none waits'}")
    for label, mark in (("Last purge", retention.LAST), ("Last backup", copies.LAST)):
        click.echo(f"{label}: {_moment(known[mark][1]) if mark in known else 'none yet'}")
    if faults := _differences(there):
        raise click.ClickException("; ".join(faults))


def _differences(there: list[processes.Process]) -> list[str]:
    if len({one.version for one in there}) > 1:
        click.echo("Versions differ: an upgrade is under way.")
    return [
        f"{', '.join(names)} differ(s) between {there[0]} and {other}"
        for other in there[1:]
        if (names := processes.differing(there[0].settings, other.settings))
    ]


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, SINGAPORE):%Y-%m-%d %H:%M} (Singapore)"
