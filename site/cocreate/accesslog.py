"""One line a request in the Common Log Format, less what would tell who came or open a link."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SERVER = ("Server", "cocreate")  # the server below would name itself
PLAIN = re.compile(r"[\w/.~-]{1,500}", re.ASCII)
# What follows /confirm/ and /manage/, and anything else that is as long as a token.
TOKEN = re.compile(r"(?<=/confirm/)[^/]+|(?<=/manage/)[^/]+|(?<=/)[\w-]{28,}(?=/|$)", re.ASCII)


class AccessLog:
    """WSGI middleware that writes to ``stream``: no address, no query, no token, no line break."""

    def __init__(self, app: WSGIApplication, stream: TextIO) -> None:
        self._app = app
        self._stream = stream
        self._second, self._stamp = 0, ""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def note(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            headers.append(SERVER)
            self._write(environ, status, headers)
            return start_response(status, headers, *exc_info)

        return self._app(environ, note)

    def _write(self, environ: WSGIEnvironment, status: str, headers: list[tuple[str, str]]) -> None:
        path = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
        request = f"{clean(environ['REQUEST_METHOD'])} {clean(path)}"
        size = next((v for k, v in headers if k.lower() == "content-length"), "-")
        protocol = clean(environ.get("SERVER_PROTOCOL", "HTTP/1.1"))
        line = f'- - - [{self._time()}] "{request} {protocol}" {status[:3]} {size}\n'
        with suppress(OSError, ValueError):  # a log that is gone must not cost a visitor the page
            self._stream.write(line)

    def _time(self) -> str:
        now = int(time.time())
        if now != self._second:
            self._second, self._stamp = now, time.strftime("%d/%b/%Y:%H:%M:%S %z")
        return self._stamp


def clean(text: str) -> str:
    """``text`` without tokens, at most 500 characters, nothing but visible ASCII."""
    if PLAIN.fullmatch(text) is None:
        text = quote(text[:500], safe="/~:;,=+*()@!$&'")
    return TOKEN.sub("-", text)
