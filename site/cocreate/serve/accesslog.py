"""One line a request in the Common Log Format, less what would tell who came or open a link.

Nothing that answers a visitor ever waits for a log: lines are kept in memory, and written by a
thread of their own. Where nobody reads them (a full pipe), the oldest are dropped.
"""

from __future__ import annotations

import json
import logging
import queue
import re
import threading
import time
from collections import deque
from datetime import UTC, datetime
from functools import lru_cache
from logging.handlers import QueueHandler, QueueListener
from typing import Any, TextIO
from urllib.parse import quote
from wsgiref.types import WSGIEnvironment

PLAIN = re.compile(r"[\w/.~-]{1,500}", re.ASCII)
# What follows /confirm/, /manage/ and /answer/, in one piece or several, and anything else that is
# as long as a token.
TOKEN = re.compile(
    r"((?<=/confirm/)|(?<=/manage/)|(?<=/answer/)).+?(?=/?$)|(?<=/)[\w-]{28,}(?=/|$)",
    re.ASCII | re.IGNORECASE,
)
KEPT = 10_000  # lines that wait to be written: a megabyte
USUAL = 200  # characters of a request line that is worth remembering


class AccessLog:
    """Writes to ``stream``, if any: no address, no query, no token, no line break."""

    def __init__(self, stream: TextIO | None, kind: str = "text") -> None:
        self._stream, self._is_json = stream, kind == "json"
        self._lines: deque[str] = deque(maxlen=KEPT)

    def add(self, environ: WSGIEnvironment, outcome: str) -> None:
        """A line for the request in ``environ``; ``outcome`` is status and bytes: ``200 5120``."""
        if self._stream is None:
            return
        path = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
        cleaned = remembered_line if len(path) < USUAL else request_line
        method, protocol = environ["REQUEST_METHOD"], environ.get("SERVER_PROTOCOL", "HTTP/1.1")
        request = cleaned(method, path, protocol)
        if self._is_json:
            status, size = outcome.split()
            said: dict[str, Any] = {"time": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "level": "INFO"}
            said |= {"request": request, "status": int(status)}
            line = json.dumps(said | {"bytes": None if size == "-" else int(size)})
        else:
            at = time.strftime("%d/%b/%Y:%H:%M:%S %z")
            line = f'- - - [{at}] "{request}" {outcome}'
        self._lines.append(line + "\n")

    def write(self, stop: threading.Event) -> None:
        """Write what has come, each second, until ``stop``."""
        while not stop.wait(1):
            self._write_kept()

    def close(self) -> None:
        """Write the last lines, unless nobody takes them within a second."""
        last = threading.Thread(target=self._write_kept, daemon=True)
        last.start()
        last.join(1)

    def _write_kept(self) -> None:
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        try:
            if self._stream and lines:
                self._stream.write("".join(lines))
                self._stream.flush()
        except (OSError, ValueError):  # closed: nobody wants to know
            self._stream = None


class JsonFormatter(logging.Formatter):
    """An object a line."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {"time": at, "level": record.levelname, "message": super().format(record)}
        return json.dumps(said, ensure_ascii=False)


def log_to_stderr(kind: str) -> logging.Handler:
    """What the program logs goes to stderr, with time and level."""
    target = logging.StreamHandler()
    plain = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    target.setFormatter(JsonFormatter() if kind == "json" else plain)
    logging.basicConfig(handlers=[target], level=logging.WARNING, force=True)
    return target


def log_in_background(kind: str) -> None:
    """The same by a thread of its own."""
    logging.raiseExceptions = False  # a full queue loses lines, and is told to nobody
    waiting: queue.Queue[Any] = queue.Queue(1000)
    target = log_to_stderr(kind)
    logging.basicConfig(handlers=[QueueHandler(waiting)], level=logging.WARNING, force=True)
    QueueListener(waiting, target).start()


def request_line(method: str, path: str, protocol: str) -> str:
    """What was asked, as the log shows it."""
    return f"{clean(method)} {clean(path)} {clean(protocol)}"


# Most visitors ask for the same. Only short lines: strangers choose what is remembered.
remembered_line = lru_cache(maxsize=1000)(request_line)


def clean(text: str) -> str:
    """``text`` without tokens, at most 500 characters, nothing but visible ASCII."""
    if PLAIN.fullmatch(text) is None:
        text = quote(text[:500], safe="/~:;,=+*()@!$&'")
    return TOKEN.sub("-", text)
