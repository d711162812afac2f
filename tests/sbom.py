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
    components, needs = [], {ours: set[str]()}
    found = PINNED.findall(lock)
    addresses = {f"{name}=={version}": f"pkg:pypi/{name}@{version}" for name, version, *_ in found}
    for name, version, where, hashes, needed_by in found:
        purl = f"pkg:pypi/{name}@{version}"
        needs.setdefault(purl, set())
        component = {
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": version,
            "purl": purl,
            "hashes": [
                {"alg": "SHA-256", "content": digest}
                for digest in re.findall(r"sha256:([0-9a-f]{64})", hashes)
            ],
        }
        if where:
            component["properties"] = [{"name": "cocreate:where", "value": where}]
        components.append(component)
        for user in re.findall(r"#\s+(?:via\s+)?([\w.-]+)", needed_by.replace("via\n", "\n")):
            users = [purl for key, purl in addresses.items() if key.startswith(f"{user}==")]
            for one in [ours] if user == project["name"] else users:
                needs.setdefault(one, set()).add(purl)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": ours,
                "name": project["name"],
                "version": project["version"],
                "purl": ours,
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": components,
        "dependencies": [
            {"ref": one, "dependsOn": sorted(others)} for one, others in sorted(needs.items())
        ],
    }


def script(file: Path) -> dict[str, Any]:
    """The one file of somebody else that is kept in the tree."""
    content = file.read_bytes()
    found = re.search(rb'version="([\d.]+)"', content)
    assert found, f"{file} does not say its version"
    version = found[1].decode()
    purl = f"pkg:npm/htmx.org@{version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": "htmx.org",
        "version": version,
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}],
        "licenses": [{"license": {"id": "0BSD"}}],
    }


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    made = bill((ROOT / "requirements/run.txt").read_text("utf-8"), project)
    made["components"].append(script(ROOT / "static/js/htmx.min.js"))
    Path(sys.argv[1]).write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    print(f"{sys.argv[1]}: {len(made['components'])} components")


if __name__ == "__main__":
    main()
