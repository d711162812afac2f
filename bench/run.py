"""``make bench``: speed and size against others, in one run, at most ten minutes.

Absolute figures say more about the machine than about us; ratios from the same run do not. Prints
a table, writes ``bench/latest.json``, and ends with exit code 1 when a budget is not kept.
"""

from __future__ import annotations

import json
import platform
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import freezing
import serving
import weight
from cocreate.config import load_config
from cocreate.shipping.freeze import freeze
from machine import Row, missing

LIMIT = 600  # seconds


def is_kept(row: Row) -> bool:
    return bool(row.get("at_least", 0) <= row["is"] <= row.get("at_most", float("inf")))


def shown(row: Row) -> str:
    budget = next((f"{sign} {row[key]:g}" for key, sign in SIGNS.items() if key in row), "")
    mark = "" if not budget else ("ok" if is_kept(row) else "NOT KEPT")
    return f"{row['what']:<62} {row['is']:>12,.2f}  {budget:<10} {mark}"


SIGNS = {"at_least": "≥", "at_most": "≤"}


def main() -> int:
    if lacking := missing("wrk", "nginx", "taskset"):
        print(
            f"bench: needs {' and '.join(lacking)}: sudo apt-get install wrk nginx hugo util-linux"
        )
        return 1
    signal.alarm(LIMIT)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        frozen = folder / "frozen"
        freeze(load_config({}), frozen)
        parts: list[Callable[[], list[Row]]] = [
            lambda: weight.measure(frozen),
            lambda: serving.start(folder),
            lambda: serving.pages(folder, frozen),
            lambda: serving.joins(folder),
            lambda: freezing.measure(folder, frozen),
        ]
        for part in parts:
            for row in part():
                rows.append(row)
                print(shown(row), flush=True)
    machine = {"python": platform.python_version(), "machine": platform.machine()}
    text = json.dumps({"machine": machine, "figures": rows}, indent=1, ensure_ascii=False)
    Path(__file__).with_name("latest.json").write_text(text + "\n")
    return 0 if all(map(is_kept, rows)) else 1


if __name__ == "__main__":
    sys.exit(main())
