"""``make dev``: a saved file starts the site anew, and the open page hears of it."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cocreate.config import ROOT
from processes import PATIENCE, free_port

pytestmark = pytest.mark.slow


def ask(port: int, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", path)
    return connection.getresponse()


def ask_until_answered(port: int, path: str) -> http.client.HTTPResponse:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return ask(port, path)
        except ConnectionError:  # not yet there, or the one that just goes; a browser asks again
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_a_saved_file_reaches_the_open_page(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "cocreate.dev", "--port", str(port)]
    env = {"PATH": os.environ["PATH"]}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.DEVNULL) as running:
        try:
            page = ask_until_answered(port, "/en/").read()
            assert b'<script src="/dev/reload.js" data-saved="' in page
            assert b"location.reload()" in ask(port, "/dev/reload.js").read()
            stream = ask(port, "/dev/alive")
            assert stream.readline() == b"retry: 300\n"
            (ROOT / "static/img/favicon.svg").touch()
            rest = b"".join(iter(stream.readline, b""))  # ends when the old process does
            assert b"data" not in rest
            assert ask_until_answered(port, "/en/").status == 200
        finally:
            running.terminate()
