"""axe-core through axe-selenium-python: every rule named, nothing left undecided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from axe_selenium_python import Axe

from browser.engine import AXE, RENDERINGS, Engine
from browser.pixels import faint
from cocreate.languages import ENGLISH, Language

TAGS = [*("wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa"), "best-practice"]
EXTRA = ("target-size", "color-contrast-enhanced", "label-content-name-mismatch", "p-as-heading")
SHORT = {"resultTypes": ["violations", "incomplete"], "preload": False, "iframes": False}
EVERY_RULE: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {rule: {"enabled": True} for rule in EXTRA},
    **SHORT,
}
# What axe leaves open here, pixels decide. The second finds only what the first lets pass.
CONTRAST = ("color-contrast", "color-contrast-enhanced")
# All that a colour scheme can change; every other rule has the same answer in the dark.
IN_COLOUR = [*CONTRAST, "link-in-text-block"]
COLOURS = {"runOnly": {"type": "rule", "values": IN_COLOUR}, **SHORT}
# We ship no icon fonts; axe takes Tamil letters that join for icons, and leaves their words out.
NO_ICON_FONTS = """axe.configure({checks: [
  {id: 'label-content-name-mismatch', options: {pixelThreshold: 2, occurrenceThreshold: 3}}]})"""
LEAST_RULES = 90  # a misspelt tag would run nothing, and pass


def audit_everywhere(browser: Engine, language: Language) -> list[str]:
    """Audit the page as it stands at both widths in both schemes.

    In English every rule runs at each width, and in the dark those of colours. No language changes
    a colour: in the others every rule runs once, and our own look at the colours everywhere.
    """
    faults = []
    for rendering in RENDERINGS:
        browser.show_in(rendering)
        if language is ENGLISH or rendering is RENDERINGS[0]:
            faults += audit(browser, EVERY_RULE if rendering.scheme == "light" else COLOURS)
        else:
            faults += browser.probe("pairs", 7)
    return faults


def audit(browser: Engine, options: dict[str, Any] = EVERY_RULE) -> list[str]:
    """Faults of the page as it stands: violations, and what neither axe nor we could decide.

    Raises:
        AssertionError: if fewer rules ran than there are.
    """
    axe = Axe(browser.driver, str(AXE))
    if not browser.look("return 'axe' in window"):
        axe.inject()
    browser.look(NO_ICON_FONTS)
    result: dict[str, Any] = axe.run(options=json.dumps(options))
    ran = sum(len(result[k]) for k in ("violations", "passes", "incomplete", "inapplicable"))
    assert ran >= (len(IN_COLOUR) if options is COLOURS else LEAST_RULES), f"only {ran} rules ran"
    faults = [line for rule in result["violations"] for line in _lines(browser, rule)]
    open_to_pixels: dict[str, dict[str, Any]] = {}  # a text once, though both rules ask about it
    for rule in result["incomplete"]:
        if rule["id"] in CONTRAST:
            open_to_pixels |= {node["target"][0]: rule for node in rule["nodes"]}
        else:
            faults += [f"undecided: {line}" for line in _lines(browser, rule)]
    return [*faults, *_by_pixels(browser, open_to_pixels)] if open_to_pixels else faults


def _lines(browser: Engine, rule: dict[str, Any]) -> Iterator[str]:
    for node in rule["nodes"]:
        checks = [check for kind in ("any", "all", "none") for check in node[kind]]
        why = "; ".join(check["message"] for check in checks)
        element = f"{node['target'][0]} {node['html'][:120]}"
        yield browser.line(element, why, rule["id"], rule["help"])


def _by_pixels(browser: Engine, undecided: dict[str, dict[str, Any]]) -> Iterator[str]:
    """What axe cannot see behind a text is a pseudo-element or a picture."""
    each = browser.look("return arguments[0].map(probe.inks)", list(undecided))
    owners = [owner for owner, inks in zip(undecided, each, strict=True) for _ in inks]
    for number, fault in faint(browser, [ink for inks in each for ink in inks]).items():
        rule = undecided[owners[number]]
        yield browser.line(owners[number], fault, rule["id"], rule["help"])
