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

PLAIN = re.compile(r"[\w/.~-]{1,500}", re.ASCII)
# What follows /confirm/ and /manage/, in one piece or several, and anything else that is as long as
# a token.
TOKEN = re.compile(
    r"((?<=/confirm/)|(?<=/manage/)).+?(?=/?$)|(?<=/)[\w-]{28,}(?=/|$)", re.ASCII | re.IGNORECASE
)


class AccessLog:
    """Writes to ``stream``, if any: no address, no query, no token, no line break."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._second, self._stamp = 0, ""

    def around(self, app: WSGIApplication) -> WSGIApplication:
        """``app`` with a line for each of its answers."""

        def noting(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            def note(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
                size = next((value for name, value in headers if name == "Content-Length"), "-")
                self.add(environ, f"{status[:3]} {size}")
                return start_response(status, headers, *exc_info)

            return app(environ, note)

        return noting

    def add(self, environ: WSGIEnvironment, outcome: str) -> None:
        """A line for the request in ``environ``; ``outcome`` is status and bytes: ``200 5120``."""
        if self._stream is None:
            return
        now = int(time.time())
        if now != self._second:
            self._second, self._stamp = now, time.strftime("%d/%b/%Y:%H:%M:%S %z")
        request = request_line(
            environ["REQUEST_METHOD"],
            environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"],
            environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
        )
        try:  # noqa: SIM105  # suppress() takes longer than the rest of this
            self._stream.write(f'- - - [{self._stamp}] "{request}" {outcome}\n')
        except (OSError, ValueError):
            pass  # a log that is gone must not cost a visitor the page


@lru_cache(maxsize=1000)
def request_line(method: str, path: str, protocol: str) -> str:
    """What was asked; remembered, since most visitors ask for the same."""
    return f"{clean(method)} {clean(path)} {clean(protocol)}"


def clean(text: str) -> str:
    """``text`` without tokens, at most 500 characters, nothing but visible ASCII."""
    if PLAIN.fullmatch(text) is None:
        text = quote(text[:500], safe="/~:;,=+*()@!$&'")
    return TOKEN.sub("-", text)
