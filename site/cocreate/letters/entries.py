"""``letter.toml``, read so that each fault in it has its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

NAME = "letter.toml"


class Fault(NamedTuple):
    """What is missing or wrong, and where."""

    file: str
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.words}"


class Unreadable(Exception):  # noqa: N818  # the manager's, not ours
    """No letter could be made of a folder: the first of ``faults``, in one line."""

    def __init__(self, faults: list[Fault]) -> None:
        more = f" (and {len(faults) - 1} more: cocreate letters check)" if faults[1:] else ""
        super().__init__(f"{faults[0]}{more}")
        self.faults = faults


class LetterFile:
    """What stands in a letter's folder, and what is wrong with it.

    Raises:
        Unreadable: there is no ``letter.toml``, or it is no TOML.
    """

    def __init__(self, folder: Path) -> None:
        self.faults: list[Fault] = []
        self._folder = folder
        self._text = self.content(NAME)
        try:
            self.given = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            at = int(line[1]) if line else self._text.count("\n") + 1
            raise Unreadable([Fault(NAME, at, f"not TOML: {error}")]) from None

    def content(self, name: str) -> str:
        """The text of a file; Unreadable where there is none."""
        try:
            return (self._folder / name).read_text("utf-8-sig")
        except OSError as error:
            raise Unreadable([Fault(name, 1, (error.strerror or "unreadable").lower())]) from None
        except UnicodeDecodeError:
            raise Unreadable([Fault(name, 1, "not UTF-8 text; save it as UTF-8")]) from None

    def fault(self, key: str, words: str, section: str = "") -> None:
        """Note a fault at ``key`` below ``[section]``, else at the section, else at the end."""
        found, current = 0, ""
        lines = self._text.splitlines()
        for number, line in enumerate(lines, 1):
            head = re.match(r"\[+([\w.]+)", line)
            current = head[1] if head else current
            at_key = current == section and re.match(rf"{re.escape(key)}\s*=", line)
            if at_key or (head and not found and current in {section, key}):
                found = number
        self.faults.append(Fault(NAME, found or max(1, len(lines)), f"{key}: {words}"))

    def table(self, key: str, kind: type) -> Any:
        """An entry that is a table or a list; empty where there is none."""
        value = self.given.get(key, kind())
        if isinstance(value, kind):
            return value
        self.fault(key, "write it as 'cocreate letters new' does")
        return kind()

    def checked(self, key: str, parse: Callable[[str], Any]) -> str:
        try:
            return str(parse(str(self.given.get(key, ""))))
        except ValueError as error:
            self.fault(key, str(error))
            return ""

    def in_each(self, section: str, given: Any, written: list[str]) -> dict[str, str]:
        """One line of words in each of the languages ``written``."""
        words = given if isinstance(given, dict) else {}
        for slug in written:
            said = words.get(slug)
            if not isinstance(said, str) or not said.strip():
                self.fault(slug, f"empty; write the {section} in this language", section)
            elif not said.isprintable() or "{" in said:
                self.fault(slug, "use one line without braces", section)
        return {slug: str(words[slug]) for slug in written if slug in words}

    def listed(self, key: str, given: Any, known: list[str]) -> list[str]:
        """What is ``known`` of a list in the audience; anything else in it is a fault."""
        values = given if isinstance(given, list) else []
        fitting = [one for one in values if one in known]
        if not fitting or fitting != values:
            self.fault(key, f"use a list of {', '.join(known)}", "audience")
        return fitting
