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
    for name in (
        "pyproject.toml",
        "hatch_build.py",
        "requirements/run.txt",
        "requirements/dev.txt",
    ):
        (folder / name).touch()
    shutil.copy(ROOT / "Makefile", folder)
    environment(folder)
    return folder


def environment(folder: Path) -> None:
    commands = folder / ".venv/bin"
    commands.mkdir(parents=True)
    site = folder / "site"
    tell(commands / "python", f'PYTHONPATH="{site}" exec "{sys.executable}" "$@"')
    tell(commands / "cocreate", 'printf "<%s>" "$@"; env | sed -n /^COCREATE_/p')
    for name in ("run", "dev"):
        (folder / f".venv/{name}.stamp").touch()


def tell(file: Path, script: str) -> None:
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)


def test_help_lists_every_target(checkout: Path) -> None:
    listed = re.findall(r"^make ([a-z ]+?)  ", make(checkout, "help"), re.MULTILINE)
    phony = re.sub(r"\\\n", "", MAKEFILE).partition(".PHONY:")[2].partition("\n")[0].split()
    assert {name for row in listed for name in row.split()} == set(phony)


@pytest.mark.parametrize("out", ["my site", "plain", 'that\'s "it"'])
def test_a_folder_may_have_any_name(checkout: Path, out: str) -> None:
    assert f"<freeze><--out><{out}>" in make(checkout, "freeze", f"OUT={out}")


def test_settings_pass_through(checkout: Path) -> None:
    told = make(
        checkout,
        "run",
        "COCREATE_OPERATOR=Bukit Makers",
        "PORT=8123",
        "SITE_URL=https://makers.example/",
        COCREATE_MAIL_URL="smtp://ann:p$x@mail.example?tls=none",
    )
    assert "<serve><--port><8123>" in told
    assert "COCREATE_OPERATOR=Bukit Makers\n" in told
    assert "COCREATE_SITE_URL=https://makers.example/\n" in told
    assert "COCREATE_MAIL_URL=smtp://ann:p$x@mail.example?tls=none\n" in told


def test_a_sound_environment_is_left_alone(checkout: Path) -> None:
    make(checkout, "help")
    assert (checkout / ".venv/run.stamp").exists()


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
    script = ROOT / ".ci/venv"
    env = os.environ | {"PYTHON": str(Path(sys.base_prefix) / "bin/python3")}
    subprocess.run(["sh", script, rest], env=env, check=True)
    assert (rest / "bin/python").exists()


def test_what_fails_for_being_behind_its_source_names_make_renew() -> None:
    [recipe] = re.findall(r"^renew:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    for part in ("translations update", "previews.py", "heard.py"):
        assert part in recipe
    for name in (
        "tests/browser/test_heard.py",
        "tests/browser/test_orca.py",
        "tests/unit/test_previews.py",
        "site/cocreate/commands/translations.py",
    ):
        assert "make renew" in (ROOT / name).read_text("utf-8"), name
