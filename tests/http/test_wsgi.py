"""``cocreate.wsgi:application`` under servers of others: the whole site, and its mail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest

from cocreate.config import ROOT
from processes import ask, free_port, running, wait_until

pytestmark = pytest.mark.slow
SERVERS = {
    "gunicorn": ["-m", "gunicorn", "--threads", "4", "--bind", "127.0.0.1:{port}"],
    "waitress": ["-m", "waitress", "--listen", "127.0.0.1:{port}"],
}
FORM = {
    "name": "Ann Tan",
    "email": "ann@example.com",
    "role": "data",
    "interests": "events",
    "mail_language": "ta",
    "consent": "yes",
}


@pytest.mark.parametrize("name", SERVERS)
def test_the_whole_site_runs_under_any_wsgi_server(tmp_path: Path, name: str) -> None:
    port = free_port()
    arguments = [part.format(port=port) for part in SERVERS[name]]
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "site"),
        "COCREATE_SITE_URL": f"http://127.0.0.1:{port}/",
        "COCREATE_DATA_DIR": str(tmp_path / "data"),
    }
    command = [sys.executable, *arguments, "cocreate.wsgi:application"]
    with running(command, port, tmp_path / "log", env):
        status, headers, body = ask(port, "/ta/", headers={"Accept-Encoding": "identity"})
        assert (status, headers["cache-control"]) == (
            200,
            "public, max-age=0, s-maxage=60, must-revalidate",
        )
        style = body.decode().partition("/static/site.")[2].partition(".css")[0]
        assert ask(port, f"/static/site.{style}.css")[0] == 200
        sent = {
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        assert ask(port, "/ta/join/stack/", "POST", sent, urlencode(FORM))[0] == 303
        assert ask(port, "/readyz")[0] == 200
        wait_until(lambda: list((tmp_path / "data/mail").glob("*.eml")))


def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import cocreate.wsgi"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "site"), "COCREATE_INDEX": "maybe"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "cocreate: COCREATE_INDEX: use 1 or 0\n")
