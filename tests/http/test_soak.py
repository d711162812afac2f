"""``make soak`` in short: twenty seconds of trouble, each kind once; the counts agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cocreate.config import ROOT
from soak import Soak


@pytest.mark.slow
def test_whatever_breaks_acknowledged_is_stored_is_mailed(tmp_path: Path) -> None:
    soak = Soak(tmp_path)
    assert soak.run(20), soak.table() + "\n" + (tmp_path / "log").read_text("utf-8")[-2000:]
    lost = soak.acknowledged.pop()
    soak.mail.received = [letter for letter in soak.mail.received if str(letter["To"]) != lost]
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
