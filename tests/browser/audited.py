"""What a whole run has audited, kept for the accessibility statement."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from browser.audit import Tally
from browser.chrome import Browser
from browser.engine import RENDERINGS
from cocreate.config import HERE
from cocreate.languages import LANGUAGES

FILE = HERE / "audited.toml"
HEAD = '# What the accessibility statement says of its tests. Written by "make audited".'
# The day and the programs are those of the run that wrote the file: neither is a reason to fail.
OF_THAT_RUN = {"date", "chromium", "firefox", "webkit", "orca"}
CHOSEN = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf")  # less than everything


def figures(browser: Browser, tally: Tally) -> dict[str, Any]:
    """What there is to say once every test has run."""
    return {
        "date": datetime.now(UTC).date(),
        "states": sum(renderings >= set(RENDERINGS) for renderings in tally.states.values()),
        "languages": len(LANGUAGES),
        "renderings": len(RENDERINGS),
        "axe": tally.axe,
        "chromium": str(browser.driver.capabilities["browserVersion"]).partition(".")[0],
    }


def behind(told: dict[str, Any], seen: dict[str, Any]) -> list[str]:
    """Where the file tells another story than this run."""
    return [
        f"{key} is {told.get(key)} in {FILE.name}, {value} in this run"
        for key, value in seen.items()
        if key not in OF_THAT_RUN and told.get(key) != value
    ]


def as_toml(figures: dict[str, Any]) -> str:
    lines = [
        f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"
        for key, value in figures.items()
    ]
    return "\n".join([HEAD, *lines, ""])


def is_whole(config: pytest.Config) -> bool:
    """Whether this run was asked for every browser test."""
    here = Path(__file__).parent
    whole = any(
        (config.invocation_params.dir / arg).resolve() in (here, *here.parents)
        for arg in config.args
    )
    return whole and not any(getattr(config.option, name, None) for name in CHOSEN)
