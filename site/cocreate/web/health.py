"""``/healthz``: may this process be sent visitors?"""

from __future__ import annotations

from flask import Flask, Response

from cocreate.storage import database


def show_health() -> Response:
    """200 when the database answers, else 503: a join could not be kept."""
    alive = database.is_alive()
    response = Response("ok\n" if alive else "no database\n", 200 if alive else 503)
    response.mimetype = "text/plain"
    response.headers["Cache-Control"] = "no-store"
    return response


def init_app(app: Flask) -> None:
    app.add_url_rule("/healthz", "healthz", show_health)
