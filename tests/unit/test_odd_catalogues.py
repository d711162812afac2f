"""Catalogues as Poedit, Weblate, Crowdin, msgmerge, Notepad and people write them.

Each has one right answer, and the start of the site and lint give the same.
"""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest

from cocreate.catalogues import CatalogueError, compile_catalogues
from cocreate.l10n.lint import lint_file
from cocreate.languages import BY_SLUG

TA = "ஆம்"
HEAD = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
)
YES = f'msgid "Yes"\nmsgstr "{TA}"\n'
PLURAL = f'msgid "Yes"\nmsgid_plural "Yeses"\nmsgstr[0] "{TA}"\nmsgstr[1] "b"\n'
SOUND = f"{HEAD}\n{YES}"


def entry(text: str) -> str:
    return f"{HEAD}\n{text}"


def header(line: str) -> str:
    return f'{HEAD}"{line}\\n"\n\n{YES}'


def charset(name: str) -> str:
    return SOUND.replace("UTF-8", name)


def translation(text: str) -> str:
    return entry(f'msgid "Yes"\nmsgstr "{text}"\n')


READ: dict[str, tuple[str | bytes, str]] = {  # what is meant is plain: what “Yes” becomes
    "as we write it": (SOUND, TA),
    "Notepad: a byte order mark": ("\ufeff" + SOUND, TA),
    "Notepad: CRLF": (SOUND.replace("\n", "\r\n"), TA),
    "an old Mac: CR": (SOUND.replace("\n", "\r"), TA),
    "Windows: mark and CRLF": ("\ufeff" + SOUND.replace("\n", "\r\n"), TA),
    "no line end at the end": (SOUND.rstrip(), TA),
    "UTF-8 that says Latin-1": (charset("ISO-8859-1"), TA),
    "UTF-8 that says cp1252": (charset("windows-1252"), TA),
    "UTF-8 that says GB2312": (charset("GB2312"), TA),
    "xgettext’s CHARSET": (charset("CHARSET"), TA),
    "utf8": (charset("utf8"), TA),
    "an unknown charset": (charset("nonsense"), TA),
    "no charset": (SOUND.replace("; charset=UTF-8", ""), TA),
    "no header": (YES, TA),
    "a fuzzy header": ("#, fuzzy\n" + SOUND, TA),
    "a header without line break": (SOUND.replace("UTF-8\\n", "UTF-8"), TA),
    "a header of one word": (header("nonsense"), TA),
    "xgettext’s date": (header("PO-Revision-Date: YEAR-MO-DA HO:MI+ZONE"), TA),
    "a date": (header("POT-Creation-Date: 2026-11-29 10:00+0800"), TA),
    "Crowdin’s date": (header("PO-Revision-Date: 2026-11-29T10:00:00Z"), TA),
    "a date without zone": (header("PO-Revision-Date: 2026-11-29 10:00"), TA),
    "a zone with a colon": (header("PO-Revision-Date: 2026-11-29 10:00+08:00"), TA),
    "a date with seconds": (header("PO-Revision-Date: 2026-11-29 10:00:59+0800"), TA),
    "a date that is none": (header("PO-Revision-Date: 2026-13-45 10:00+0800"), TA),
    "a date in words": (header("PO-Revision-Date: last Tuesday"), TA),
    "an empty date": (header("PO-Revision-Date: "), TA),
    "Poedit’s own lines": (header("X-Poedit-Basepath: ../..\\n"), TA),
    "Weblate’s own lines": (header("X-Generator: Weblate 5.13-dev"), TA),
    "a language of its own": (header("Language: ta_Taml_SG@posix"), TA),
    "no plural forms": (SOUND.replace("Plural-Forms", "X-Forms"), TA),
    "tabs": (entry(f'msgid\t"Yes"\nmsgstr\t"{TA}"\n'), TA),
    "several spaces": (entry(f'msgid   "Yes"\nmsgstr   "{TA}"\n'), TA),
    "no-break spaces": (entry(f'msgid\u00a0"Yes"\nmsgstr\u00a0"{TA}"\n'), TA),
    "spaces at the end": (entry(f'msgid "Yes"  \nmsgstr "{TA}"\t\u00a0\n'), TA),
    "indented": (entry(f'  msgid "Yes"\n  msgstr "{TA}"\n'), TA),
    "an empty line inside": (entry(f'msgid "Yes"\n\nmsgstr "{TA}"\n'), TA),
    "a comment inside": (entry(f'msgid "Yes"\n# so?\nmsgstr "{TA}"\n'), TA),
    "wrapped by msgmerge": (entry(f'msgid ""\n"Ye"\n"s"\nmsgstr ""\n"{TA}"\n'), TA),
    "what was before": (entry('#| msgid "Yeah"\n' + YES), TA),
    "comments without a space": (entry("#a\n#.b\n#:c.html:3\n#,python-format\n" + YES), TA),
    "bare comment signs": (entry("#\n#.\n#:\n#,\n" + YES), TA),
    "comments of five kinds": (entry("# a\n## b\n#. c\n#: d.html:3\n#, python-format\n" + YES), TA),
    "a place with a space": (entry("#: \u2068a b.html\u2069:3\n" + YES), TA),
    "kept aside": (SOUND + '\n#~ msgid "Old"\n#~ msgstr "x"\n', TA),
    "kept aside, same words": (SOUND + '\n#~ msgid "Yes"\n#~ msgstr "x"\n', TA),
    "kept aside with before": (SOUND + '\n#~| msgid "O"\n#~ msgid "P"\n#~ msgstr "x"\n', TA),
    "the same, spaced": (SOUND + '\n#~ | msgid "O"\n#~ msgid "P"\n#~ msgstr "x"\n', TA),
    "a guess": (entry("#, fuzzy\n" + YES), "Yes"),
    "a guess among flags": (entry("#, python-format, fuzzy\n" + YES), "Yes"),
    "a guess without a space": (entry("#,fuzzy\n" + YES), "Yes"),
    "another context": (entry('msgctxt "c"\n' + YES), "Yes"),
    "twice: the last counts": (SOUND + '\nmsgid "Yes"\nmsgstr "b"\n', "b"),
    "the header last": (YES + "\n" + HEAD, TA),
    "escapes": (translation(r"a\t\"b\" \\ c"), 'a\t"b" \\ c'),
    "beyond the BMP": (translation("😀"), "😀"),
    "very long": (translation(TA * 50_000), TA * 50_000),
    "plural": (entry(PLURAL), TA),
    "a plural form too many": (entry(PLURAL + 'msgstr[2] "c"\n'), TA),
    "a plural without forms": (entry('msgid "Yes"\nmsgid_plural "Y"\nmsgstr "b"\n'), "Yes"),
    "only the second form": (entry('msgid "Yes"\nmsgid_plural "Y"\nmsgstr[1] "b"\n'), "Yes"),
    "an empty form": (entry(PLURAL.replace('"b"', '""')), "Yes"),
    "a form without plural": (entry('msgid "Yes"\nmsgstr[0] "b"\n'), "Yes"),
    "nothing": ("", "Yes"),
}  # fmt: skip
REFUSED: dict[str, tuple[str | bytes, int]] = {  # on which line
    "UTF-16": (SOUND.encode("utf-16"), 1),
    "UTF-16 without a mark": (SOUND.encode("utf-16-le"), 7),
    "Latin-1": (translation("é").encode("latin-1"), 7),
    "GB18030": (translation("是").encode("gb18030"), 7),
    "compiled": (b"\xde\x12\x04\x95\0\0\0\0", 1),
    "a web page": ("<!doctype html>\n<title>404</title>", 1),
    "JSON": ('{"Yes": "x"}', 1),
    "quotation marks of a word processor": (entry("msgid “Yes”\nmsgstr “b”\n"), 6),
    "no space at all": (entry('msgid"Yes"\nmsgstr"b"\n'), 6),
    "capital keywords": (entry('MSGID "Yes"\nMSGSTR "b"\n'), 6),
    "two strings on a line": (entry('msgid "Yes"\nmsgstr "a" "b"\n'), 7),
    "a comment behind": (entry('msgid "Yes" # c\nmsgstr "b"\n'), 6),
    "a quotation mark inside": (translation('a"b'), 7),
    "an end that is missing": (entry('msgid "Yes"\nmsgstr "a\n'), 7),
    "a merge left half way": (entry(f"<<<<<<< HEAD\n{YES}=======\n{YES}>>>>>>> x\n"), 6),
    "no translation line": (entry('msgid "Yes"\n\nmsgid "No"\nmsgstr "b"\n'), 8),
    "translation first": (entry('msgstr "b"\nmsgid "Yes"\n'), 6),
    "NUL": (translation("a\0b"), 7),
    "a word processor’s line break": (translation("a\u2028b"), 7),
    "a vertical tab": (translation("a\x0bb"), 7),
    "a plural rule that is none": (SOUND.replace("(n != 1)", "n !="), 1),
    "a plural rule that is code": (SOUND.replace("(n != 1)", "__import__('os')"), 1),
}  # fmt: skip


@pytest.fixture
def po(tmp_path: Path) -> Path:
    file = tmp_path / "ta/LC_MESSAGES/messages.po"
    file.parent.mkdir(parents=True)
    return file


def write(po: Path, content: str | bytes) -> None:
    po.write_bytes(content if isinstance(content, bytes) else content.encode())


def syntax(po: Path) -> list[int]:
    return [found.line for found in lint_file(po, BY_SLUG["ta"]) if found.rule == "syntax"]


@pytest.mark.parametrize("case", READ)
def test_what_is_meant_is_read(po: Path, case: str) -> None:
    content, yes = READ[case]
    write(po, content)
    (mo,) = compile_catalogues(po.parents[2])
    with mo.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Yes") == yes
    assert syntax(po) == []


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_sure_is_refused_with_its_line(po: Path, case: str) -> None:
    content, line = REFUSED[case]
    write(po, content)
    with pytest.raises(CatalogueError) as caught:
        compile_catalogues(po.parents[2])
    assert caught.value.line == line
    assert "\n" not in str(caught.value)
    assert syntax(po) == [line]
