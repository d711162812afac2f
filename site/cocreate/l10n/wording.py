"""Lint of words: glossary, words of another country, names, what was left in English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from cocreate.facts import NAMES
from cocreate.l10n.knowledge import (
    BRACKETS,
    OPAQUE,
    Case,
    Term,
    english_names,
    glossary,
    kept_names,
    knowledge,
)

LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9'’-]*[A-Za-z0-9]|[A-Za-z]")
ENGLISH_WORDS = re.compile(
    r"(?i)(?<![\w-])(?:the|and|of|with|your|you|is|are|to|for|this|that|we|our|from|not|have|will)"
    r"(?![\w-])"
)
GLOSS = 6  # letters by which "(encryption)" is known to explain "encrypted"
TAMIL = "[\u0b80-\u0bff]*"
# What may change at the end of a Tamil word once an ending follows: plural, -ம், doubling, ் and ு.
TAMIL_END = re.compile("(?:(?:ங்கள|க்கள|கள)(?:்|ும்)|ம்|[கசதப]்|்|ு)$")


def identical(case: Case) -> Iterator[str]:
    """English word for word, although more than a name."""
    if case.target != case.source or case.source in knowledge(case.language).same:
        return
    if LATIN_WORD.search(english_names().sub("", OPAQUE.sub("", case.source))):
        yield (
            "the same as the English; translate it"
            f" (or add it to “same” of [{case.language.slug}] in rules.toml)"
        )


def avoid(case: Case) -> Iterator[str]:
    """Words of another country or register, names in other letters."""
    for rule in knowledge(case.language).avoid:
        rest = case.target
        for fine in rule.fine:
            rest = rest.replace(fine, "")
        if rule.when.search(case.source) and (found := rule.pattern.search(rest)):
            yield f"“{found[0]}”: {rule.why}; write {rule.use}"


def names(case: Case) -> Iterator[str]:
    """Names stay in Latin letters, spelt as their owners do."""
    for name in kept_names():
        exact = rf"(?<![A-Za-z0-9-]){re.escape(name)}(?![A-Za-z0-9])"
        if re.search(exact, case.source) and not re.search(exact, case.target):
            yield f"without the name {name}; keep it in Latin letters"
        for found in re.findall(f"(?i){exact}", case.target):
            if found != name and found not in case.source:
                yield f"“{found}”; write {name}"


def english(case: Case) -> Iterator[str]:
    """English words that are no names: a sentence only half translated."""
    if case.target == case.source:
        return
    rest = english_names().sub("", OPAQUE.sub("", case.target))
    for gloss in BRACKETS.findall(rest):
        if gloss.strip(" ()（）").lower()[:GLOSS] in case.source.lower():
            rest = rest.replace(gloss, "")
    known = knowledge(case.language)
    pattern = ENGLISH_WORDS if known.script == "LATIN" else LATIN_WORD
    left = [word for word in pattern.findall(rest) if word not in known.latin]
    if left:
        yield f"English left in it: {', '.join(dict.fromkeys(left))}; translate it"


def terms(case: Case) -> Iterator[str]:
    """The binding translations of the glossary, wherever its English stands."""
    word = knowledge(case.language).word
    for term in _terms_in(case.source, case.language.slug):
        accepted = term.accepted[case.language.slug]
        shown = case.target if term.lint == "alone" else BRACKETS.sub("", case.target)
        if not any(_pattern(words, word).search(shown) for words in accepted):
            yield f"“{term.english}” is {' or '.join(accepted)} in the glossary; use it"


def _terms_in(source: str, slug: str) -> list[Term]:
    """The terms that lint asks for, the longest at each place: a name hides its parts."""
    found = {match[0] for match in _any_term().finditer(OPAQUE.sub("X", source))}
    return [
        term
        for term in glossary()
        if slug in term.accepted
        and (
            (term.lint == "always" and any(_english(term).fullmatch(words) for words in found))
            or (term.lint == "alone" and term.english == source)
        )
    ]


@cache
def _english(term: Term) -> re.Pattern[str]:
    return re.compile(_english_forms(term), re.IGNORECASE)


def _english_forms(term: Term) -> str:
    """The English of a term with hyphen or space, singular or plural."""
    words = re.escape(BRACKETS.sub("", term.english)).replace(r"\-", r"[\s-]")
    words = words.replace(r"\ ", r"[\s-]")
    return words[:-1] + "(?:y|ies)" if words.endswith("y") else words + "(?:s|es)?"


@cache
def _any_term() -> re.Pattern[str]:
    forms = [*map(_english_forms, glossary()), *map(re.escape, NAMES)]
    forms.sort(key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(forms)})(?![\w-])", re.IGNORECASE)


@cache
def _pattern(accepted: str, word: str) -> re.Pattern[str]:
    """What counts as ``accepted``: in Tamil its stems, whatever endings and doublings they take."""
    words = BRACKETS.sub("", accepted) or accepted
    if word != "start":
        return re.compile(re.escape(words), re.IGNORECASE)
    stems = [re.escape(TAMIL_END.sub("", word)) + TAMIL for word in words.split()]
    return re.compile(r"[\s-]+".join(stems))


RULES: tuple[Callable[[Case], Iterator[str]], ...] = (identical, avoid, names, english, terms)
