"""``make test``: two lanes side by side, since a machine has two cores.

The first lane's runs are shown as they go, the second's when both have ended.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

HERE = Path(__file__).parent
BROWSER = HERE / "browser"
# Those browser tests that need no other's figures: they balance the lanes.
LATER = (
    ("lived", "test_larger_text.py", "test_orca.py", "test_print.py", "test_typed.py"),
    (
        "test_flow.py",
        "test_forced.py",
        "test_hits.py",
        "test_letters.py",
        "test_letters_and_rings.py",
        "test_old.py",
        "test_reader.py",
        "test_shape.py",
        "test_webkit.py",
    ),
)
FIRST = [str(BROWSER), *(f"--ignore={BROWSER / name}" for names in LATER for name in names)]
OTHERS = [str(HERE / "unit"), str(HERE / "http")]


def pytest(arguments: list[str], log: IO[bytes] | None) -> int:
    """Its exit code. A folder of its own, since each pytest closes the one above its own."""
    with tempfile.TemporaryDirectory(prefix="tests-", ignore_cleanup_errors=True) as folder:
        env = os.environ | {"PYTEST_DEBUG_TEMPROOT": folder}
        command = [sys.executable, "-m", "pytest", *arguments]
        return subprocess.run(
            command, env=env, stdout=log, stderr=log and subprocess.STDOUT, check=False
        ).returncode


def lane(runs: list[list[str]], log: IO[bytes] | None = None) -> int:
    """One run after the other; the worst of their exit codes."""
    return max([pytest(run, log) for run in runs])


def main() -> int:
    """The worst of the exit codes."""
    mine, other = ([str(BROWSER / name) for name in names] for names in LATER)
    with tempfile.TemporaryFile() as log, ThreadPoolExecutor() as pool:
        hidden = pool.submit(lane, [OTHERS, other], log)
        code = lane([FIRST, mine])
        code = max(code, hidden.result())
        log.seek(0)
        sys.stdout.buffer.write(log.read())
    return code


if __name__ == "__main__":
    sys.exit(main())
