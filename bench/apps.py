"""The others in the ring: bare Flask, WhiteNoise, Frozen-Flask, our code without a web."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Flask, render_template


def hello() -> Any:
    """Flask as its own tutorial begins."""
    app = Flask("hello")
    app.add_url_rule("/", "hello", lambda: "<p>Hello, World!</p>")
    return app


def whitenoise() -> Any:
    """WhiteNoise serving the folder ``BENCH_FOLDER``, ready compressed, with everything kept."""
    from whitenoise import WhiteNoise

    def nothing(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("404 Not Found", [("Content-Length", "0")])
        return []

    return WhiteNoise(nothing, root=os.environ["BENCH_FOLDER"], index_file=True)


def freeze(count: int) -> None:
    """Frozen-Flask as its manual begins, in a folder with ``templates/``."""
    from flask_frozen import Freezer

    app = Flask("plain", root_path=str(Path.cwd()))
    app.add_url_rule(
        "/<int:number>/", "page", lambda number: render_template("page.html", number=number)
    )
    freezer = Freezer(app)
    freezer.register_generator(lambda: (("page", {"number": number}) for number in range(count)))
    freezer.freeze()


def join_without_web(seconds: float) -> None:
    """Print how many sign-ups a second one process keeps on disk with no web in between."""
    from cocreate.app import create_app
    from cocreate.config import load_config
    from cocreate.languages import ENGLISH
    from cocreate.storage import keys, signups

    app = create_app(keys.prepare(load_config()))
    kept, began = 0, time.perf_counter()
    with app.app_context():
        while time.perf_counter() - began < seconds:
            signups.join(
                signups.Signup(
                    name="Tan Ah Kow",
                    email=f"raw{kept}@example.org",
                    language=ENGLISH,
                    communities=("stack",),
                    answers={"role": "developer", "interests": ["open-source"]},
                    consent_version="bench",
                    consent_language=ENGLISH,
                )
            )
            kept += 1
    print(kept / (time.perf_counter() - began))


def serve(name: str, port: int) -> None:
    """One of the above under granian, set up as ours is."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server.mp import MPServer

    make = {"hello": hello, "whitenoise": whitenoise}[name]
    server = MPServer(
        name,
        "127.0.0.1",
        port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=1,
        log_level=LogLevels.critical,
    )
    server.serve(target_loader=make, wrap_loader=False)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["join", seconds]:
            join_without_web(float(seconds))
        case ["freeze", count]:
            freeze(int(count))
        case [name, port]:
            serve(name, int(port))
