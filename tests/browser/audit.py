"""axe-core 4.14.1 through axe-selenium-python: every rule named, nothing left undecided."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from axe_selenium_python import Axe
from PIL import Image

from browser.colours import contrast
from browser.engine import AXE, Engine

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
# Ratio that a rule wants of text, and of large text. What axe cannot see behind a text
# (a pseudo-element, a picture), pixels decide.
RATIOS = {"color-contrast": (4.5, 3), "color-contrast-enhanced": (7, 4.5)}
# Anything else that axe leaves open, and why it is right all the same: (rule, words) → reason.
REASONS: dict[tuple[str, str], str] = {}
NO_INK = "* { color: transparent !important; -webkit-text-fill-color: transparent !important }"


@dataclass
class Tally:
    """What the run has audited so far, states by engine; printed at its end."""

    states: Counter[str] = field(default_factory=Counter)
    violations: int = 0
    by_pixels: int = 0


def audit(browser: Engine, tally: Tally | None = None) -> list[str]:
    """Faults of the page as it stands: violations, and what neither axe nor we could decide.

    Raises:
        AssertionError: if fewer rules ran than there are.
    """
    result: dict[str, Any] = Axe(browser.driver, script_url=str(AXE)).run(options=OPTIONS)
    ran = sum(len(result[k]) for k in ("violations", "passes", "incomplete", "inapplicable"))
    assert ran >= LEAST_RULES, f"only {ran} rules ran"
    faults = [line for rule in result["violations"] for line in _lines(browser, rule)]
    open_questions = result["incomplete"]
    faults += list(_by_pixels(browser, [r for r in open_questions if r["id"] in RATIOS]))
    for rule in (r for r in open_questions if r["id"] not in RATIOS):
        faults += [f"undecided: {line}" for line in _lines(browser, rule) if not _reasoned(line)]
    if tally:
        tally.states[browser.name] += 1
        tally.violations += len(faults)
        tally.by_pixels += sum(len(r["nodes"]) for r in open_questions if r["id"] in RATIOS)
    return faults


def _lines(browser: Engine, rule: dict[str, Any]) -> Iterator[str]:
    for node in rule["nodes"]:
        checks = [check for kind in ("any", "all", "none") for check in node[kind]]
        why = "; ".join(check["message"] for check in checks)
        element = f"{node['target'][0]} {node['html'][:120]}"
        yield browser.line(element, why, rule["id"], rule["help"])


def _reasoned(line: str) -> bool:
    return any(f"({rule})" in line and words in line for rule, words in REASONS)


def _by_pixels(browser: Engine, rules: list[dict[str, Any]]) -> Iterator[str]:
    """Compare the colour of each letter with the page as it is painted without its letters."""
    if not rules:
        return
    browser.adopt(NO_INK)
    ground = Image.open(BytesIO(browser.whole())).convert("RGB")
    browser.adopt("")
    for rule in rules:
        for node in rule["nodes"]:
            for ink in browser.run("return probe.inks(arguments[0])", node["target"][0]):
                found, wanted = _worst(ground, ink), RATIOS[rule["id"]][ink["large"]]
                if found < wanted:
                    fault = f"{found:.2f}:1 in pixels, {wanted}:1 wanted"
                    yield browser.line(node["target"][0], fault, rule["id"], rule["help"])


def _worst(ground: Image.Image, ink: dict[str, Any]) -> float:
    """Lowest contrast between the ink and what lies behind it, in its middle 60 %."""
    top, height = ink["y"] + 0.2 * ink["height"], 0.6 * ink["height"]
    area = ground.crop(
        (round(ink["x"]), round(top), round(ink["x"] + ink["width"]), round(top + height))
    )
    return min(
        (contrast(colour, ink["colour"]) for colour in set(area.get_flattened_data())), default=21.0
    )
