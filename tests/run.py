"""``make test``: the tests in browsers and all others side by side, since a machine has two cores.

The browsers' run is shown as it goes, the other one when both have ended.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PYTEST = [sys.executable, "-m", "pytest"]


def main() -> int:
    """The worse of the two exit codes."""
    with (
        tempfile.TemporaryDirectory(prefix="browser-tests-") as own,
        tempfile.TemporaryFile() as log,
    ):
        # Each pytest closes the folder above its own to others as it starts; PostgreSQL is one.
        apart = os.environ | {"PYTEST_DEBUG_TEMPROOT": own}
        others = [*PYTEST, str(HERE / "unit"), str(HERE / "http")]
        with subprocess.Popen(others, stdout=log, stderr=subprocess.STDOUT) as running:
            shown = subprocess.run([*PYTEST, str(HERE / "browser")], env=apart, check=False)
        log.seek(0)
        sys.stdout.buffer.write(log.read())
    return max(shown.returncode, running.returncode)


if __name__ == "__main__":
    sys.exit(main())
