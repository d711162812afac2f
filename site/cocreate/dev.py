"""``make dev``: the site while it is edited. No part of it runs anywhere else.

Any change to code, templates or style sheet starts the site anew, so nothing is stale; changed
catalogues are read anew as it runs. The open page notices either and loads itself again.
Languages that are not published yet are shown too.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator

import click
from flask import Response, g, request
from watchfiles import DefaultFilter, run_process
from werkzeug.serving import run_simple

from cocreate.app import create_app
from cocreate.commands.site import environment_at
from cocreate.config import PACKAGE, ROOT, load_config
from cocreate.l10n import preview
from cocreate.languages import SHOW_UNPUBLISHED
from cocreate.mail import worker
from cocreate.storage import keys

WATCHED = [PACKAGE, ROOT / "templates", ROOT / "static"]
RELOAD = b"""
const site = new EventSource("/dev/alive?saved=" + document.currentScript.dataset.saved);
let lost = false;
site.onerror = () => { lost = true };
site.onopen = () => { if (lost) location.reload() };
"""


class Sources(DefaultFilter):
    """What people edit; the compiled catalogues are written by each start itself."""

    ignore_entity_patterns = (*DefaultFilter.ignore_entity_patterns, r"\.mo$", r"\.part$")


def alive() -> Response:
    """A stream that says nothing, and breaks when the site is started or its words read anew."""
    shown = request.args.get("saved", preview.saved())

    def breathe() -> Iterator[bytes]:
        yield b"retry: 300\n\n"
        for tick in itertools.count(1):
            if preview.saved() != shown:
                return
            time.sleep(0.1)
            if tick % 50 == 0:
                yield b": still here\n\n"

    return Response(breathe(), mimetype="text/event-stream")


def add_reload(response: Response) -> Response:
    if response.mimetype == "text/html" and not response.is_streamed:
        script = f'<script src="/dev/reload.js" data-saved="{g.saved}"></script>'
        response.data = response.data + script.encode()
    return response


def serve(port: int) -> None:
    app = create_app(keys.prepare(load_config(environment_at(port))))
    preview.init_app(app)  # ?show=messages, and saved catalogues
    app.add_url_rule("/dev/alive", "dev_alive", alive)
    app.add_url_rule(
        "/dev/reload.js", "dev_reload", lambda: Response(RELOAD, mimetype="text/javascript")
    )
    app.after_request(add_reload)
    worker.start_worker(app)
    run_simple("127.0.0.1", port, app, threaded=True)


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def main(port: int) -> None:
    """Serve the site, and start it anew when a file changes."""
    click.echo(f"cocreate: http://127.0.0.1:{port}/ starts anew when you save a file")
    os.environ[SHOW_UNPUBLISHED] = "1"  # for the new process that serves
    run_process(*WATCHED, target=serve, args=(port,), watch_filter=Sources())


if __name__ == "__main__":
    main()
