"""``make test``: parts of the tests side by side, two at a time, since a machine has two cores.

Each part is shown when it has ended.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
LANES = 2
# The longest first: a lane that is done takes the next.
PARTS = [
    ["http"],
    ["browser/test_pages.py", "browser/test_keyboard.py", "browser/test_network.py"],
    ["browser/test_states.py", "browser/test_letters.py", "browser/test_shape.py"],
    ["unit"],
    ["browser/lived", "browser/test_flow.py", "browser/test_firefox.py"],
    ["browser/test_webkit.py", "browser/test_old.py"],
    ["browser/test_orca.py"],
]


def pytest(arguments: list[str]) -> int:
    """Its exit code. A folder of its own, since each pytest closes the one above its own."""
    with (
        tempfile.TemporaryDirectory(prefix="tests-", ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryFile() as log,
    ):
        env = os.environ | {"PYTEST_DEBUG_TEMPROOT": folder}
        command = [sys.executable, "-m", "pytest", *arguments]
        ended = subprocess.run(command, env=env, stdout=log, stderr=log, check=False)
        log.seek(0)
        sys.stdout.buffer.write(log.read())
        sys.stdout.flush()
    return ended.returncode


def main() -> int:
    """1 if any part fails."""
    parts = [[str(HERE / name) for name in part] for part in PARTS]
    rest = [str(HERE / "browser"), *(f"--ignore={name}" for part in parts for name in part)]
    with ThreadPoolExecutor(LANES) as pool:
        return int(any(list(pool.map(pytest, [*parts, rest]))))


if __name__ == "__main__":
    sys.exit(main())
