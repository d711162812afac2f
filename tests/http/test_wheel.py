"""The wheel: everything in it that the site needs, wherever it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cocreate.config import ROOT
from processes import run

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
OFFLINE = ["--no-index", "--no-deps", "--no-build-isolation"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([*PIP, "wheel", *OFFLINE, "-w", folder, ROOT], check=True)
    (built,) = folder.glob("cocreate-*.whl")
    return built


def test_every_data_file_is_in_the_wheel(wheel: Path) -> None:
    inside = {name.removeprefix("cocreate/") for name in zipfile.ZipFile(wheel).namelist()}
    for folder in ("templates", "static", "translations"):
        sources = {
            file.relative_to(ROOT).as_posix()
            for file in (ROOT / folder).rglob("*")
            if file.is_file() and not file.name.startswith(".")
        }
        assert sources - inside == set()
    for language in ("zh", "ms", "ta"):
        assert f"translations/{language}/LC_MESSAGES/messages.mo" in inside


def test_nothing_else_is_in_the_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in names if not name.startswith(("cocreate/", "cocreate-"))] == []
    assert [name for name in names if "__pycache__" in name] == []


def test_an_installed_wheel_freezes_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "target", tmp_path / "elsewhere"
    elsewhere.mkdir()
    subprocess.run([*PIP, "install", *OFFLINE, "--target", target, wheel], check=True)
    where = {"cwd": elsewhere, "env": {"PATH": os.environ["PATH"], "PYTHONPATH": str(target)}}
    root = "from cocreate.config import ROOT; print(ROOT)"
    assert run(sys.executable, "-c", root, **where).stdout == f"{target}/cocreate\n"
    done = run(sys.executable, target / "bin/cocreate", "freeze", "--out", "copy", **where)
    assert (done.returncode, done.stderr) == (0, "")
    assert (elsewhere / "copy/ta/stack/index.html").is_file()
    assert [file.name for file in elsewhere.iterdir()] == ["copy"]
