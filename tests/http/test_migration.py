"""``make migration``: a question on a form gets its column, and one that went loses it."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from cocreate.commands import migration
from cocreate.config import ROOT
from cocreate.storage import schema
from fixtures.adopted import Copy

FORMS = "site/cocreate/web/forms.py"
VERSIONS = "site/cocreate/storage/migrations/versions"
BEFORE = '    also = TickField(\n        N_("I would like to join Tech Kaki too"),'
NEW = '    visits = RadioField(N_("How often?"), ROLES, "", hint=N_("To plan."))\n'


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def make(copy: Copy, name: str) -> subprocess.CompletedProcess[str]:
    return copy.run("-m", "cocreate.commands.migration", name)


def columns(copy: Copy) -> set[str]:
    done = copy.run("-m", "cocreate.cli", "db", "upgrade", COCREATE_DATA_DIR=str(copy.folder / "d"))
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(copy.folder / "d/cocreate.db") as connection:
        return {row[1] for row in connection.execute("PRAGMA table_info(signups)")}


def newest(copy: Copy) -> Path:
    return max((copy.folder / VERSIONS).glob("*.py"))


def test_every_answer_has_its_column() -> None:
    """Where this fails: ``make migration NAME=…``."""
    assert migration.asked() == migration.stored()


@pytest.mark.parametrize("module", schema.history().values(), ids=lambda module: module.revision)
def test_a_migration_declares_what_it_says_of_older_code(module: ModuleType) -> None:
    said = re.search(r"code for (\d{4}) goes on beside it", module.__doc__ or "")
    assert getattr(module, "lives_with", None) == (said and said[1])


def test_a_new_question_gets_its_column(copy: Copy) -> None:
    before = newest(copy)
    copy.edit(FORMS, BEFORE, NEW + BEFORE)
    done = make(copy, "Ask how-often")
    assert done.returncode == 0, done.stderr
    assert "new: visits" in done.stdout
    assert newest(copy).name == f"{int(before.name[:4]) + 1:04}_ask_how_often.py"
    assert "visits" in columns(copy)
    done = make(copy, "again")
    assert (done.returncode, "nothing to write" in done.stdout) == (0, True)
    assert 'lives_with = "' in newest(copy).read_text("utf-8"), "older code can go on"
    ruff = [sys.executable, "-m", "ruff", "format", "--check", "--config", f"{ROOT}/pyproject.toml"]
    assert subprocess.run([*ruff, str(newest(copy))], check=False).returncode == 0


def test_a_question_that_went_loses_its_column_and_can_come_back(copy: Copy) -> None:
    copy.cut(FORMS, "    role = RadioField(", "    interests = ")
    done = make(copy, "no_role")
    assert "no longer asked: role" in done.stdout
    assert "lives_with" not in newest(copy).read_text("utf-8")
    assert "role" not in columns(copy)


def test_a_question_with_a_new_name_is_not_taken_for_a_new_one_unsaid(copy: Copy) -> None:
    copy.edit(FORMS, "    role = RadioField(", "    work = RadioField(")
    told = make(copy, "rename").stdout
    assert "new: work" in told
    assert "no longer asked: role" in told
    assert "new_column_name" in told


def test_free_text_never_gets_a_column(copy: Copy) -> None:
    copy.edit(FORMS, BEFORE, '    more = TextField(N_("More?"))\n' + BEFORE)
    done = make(copy, "more")
    assert done.returncode == 1
    assert "SEALED_FIELDS" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["", " ", "9lives", "a/b", "naïve"])
def test_a_name_that_says_nothing_is_refused(name: str) -> None:
    done = CliRunner().invoke(migration.main, [name])
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)


def test_migrations_that_are_no_single_line_are_one_line(copy: Copy) -> None:
    parent = newest(copy)
    twin = parent.with_name("0009_twin.py")
    text = parent.read_text("utf-8").replace(f'revision = "{parent.name[:4]}"', 'revision = "0009"')
    twin.write_text(text, encoding="utf-8")
    done = make(copy, "more")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "Traceback" not in done.stderr
