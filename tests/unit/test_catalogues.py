"""From .po to .mo: only when needed, never half, whatever editor wrote the file.

What is meant is read; what is not sure is refused with its line. The start of the site and lint say
the same.
"""

from __future__ import annotations

import gettext
import os
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


def translation(text: str) -> str:
    return entry(f'msgid "Yes"\nmsgstr "{text}"\n')


READ: dict[str, tuple[str, str]] = {  # what “Yes” becomes
    "Notepad: a mark and CRLF": ("\ufeff" + SOUND.replace("\n", "\r\n"), TA),
    "an old Mac: CR": (SOUND.replace("\n", "\r"), TA),
    "no line end at the end": (SOUND.rstrip(), TA),
    "UTF-8 that says Latin-1": (SOUND.replace("UTF-8", "ISO-8859-1"), TA),
    "no header": (YES, TA),
    "a fuzzy header": ("#, fuzzy\n" + SOUND, TA),
    "a header of one word": (header("nonsense"), TA),
    "Poedit’s own lines": (header("X-Poedit-Basepath: ../..\\n"), TA),
    "no plural forms": (SOUND.replace("Plural-Forms", "X-Forms"), TA),
    "spaces of every kind": (entry(f'  msgid\t"Yes"  \nmsgstr\u00a0"{TA}"\t\n'), TA),
    "a comment and an empty line inside": (entry(f'msgid "Yes"\n\n# so?\nmsgstr "{TA}"\n'), TA),
    "wrapped by msgmerge": (entry(f'msgid ""\n"Ye"\n"s"\nmsgstr ""\n"{TA}"\n'), TA),
    "what was before": (entry('#| msgid "Yeah"\n' + YES), TA),
    "comments without a space": (entry("#a\n#.b\n#:c.html:3\n#,python-format\n" + YES), TA),
    "bare comment signs": (entry("#\n#.\n#:\n#,\n" + YES), TA),
    "kept aside, same words": (SOUND + '\n#~ msgid "Yes"\n#~ msgstr "x"\n', TA),
    "kept aside with before": (SOUND + '\n#~ | msgid "O"\n#~ msgid "P"\n#~ msgstr "x"\n', TA),
    "a guess without a space": (entry("#,fuzzy\n" + YES), "Yes"),
    "another context": (entry('msgctxt "c"\n' + YES), "Yes"),
    "twice: the last counts": (SOUND + '\nmsgid "Yes"\nmsgstr "b"\n', "b"),
    "the header last": (YES + "\n" + HEAD, TA),
    "escapes": (translation(r"a\t\"b\" \\ c"), 'a\t"b" \\ c'),
    "plural": (entry(PLURAL), TA),
    "a plural form too many": (entry(PLURAL + 'msgstr[2] "c"\n'), TA),
    "a plural without forms": (entry('msgid "Yes"\nmsgid_plural "Y"\nmsgstr "b"\n'), "Yes"),
    "an empty form": (entry(PLURAL.replace('"b"', '""')), "Yes"),
    "nothing": ("", "Yes"),
}  # fmt: skip
REFUSED: dict[str, tuple[str | bytes, int, str]] = {  # on which line, and what is said of it
    "GB18030": (translation("是").encode("gb18030"), 7, "not UTF-8"),
    "quotation marks of a word processor": (entry("msgid “Yes”\n"), 6, "not a comment"),
    "a comment behind": (entry('msgid "Yes" # c\nmsgstr "b"\n'), 6, "not a comment"),
    "a quotation mark inside": (translation('a"b'), 7, "a straight quotation mark inside"),
    "a merge left half way": (
        entry(f"<<<<<<< HEAD\n{YES}=======\n{YES}>>>>>>> x\n"), 6, "lines 6–12: both sides changed"
    ),
    "no translation line": (entry('msgid "Yes"\n\nmsgid "No"\nmsgstr "b"\n'), 8, "not a catalogue"),
    "a word processor’s line break": (translation("a\u2028b"), 7, "U+2028"),
    "a plural rule that is code": (SOUND.replace("(n != 1)", "__import__('os')"), 1, "Plural"),
}  # fmt: skip


@pytest.fixture
def po(tmp_path: Path) -> Path:
    file = tmp_path / "ta/LC_MESSAGES/messages.po"
    file.parent.mkdir(parents=True)
    return file


def compile_at(po: Path) -> list[Path]:
    return compile_catalogues(po.parents[2])


def syntax(po: Path) -> list[int]:
    return [found.line for found in lint_file(po, BY_SLUG["ta"]) if found.rule == "syntax"]


@pytest.mark.parametrize("case", READ)
def test_what_is_meant_is_read(po: Path, case: str) -> None:
    content, yes = READ[case]
    po.write_bytes(content.encode())
    [mo] = compile_at(po)
    with mo.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Yes") == yes
    assert syntax(po) == []


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_sure_is_refused_with_its_line(po: Path, case: str) -> None:
    content, line, fault = REFUSED[case]
    po.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CatalogueError) as caught:
        compile_at(po)
    assert caught.value.line == line
    assert fault in caught.value.fault
    assert str(caught.value).startswith(f"{po}, line {line}: ")
    assert "\n" not in str(caught.value)
    assert syntax(po) == [line]
    assert not po.with_suffix(".mo").exists()


def test_it_does_nothing_twice_and_notices_a_change(po: Path) -> None:
    po.write_text(SOUND, encoding="utf-8")
    assert compile_at(po) == [po.with_suffix(".mo")]
    assert compile_at(po) == []
    later = po.with_suffix(".mo").stat().st_mtime + 5
    os.utime(po, (later, later))
    assert compile_at(po) == [po.with_suffix(".mo")]
    assert sorted(f.name for f in po.parent.iterdir()) == ["messages.mo", "messages.po"]
