"""Imports go down, from what serves to what is known, and in no circle; the map names all. One
place reads the time that data are kept by, so that tests can move it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from cocreate.config import PACKAGE, ROOT

# From the top; a name is a package or a module of its own. Each may import what stands below it,
# and a package itself; within one line nothing but what BESIDE allows.
LEVELS = [
    set(names.split())
    for names in (
        "cli wsgi dev",
        "commands",
        "serve freeze l10n letters",
        "app",
        "web mail",
        "storage",
        "config kinds languages pages communities urls gettext catalogues facts clock",
    )
]
BESIDE = {("serve", "freeze"): "the live server remembers what a freeze would write"}
LEVEL = {name: number for number, names in enumerate(LEVELS) for name in names}
BOTTOM = len(LEVELS) - 1  # registries know one another, without a circle


def sources() -> dict[str, str]:
    """The text of each module by its path below the package, without suffix."""
    return {
        str(file.relative_to(PACKAGE).with_suffix("")): file.read_text("utf-8")
        for file in PACKAGE.rglob("*.py")
        if file.name != "__init__.py" and "migrations" not in file.parts
    }


def imports(text: str, known: Mapping[str, str]) -> Iterator[str]:
    """The modules of ours that ``text`` imports, wherever in it."""
    for node in ast.walk(ast.parse(text)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            path = name.removeprefix("cocreate.").replace(".", "/")
            if path in known and name.startswith("cocreate."):
                yield path


def faults(texts: Mapping[str, str]) -> list[str]:
    """Every import that goes up or sideways, and every circle."""
    graph = {name: set(imports(text, texts)) for name, text in texts.items()}
    found = []
    for name, other in ((name, other) for name, others in graph.items() for other in others):
        room, target = name.split("/")[0], other.split("/")[0]
        beside = room == target or (room, target) in BESIDE or LEVEL[room] == BOTTOM
        if LEVEL[target] < LEVEL[room] or (LEVEL[target] == LEVEL[room] and not beside):
            found.append(f"{name} imports {other}")
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found.append(f"circle: {' → '.join(error.args[1])}")
    return found


def test_every_room_has_its_level() -> None:
    assert {name.split("/")[0] for name in sources()} == LEVEL.keys()


def test_imports_go_down_and_in_no_circle() -> None:
    assert faults(sources()) == []


@pytest.mark.parametrize(
    ("module", "line", "fault"),
    [
        ("storage/outbox", "from cocreate.web import forms", "storage/outbox imports web/forms"),
        ("web/assets", "import cocreate.mail.worker", "web/assets imports mail/worker"),
        ("languages", "from cocreate.urls import page_path", "circle: "),
        ("gettext", "def f():\n    from cocreate.app import create_app", "gettext imports app"),
    ],
)
def test_a_wrong_import_is_noticed(module: str, line: str, fault: str) -> None:
    texts = sources()
    texts[module] += f"\n{line}\n"
    assert any(fault in found for found in faults(texts))


def test_the_map_has_a_line_for_every_module_and_for_no_other() -> None:
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    named = re.findall(r"^- `([\w/]+\w)`: ", text, re.MULTILINE)
    assert sorted(named) == sorted(sources())


def test_the_docs_name_no_module_that_is_gone() -> None:
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    drawn = (ROOT / "docs/architecture.svg").read_text("utf-8")
    known = {*sources(), *(name.rpartition("/")[2] for name in sources())}
    paths = r"\b((?:web|mail|serve|storage|freeze|l10n|commands)/\w+)"
    named = re.findall(f"`{paths}(?:\\.py)?`", text) + re.findall(paths, drawn)
    files = re.findall(r"`(\w+)\.py`", text) + re.findall(r"\b(\w+)\.py", drawn)
    assert {*named, *files} - known == set()


# Not of data: when a line of the log was written; when a counter of the library's own ends.
CLOCKS = {"clock", "serve/accesslog", "web/ratelimit"}
READS = re.compile(
    r"(time\.(time|time_ns|localtime|gmtime|strftime)|(dt\.|datetime\.)?datetime\.(now|utcnow|today)|date\.today)"
)


def test_nobody_else_reads_the_clock() -> None:
    found = {name for name, text in sources().items() if any(reads(text))}
    assert found == CLOCKS
    assert "environ" not in sources()["clock"], "no setting moves it"


def reads(text: str) -> Iterator[bool]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute):
            yield bool(READS.fullmatch(ast.unparse(node)))


def test_the_database_is_never_asked_for_the_time() -> None:
    words = ("func.now", "CURRENT_TIMESTAMP", "unixepoch", "func.current_")
    for file in (PACKAGE / "storage").rglob("*.py"):
        text = file.read_text("utf-8")
        assert not [word for word in words if word in text], file
