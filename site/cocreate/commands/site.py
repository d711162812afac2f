"""``cocreate serve`` and ``cocreate freeze``."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import click
from dotenv import dotenv_values

from cocreate.config import load_config


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
        run(load_config(environment(port), serving=True), host, port)
    except ServerError as error:
        click.echo(f"cocreate: {error}", err=True)
        sys.exit(1)


def environment(port: int) -> dict[str, str]:
    """The settings given by ``.env`` and the process; without an address, that of ``port`` here."""
    env = {k: v for k, v in dotenv_values(".env").items() if v is not None} | dict(os.environ)
    if not env.get("COCREATE_SITE_URL", "").strip():
        env["COCREATE_SITE_URL"] = f"http://127.0.0.1:{port}/"
    return env
