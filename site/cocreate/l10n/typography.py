"""Lint of letters and marks: invisible characters, scripts, punctuation, brackets, numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from cocreate.l10n.knowledge import Case, knowledge

KSHA = "\u0b95\u0bcd\u200c\u0bb7"  # Tamil க்‌ஷ: the one place where a zero-width character is right
ENDS = {"？": "?", "！": "!", "：": ":", "；": ";"} | {c: c for c in ".?!:;…"}
ASKING = re.compile("(?:What|Who|Where|When|Why|How|Which)")  # "What we keep" may become a question
CLOSING = "”’»)）」"
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
WIDE = ("FULLWIDTH", "IDEOGRAPHIC", "HALFWIDTH", "CJK", "LEFT CORNER", "RIGHT CORNER")
PAIRS = (("(", ")"), ("（", "）"), ("“", "”"), ("《", "》"), ("[", "]"))


def invisible(case: Case) -> Iterator[str]:
    """Control, bidi and zero-width characters. ZWNJ is let through in க்‌ஷ only, ZWJ nowhere.

    Both may be right in a script that rules.toml says nothing of, such as Devanagari.
    """
    fine = {"\n", "\t"} | (set() if knowledge(case.language).script else set("\u200c\u200d"))
    for letter in sorted(set(case.target.replace(KSHA, "")) - fine):
        if unicodedata.category(letter) in {"Cc", "Cf", "Cn", "Co", "Cs"} or letter == "\ufffd":
            name = unicodedata.name(letter, "unnamed").lower()
            yield f"character that nobody sees, U+{ord(letter):04X} ({name}); delete it"


def nfc(case: Case) -> Iterator[str]:
    """ொ is one character, not two that look alike: searches and screen readers tell them apart."""
    if case.target != unicodedata.normalize("NFC", case.target):
        yield "not in Unicode NFC; type the letters anew, or save with an editor that composes them"


def scripts(case: Case) -> Iterator[str]:
    """Letters of other scripts, above all those that only look like the right ones."""
    own = knowledge(case.language).script
    for letter in sorted(set(case.target)):
        if ord(letter) < 128 or unicodedata.category(letter)[0] not in "LMNP":
            continue
        name = unicodedata.name(letter, "")
        if why := _foreign(letter, name, own):
            yield f"“{letter}” U+{ord(letter):04X} ({name.lower()}) is {why}; type it anew"


def _foreign(letter: str, name: str, own: str) -> str:
    kind = unicodedata.category(letter)
    if own != "CJK" and name.startswith(WIDE):
        return "a Chinese mark"
    if kind == "Nd" and not name.startswith("FULLWIDTH"):
        return "a digit of another script"
    if own == "CJK" and name.startswith("CJK UNIFIED") and not _simplified(letter):
        return "a traditional or rare character"
    if kind[0] in "LM" and own and not name.startswith((own, "LATIN", "FULLWIDTH")):
        return "of another script"
    looks = unicodedata.normalize("NFKD", letter)[0]
    if name.startswith("LATIN") and ord(looks) > 127:
        return "no plain Latin letter"
    return ""


def _simplified(letter: str) -> bool:
    """GB 2312 holds the simplified characters of everyday use, and no traditional ones."""
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def marks(case: Case) -> Iterator[str]:
    """Spacing and punctuation by the tables of ``rules.toml``."""
    for mark in knowledge(case.language).marks:
        if found := mark.pattern.search(case.masked):
            around = case.masked[max(0, found.start() - 6) : found.end() + 6]
            yield f"{mark.fault} in “{around}”; {mark.mend}"


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
    if (
        wanted != found
        and not asks
        and {wanted, found} not in ({"…", ":"}, {".", case.language.full_stop})
    ):
        shown = {"": "no mark"}
        yield (
            f"ends in {shown.get(found, found)} where the English ends in"
            f" {shown.get(wanted, wanted)}; end it alike"
        )


def numbers(case: Case) -> Iterator[str]:
    """Every figure of the English, written the same: 5,000 in all languages."""
    wanted, found = (NUMBER.findall(t) for t in (case.source, case.target))
    if lost := [number for number in dict.fromkeys(wanted) if number not in found]:
        yield f"without the number {', '.join(lost)}; write it in these digits"


RULES: tuple[Callable[[Case], Iterator[str]], ...] = (
    invisible,
    nfc,
    scripts,
    marks,
    brackets,
    ending,
    numbers,
)
