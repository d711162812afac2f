"""``make`` itself: its list, its environment, its arguments. Nothing is installed here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cocreate.config import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def make(folder: Path, *arguments: str, **settings: str) -> str:
    """What ``make`` prints in ``folder``; it must end well."""
    done = subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile and an environment of its own whose commands only tell."""
    folder = tmp_path / "a checkout"
    (folder / "site/cocreate").mkdir(parents=True)
    (folder / "site/cocreate/__init__.py").touch()
    (folder / "requirements").mkdir()
    for name in "pyproject.toml hatch_build.py requirements/run.txt requirements/dev.txt".split():
        (folder / name).touch()
    shutil.copy(ROOT / "Makefile", folder)
    commands = folder / ".venv/bin"
    commands.mkdir(parents=True)
    tell(commands / "python", f'PYTHONPATH="{folder}/site" exec "{sys.executable}" "$@"')
    tell(commands / "cocreate", 'printf "<%s>" "$@"; env | sed -n /^COCREATE_/p')
    for name in ("run", "dev"):
        (folder / f".venv/{name}.stamp").touch()
    return folder


def tell(file: Path, script: str) -> None:
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)


def test_help_lists_every_target(checkout: Path) -> None:
    listed = re.findall(r"^make ([a-z ]+?)  ", make(checkout, "help"), re.MULTILINE)
    phony = re.sub(r"\\\n", "", MAKEFILE).partition(".PHONY:")[2].partition("\n")[0].split()
    assert {name for row in listed for name in row.split()} == set(phony)


def test_a_folder_may_have_any_name(checkout: Path) -> None:
    assert '<freeze><--out><that\'s "it">' in make(checkout, "freeze", 'OUT=that\'s "it"')


def test_settings_pass_through(checkout: Path) -> None:
    given = ["COCREATE_OPERATOR=Bukit Makers", "PORT=8123", "SITE_URL=https://makers.example/"]
    mail = "smtp://ann:p$x@mail.example?tls=none"
    told = make(checkout, "run", *given, COCREATE_MAIL_URL=mail)
    assert "<serve><--port><8123>" in told
    assert "COCREATE_OPERATOR=Bukit Makers\n" in told
    assert "COCREATE_SITE_URL=https://makers.example/\n" in told
    assert f"COCREATE_MAIL_URL={mail}\n" in told
    assert (checkout / ".venv/run.stamp").exists(), "a sound environment is left alone"


@pytest.mark.parametrize("fault", ["its Python is gone", "copied", "moved", "another’s"])
def test_an_environment_that_cannot_work_here_is_made_anew(checkout: Path, fault: str) -> None:
    folder = checkout
    if fault == "its Python is gone":
        (folder / ".venv/bin/python").unlink()
        (folder / ".venv/bin/python").symlink_to("/nowhere/python3.11")
    elif fault == "copied":
        folder = shutil.copytree(checkout, checkout.with_name("copy"))
    elif fault == "moved":
        folder = checkout.rename(checkout.with_name("moved"))
    else:
        folder = shutil.copytree(checkout, checkout.with_name("copy"), ignore=lambda *_: [".venv"])
        (folder / ".venv").symlink_to(checkout / ".venv")
    assert "made anew" in make(folder, "help")
    assert not (folder / ".venv").exists()
    assert (checkout / ".venv").exists() == (fault in ("copied", "another’s"))


def test_what_is_left_of_an_environment_is_no_obstacle(tmp_path: Path) -> None:
    rest = tmp_path / ".venv"
    (rest / "bin").mkdir(parents=True)
    (rest / "bin/python").symlink_to("/nowhere/python3.11")
    real = Path(sys.base_prefix) / "bin/python3"
    tell(tmp_path / "python", f'"{real}" "$@" $(test "$2" = venv && echo --without-pip)')
    env = os.environ | {"PYTHON": str(tmp_path / "python")}
    subprocess.run(["sh", ROOT / ".ci/venv", rest], env=env, check=True)
    assert (rest / "bin/python").exists()


def test_what_fails_for_being_behind_its_source_names_make_renew() -> None:
    [recipe] = re.findall(r"^renew:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    for part in ("translations update", "previews.py", "heard.py"):
        assert part in recipe
    tests = ("browser/test_orca.py", "unit/test_previews.py")
    for name in (*(f"tests/{test}" for test in tests), "site/cocreate/commands/translations.py"):
        assert "make renew" in (ROOT / name).read_text("utf-8"), name
