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
    needs = {one["ref"].split("@")[0]: one["dependsOn"] for one in made["dependencies"]}
    names = {purl.split("/")[1].split("@")[0] for purl in needs["pkg:pypi/cocreate"]}
    asked = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    assert asked <= names
    flask = {canonicalize_name(Requirement(line).name) for line in requires("flask") or ()}
    found = {purl.split("/")[1].split("@")[0] for purl in needs["pkg:pypi/flask"]}
    assert found <= flask
    assert {"werkzeug", "jinja2"} <= found
    refs = {one["bom-ref"] for one in made["components"]} | {
        made["metadata"]["component"]["bom-ref"]
    }
    assert {
        purl for one in made["dependencies"] for purl in (one["ref"], *one["dependsOn"])
    } == refs
