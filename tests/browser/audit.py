"""axe-core through axe-selenium-python: every rule named, nothing left undecided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_selenium_python import Axe

from browser.engine import RENDERINGS, Engine, Rendering
from browser.pixels import faint

AXE = Path(__file__).parents[1] / "vendor" / "axe" / "axe.min.js"
TAGS = [
    *("wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa"),
    "best-practice",
]
EXTRA = ("target-size", "color-contrast-enhanced", "label-content-name-mismatch", "p-as-heading")
SHORT = {"resultTypes": ["violations", "incomplete"], "preload": False, "iframes": False}
EVERY_RULE: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {rule: {"enabled": True} for rule in EXTRA},
    **SHORT,
}
# After the first look at a state: ours, at the same colours, is in place of axe's slow one for 7:1
# (of 4.5:1 and of what it cannot see axe tells all the same, and pixels decide at 7:1).
AGAIN = {
    **EVERY_RULE,
    "rules": EVERY_RULE["rules"] | {"color-contrast-enhanced": {"enabled": False}},
}
# All that a colour scheme can change; every other rule has the same answer in the dark.
IN_COLOUR = ["color-contrast", "link-in-text-block"]
COLOURS = {"runOnly": {"type": "rule", "values": IN_COLOUR}, **SHORT}
LEAST_RULES = 90  # a misspelt tag would run nothing, and pass
CONTRAST = {"color-contrast", "color-contrast-enhanced"}  # what axe leaves open here, pixels decide
# Anything else that axe leaves open, and why it is right all the same: (rule, words) → reason.
REASONS: dict[tuple[str, str], str] = {
    ("frame-tested", "The iframe still has to be tested"): "each letter in a preview is, by itself",
}


@dataclass
class Tally:
    """What the run has audited so far; printed at its end."""

    states: dict[str, set[Rendering]] = field(default_factory=dict)
    axe: str = ""
    violations: int = 0
    by_pixels: int = 0


def audit_everywhere(browser: Engine, tally: Tally) -> list[str]:
    """Audit the page as it stands at both widths in both schemes.

    Every rule runs once; all but axe's slow look for 7:1 run again, at each width. Where the dark
    scheme leaves every box in its place, only what looks at colours does.
    """
    faults, light, every = [], 0, EVERY_RULE
    for rendering in RENDERINGS:
        browser.show_in(rendering)
        shape = browser.run("return probe.shape()")
        faults += audit(browser, tally, COLOURS if shape == light else every)
        light, every = shape, AGAIN
    return faults


def audit(
    browser: Engine, tally: Tally | None = None, options: dict[str, Any] = EVERY_RULE
) -> list[str]:
    """Faults of the page as it stands: violations, and what neither axe nor we could decide.

    Raises:
        AssertionError: if fewer rules ran than there are.
    """
    axe = Axe(browser.driver, str(AXE))
    if not browser.run("return 'axe' in window"):
        axe.inject()
    result: dict[str, Any] = axe.run(options=json.dumps(options))
    ran = sum(len(result[k]) for k in ("violations", "passes", "incomplete", "inapplicable"))
    assert ran >= (len(IN_COLOUR) if options is COLOURS else LEAST_RULES), f"only {ran} rules ran"
    faults = [line for rule in result["violations"] for line in _lines(browser, rule)]
    if options is not EVERY_RULE:
        faults += browser.probe("pairs", 7)
    undecided = {  # a text once, though both rules of contrast ask about it
        node["target"][0]: rule
        for rule in result["incomplete"]
        if rule["id"] in CONTRAST
        for node in rule["nodes"]
    }
    if undecided:
        faults += list(_by_pixels(browser, undecided))
    for rule in (r for r in result["incomplete"] if r["id"] not in CONTRAST):
        faults += [f"undecided: {line}" for line in _lines(browser, rule) if not _reasoned(line)]
    if tally:
        tally.states.setdefault(browser.page, set()).add(browser.rendering)
        tally.axe = result["testEngine"]["version"]
        tally.violations += len(faults)
        tally.by_pixels += len(undecided)
    return faults


def _lines(browser: Engine, rule: dict[str, Any]) -> Iterator[str]:
    for node in rule["nodes"]:
        checks = [check for kind in ("any", "all", "none") for check in node[kind]]
        why = "; ".join(check["message"] for check in checks)
        element = f"{node['target'][0]} {node['html'][:120]}"
        yield browser.line(element, why, rule["id"], rule["help"])


def _reasoned(line: str) -> bool:
    return any(f"({rule})" in line and words in line for rule, words in REASONS)


def _by_pixels(browser: Engine, undecided: dict[str, dict[str, Any]]) -> Iterator[str]:
    """What axe cannot see behind a text is a pseudo-element or a picture."""
    each = browser.run("return arguments[0].map(probe.inks)", list(undecided))
    owners = [owner for owner, inks in zip(undecided, each, strict=True) for _ in inks]
    for number, fault in faint(browser, [ink for inks in each for ink in inks]).items():
        rule = undecided[owners[number]]
        yield browser.line(owners[number], fault, rule["id"], rule["help"])
