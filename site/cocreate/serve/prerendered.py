"""The front: frozen pages from memory, ready compressed; everything else goes on to Flask.

At start every address that a GET always answers alike is rendered once, with Flask's own headers,
and quickly compressed; as well as possible a moment later. Reading costs a dictionary look-up.
The same WSGI contract on both sides (PEP 3333).
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.exceptions import ServiceUnavailable

from cocreate.config import LARGEST_BODY, Config
from cocreate.freeze.compress import QUICK, TEXT_SUFFIXES, Codings, encode, minify, uncoded
from cocreate.freeze.freeze import addresses, gc_paused
from cocreate.freeze.hosting import cache_control
from cocreate.serve.accesslog import AccessLog
from cocreate.serve.negotiate import choose_coding, is_known

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

REMEMBERED = ("GET", "HEAD")
MOMENT = 0.1  # seconds in which an honest sender is done
OF_THE_BODY = ("Content-Type", "Content-Length", "Content-Encoding")


class Answer(NamedTuple):
    """One page in one coding, ready to go."""

    body: list[bytes]
    headers: list[tuple[str, str]]
    headers_unchanged: list[tuple[str, str]]  # of a 304: the same, less what describes the body
    etag: str
    outcome: str  # for the log


class Front:
    """A WSGI application around ``app`` that answers for it where the answer never changes.

    Args:
        app: the site.
        log: where each answer is noted.
        senders: bodies that may be awaited at once; fewer than the server has threads, so that
            one is always left for readers.
    """

    def __init__(self, app: Flask, log: AccessLog | None = None, senders: int = 1) -> None:
        config: Config = app.config["COCREATE"]
        self._log = log or AccessLog(None)
        self._app = self._log.around(app)
        self._prefix = config.base_path.rstrip("/")
        self._answers = remember(app)
        # One writer at a time has the shortest tail; a slow sender must not hold this.
        self._turn = threading.Lock()
        self._receiving = threading.Semaphore(senders)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._prefix:
            self._strip_prefix(environ)
        answers = self._answers.get(environ["PATH_INFO"])
        method = environ["REQUEST_METHOD"]
        if answers is None or method not in REMEMBERED or environ.get("QUERY_STRING"):
            return self._pass_on(environ, start_response)
        answer = answers[choose_coding(environ.get("HTTP_ACCEPT_ENCODING", ""))]
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and is_known(known, answer.etag):
            self._log.add(environ, "304 -")
            start_response("304 Not Modified", answer.headers_unchanged.copy())
            return []
        self._log.add(environ, answer.outcome)
        start_response("200 OK", answer.headers.copy())
        return answer.body if method == "GET" else []

    def pack(self) -> None:
        """Make every page as small as it gets: half a second of work that no start should wait for.

        Until then pages are 9 % larger. Each coding has an ETag of its own, before and after.
        """
        for address in filter(_is_page, list(self._answers)):
            now = self._answers[address]["identity"]
            self._answers[address] = _answers(address, Headers(now.headers), encode(now.body[0]))

    def _pass_on(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if size := body_size(environ):
            self._receive(environ, size)
        with self._turn:
            return self._app(environ, start_response)

    def _receive(self, environ: WSGIEnvironment, size: int) -> None:
        """Wait for the whole body before anybody's turn is taken."""
        if not self._receiving.acquire(timeout=MOMENT):
            environ["wsgi.input"] = Refused()
            return
        try:
            body = environ["wsgi.input"].read(size)
        finally:
            self._receiving.release()
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))

    def _strip_prefix(self, environ: WSGIEnvironment) -> None:
        """``/sub/en/`` is the page ``/en/`` of an application at ``/sub``.

        Some proxies strip the prefix themselves: a path without it is taken as it is.
        """
        path: str = environ["PATH_INFO"]
        if path == self._prefix or path.startswith(self._prefix + "/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + self._prefix
            environ["PATH_INFO"] = path.removeprefix(self._prefix)


class Refused(io.RawIOBase):
    """The body of a sender that nobody is free to wait for: whoever reads it answers 503."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object) -> int:
        raise ServiceUnavailable(retry_after=30)


def body_size(environ: WSGIEnvironment) -> int:
    """Bytes to wait for; none of a body that is too large: Flask refuses it unread."""
    declared = environ.get("CONTENT_LENGTH") or ""
    if not declared and environ.get("wsgi.input_terminated"):  # chunked, or no body at all
        return LARGEST_BODY + 1 if "HTTP_TRANSFER_ENCODING" in environ else 0
    # Never more than was announced: PEP 3333 lets a server wait for it.
    return int(declared) if declared.isdecimal() and int(declared) <= LARGEST_BODY else 0


def remember(app: Flask) -> dict[str, dict[str, Answer]]:
    """Path → coding → answer, for every address of the site that is not different each time.

    Raises:
        RuntimeError: naming the address that Flask did not answer with 200.
    """
    client, made = app.test_client(), {}
    with gc_paused():
        for address in addresses(app):
            response = client.get(address)
            if response.status_code != 200:
                raise RuntimeError(f"{address}: {response.status} while the pages were rendered")
            body = minify(response.data) if response.mimetype == "text/html" else response.data
            if _is_page(address):
                codings = encode(body, QUICK)
            else:
                codings = encode(body) if _is_text(address) else uncoded(body)
            made[address] = _answers(address, response.headers, codings)
    return made


def _is_page(address: str) -> bool:
    return address.endswith("/")


def _is_text(address: str) -> bool:
    return _is_page(address) or posixpath.splitext(address)[1] in TEXT_SUFFIXES


def _answers(address: str, headers: Headers, codings: Codings) -> dict[str, Answer]:
    """One answer for each coding; a file that is not text has only the one."""
    made = {}
    for coding, body in codings._asdict().items():
        is_coded = body is not codings.identity
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        mine = Headers(headers)
        mine["Cache-Control"] = cache_control(address.lstrip("/"))
        mine["Content-Length"] = str(len(body))
        mine["ETag"] = etag
        if _is_text(address):
            mine["Vary"] = "Accept-Encoding"
        if is_coded:
            mine["Content-Encoding"] = coding
        unchanged = [(k, v) for k, v in mine if k not in OF_THE_BODY]
        made[coding] = Answer([body], list(mine), unchanged, etag, f"200 {len(body)}")
    return made
