"""Catalogues: one reader for all; ``.po`` → ``.mo`` at start where one changed, and for a wheel.

Editors write ``.po`` files in their own ways. What is meant is read, by everybody alike; what is
not sure is refused with its line, and never half read.
"""

from __future__ import annotations

import gettext
import io
import os
import re
from pathlib import Path

import polib

# A comment, or a keyword and one string on a line.
LINE = re.compile(r'\s*(#.*|((msgctxt|msgid|msgid_plural|msgstr(\[\d\])?)\s+)?"([^"\\]|\\.)*"|)\s*')
# Comments as gettext reads them, which polib does not: ``#a``, ``#,fuzzy``, ``#~ |``.
COMMENT = re.compile(r"^[ \t]*#(~[ \t]*\||[.:,|~](?=[^\s|])|(?=[^\s.:,|~#]))", re.MULTILINE)
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")  # control characters: never meant
UTF8 = "text/plain; charset=utf-8"


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
        binary = to_mo(po, read_catalogue(po))
        partial = mo.with_suffix(f".{os.getpid()}.part")
        try:
            partial.write_bytes(binary)
            partial.replace(mo)  # never half a file where another process reads
        except OSError:
            if not mo.exists():  # an installed copy may be read-only: its .mo came with it
                raise
            continue
        written.append(mo)
    return written


def read_catalogue(po: Path) -> polib.POFile:
    """A catalogue, its lines never wrapped. That it is UTF-8 is told by its bytes, not its header.

    Raises:
        CatalogueError: naming the line that cannot be read.
    """
    content = po.read_bytes()
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise CatalogueError(po, line, "not UTF-8 text; save the file as UTF-8") from None
    _check_lines(po, text.split("\n"))
    try:
        spelt = COMMENT.sub(lambda found: f"#{''.join(found[1].split())} ", text)
        read = polib.pofile(spelt + "\n", wrapwidth=0, encoding="utf-8")
    except OSError as error:
        line = int((re.search(r"line (\d+)", str(error)) or ["", "0"])[1])
        raise CatalogueError(po, line, "not a catalogue here") from None
    read.fpath = str(po)
    return read


def to_mo(po: Path, catalogue: polib.POFile) -> bytes:
    """What gettext reads of a catalogue: the messages that are wholly translated.

    Raises:
        CatalogueError: it would not read that.
    """
    made = polib.POFile(encoding="utf-8")
    made.metadata = catalogue.metadata | {"Content-Type": UTF8}
    made.extend(entry for entry in catalogue if entry.msgid and _is_translated(entry))
    binary: bytes = made.to_binary()
    try:
        gettext.GNUTranslations(io.BytesIO(binary))
    except ValueError as error:
        raise CatalogueError(po, 1, f"Plural-Forms: {error}; take that line away") from None
    return binary


def _is_translated(entry: polib.POEntry) -> bool:
    forms = entry.msgstr_plural if entry.msgid_plural else {0: entry.msgstr}
    whole = all(forms.values()) and sorted(forms) == list(range(len(forms) or 1))
    return whole and not (entry.fuzzy or entry.obsolete)


def _check_lines(po: Path, lines: list[str]) -> None:
    """Raise CatalogueError for the first line that is no part of a catalogue."""
    for number, line in enumerate(lines, 1):
        if unseen := UNSEEN.search(line):
            fault = f"a character that nobody sees (U+{ord(unseen[0]):04X}); take it away"
            raise CatalogueError(po, number, fault)
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
