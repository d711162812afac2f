"""The front: frozen pages from memory, ready compressed; everything else goes on to Flask.

At start every address that a GET always answers alike is rendered once, with Flask's own headers,
and compressed. Reading costs a dictionary look-up and waits for nothing; what needs Flask waits for
its turn, for a bounded time. The same WSGI contract on both sides (PEP 3333).
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import threading
from collections.abc import Iterable
from functools import lru_cache
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask
from werkzeug.datastructures import Accept, Headers
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge, ServiceUnavailable
from werkzeug.http import parse_accept_header, parse_etags
from werkzeug.test import run_wsgi_app

from cocreate.config import LARGEST_BODY, Config
from cocreate.freeze.compress import Codings, codings_of
from cocreate.freeze.freeze import addresses
from cocreate.pages import BY_NAME
from cocreate.serve.accesslog import AccessLog
from cocreate.web.errors import FRONT_ERROR
from cocreate.web.security import ASK_AGAIN, FOR_EVER

READ_METHODS = ("GET", "HEAD")
HEALTH = "/healthz"
ASKS_FOR_PAGE = f"/{BY_NAME['feedback'].path}"  # the only page that a query changes: ?page=
TURN_TIMEOUT = 10  # seconds to wait for others who are in Flask
ANSWER_TIMEOUT = 15  # seconds for a body to arrive and to be answered
MOST_UNDER_WAY = 100  # requests at once, those included that nobody waits for any more
LONGEST = 200  # characters of a header worth reading; browsers send 20
BODY_HEADERS = ("Content-Type", "Content-Length", "Content-Encoding")
FlaskResult = tuple[Any, str, Headers]  # by Flask: body, status, headers


class Ready(NamedTuple):
    """One page in one coding, ready to go."""

    body: list[bytes]
    headers: list[tuple[str, str]]
    etag: str
    outcome: str  # for the log


class Front:
    """A WSGI application around ``app`` that answers for it where the answer never changes.

    The server has ``threads``, 8 or more; two are always left for readers.
    """

    def __init__(self, app: Flask, log: AccessLog | None = None, threads: int = 16) -> None:
        config: Config = app.config["COCREATE"]
        self._log, self._metrics = log or AccessLog(None), app.extensions.get("cocreate.metrics")
        self._app = app
        self._prefix = config.base_path.rstrip("/")
        self._responses = render_all(app)
        # Senders may be slow, others wait for the database: neither can take all threads.
        self._post_slots, self._get_slots = threading.Semaphore(threads - 6), threading.Semaphore(4)
        self._thread_slots = threading.Semaphore(MOST_UNDER_WAY)
        # SQLite has one writer: one request at a time has the shortest tail.
        self._flask_slots = threading.Semaphore(
            1 if config.database_url.startswith("sqlite") else threads
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._prefix:
            self._strip_prefix(environ)
        answers = self._responses.get(environ["PATH_INFO"])
        method = environ["REQUEST_METHOD"]
        if answers is None or method not in READ_METHODS or asks_more(environ):
            return self._pass_on(environ, start_response)
        answer = answers[choose_coding(environ.get("HTTP_ACCEPT_ENCODING", ""))]
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and is_known(known, answer.etag):
            self._note(environ, "304 -")
            kept = [(name, value) for name, value in answer.headers if name not in BODY_HEADERS]
            start_response("304 Not Modified", kept)
            return []
        self._note(environ, answer.outcome)
        start_response("200 OK", answer.headers.copy())
        return answer.body if method == "GET" else []

    def _note(self, environ: WSGIEnvironment, outcome: str) -> None:
        self._log.add(environ, outcome)
        if self._metrics:
            self._metrics.count(outcome)

    def _pass_on(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """To Flask; where that takes too long, the page that says so, which asks no database."""
        try:
            body, status, headers = self._ask_flask(environ)
        except ServiceUnavailable as error:
            self._note(environ, "503 -")
            return self._app(refused(environ, error), start_response)
        self._note(environ, f"{status[:3]} {headers.get('Content-Length', '-')}")
        start_response(status, list(headers))
        return list(body)

    def _ask_flask(self, environ: WSGIEnvironment) -> FlaskResult:
        """By a thread that can be left behind: a stalled sender or database holds it."""
        slots = self._get_slots if environ["REQUEST_METHOD"] in READ_METHODS else self._post_slots
        if not slots.acquire(blocking=False):
            raise ServiceUnavailable(retry_after=5)
        answers: SimpleQueue[FlaskResult] = SimpleQueue()
        try:
            if not self._thread_slots.acquire(blocking=False):
                raise ServiceUnavailable(retry_after=30)
            arguments = (environ.copy(), answers)
            try:
                threading.Thread(target=self._run_flask, args=arguments, daemon=True).start()
            except RuntimeError:  # the machine has no thread left
                self._thread_slots.release()
                raise ServiceUnavailable(retry_after=30) from None
            return answers.get(timeout=ANSWER_TIMEOUT)
        except Empty:
            raise ServiceUnavailable(retry_after=30) from None
        finally:
            slots.release()

    def _run_flask(self, environ: WSGIEnvironment, answers: SimpleQueue[FlaskResult]) -> None:
        try:
            receive(environ)
            if not self._flask_slots.acquire(timeout=TURN_TIMEOUT):
                raise ServiceUnavailable(retry_after=30)
            try:
                answers.put(run_wsgi_app(self._app, environ, buffered=True))
            finally:
                self._flask_slots.release()
        except HTTPException as error:
            answers.put(run_wsgi_app(self._app, refused(environ, error), buffered=True))
        finally:
            self._thread_slots.release()

    def _strip_prefix(self, environ: WSGIEnvironment) -> None:
        """``/sub/en/`` is the page ``/en/`` of an application at ``/sub``.

        Some proxies strip the prefix themselves: a path without it is taken as it is.
        """
        path: str = environ["PATH_INFO"]
        if path == self._prefix or path.startswith(self._prefix + "/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + self._prefix
            environ["PATH_INFO"] = path.removeprefix(self._prefix)


def refused(environ: WSGIEnvironment, error: HTTPException) -> WSGIEnvironment:
    """The same request without its body, for Flask to answer with the page of ``error``."""
    return environ | {FRONT_ERROR: error, "wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0"}


def receive(environ: WSGIEnvironment) -> None:
    """Put the whole body in place of the one that is still arriving.

    Raises:
        HTTPException: it is cut, or of a length that nobody can check.
    """
    if "HTTP_TRANSFER_ENCODING" in environ:  # granian reports one that was cut off as whole
        body = environ["wsgi.input"].read(LARGEST_BODY + 1)
        raise RequestEntityTooLarge if len(body) > LARGEST_BODY else BadRequest
    declared = environ.get("CONTENT_LENGTH") or ""
    size = int(declared) if declared.isdecimal() else 0
    if 0 < size <= LARGEST_BODY:  # Flask refuses a larger one unread
        body = environ["wsgi.input"].read(size)
        if len(body) < size:
            raise BadRequest
        environ["wsgi.input"] = io.BytesIO(body)


def asks_more(environ: WSGIEnvironment) -> bool:
    """Whether a query changes the page. Campaign links (``?utm_source=``) change none."""
    query = environ.get("QUERY_STRING", "")
    return environ["PATH_INFO"].endswith(ASKS_FOR_PAGE) and "page" in parse_qs(query)


def choose_coding(accepted: str) -> str:
    """The coding to send for an ``Accept-Encoding`` header (RFC 9110 section 12.5.3)."""
    return _choose(accepted) if len(accepted) < LONGEST else "identity"


@lru_cache(maxsize=256)
def _choose(accepted: str) -> str:
    wanted = parse_accept_header(accepted, Accept)
    return wanted.best_match(Codings._fields, "identity") or "identity"


def is_known(tags: str, etag: str) -> bool:
    """Whether an ``If-None-Match`` header names ``etag`` (weak comparison, section 13.1.2)."""
    return len(tags) < LONGEST * 10 and parse_etags(tags.strip()).contains_weak(etag.strip('"'))


def render_all(app: Flask) -> dict[str, dict[str, Ready]]:
    """Path → coding → response, for every address of the site that is not different each time.

    Raises:
        RuntimeError: naming the address that Flask did not answer with 200.
    """
    client, made = app.test_client(), {}
    for address in (*addresses(app), HEALTH):
        response = client.get(address)
        if response.status_code != 200:
            raise RuntimeError(f"{address}: {response.status} while the pages were rendered")
        suffix = ".html" if address.endswith("/") else posixpath.splitext(address)[1]
        made[address] = _ready(address, response.headers, codings_of(response.data, suffix))
    return made


def _ready(address: str, headers: Headers, codings: Codings) -> dict[str, Ready]:
    """The response in each coding; of a file that is no text, three times the same."""
    made = {}
    for coding, body in codings._asdict().items():
        mine = Headers(headers)
        if address != HEALTH:
            mine["Cache-Control"] = FOR_EVER if address.startswith("/static/") else ASK_AGAIN
        mine["Content-Length"] = str(len(body))
        mine["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if codings.br is not codings.identity:
            mine["Vary"] = "Accept-Encoding"
        if body is not codings.identity:
            mine["Content-Encoding"] = coding
        made[coding] = Ready([body], list(mine), mine["ETag"], f"200 {len(body)}")
    return made
