"""What people type and paste, made tidy: nothing is refused that can be put right.

Refused is what endangers whoever reads it (``fault_in``). What no eye sees goes, odd line breaks
become ordinary ones, and everything else stays as it was typed, however new its letters are.
"""

from __future__ import annotations

import unicodedata

import regex

from cocreate.gettext import N_, Text

# A browser itself takes LF and CR LF out of a field of one line, and leaves these in.
ODD_BREAK = regex.compile("[\r\v\f\u0085\u2028\u2029]")
ODD_SPACE = regex.compile("[\t\r\v\f\u0085\u2028\u2029]")
# Word processors and lists of contacts wrap what they copy in these. They steer the direction of
# the text around them, and are dropped; the overrides lie about its letters, and are refused.
STEERING = regex.compile("[\u202a-\u202c\u2066-\u2069]")
OVERRIDE = regex.compile("[\u202d\u202e]")
CONTROL = regex.compile(r"[\p{Cc}--[\n\t]]", regex.V1)
BROKEN = regex.compile(r"[\p{Cs}\ufffd]")  # halves of a pair, and bytes that were no text
# What leaves no mark on paper; fillers have the width of a letter and nothing in it.
BLANK = regex.compile("[\\p{Cf}\\p{Z}\\p{M}\u115f\u1160\u2800\u3164\uffa0\\s]*")
INVISIBLE = regex.compile(r"\p{Cf}|\p{Variation_Selector}|\u00a0")
CHARACTER = regex.compile(r"\X")
# No language sets more marks on a letter (UAX 15, Stream-Safe Text Format).
HEAP = regex.compile(r"\p{M}{31}")


def tidy(value: str | None, *, lines: bool = False) -> str:
    """``value`` trimmed, in Unicode NFC, odd line breaks as LF; without ``lines``, as spaces.

    Empty where nothing can be seen. NFC costs the square of a run of marks: a heap of them that
    no language has is left as it is.
    """
    value = STEERING.sub("", value or "").replace("\r\n", "\n")
    value = ODD_BREAK.sub("\n", value) if lines else ODD_SPACE.sub(" ", value)
    value = value.strip()
    if BLANK.fullmatch(value):
        return ""
    return value if HEAP.search(value) else unicodedata.normalize("NFC", value)


def tidy_address(value: str | None) -> str:
    """An e-mail address as it was meant: full-width letters and ``＠`` as ASCII, nothing unseen.

    NFKC does that (UAX 15); in a domain IDNA would anyway, and before the @ we take ASCII only.
    Telephones set a space after a full stop: around ``@`` and ``.`` there can be none.
    """
    value = tidy(value)
    if HEAP.search(value) or len(value) > 1000:
        return value  # no address; spare the work
    value = INVISIBLE.sub("", value)
    value = unicodedata.normalize("NFKC", value).replace("。", ".").strip()
    return tidy(regex.sub(r"[ \t]*([@.])[ \t]*", r"\1", value))


def count_characters(value: str) -> int:
    """How many letters a reader counts: grapheme clusters (UAX 29).

    A cluster of many code points is a heap of marks, and counts by its size; the largest family
    among the emoji has eleven.
    """
    return sum(1 + len(cluster) // 32 for cluster in CHARACTER.findall(value))


def fault_in(value: str, *, lines: bool = False) -> str | Text | None:
    """What is wrong with a character of ``value``, in words; None where nothing is."""
    if found := CONTROL.search(value):
        message = N_("Type this again: there is a control character in it, %(code)s")
    elif found := OVERRIDE.search(value):
        message = N_("Type this again: a hidden character in it turns letters around, %(code)s")
    elif BROKEN.search(value):
        return N_("Type this again: a character in it arrived broken, and shows as �")
    elif not lines and "\n" in value:
        return N_("Write this on one line")
    else:
        return None
    code = f"U+{ord(found[0]):04X}"
    return Text(message, code=code)
