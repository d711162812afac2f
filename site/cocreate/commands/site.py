"""``cocreate serve``, ``freeze``, ``settings`` and ``status``: the site itself."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

import click

from cocreate.config import ENV_FILE_VARIABLE, PREFIX, SETTINGS, environment, load_config
from cocreate.kinds import text_of


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build"),
    show_default=True,
    help="Folder to write; files there that no freeze wrote stay.",
)
def freeze(out: Path) -> None:
    """Write the static copy: every page in every language, ready compressed.

    COCREATE_SITE_URL is its public address; COCREATE_JOIN_URL the live site that takes its forms.
    """
    from cocreate.freeze.freeze import FreezeError, freeze

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that half a folder is removed
    show = _show_progress if sys.stderr.isatty() else (lambda _: None)
    try:
        report = freeze(load_config(), out, show)
    except (FreezeError, OSError) as error:
        click.echo(f"cocreate: not frozen: {error}", err=True)
        sys.exit(1)
    click.echo(f"cocreate: {out}: {report}")


def _show_progress(address: str) -> None:
    click.echo(f"\r\033[K{address}", nl=False, err=True)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Serve the live site until it is interrupted (SIGINT, SIGTERM); SIGHUP renders it anew."""
    from cocreate.serve.server import ServerError, run

    try:
        run(load_config(environment_at(port), serving=True), host, port)
    except ServerError as error:
        click.echo(f"cocreate: {error}", err=True)
        sys.exit(1)


def environment_at(port: int) -> dict[str, str]:
    """The settings given; without a public address, that of ``port`` on this machine."""
    env = environment()
    if not env.get("COCREATE_SITE_URL", "").strip():
        env["COCREATE_SITE_URL"] = f"http://127.0.0.1:{port}/"
    return env


@click.command()
def settings() -> None:
    """Show each setting, its value (secrets masked) and where it comes from.

    Each line is one of a file of settings.
    """
    given, config = environment(), load_config()
    for name in SETTINGS:
        variable = PREFIX + name.upper()
        raw = given.get(variable, "").strip()
        source = (
            "environment" if variable in os.environ else os.environ.get(ENV_FILE_VARIABLE, ".env")
        )
        value = _shown(name, raw or text_of(getattr(config, name)))
        click.echo(f"{variable}={_quoted(value)}  # {source if raw else 'default'}")


@click.command()
def status() -> None:
    """Say who is there, what differs between them, and what was done last.

    Exit code 1 where processes have different settings that must be shared.
    """
    from cocreate import clock
    from cocreate.commands.context import open_site
    from cocreate.storage import copies, database, marks, outbox, processes, retention

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


def _shown(name: str, value: str) -> str:
    """As it may be read aloud: of a secret only that it is there, of an address no password."""
    if name == "secret_key":
        return "(set)" if value else ""
    return re.sub(r"(?<=://)[^/@]*@", "***@", value)


def _quoted(value: str) -> str:
    """In quotes where a file of settings would read the bare ``value`` as something else."""
    if not re.search(r"""^['"]|\s#|[\r\n]""", value):
        return value
    return "'" + re.sub(r"(['\\])", r"\\\1", value) + "'"
