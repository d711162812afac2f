"""``make sbom``: what the site is made of, as CycloneDX 1.6 (cyclonedx.org), from the lock file.

The same source gives the same bytes: no date, no random number.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# A pinned package: name, version, where it is needed; hashes; what needs it.
PINNED = re.compile(
    r"^([\w.-]+)==(\S+)(?: ; (.+?))? \\\n((?:    --hash=.+\n)+)((?:    #.*\n?)+)", re.MULTILINE
)


def bill(lock: str, project: dict[str, Any]) -> dict[str, Any]:
    """Components, each with the digests of its files, and who needs whom."""
    ours = f"pkg:pypi/{project['name']}@{project['version']}"
    found = PINNED.findall(lock)
    refs = {project["name"]: [ours]}  # of a package, several where they differ by place
    for name, version, *_ in found:
        refs.setdefault(name, []).append(f"pkg:pypi/{name}@{version}")
    components, needs = [], {ref: set[str]() for some in refs.values() for ref in some}
    for name, version, where, hashes, needed_by in found:
        purl = f"pkg:pypi/{name}@{version}"
        one = library(purl, name, version, re.findall(r"sha256:([0-9a-f]{64})", hashes))
        if where:
            one["properties"] = [{"name": "cocreate:where", "value": where}]
        components.append(one)
        for user in re.findall(r"#\s+(?:via\s+)?([\w.-]+)", needed_by.replace("via\n", "\n")):
            for ref in refs.get(user, ()):
                needs[ref].add(purl)
    about = {key: project[key] for key in ("name", "version")} | {"purl": ours, "bom-ref": ours}
    about |= {"type": "application", "licenses": [{"license": {"id": project["license"]}}]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": about},
        "components": components,
        "dependencies": [
            {"ref": one, "dependsOn": sorted(others)} for one, others in sorted(needs.items())
        ],
    }


def library(purl: str, name: str, version: str, digests: list[str]) -> dict[str, Any]:
    hashes = [{"alg": "SHA-256", "content": digest} for digest in digests]
    one = {"type": "library", "bom-ref": purl, "purl": purl, "name": name, "version": version}
    return one | {"hashes": hashes}


def script(file: Path) -> dict[str, Any]:
    """The one file of somebody else that is kept in the tree."""
    content = file.read_bytes()
    (version,) = re.findall(r'version="([\d.]+)"', content.decode())[:1]
    digest = hashlib.sha256(content).hexdigest()
    made = library(f"pkg:npm/htmx.org@{version}", "htmx.org", version, [digest])
    return made | {"licenses": [{"license": {"id": "0BSD"}}]}


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    made = bill((ROOT / "requirements/run.txt").read_text("utf-8"), project)
    made["components"].append(script(ROOT / "static/js/htmx.min.js"))
    Path(sys.argv[1]).write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    print(f"{sys.argv[1]}: {len(made['components'])} components")


if __name__ == "__main__":
    main()
