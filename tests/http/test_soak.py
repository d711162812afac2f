"""``make soak`` in short: each kind of trouble once; the counts agree."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from cocreate.config import ROOT
from soak import PostgresqlSoak
from soaked import Soak


@pytest.mark.slow
@pytest.mark.parametrize("kind", [Soak, PostgresqlSoak])
def test_whatever_breaks_acknowledged_is_stored_is_mailed(tmp_path: Path, kind: type[Soak]) -> None:
    with closing(kind(tmp_path)) as soak:
        assert soak.run(seconds=1), f"{soak.table()}\n{soak.log.read_text('utf-8')[-2000:]}"
        lost = soak.acknowledged.pop()
        soak.mail.received = [one for one in soak.mail.received if str(one["To"]) != lost]
        assert not soak.reckon(), "a letter that was lost goes unnoticed"
        assert "stored, never asked for" in soak.table()


@pytest.mark.parametrize("seconds", ["0", "601", "long"])
def test_it_takes_ten_minutes_at_most(seconds: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tests/soak.py", seconds],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "make soak: SECONDS is a number from 1 to 600\n"
