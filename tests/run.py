"""``make test``: two halves of the tests side by side, since a machine has two cores.

The first half's run is shown as it goes, the second's when both have ended.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

HERE = Path(__file__).parent
BROWSER = HERE / "browser"
# Those browser tests that need no other's figures: they balance the two halves.
SECOND = (
    "test_forced.py",
    "test_hits.py",
    "test_letters.py",
    "test_letters_and_rings.py",
    "test_shape.py",
    "test_typed.py",
)
# Stories, a screen reader and further engines: "make further" runs them. They are young, want a
# quiet machine, and are not yet part of the gate.
FURTHER = (
    "lived",
    "test_flow.py",
    "test_larger_text.py",
    "test_old.py",
    "test_orca.py",
    "test_print.py",
    "test_reader.py",
    "test_webkit.py",
)
FIRST = [str(BROWSER), *(f"--ignore={BROWSER / name}" for name in (*SECOND, *FURTHER))]
OTHERS = [str(HERE / "unit"), str(HERE / "http")]


def pytest(arguments: list[str], log: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Started, with a folder of its own: each pytest closes the one above its own to others."""
    env = os.environ | {"PYTEST_DEBUG_TEMPROOT": tempfile.mkdtemp(prefix="tests-")}
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.Popen(command, env=env, stdout=log, stderr=log and subprocess.STDOUT)


def main() -> int:
    """The worst of the exit codes."""
    if sys.argv[1:] == ["further"]:
        return pytest([str(BROWSER / name) for name in FURTHER]).wait()
    second = [str(BROWSER / name) for name in SECOND]
    with tempfile.TemporaryFile() as log:
        shown = pytest(FIRST)
        codes = [pytest(half, log).wait() for half in (OTHERS, second)]
        codes.append(shown.wait())
        log.seek(0)
        sys.stdout.buffer.write(log.read())
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
