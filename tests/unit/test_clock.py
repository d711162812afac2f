"""One place reads the time that data are kept by, so that tests can move it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import cocreate

SOURCE = Path(cocreate.__file__).parent
# Not of data: when a line of the log was written; when a counter of the library's own ends.
ELSEWHERE = {"serve/accesslog.py", "web/ratelimit.py"}
READS = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today"}
READS |= {"date.today", "time.localtime", "time.gmtime", "dt.datetime.now", "datetime.datetime.now"}


def reads(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in READS:
            yield f"{ast.unparse(node)}, line {node.lineno}"


def test_nobody_else_reads_the_clock() -> None:
    found = {str(file.relative_to(SOURCE)): list(reads(file)) for file in SOURCE.rglob("*.py")}
    readers = {name for name, lines in found.items() if lines}
    assert readers - ELSEWHERE == {"clock.py"}, {name: found[name] for name in readers}


def test_the_database_is_never_asked_for_the_time() -> None:
    words = ("func.now", "CURRENT_TIMESTAMP", "unixepoch", "func.current_")
    for file in (SOURCE / "storage").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert not [word for word in words if word in text], file


def test_no_setting_moves_it() -> None:
    assert "environ" not in (SOURCE / "clock.py").read_text(encoding="utf-8")
