"""What lint knows of each language, read once: ``translations/rules.toml`` and ``glossary.tsv``."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from cocreate.config import ROOT
from cocreate.facts import NAMES
from cocreate.languages import Language

FOLDER = ROOT / "translations"
# Placeholders, addresses and URLs: to spacing and punctuation each is a word of one letter.
OPAQUE = re.compile(r"%\(\w+\)s|https?://[\w./]*|[\w.]+@[\w.]+|\.gov\.sg", re.ASCII)
BRACKETS = re.compile(r"\s*(?<!%)[(（][^()（）]*[)）]")


@dataclass(frozen=True)
class Case:
    """One translation of one message: what a rule looks at.

    Args:
        language: the language of ``target``.
        source: the English sentence (its plural for every form but the first).
        target: the translation.
        comment: what the source code tells translators about it.
        context: what tells two messages with the same English apart.
    """

    language: Language
    source: str
    target: str
    comment: str = ""
    context: str = ""

    @cached_property
    def masked(self) -> str:
        return OPAQUE.sub("X", self.target)


@dataclass(frozen=True)
class Mark:
    """One pattern of spacing or punctuation, with an example that is wrong and one that is not."""

    pattern: re.Pattern[str]
    fault: str
    mend: str
    wrong: str
    right: str


@dataclass(frozen=True)
class Avoid:
    """Words that are wrong here, but in ``fine`` phrases; ``when`` looks at the English."""

    words: tuple[str, ...]
    pattern: re.Pattern[str]
    use: str
    why: str
    when: re.Pattern[str]
    fine: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Term:
    """One row of the glossary: the English, its binding translations, how strictly lint asks."""

    english: str
    accepted: Mapping[str, tuple[str, ...]]
    lint: str


@dataclass(frozen=True)
class Knowledge:
    """All that is known of one language; a language without a table gets the rules for all."""

    marks: tuple[Mark, ...]
    avoid: tuple[Avoid, ...]
    word: str = "whole"
    script: str = "LATIN"
    menu_label: int = 0
    same: frozenset[str] = field(default_factory=frozenset)
    latin: frozenset[str] = field(default_factory=frozenset)


# How far a wrong word reaches: Chinese has no spaces, Tamil words take endings.
AROUND = {
    "anywhere": "{}",
    "whole": r"(?i)(?<![\w-]){}(?![\w-])",
    "start": "(?<![\u0b80-\u0bff]){}[\u0b80-\u0bff]*",
}


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "rules.toml").read_text(encoding="utf-8"))


@cache
def knowledge(language: Language) -> Knowledge:
    """The rules for ``language``."""
    common, own = _tables()["all"], _tables().get(language.slug, {})
    word = own.get("word", "whole")
    marks = [
        Mark(re.compile(row["pattern"]), *(row[k] for k in ("fault", "mend", "wrong", "right")))
        for row in [*common["marks"], *own.get("marks", [])]
    ]
    avoid = [
        Avoid(
            tuple(row["words"]),
            re.compile(AROUND[word].format(f"(?:{'|'.join(map(re.escape, row['words']))})")),
            row["use"],
            row["why"],
            re.compile(row.get("when", "")),
            tuple(row.get("fine", ())),
        )
        for row in own.get("avoid", [])
    ]
    return Knowledge(
        tuple(marks),
        tuple(avoid),
        word=word,
        script=own.get("script", "LATIN" if language.latin else ""),
        menu_label=common["menu_label"],
        same=frozenset(own.get("same", ())),
        latin=frozenset(common["latin"]),
    )


@cache
def glossary() -> tuple[Term, ...]:
    """The binding translations; ``a / b`` in a cell are alternatives, brackets are left out."""
    with (FOLDER / "glossary.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    slugs = [key for key in rows[0] if key not in ("term_en", "lint", "note")]
    return tuple(
        Term(
            row["term_en"],
            {slug: tuple(row[slug].split(" / ")) for slug in slugs if row[slug]},
            row["lint"],
        )
        for row in rows
    )


@cache
def kept_names() -> tuple[str, ...]:
    """Names that the glossary keeps in every language, longest first."""
    names = {t.english for t in glossary() if set(t.accepted.values()) == {(t.english,)}}
    return tuple(sorted((n for n in names if "%" not in n), key=len, reverse=True))


@cache
def english_names() -> re.Pattern[str]:
    """Everything that may stay English inside another language."""
    names = sorted({*NAMES, *kept_names()}, key=len, reverse=True)
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(map(re.escape, names))})(?![A-Za-z])")
