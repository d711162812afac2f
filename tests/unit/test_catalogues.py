"""From .po to .mo: only when needed, never half, and a fault is named by file and line."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

import pytest

from cocreate.catalogues import CatalogueError, compile_catalogues

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
GOOD = HEADER + 'msgid "Yes"\nmsgstr "Ya"\n\n#, fuzzy\nmsgid "No"\nmsgstr "Mungkin"\n'
BROKEN = {
    "text outside quotes": HEADER + "nonsense\n",
    "a string that does not end": HEADER + 'msgid "Yes\nmsgstr "Ya"\n',
    "a string outside quotes": HEADER + 'msgid "Yes"\nmsgstr Ya\n',
    "a merge that was not finished": HEADER + '<<<<<<< HEAD\nmsgid "Yes"\nmsgstr "Ya"\n',
}


def catalogue(folder: Path, content: str | bytes) -> Path:
    po = folder / "ms" / "LC_MESSAGES" / "messages.po"
    po.parent.mkdir(parents=True, exist_ok=True)
    po.write_bytes(content if isinstance(content, bytes) else content.encode())
    return po


def test_it_writes_what_gettext_reads(tmp_path: Path) -> None:
    catalogue(tmp_path, GOOD)
    [written] = compile_catalogues(tmp_path)
    with written.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Yes") == "Ya"


def test_a_guess_is_left_out(tmp_path: Path) -> None:
    catalogue(tmp_path, GOOD)
    with compile_catalogues(tmp_path)[0].open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("No") == "No"


def test_it_does_nothing_twice_and_notices_a_change(tmp_path: Path) -> None:
    po = catalogue(tmp_path, GOOD)
    compile_catalogues(tmp_path)
    assert compile_catalogues(tmp_path) == []
    later = po.with_suffix(".mo").stat().st_mtime + 5
    os.utime(po, (later, later))
    assert compile_catalogues(tmp_path) == [po.with_suffix(".mo")]


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_fault_is_named_by_file_and_line(tmp_path: Path, content: str) -> None:
    po = catalogue(tmp_path, content)
    with pytest.raises(CatalogueError) as caught:
        compile_catalogues(tmp_path)
    assert str(caught.value).startswith(f"{po}, line ")
    assert "\n" not in str(caught.value)
    assert not po.with_suffix(".mo").exists()


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    po = catalogue(tmp_path, b'msgid "\xff\xfe"\n')
    with pytest.raises(CatalogueError, match=str(po)):
        compile_catalogues(tmp_path)


def test_half_a_file_is_never_seen(tmp_path: Path) -> None:
    catalogue(tmp_path, GOOD)
    compile_catalogues(tmp_path)
    left = sorted(f.name for f in (tmp_path / "ms" / "LC_MESSAGES").iterdir())
    assert left == ["messages.mo", "messages.po"]
