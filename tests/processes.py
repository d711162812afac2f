"""Real processes on real ports."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

COCREATE = str(Path(sys.executable).with_name("cocreate"))
PATIENCE = 300  # seconds; a busy machine is no reason to fail
Answer = tuple[int, dict[str, str], bytes]  # status, headers in lower case, body
DRAWS = count(os.getpid() * 331)  # other tests that run meanwhile begin elsewhere


def free_port() -> int:
    """Never drawn twice, and below those that callers get (ip_local_port_range)."""
    while not is_free(port := 12_000 + next(DRAWS) % 20_000):
        pass
    return port


def is_free(port: int) -> bool:
    with suppress(OSError), socket.create_server(("127.0.0.1", port)):
        return True
    return False


def ask(
    port: int,
    path: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
) -> Answer:
    """One request on a connection of its own. Raises OSError while nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return response.status, found, response.read()
    finally:
        connection.close()


def run(*command: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """What a program said, and how it ended."""
    words = list(map(str, command))
    return subprocess.run(words, capture_output=True, text=True, check=False, **options)


def require(program: str) -> str:
    """Its path. A test that needs it fails without it, and says what to install."""
    found = shutil.which(program)
    return found or pytest.fail(f"{program} is not installed: apt-get install {program}")


def wait_until(happened: Callable[[], object], why: Callable[[], object] = str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, why()
        time.sleep(0.05)


@contextmanager
def running(
    command: Sequence[object], port: int, log: Path, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that listens on ``port``, from when it does until it is no longer needed."""

    def listens() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            return False
        return True

    with log.open("wb") as out:
        process = subprocess.Popen(list(map(str, command)), env=env, stdout=out, stderr=out)
        try:
            wait_until(listens, log.read_text)
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)
