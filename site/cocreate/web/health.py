"""For whoever watches the site: does it serve, and can it keep what is sent?"""

from __future__ import annotations

from flask import Flask, Response

from cocreate.storage import database


def is_alive() -> Response:
    """200 while the process serves; asks nothing, so that it never waits."""
    return _say("ok", 200)


def is_ready() -> Response:
    """200 when a write to the database is possible, else 503."""
    return _say("ok", 200) if database.is_writable() else _say("no write is possible", 503)


def _say(word: str, status: int) -> Response:
    response = Response(word + "\n", status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response


def init_app(app: Flask) -> None:
    app.add_url_rule("/healthz", "healthz", is_alive)
    app.add_url_rule("/readyz", "readyz", is_ready)
