"""axe-core 4.14.1 through axe-selenium-python: every rule named, nothing left undecided."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from axe_selenium_python import Axe

from browser.chrome import AXE, Browser

TAGS = [
    *("wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa"),
    "best-practice",
]
EXTRA = ("target-size", "color-contrast-enhanced", "label-content-name-mismatch", "p-as-heading")
OPTIONS = json.dumps(
    {
        "runOnly": {"type": "tag", "values": TAGS},
        "rules": {rule: {"enabled": True} for rule in EXTRA},
    }
)
LEAST_RULES = 90  # a misspelt tag would run nothing, and pass
# What axe cannot decide and why it is right all the same: (rule, part of the element) → reason.
REASONS: dict[tuple[str, str], str] = {}


@dataclass
class Tally:
    """What the run has audited so far; printed at its end."""

    states: int = 0
    violations: int = 0
    undecided: int = 0
    by_rendering: dict[str, int] = field(default_factory=dict)

    def add(self, rendering: str, violations: int, undecided: int) -> None:
        self.states += 1
        self.violations += violations
        self.undecided += undecided
        self.by_rendering[rendering] = self.by_rendering.get(rendering, 0) + 1


def audit(browser: Browser, tally: Tally | None = None) -> list[str]:
    """Faults of the page as it stands: violations, and what axe left open without our reason.

    Raises:
        AssertionError: if fewer rules ran than there are.
    """
    result: dict[str, Any] = Axe(browser.driver, script_url=str(AXE)).run(options=OPTIONS)
    ran = sum(len(result[k]) for k in ("violations", "passes", "incomplete", "inapplicable"))
    assert ran >= LEAST_RULES, f"only {ran} rules ran"
    violations = list(_faults(browser, result["violations"]))
    undecided = [
        line
        for rule in result["incomplete"]
        for line in _faults(browser, [rule], "undecided: ")
        if not any(rule["id"] == name and part in line for name, part in REASONS)
    ]
    if tally:
        tally.add(str(browser.rendering), len(violations), len(undecided))
    return violations + undecided


def _faults(browser: Browser, rules: list[dict[str, Any]], prefix: str = "") -> list[str]:
    return [
        browser.line(
            f"{node['target']} {node['html'][:120]}", prefix + _why(node), rule["id"], rule["help"]
        )
        for rule in rules
        for node in rule["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])
