"""Lint of the catalogues: every fault with its file, line and message, why, and the mend.

The rules here hold in any language; those of :mod:`cocreate.l10n.rules` read tables. A rule that is
wrong for one sentence is waived by a comment in the ``.po``: ``# lint: terms, as …``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

from cocreate.catalogues import CatalogueError, read_catalogue, to_mo
from cocreate.config import ROOT
from cocreate.l10n import rules
from cocreate.l10n.extract import forms_of, key_of, line_of
from cocreate.l10n.rules import Case, rules_for
from cocreate.languages import Language
from cocreate.pages import PAGES

PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")
LIMIT = re.compile(r"at most (\d+) characters")
WAIVED = re.compile(r"^lint: *(\w+)", re.MULTILINE)
MENU = {page.label for page in PAGES if page.place == "menu"}
ENDS = {"？": "?", "！": "!", "：": ":", "；": ";"} | {c: c for c in ".?!:;…"}
ASKING = re.compile("(?:What|Who|Where|When|Why|How|Which)")  # "What we keep" may become a question
CLOSING = "”’»)）」"
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
PAIRS = (("(", ")"), ("（", "）"), ("“", "”"), ("《", "》"), ("[", "]"))


@dataclass(frozen=True)
class Finding:
    """One fault.

    Args:
        path: the catalogue.
        line: line of the translation, from 1.
        message: the English sentence.
        fault: why it is one, and the mend.
        rule: name of the rule, as a waiver would name it.
    """

    path: Path
    line: int
    message: str
    fault: str
    rule: str

    def __str__(self) -> str:
        path = self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path
        words = self.message if len(self.message) <= 60 else self.message[:59] + "…"
        return f"{path}:{self.line}: message “{words}”: {self.fault} [{self.rule}]"


def placeholders(case: Case) -> Iterator[str]:
    """A lost placeholder is a lost name, date or link; an unknown one breaks the sentence."""
    wanted, found = (sorted(set(PLACEHOLDER.findall(t))) for t in (case.source, case.target))
    if lost := [name for name in wanted if name not in found]:
        yield f"without {_shown(lost)}; put it where the value belongs"
    if unknown := [name for name in found if name not in wanted]:
        yield f"{_shown(unknown)} is not in the English; take it away or copy the name exactly"
    if "%" in PLACEHOLDER.sub("", case.target):
        yield "broken placeholder or a lone %; write %(name)s exactly as in the English, or %%"
    if "{" in case.target and "{" not in case.source:
        yield "braces; placeholders are written %(name)s"


def _shown(names: Iterable[str]) -> str:
    return ", ".join(f"%({name})s" if name else "%%" for name in names)


def markup(case: Case) -> Iterator[str]:
    """Translations are words; what stands around them is the template's."""
    for found in re.findall(r"<[^>]*>?|>|&#?\w*;?", case.target):
        if found not in case.source:
            yield f"markup “{found}”; write plain words and the characters themselves"


def length(case: Case) -> Iterator[str]:
    """As long as its place allows; signs that sit on a letter take no room of their own."""
    told = LIMIT.search(case.comment)
    limit = int(told[1]) if told else 0
    if not limit and case.source in MENU:
        limit = rules_for(case.language)["menu_label"]
    size = sum(not unicodedata.category(letter).startswith("M") for letter in case.target)
    if limit and size > limit:
        yield f"{size} characters where {limit} fit; shorten it"


def nfc(case: Case) -> Iterator[str]:
    """ொ is one character, not two that look alike: searches and screen readers tell them apart."""
    if not unicodedata.is_normalized("NFC", case.target):
        yield "not in Unicode NFC; type the letters anew, or save with an editor that composes them"


def brackets(case: Case) -> Iterator[str]:
    """Brackets and quotation marks come in pairs."""
    for opening, closing in PAIRS:
        if case.target.count(opening) != case.target.count(closing):
            yield f"{opening} and {closing} do not pair; add or delete one"


def ending(case: Case) -> Iterator[str]:
    """A sentence stays a sentence, a heading a heading."""
    ends = ENDS | {case.language.full_stop: "."}
    wanted, found = (ends.get(t.rstrip(CLOSING)[-1:], "") for t in (case.source, case.target))
    asks = found == "?" and ASKING.match(re.split(r"[.:?!] ", case.source)[-1])
    alike = ({"…", ":"}, {".", case.language.full_stop})
    if wanted != found and not asks and {wanted, found} not in alike:
        yield (
            f"ends in {found or 'no mark'} where the English ends in {wanted or 'no mark'};"
            " end it alike"
        )


def numbers(case: Case) -> Iterator[str]:
    """Every figure of the English, written the same: 5,000 in all languages."""
    wanted, found = (NUMBER.findall(t) for t in (case.source, case.target))
    if lost := [number for number in dict.fromkeys(wanted) if number not in found]:
        yield f"without the number {', '.join(lost)}; write it in these digits"


RULES: tuple[Callable[[Case], Iterator[str]], ...] = (
    *(placeholders, markup, length, nfc, brackets, ending, numbers),
    *rules.RULES,
)


def lint_file(path: Path, language: Language) -> list[Finding]:
    """Every fault of one catalogue, in the order of its lines.

    In a language that is not published, a message that is missing (:func:`missing`) is no fault.
    """
    try:
        catalogue = read_catalogue(path)
        to_mo(path, catalogue)
    except CatalogueError as error:
        return [Finding(path, error.line, "", f"{error.fault}; mend this line", "syntax")]
    lines = path.read_text(encoding="utf-8").split("\n")
    findings = list(_of_header(path, catalogue, language))
    seen = set()
    for entry in (entry for entry in catalogue if not entry.obsolete):
        if key_of(entry) in seen:
            fault = "stands twice; keep one of the two"
            findings.append(Finding(path, entry.linenum or 0, entry.msgid, fault, "twice"))
        seen.add(key_of(entry))
        if not language.published and not entry.translated():
            continue
        waived = WAIVED.findall(entry.tcomment)
        for index, fault, rule in _of_entry(entry, language):
            if rule not in waived:
                line = line_of(lines, entry, index)
                findings.append(Finding(path, line, entry.msgid, fault, rule))
    return sorted(findings, key=lambda finding: finding.line)


def missing(path: Path) -> int:
    """How many messages of a readable catalogue are empty or fuzzy, so that readers see English."""
    catalogue = read_catalogue(path)
    return len(catalogue.untranslated_entries()) + len(catalogue.fuzzy_entries())


def _of_header(path: Path, catalogue: polib.POFile, language: Language) -> Iterator[Finding]:
    declared = re.search(r"nplurals=(\d+)", catalogue.metadata.get("Plural-Forms", ""))
    if not declared or int(declared[1]) != forms_of(language):
        fault = f"Plural-Forms must say nplurals={forms_of(language)}; run 'make messages'"
        yield Finding(path, 1, "(header)", fault, "plurals")


def _of_entry(entry: polib.POEntry, language: Language) -> Iterator[tuple[int, str, str]]:
    """(number of the plural form, fault, rule) for each fault of one message."""
    if entry.fuzzy:
        yield 0, "fuzzy, so readers see English; read it again and unmark it", "fuzzy"
    forms = dict(entry.msgstr_plural) if entry.msgid_plural else {0: entry.msgstr}
    if entry.msgid_plural and sorted(forms) != list(range(forms_of(language))):
        yield 0, f"plural forms: {len(forms)}; needed: {forms_of(language)}", "plurals"
    for index, target in forms.items():
        if not target:
            yield index, "not translated, so readers see English; translate it", "untranslated"
            continue
        source = entry.msgid_plural if entry.msgid_plural and index else entry.msgid
        case = Case(language, source, target, entry.comment)
        yield from ((index, fault, rule.__name__) for rule in RULES for fault in rule(case))
