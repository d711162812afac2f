"""``cocreate status``: the whole site at a glance."""

from __future__ import annotations

import click

from cocreate import clock
from cocreate.commands.context import open_site
from cocreate.storage import copies, database, marks, outbox, processes, retention


@click.command()
def status() -> None:
    """Say who is there, what differs between them, and what was done last.

    Exit code 1 where processes have different settings that must be shared.
    """
    with open_site():
        oldest = outbox.status().oldest
        with database.reading() as connection:
            there, known = processes.running(connection), marks.read(connection)
    click.echo(f"Processes: {len(there) or 'none'}")
    for one in there:
        ago = clock.now() - one.seen_at
        since = clock.shown(one.started_at)
        click.echo(f"  {one}: version {one.version}, since {since}, seen {ago} s ago")
    click.echo(f"Oldest letter: {clock.shown(oldest) if oldest else 'none waits'}")
    for label, mark in (("Last purge", retention.PURGE_MARK), ("Last backup", copies.BACKUP_MARK)):
        click.echo(f"{label}: {clock.shown(known[mark][1]) if mark in known else 'none yet'}")
    if len({one.version for one in there}) > 1:
        click.echo("Versions differ: an upgrade is under way.")
    faults = [
        f"{', '.join(names)} differ(s) between {there[0]} and {other}"
        for other in there[1:]
        if (names := processes.differing(there[0].settings, other.settings))
    ]
    if faults:
        raise click.ClickException("; ".join(faults))
