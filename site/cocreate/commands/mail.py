"""``cocreate mail``: the letters that wait to go out."""

from __future__ import annotations

import signal
import threading
from datetime import datetime

import click

from cocreate.commands.context import open_site
from cocreate.mail import worker
from cocreate.storage.membership import SINGAPORE


@click.group()
def mail() -> None:
    """Send waiting mail, and see what waits."""


@mail.command()
@click.option("--loop", is_flag=True, help="Go on until interrupted, like the site itself does.")
@click.option("--again", is_flag=True, help="Also try what was given up after five days.")
def send(*, loop: bool, again: bool) -> None:
    """Send the mail that is due. Exit code 1 where some of it did not go out."""
    with open_site(keyed=True, whole=True) as app:
        if again:
            worker.try_given_up_again()
        if loop:
            worker.run_worker(app, _until_interrupted())
            return
        sent = worker.send_due(app)
        found = worker.status()
        click.echo(f"{sent} sent, {found.waiting} waiting, {len(found.given_up)} given up.")
        if found.failing:
            raise click.ClickException(f"{found.failing} could not be sent and will be tried again")


def _until_interrupted() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


@mail.command()
def status() -> None:
    """Say how many messages wait. Exit code 1 where any was given up."""
    with open_site():
        found = worker.status()
    click.echo(f"Waiting: {found.waiting}, of these tried in vain so far: {found.failing}")
    if found.oldest:
        click.echo(f"Oldest: {_moment(found.oldest)}")
    for given_up_at, reason in found.given_up:
        click.echo(f"Given up on {_moment(given_up_at)}: {reason}")
    if found.given_up:
        raise click.ClickException(
            f"{len(found.given_up)} given up; see 'cocreate mail send --again'"
        )


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, SINGAPORE):%Y-%m-%d %H:%M} (Singapore)"
