"""The rules of lint that read tables: ``translations/rules.toml`` and ``glossary.tsv``.

A rule takes one translation and yields a line for each fault that it finds. Its name is what lint
prints in brackets and what a waiver names.
"""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cocreate.facts import NAMES
from cocreate.gettext import TRANSLATIONS
from cocreate.languages import Language

# Placeholders, addresses and URLs: to spacing and punctuation each is a word of one letter.
OPAQUE = re.compile(r"%\(\w+\)s|https?://[\w./]*|[\w.]+@[\w.]+|\.gov\.sg", re.ASCII)
BRACKETS = re.compile(r"\s*(?<!%)[(（][^()（）]*[)）]")
LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9'’-]*[A-Za-z0-9]|[A-Za-z]")
HAN = re.compile("[\u3400-\u9fff]")
ENGLISH_WORDS = re.compile(
    r"(?i)(?<![\w-])(?:the|and|of|with|your|you|is|are|to|for|this|that|we|our|from|not|have|will)"
    r"(?![\w-])"
)
GLOSS = 6  # letters by which "(encryption)" is known to explain "encrypted"


@dataclass(frozen=True)
class Case:
    """One translation of one message: what a rule looks at.

    Args:
        language: the language of ``target``.
        source: the English sentence (its plural for every form but the first).
        target: the translation.
        comment: what the source code tells translators about it.
    """

    language: Language
    source: str
    target: str
    comment: str = ""


@dataclass(frozen=True)
class Term:
    """A row of the glossary: the English, its translations by language, how strictly lint asks."""

    english: str
    accepted: Mapping[str, list[str]]
    lint: str


@cache
def rules_for(language: Language) -> Mapping[str, Any]:
    """What ``rules.toml`` says of ``language``, with what it says of all."""
    tables: dict[str, dict[str, Any]] = tomllib.loads(
        (TRANSLATIONS / "rules.toml").read_text(encoding="utf-8")
    )
    common, own = tables["all"], tables.get(language.slug, {})
    if not own and not language.latin:  # nothing is known of its script yet
        own = {"letters": r"\s\S", "joined": "[\u200c\u200d]"}
    marks = common["marks"] + own.get("marks", [])
    return {"same": [], "avoid": []} | common | own | {"marks": marks}


@cache
def glossary() -> list[Term]:
    """The terms; ``a / b`` in a cell are alternatives."""
    with (TRANSLATIONS / "glossary.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    slugs = rows[0].keys() - {"term_en", "lint", "note"}
    return [
        Term(
            row["term_en"],
            {slug: row[slug].split(" / ") for slug in slugs if row[slug]},
            row["lint"],
        )
        for row in rows
    ]


@cache
def kept_names() -> list[str]:
    """The names that the glossary keeps in every language."""
    terms = [term for term in glossary() if "%" not in term.english]
    return [t.english for t in terms if all(a == [t.english] for a in t.accepted.values())]


def without_english_names(words: str) -> str:
    """``words`` without placeholders and whatever may stay English in another language."""
    return _english_names().sub("", OPAQUE.sub("", words))


@cache
def _english_names() -> re.Pattern[str]:
    names = sorted({*NAMES, *kept_names()}, key=len, reverse=True)
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(map(re.escape, names))})(?![A-Za-z])")


def invisible(case: Case) -> Iterator[str]:
    """Control, bidi and zero-width characters, but where the script needs one."""
    seen = re.sub(rules_for(case.language)["joined"], "", case.target)
    for letter in sorted(set(seen) - {"\n", "\t"}):
        if unicodedata.category(letter) in {"Cc", "Cf", "Cn", "Co", "Cs"} or letter == "\ufffd":
            yield f"character that nobody sees, {_named(letter)}; delete it"


def scripts(case: Case) -> Iterator[str]:
    """Letters of other scripts, above all those that only look like the right ones."""
    known = rules_for(case.language)
    strange = set(re.sub(f"[{known['latin']}{known['letters']}]", "", case.target))
    if known.get("simplified"):  # GB 2312 holds the characters of everyday use, no traditional ones
        strange |= {c for c in HAN.findall(case.target) if not c.encode("gb2312", "ignore")}
    for letter in sorted(strange):
        if unicodedata.category(letter)[0] in "LMNP":  # symbols and spaces are of no script
            own = case.language.own_name
            yield f"“{letter}” {_named(letter)} is no letter of {own}; type it anew"


def _named(letter: str) -> str:
    return f"U+{ord(letter):04X} ({unicodedata.name(letter, 'unnamed').lower()})"


def marks(case: Case) -> Iterator[str]:
    """Spacing and punctuation, pattern by pattern."""
    masked = OPAQUE.sub("X", case.target)
    for row in rules_for(case.language)["marks"]:
        if found := re.search(row["pattern"], masked):
            around = masked[max(0, found.start() - 6) : found.end() + 6]
            yield f"{row['fault']} in “{around}”; {row['mend']}"


def avoid(case: Case) -> Iterator[str]:
    """Words of another country or register."""
    known = rules_for(case.language)
    for row in known["avoid"]:
        rest = case.target
        for phrase in row.get("fine", ()):
            rest = rest.replace(phrase, "")
        words = f"(?:{'|'.join(map(re.escape, row['words']))})"
        found = re.search(known["word"].format(words), rest)
        if found and re.search(row.get("when", ""), case.source):
            yield f"“{found[0]}”: {row['why']}; write {row['use']}"


def names(case: Case) -> Iterator[str]:
    """Names stay in Latin letters, spelt as their owners do."""
    for name in kept_names():
        exact = rf"(?<![A-Za-z0-9-]){re.escape(name)}(?![A-Za-z0-9])"
        if re.search(exact, case.source) and not re.search(exact, case.target):
            yield f"without the name {name}; keep it in Latin letters"
        for found in re.findall(f"(?i){exact}", case.target):
            if found != name and found not in case.source:
                yield f"“{found}”; write {name}"


def identical(case: Case) -> Iterator[str]:
    """English word for word, although more than a name."""
    if case.target != case.source or case.source in rules_for(case.language)["same"]:
        return
    if LATIN_WORD.search(without_english_names(case.source)):
        yield (
            "the same as the English; translate it"
            f" (or add it to “same” of [{case.language.slug}] in rules.toml)"
        )


def english(case: Case) -> Iterator[str]:
    """English words that are no names: a sentence only half translated."""
    if case.target == case.source:
        return
    known, rest = rules_for(case.language), without_english_names(case.target)
    for gloss in BRACKETS.findall(rest):
        if gloss.strip(" ()（）").lower()[:GLOSS] in case.source.lower():
            rest = rest.replace(gloss, "")
    pattern = ENGLISH_WORDS if case.language.latin else LATIN_WORD
    left = [word for word in pattern.findall(rest) if word not in known["english"]]
    if left:
        yield f"English left in it: {', '.join(dict.fromkeys(left))}; translate it"


def terms(case: Case) -> Iterator[str]:
    """The binding translations of the glossary, wherever its English stands."""
    for term in _terms_in(case.source):
        accepted = term.accepted.get(case.language.slug, [])
        shown = case.target if term.lint == "alone" else BRACKETS.sub("", case.target)
        if accepted and not any(_pattern(words, case.language).search(shown) for words in accepted):
            yield f"“{term.english}” is {' or '.join(accepted)} in the glossary; use it"


def _terms_in(source: str) -> list[Term]:
    """The terms that lint asks for in ``source``."""
    pattern, terms = _any_term()
    found = {match.lastindex for match in pattern.finditer(OPAQUE.sub("X", source))}
    return [
        term
        for number, term in enumerate(terms, 1)
        if (term.lint == "always" and number in found)
        or (term.lint == "alone" and term.english == source)
    ]


@cache
def _any_term() -> tuple[re.Pattern[str], list[Term]]:
    """A pattern with a group for each term and name, the longest first: it hides its parts."""
    terms = [*glossary(), *(Term(name, {}, "") for name in NAMES)]
    terms.sort(key=lambda term: len(term.english), reverse=True)
    groups = "|".join(f"({_english_forms(term)})" for term in terms)
    return re.compile(rf"(?<![\w-])(?:{groups})(?![\w-])", re.IGNORECASE), terms


def _english_forms(term: Term) -> str:
    """A pattern for the English of a term, with hyphen or space, singular or plural."""
    words = re.sub(r"\\[ -]", r"[\\s-]", re.escape(BRACKETS.sub("", term.english)))
    return words[:-1] + "(?:y|ies)" if words.endswith("y") else words + "(?:s|es)?"


@cache
def _pattern(accepted: str, language: Language) -> re.Pattern[str]:
    """What counts as ``accepted``: where words take endings, their stems with any ending."""
    words = BRACKETS.sub("", accepted) or accepted
    ending = rules_for(language).get("ending")
    if not ending:
        return re.compile(re.escape(words), re.IGNORECASE)
    stems = [re.escape(re.sub(ending, "", word)) + r"\S*" for word in words.split()]
    return re.compile(r"[\s-]+".join(stems))


RULES: tuple[Callable[[Case], Iterator[str]], ...] = (
    invisible,
    scripts,
    marks,
    identical,
    avoid,
    names,
    english,
    terms,
)
