"""``make bench``: speed and size against others, in one run, at most ten minutes.

Absolute figures say more about the machine than about us; ratios from the same run do not. Prints
a line for each figure, writes ``bench/latest.json``, and ends with exit code 1 when a budget is not
kept or not measured. ``run.py --table`` prints the last run as a table in Markdown.
"""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import far
import freezing
import members
import phone
import serving
import weight
from cocreate.config import load_config
from cocreate.freeze.freeze import freeze
from report import Row, is_kept, line, save, table

LIMIT = 600  # seconds
NEEDS = "taskset", "wrk", "nginx", "chromium", "chromedriver"
PACKAGES = "util-linux wrk nginx chromium chromium-driver hugo npm"


def too_long(*_: object) -> NoReturn:
    raise TimeoutError(f"{LIMIT} seconds are over")


def rows_of(name: str, part: Callable[[], Iterable[Row]]) -> Iterator[Row]:
    """The rows of one part; where it fails, a row that says so, and the other parts go on."""
    try:
        yield from part()
    except TimeoutError:
        raise
    except subprocess.CalledProcessError as error:
        said = (error.stderr or b"").strip() or b"nothing said"
        text = said.decode() if isinstance(said, bytes) else said
        yield {"what": name, "lacking": text.splitlines()[-1], "at_most": 0}
    except Exception as error:  # noqa: BLE001  # whatever it is, it is one part's
        yield {"what": name, "lacking": f"{type(error).__name__}: {error}", "at_most": 0}


def measure(folder: Path) -> Iterator[Row]:
    frozen = folder / "frozen"
    freeze(load_config({}), frozen)
    parts: dict[str, Callable[[], Iterable[Row]]] = {
        "bytes": lambda: weight.measure(frozen),
        "start": lambda: serving.start(folder),
        "pages": lambda: serving.pages(folder, frozen),
        "frozen": lambda: serving.frozen(folder),
        "sign-ups": lambda: serving.joins(folder),
        "members": lambda: members.measure(folder),
        "far": lambda: far.measure(folder),
        "phone": lambda: phone.measure(folder, frozen),
        "freeze": lambda: freezing.measure(folder, frozen),
    }
    for name, part in parts.items():
        yield from rows_of(name, part)


def main() -> int:
    if sys.argv[1:] == ["--table"]:
        print(table())
        return 0
    if lacking := [program for program in NEEDS if not shutil.which(program)]:
        print(f"bench: needs {', '.join(lacking)}: sudo apt-get install {PACKAGES}")
        return 1
    began = time.perf_counter()
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LIMIT)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # nginx's worker reads it as another user
        try:
            for row in measure(folder):
                rows.append(row)
                print(line(row), flush=True)
        except TimeoutError as error:
            rows.append({"what": "the rest", "lacking": str(error), "at_most": 0})
            print(line(rows[-1]))
    rows.append({"what": "this run, seconds", "is": time.perf_counter() - began, "at_most": LIMIT})
    print(line(rows[-1]))
    python = f"Python {platform.python_version()}"
    save({"cores": f"{os.cpu_count()} cores", "kind": platform.machine(), "python": python}, rows)
    return 0 if all(map(is_kept, rows)) else 1


if __name__ == "__main__":
    sys.exit(main())
