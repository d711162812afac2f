"""Extraction: from templates and code into each ``messages.po``, with a quiet diff.

No dates, no line numbers, messages in a stable order: what has not changed does not show up.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from cocreate.config import HERE, ROOT
from cocreate.languages import ENGLISH, LANGUAGES, Language

METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.json", "jinja2")]
KEYWORDS = {"_": None, "N_": None, "text": None, "pgettext": ((1, "c"), 2), "ngettext": (1, 2)}
TAG = "L10n:"  # a comment that begins so, just before a message, reaches the translator


@dataclass(frozen=True)
class Change:
    """What an update did to one language, in numbers of messages."""

    language: Language
    translated: int
    new: int
    changed: int
    removed: int
    differs: bool

    def __str__(self) -> str:
        return (
            f"{self.language.slug}: {self.translated} translated, {self.new} new,"
            f" {self.changed} changed, {self.removed} removed"
        )


def extract() -> Catalog:
    """Every message of templates and code, in the order of files, with its comments."""
    template = Catalog(charset="utf-8")
    for folder, shown in ((ROOT / "templates", "templates"), (HERE, "site/cocreate")):
        found = extract_from_dir(
            folder, METHODS, keywords=KEYWORDS, comment_tags=[TAG], strip_comment_tags=True
        )
        for name, _line, message, comments, context in sorted(
            found, key=lambda row: (row[0], row[1])
        ):
            template.add(
                message,
                None,
                [(f"{shown}/{name}", 0)],
                auto_comments=comments,
                context=context,
            )
    return template


def catalogue_path(language: Language, folder: Path = ROOT / "translations") -> Path:
    return folder / language.slug / "LC_MESSAGES" / "messages.po"


def update(folder: Path = ROOT / "translations", *, write: bool = True) -> list[Change]:
    """Bring each language's catalogue up to date with the source; a new language gets its file.

    Args:
        folder: where the languages lie.
        write: whether to write; without it, only say what would change.
    """
    template = extract()
    return [
        _update_one(language, template, folder, write)
        for language in LANGUAGES
        if language is not ENGLISH
    ]


def _update_one(language: Language, template: Catalog, folder: Path, write: bool) -> Change:
    path = catalogue_path(language, folder)
    before = path.read_bytes() if path.exists() else b""
    catalogue = read_po(io.BytesIO(before), locale=language.locale.replace("_Hans", ""))
    catalogue.update(template, no_fuzzy_matching=False)
    removed = len(catalogue.obsolete)
    catalogue.obsolete.clear()
    after = _as_bytes(catalogue, language)
    if write and after != before:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(after)
    messages = [m for m in catalogue if m.id]
    fuzzy = sum(m.fuzzy for m in messages)
    return Change(
        language,
        translated=sum(bool(_filled(m.string)) and not m.fuzzy for m in messages),
        new=sum(not _filled(m.string) for m in messages),
        changed=fuzzy,
        removed=removed,
        differs=after != before,
    )


def _filled(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


def _as_bytes(catalogue: Catalog, language: Language) -> bytes:
    """The file: a header without dates, files without lines, nothing wrapped."""
    catalogue.header_comment = f"# {language.own_name} for cocreate. How to: docs/translating.md"
    buffer = io.BytesIO()
    write_po(
        buffer, catalogue, width=0, omit_header=True, include_lineno=False, include_previous=True
    )
    header = (
        f"{catalogue.header_comment}\n"
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language.slug}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    return header.encode() + buffer.getvalue().rstrip() + b"\n"
