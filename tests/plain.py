"""How plain a text is: its passages, its sentences and the school grade that reads them.

Sources: WCAG 2.2 success criteria 3.1.3 (unusual words) and 3.1.5 (reading level).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

import syllapy

from cocreate.facts import NAMES
from cocreate.languages import Language
from documents import HIDDEN

# What begins a new passage: a heading, a list item or a label is read on its own.
BLOCKS = set(
    "article aside blockquote button caption dd details div dl dt fieldset figcaption figure form"
    " h1 h2 h3 h4 h5 h6 label legend li main nav ol option p section select summary td textarea th"
    " ul".split()
)
WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
HAN_OR_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
END = re.compile(r"(?<=[.!?…])[”’)]*\s+|(?<=[。！？])")
FULL = re.compile(r"[.!?…][”’)]*$")
# WCAG 3.1.5 takes proper names out of a text before its level is found.
NAME = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(NAMES, key=len)[::-1])) + r")\b")
# Words for 25 English ones, in our own texts: Malay takes a tenth more, Tamil a fifth fewer (it
# joins particles to nouns), Chinese 1.8 characters for each. A limit is at their longest but few.
LONGEST = defaultdict(lambda: 30, {"en": 25, "zh": 45, "ms": 28, "ta": 20})  # else a guess
GRADE = 8  # of a page or of all messages of a kind: ages 13 to 14
GRADE_OF_PASSAGE = 13  # of a single paragraph, where a few long words weigh much


def passages(element: Element) -> list[str]:
    """What is read in ``element``, a string for each block, in order of reading."""
    parts = [""]

    def walk(e: Element) -> None:
        if e.tag in HIDDEN or e.attrib.get("aria-hidden") == "true":
            return
        edge = [""] if e.tag in BLOCKS else []
        parts.extend(edge)
        parts[-1] += e.text or ""
        for child in e:
            walk(child)
            parts[-1] += child.tail or ""
        parts.extend(edge)

    walk(element)
    return [words for part in parts if (words := " ".join(part.split()))]


def sentences(texts: Iterable[str]) -> Iterator[str]:
    """Each sentence of ``texts``; a text without a full stop is one."""
    for text in texts:
        yield from (one for one in END.split(text) if one.strip())


def length(sentence: str, language: Language) -> int:
    """Words, or in Chinese characters; a word or number in Latin letters counts as one."""
    if language.slug == "zh":
        return len(HAN_OR_WORD.findall(sentence))
    return len([word for word in sentence.split() if re.search(r"\w", word)])


def too_long(texts: Iterable[str], language: Language) -> list[str]:
    limit = LONGEST[language.slug]
    counted = [(length(one, language), one) for one in sentences(texts)]
    return [f"{count}, {limit} at most: {one}" for count, one in counted if count > limit]


def running(texts: Iterable[str]) -> list[str]:
    """Those that are whole sentences. Labels and headings, being short, would flatter the grade."""
    return [text for text in texts if FULL.search(text)]


def grade(texts: Iterable[str]) -> float:
    """School grade (US) that reads the English ``texts``, after Flesch and Kincaid (1975).

    The age is five or six years more. Syllables come from syllapy's dictionary, and from its rules
    for words that are not in it. A name counts as one short word.
    """
    found = [WORD.findall(NAME.sub("Ann", one)) for one in sentences(texts)]
    found = [words for words in found if words]
    count = sum(map(len, found))
    syllables: int = sum(max(1, syllapy.count(word)) for words in found for word in words)
    return 0.39 * count / len(found) + 11.8 * syllables / count - 15.59


def too_hard(texts: Iterable[str]) -> list[str]:
    """The whole if it is over GRADE, each passage that is over GRADE_OF_PASSAGE."""
    whole = running(texts)
    parts = [(grade([one]), one) for one in whole]
    faults = [f"grade {level:.1f}: {one}" for level, one in parts if level > GRADE_OF_PASSAGE]
    if whole and grade(whole) > GRADE:
        faults.append(f"grade {grade(whole):.1f} taken together, {GRADE} at most")
    return faults


# Words that a reader of 13 may not know, each with the words that explain it (WCAG 3.1.3).
TERMS = {
    "axe": "axe, a program",
    "blockchain": "blockchain: a shared record",
    "co-creat(e|ion)": "Co-creation means",
    "focus groups?": "called focus groups|In a focus group( discussion)?, a few people",
    "hash": r"hash, a kind of fingerprint|a keyed hash\). It tells us",
    "htmx": "htmx .*, a small script",
    "infrastructure-as-code": "Servers and networks described in files",
    "kaki": "“Kaki” is Singapore slang",
    "NSmen": "NSmen, who are",
    "open[- ]source": "Open source means",
    "(public|private) key": "locked with a public key",
    "sealed": "Sealed: once|sealed,? so that|sealed. This web server cannot show them",
    "user[- ]testing": "In a user-testing session, you|In user testing, you",
}
NEAR = 2  # passages: a heading, a figure or a button may stand between a word and what it means


def unexplained(texts: list[str], linked: Iterable[str]) -> list[str]:
    """Terms in ``texts`` that are explained neither there, at their first use, nor by a link.

    Args:
        texts: passages of a page.
        linked: terms (keys of TERMS) that a link of this name leads to the explanation of.
    """
    return [
        term
        for term in TERMS.keys() - set(linked)
        if (used := first(rf"\b{term}\b", texts)) is not None
        and ((told := first(TERMS[term], texts)) is None or told > used + NEAR)
    ]


def first(pattern: str, texts: list[str]) -> int | None:
    found = (i for i, text in enumerate(texts) if re.search(pattern, text, re.IGNORECASE))
    return next(found, None)
