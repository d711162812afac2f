"""One line a request in the Common Log Format, less what would tell who came or open a link."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from functools import lru_cache
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
        protocol = environ.get("SERVER_PROTOCOL", "HTTP/1.1")
        request = request_line(environ["REQUEST_METHOD"], path, protocol)
        size = "-"
        for name, value in headers:
            if name == "Content-Length":
                size = value
                break
        line = f'- - - [{self._time()}] "{request}" {status[:3]} {size}\n'
        try:  # noqa: SIM105  # suppress() takes longer than the rest of this
            self._stream.write(line)
        except (OSError, ValueError):
            pass  # a log that is gone must not cost a visitor the page

    def _time(self) -> str:
        now = int(time.time())
        if now != self._second:
            self._second, self._stamp = now, time.strftime("%d/%b/%Y:%H:%M:%S %z")
        return self._stamp


@lru_cache(maxsize=1000)
def request_line(method: str, path: str, protocol: str) -> str:
    """What was asked; remembered, since most visitors ask for the same."""
    return f"{clean(method)} {clean(path)} {clean(protocol)}"


def clean(text: str) -> str:
    """``text`` without tokens, at most 500 characters, nothing but visible ASCII."""
    if PLAIN.fullmatch(text) is None:
        text = quote(text[:500], safe="/~:;,=+*()@!$&'")
    return TOKEN.sub("-", text)
