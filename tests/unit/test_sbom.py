"""The list of what the site is made of."""

from __future__ import annotations

import tomllib
from importlib.metadata import requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from sbom import ROOT, bill

LOCK = (ROOT / "requirements/run.txt").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_everything_that_is_installed_stands_in_it_with_its_digests() -> None:
    made = bill(LOCK, PROJECT)
    listed = {f"{one['name']}=={one['version']}" for one in made["components"]}
    locked = {line.split(" ")[0] for line in LOCK.splitlines() if "==" in line.partition(" ")[0]}
    assert listed == locked
    assert sum(len(one["hashes"]) for one in made["components"]) == LOCK.count("--hash=sha256:")


def test_it_says_who_needs_whom() -> None:
    made = bill(LOCK, PROJECT)
    needs = {one["ref"]: one["dependsOn"] for one in made["dependencies"]}
    name = {one["bom-ref"]: one["name"] for one in made["components"]}
    assert needs.keys() == {*name, made["metadata"]["component"]["bom-ref"]}
    needed = {ref.split("@")[0]: {name[one] for one in ones} for ref, ones in needs.items()}
    asked = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    assert asked <= needed["pkg:pypi/cocreate"]
    flask = {canonicalize_name(Requirement(line).name) for line in requires("flask") or ()}
    assert {"werkzeug", "jinja2"} <= needed["pkg:pypi/flask"] <= flask
