"""Running copies of the site: the live one with everything behind it, and frozen ones."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort
from werkzeug.serving import make_server

import guide
from cocreate.app import create_app
from cocreate.config import load_config
from cocreate.freeze.freeze import freeze
from cocreate.languages import Language
from cocreate.mail import worker
from cocreate.pages import Page
from cocreate.serve.prerendered import Front
from cocreate.storage import keys
from cocreate.urls import page_path
from fixtures.backend import body, read
from processes import PATIENCE

SUB_PATH = "any/sub/path/"
PAST_FRONT = "made-anew"  # the query that asks Flask itself, not the copy that the front keeps


@dataclass
class Live:
    """A running site: its address, every request that reached it, and what Flask answered."""

    url: str
    folder: Path
    app: Flask = field(init=False)
    requests: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)  # each with the page that asked
    answers: list[str] = field(default_factory=list)  # HTML as the server sent it, whole or a part
    held: list[tuple[threading.Event, float]] = field(default_factory=list)  # for POSTs that wait

    @contextmanager
    def holding(self, seconds: float = PATIENCE) -> Iterator[Callable[[], None]]:
        """The next POST has no answer before the block's end, or before its value is called.

        Nor ever longer than ``seconds``: chromedriver returns from a press that opens a page only
        when that is there.
        """
        let_go = threading.Event()
        self.held.append((let_go, seconds))
        try:
            yield let_go.set
        finally:
            let_go.set()
            self.held.clear()

    def keep_answer(self, response: Response) -> Response:
        if response.mimetype == "text/html":
            self.answers.append(response.get_data(as_text=True))
        return response

    def asked_by(self, address: str) -> list[str]:
        """Paths that the page at ``address`` asked for: of one visit, where that is unique.

        A browser loads a manifest when it has time: then another page may be open.
        """
        return [path for path, page in self.asked if page == address]

    def at(self, page: Page, language: Language) -> str:
        return self.url + page_path(page, language)

    def mailed_link(self, address: str, kind: str) -> str:
        """The newest ``confirm`` or ``manage`` link mailed to ``address``."""
        worker.send_due(self.app)
        for file in sorted((self.folder / "mail").glob("*.eml"), reverse=True):
            letter = read(file.read_bytes())
            found = re.search(rf"http\S+/{kind}/\S+/", body(letter))
            if address in str(letter["To"]) and found:
                return found[0]
        raise LookupError(f"no {kind} link for {address}")


@contextmanager
def serving(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serve_live(folder: Path) -> Iterator[Live]:
    """The site as ``cocreate serve`` runs it, on a free port, with a database of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    running = Live(f"http://127.0.0.1:{server.port}/", folder)
    limits = {f"COCREATE_{kind}_LIMIT": "10000 per hour" for kind in ("JOIN", "MAIL")}
    place = {"COCREATE_SITE_URL": running.url, "COCREATE_DATA_DIR": str(folder)}
    running.app = create_app(keys.prepare(load_config(place | limits)))
    running.app.add_url_rule("/<language:language>/fail/<int:code>/", "fail", fail)
    guide.init_app(running.app)
    running.app.after_request(running.keep_answer)
    front = Front(running.app)

    def recorded(environ: dict[str, Any], start: Any) -> Any:
        running.requests.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        running.asked.append((environ["PATH_INFO"], environ.get("HTTP_REFERER", "")))
        if environ["REQUEST_METHOD"] == "POST" and running.held:
            let_go, seconds = running.held.pop()
            let_go.wait(seconds)
        past = environ.get("QUERY_STRING") == PAST_FRONT
        return (running.app if past else front)(environ, start)

    server.app = recorded
    with serving(server):
        yield running


def fail(language: Language, code: int) -> str:
    """An address that fails in any way one names."""
    abort(code)


class Quiet(SimpleHTTPRequestHandler):
    """A plain static host: no rewriting, no headers of its own but the type."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serve_frozen(folder: Path, join_url: str = "") -> Iterator[Live]:
    """The static copy below a sub-path of a plain static host."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    running = Live(f"http://127.0.0.1:{server.server_port}/{SUB_PATH}", folder)
    env = {"COCREATE_SITE_URL": running.url, "COCREATE_JOIN_URL": join_url}
    freeze(load_config(env), folder / SUB_PATH)
    with serving(server):
        yield running
