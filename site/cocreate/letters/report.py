"""What came of a letter, in lines to read and as a list for the host."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cocreate.letters.journal import HANDED, WAITING, Journal

NAMES = {HANDED: "in doubt", WAITING: "put off by the mail server"}
ABOUT_ADDRESS = "recipient refused"  # how such a reason begins (see mail/transport)


def summary(journal: Journal) -> Iterator[str]:
    """How many letters are in which state, and why some were refused."""
    states = Counter(entry["state"] for entry in journal.states.values())
    for state, number in sorted(states.items()):
        yield f"{NAMES.get(state, state)}: {number:,}"
    reasons = Counter(entry["why"] for entry in journal.refused())
    yield from (f"  {number:,} × {why}" for why, number in sorted(reasons.items()))


def write_gone(journal: Journal, target: Path) -> int:
    """List whose address was refused for good, by the hash of their link; how many.

    Raises:
        FileExistsError: ``target`` is there already.
    """
    gone = [one for one in journal.refused() if one["why"].startswith(ABOUT_ADDRESS)]
    lines = [json.dumps({"link": one["link"], "why": one["why"]}) + "\n" for one in gone]
    with target.open("x", encoding="utf-8") as file:
        file.writelines(lines)
    return len(gone)
