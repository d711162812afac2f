"""Ways that are gone with a screen reader, as text: what one does, and what one hears.

A line that begins with ``>`` is done, those below it are heard: ``> press Tab``, ``> type Kai``,
``> open en/``, ``> read`` (all from here on), ``> without script``. The language of an utterance is
marked where it is not the page's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from browser.live import Live
from browser.orca import Orca

FOLDER = Path(__file__).with_name("spoken")
WAYS = sorted(FOLDER.glob("*.txt"))


@dataclass
class Step:
    """One thing that is done, and what is heard upon it."""

    done: str
    heard: list[str] = field(default_factory=list)

    def go(self, orca: Orca, live: Live) -> None:
        what, _, given = self.done.partition(" ")
        if what == "open":
            orca.open(live.url + given)
        elif what == "press":
            orca.press(*given.split())
        elif what == "type":
            orca.type(given)
        elif what == "read":
            orca.press("KP_Add")
        elif what == "without":
            orca.scripts(False)
        else:
            raise ValueError(f"{self.done!r} is nothing that one does")


def steps_of(file: Path) -> list[Step]:
    steps: list[Step] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("> "):
            steps.append(Step(line[2:]))
        elif line:
            steps[-1].heard.append(line)
    return steps


def written(steps: list[Step]) -> str:
    return "\n".join(line for step in steps for line in (f"> {step.done}", *step.heard)) + "\n"


def in_language(lines: list[str], file: Path) -> list[str]:
    """``lines`` without the mark of the file's own language."""
    own = f"[{file.name.split('-')[0]}] "
    return [line.removeprefix(own) for line in lines]


def record(orca: Orca, live: Live, file: Path) -> str:
    """Go the way once more; the transcript as it is now."""
    steps = steps_of(file)
    orca.hear_out(0.5)
    try:
        for step in steps:
            step.go(orca, live)
            step.heard = in_language(orca.hear_out(), file)
    finally:
        orca.scripts(True)
    return written(steps)
