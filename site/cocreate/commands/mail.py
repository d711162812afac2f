"""``cocreate mail``: the letters that wait to go out."""

from __future__ import annotations

import re
import signal
import threading

import click

from cocreate import clock
from cocreate.commands.context import counted, open_site
from cocreate.mail import worker
from cocreate.storage import outbox

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}  # seconds


def _seconds(_context: click.Context, _option: click.Parameter, age: str) -> int:
    found = re.fullmatch(r"(\d{1,9})([smhd]?)", age)
    if not found:
        raise click.BadParameter("use an age like 90s, 15m, 2h or 1d")
    return int(found[1]) * UNITS[found[2] or "s"]


@click.group()
def mail() -> None:
    """Send waiting mail, and see what waits."""


@mail.command()
@click.option("--loop", is_flag=True, help="Go on until interrupted, like the site itself does.")
@click.option("--now", is_flag=True, help="Also send what waits for its next try.")
@click.option("--again", is_flag=True, help="Also try what was given up.")
def send(*, loop: bool, now: bool, again: bool) -> None:
    """Send the mail that is due. Exit code 1 where some of it did not go out."""
    with open_site(keyed=True, whole=True) as app:
        if now:
            outbox.hurry()
        if again:
            outbox.hurry(given_up=True)
        if loop:
            stop = threading.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop.set())
            worker.run_worker(app, stop)
            return
        sent = worker.send_due(app)
        found = outbox.status()
    dropped = sum(failure.number for failure in found.given_up)
    click.echo(f"{sent} sent, {found.waiting} waiting, {dropped} given up.")
    if found.failing:
        raise click.ClickException(f"{found.failing} could not be sent and will be tried again")


@mail.command()
@click.option(
    "--max-age",
    metavar="AGE",
    callback=_seconds,
    default="1h",
    show_default=True,
    help="How long a letter may wait: 90s, 15m, 2h, 1d; a bare number means seconds.",
)
def status(*, max_age: int) -> None:
    """Say how many letters wait, and why.

    Exit code 1 where the oldest has waited longer than it may, or any was given up for its age. A
    letter that its recipient's server refused is told, and no alarm: addresses get mistyped.
    """
    with open_site():
        found, full = outbox.status(), worker.is_full()
    click.echo(f"Waiting: {found.waiting}, of these tried in vain so far: {found.failing}")
    if found.oldest is not None:
        click.echo(f"Oldest: {clock.shown(found.oldest)}")
    if full and found.waiting:
        click.echo("MAIL_CEILING is reached: the rest goes out as it allows.")
    for failure in found.failures:
        click.echo(f"Tried in vain: {failure.number} × {failure.reason}")
    for failure in found.given_up:
        last = clock.shown(failure.latest or 0)
        click.echo(f"Given up: {failure.number} × {failure.reason}, last on {last}")
    faults = []
    if found.oldest is not None and (age := clock.now() - found.oldest) > max_age:
        faults.append(f"the oldest letter has waited for {counted(age, 'second')}")
    if lost := sum(failure.number for failure in found.given_up if failure.too_old):
        faults.append(f"{lost} given up; see 'cocreate mail send --again'")
    if faults:
        raise click.ClickException("; ".join(faults))
