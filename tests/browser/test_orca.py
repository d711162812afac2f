"""What a blind visitor is told by Orca, a real screen reader, with Firefox: see ``spoken.py``.

A read-through holds if each line of its transcript is heard, in order; a key, if just those are.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from browser.live import Live
from browser.orca import Orca
from browser.spoken import WAYS, in_language, steps_of
from cocreate.gettext import translator
from cocreate.languages import BY_SLUG

MEND = "If this is meant to be heard: make renew, and have the diff reviewed."
NEVER = ("blank", "statusbar", "status bar")  # nothing, said


@pytest.mark.parametrize("file", WAYS, ids=lambda file: file.stem)
def test_it_is_said_as_written(orca: Orca, live: Live, faults: list[str], file: Path) -> None:
    may_trail = True  # from the way before
    with live.app.app_context():
        slow = translator(BY_SLUG[file.name.split("-")[0]]).gettext("Sending …")
    try:
        for step in steps_of(file):
            step.go(orca, live)
            wanted = step.heard
            told = in_language(orca.hear(*wanted[-1:]), file)
            heard = [line for line in told if line != slow]  # half a second without an answer
            if may_trail:
                heard = heard[-len(wanted) :]
            # A mistake that is gone as one types changes what describes the field: told or not, now
            # or later, as it comes.
            if may_trail := not wanted:
                continue
            rest = iter(heard)
            same = all(line in rest for line in wanted) if step.done == "read" else heard == wanted
            if not same:
                faults += [f"> {step.done}", *heard, "instead of", *wanted, MEND]
            faults += [f"> {step.done}: “{line}”" for line in heard if line in NEVER]
    finally:
        orca.scripts(True)


@pytest.mark.parametrize("file", WAYS, ids=lambda file: file.stem)
def test_nothing_is_invalid_before_it_was_sent(file: Path) -> None:
    """And in a read-through, each choice and each heading is one utterance."""
    for step in steps_of(file):
        if step.done == "press Return":
            break
        assert not any("invalid" in line for line in step.heard), step.done
        lines = [re.sub(r"^\[..\] ", "", line) for line in step.heard]
        names = [a for a, b in pairwise(lines) if b in CHOICES]
        assert len(names) == len(set(names))
        name = ""
        for line, after in pairwise(lines):
            if after in CHOICES:
                name = line
            assert line == name or line not in name, f"“{line}” is heard twice"


# What follows the name of a choice.
CHOICES = {"not selected", "selected", "check box"}
