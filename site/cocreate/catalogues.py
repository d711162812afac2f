"""``.po`` → ``.mo``: at start where a catalogue changed, and when a wheel is built."""

from __future__ import annotations

import os
import re
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

# A comment, or a keyword and one string on a line. Babel cuts off what is not, without a word.
LINE = re.compile(r'\s*(#.*|((msgctxt|msgid|msgid_plural|msgstr(\[\d\])?)\s+)?"([^"\\]|\\.)*"|)\s*')


class CatalogueError(Exception):
    """A catalogue that cannot be read. Its text is one line: file, line (0: none) and fault."""

    def __init__(self, po: Path, line: int, fault: str) -> None:
        super().__init__(f"{po}, line {line}: {fault}" if line else f"{po}: {fault}")
        self.line, self.fault = line, fault


def compile_catalogues(folder: Path) -> list[Path]:
    """Write ``messages.mo`` beside each ``messages.po`` that is newer.

    Fuzzy entries are left out: a guess is worse than marked English.

    Raises:
        CatalogueError: naming file and line of what cannot be read.
    """
    written = []
    for po in sorted(folder.glob("*/LC_MESSAGES/messages.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime_ns >= po.stat().st_mtime_ns:
            continue
        try:
            check_lines(po)
            with po.open("rb") as source:
                catalogue = read_po(source, locale=po.parts[-3], abort_invalid=True)
        except PoFileError as error:
            line = getattr(error, "lineno", None)
            raise CatalogueError(po, (line or 0) + 1, str(error)) from None
        except (UnicodeDecodeError, ValueError) as error:
            raise CatalogueError(po, 0, f"not a readable UTF-8 catalogue ({error})") from None
        partial = mo.with_suffix(f".{os.getpid()}.part")
        try:
            with partial.open("wb") as target:
                write_mo(target, catalogue)
            partial.replace(mo)  # never half a file where another process reads
        except OSError:
            if not mo.exists():  # an installed copy may be read-only: its .mo came with it
                raise
            continue
        written.append(mo)
    return written


def check_lines(po: Path) -> None:
    """Raise CatalogueError for the first line that is no part of a catalogue."""
    lines = po.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, 1):
        if not LINE.fullmatch(line):
            raise CatalogueError(po, number, _fault_of(lines, number))


def _fault_of(lines: list[str], number: int) -> str:
    """What is wrong with line ``number``, from 1, which is no part of a catalogue."""
    line = lines[number - 1]
    if line.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||")):
        rest = range(number, len(lines) + 1)
        last = next((n for n in rest if lines[n - 1].startswith(">>>>>>>")), number)
        return (
            f"lines {number}–{last}: both sides changed this sentence; keep one, without the marks"
        )
    if re.fullmatch(r'\s*(\w+(\[\d\])?\s+)?".*"\s*', line):
        return "a straight quotation mark inside the text; write “ ” there"
    return "not a comment, nor a string in quotes"
