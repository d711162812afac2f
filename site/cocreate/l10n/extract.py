"""Extraction: from templates and code into each ``messages.po``, with a quiet diff.

What has not changed does not show up: no dates, no line numbers, and every message keeps its place
in the file wherever its line has moved to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import polib
from babel import Locale
from babel.messages.extract import extract_from_dir
from babel.plural import to_gettext

from cocreate.catalogues import CatalogueError, check_lines
from cocreate.config import HERE, ROOT
from cocreate.l10n.context import role_in, values_in
from cocreate.languages import ENGLISH, LANGUAGES, Language

TRANSLATIONS = ROOT / "translations"
SOURCES = ((ROOT / "templates", "templates"), (HERE, "site/cocreate"))
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.json", "jinja2")]
UNSEEN = {"guide"}  # for developers: every message there stands elsewhere too
KEYWORDS = {"_": None, "N_": None, "text": None, "pgettext": ((1, "c"), 2), "ngettext": (1, 2)}
TAG = "L10n:"  # a comment that begins so, just before a message, reaches the translator
Key = tuple[str | None, str]  # context and English


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


def extract(sources: Iterable[tuple[Path, str]] = SOURCES) -> dict[Key, polib.POEntry]:
    """Every message of templates and code, in the order of reading, with its comments.

    Args:
        sources: folders to read, each with the name that translators see for it.
    """
    template: dict[Key, polib.POEntry] = {}
    for folder, shown in sources:
        found = extract_from_dir(
            folder, METHODS, keywords=KEYWORDS, comment_tags=[TAG], strip_comment_tags=True
        )
        for name, line, message, comments, context in sorted(found, key=lambda row: row[:2]):
            if Path(name).stem in UNSEEN:
                continue
            one, many = message if isinstance(message, tuple) else (message, "")
            entry = template.setdefault((context, one), polib.POEntry(msgid=one, msgctxt=context))
            entry.msgid_plural = entry.msgid_plural or many
            entry.flags = ["python-format"] if "%(" in one + many else []
            entry.occurrences = sorted({*entry.occurrences, (f"{shown}/{name}", "")})
            told = {*entry.comment.split("\n"), " ".join(comments)}
            told |= {role_in(folder / name, line, one), *values_in(one, " ".join(comments))}
            entry.comment = "\n".join(sorted(filter(None, told)))
    return template


def catalogue_path(language: Language, folder: Path = TRANSLATIONS) -> Path:
    return folder / language.slug / "LC_MESSAGES" / "messages.po"


def open_catalogue(path: Path) -> polib.POFile:
    """The catalogue at ``path``, its lines never wrapped; an empty one where there is no file.

    Raises:
        CatalogueError: naming the line that cannot be read.
    """
    if not path.exists():
        return polib.POFile(wrapwidth=0)
    try:
        check_lines(path)
        return polib.pofile(str(path), wrapwidth=0, encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CatalogueError(path, 0, f"not a readable UTF-8 catalogue ({error})") from None
    except OSError as error:
        line = re.search(r"line (\d+)", str(error))
        raise CatalogueError(path, int(line[1]) if line else 0, "not a catalogue here") from None


def line_of(lines: list[str], entry: polib.POEntry, index: int) -> int:
    """Number of the line on which form ``index`` of the translation begins."""
    keyword = f"msgstr[{index}]" if entry.msgid_plural else "msgstr"
    first = entry.linenum or 1
    following = range(first, len(lines) + 1)
    return next((n for n in following if lines[n - 1].startswith(keyword)), first)


def update(
    folder: Path = TRANSLATIONS,
    *,
    write: bool = True,
    sources: Iterable[tuple[Path, str]] = SOURCES,
    languages: Iterable[Language] | None = None,
) -> list[Change]:
    """Bring each language's catalogue up to date with the source; a new language gets its file.

    Args:
        folder: where the languages lie.
        write: whether to write; without it, only say what would change.
        sources: what to read, as for :func:`extract`.
        languages: whose catalogues; by default every language of the site.

    Raises:
        CatalogueError: for a catalogue that cannot be read; nothing is written to it.
    """
    template = extract(sources)
    chosen = LANGUAGES if languages is None else languages
    others = (language for language in chosen if language is not ENGLISH)
    return [_update_one(language, template, folder, write) for language in others]


def _update_one(
    language: Language, template: dict[Key, polib.POEntry], folder: Path, write: bool
) -> Change:
    path = catalogue_path(language, folder)
    before = path.read_bytes() if path.exists() else b""
    old = open_catalogue(path)
    entries, removed = _merged(old, template, forms_of(language))
    new = polib.POFile(wrapwidth=0)
    new.extend(entries)
    new.header = f"{language.own_name} for cocreate. How to: docs/translating.md"
    new.metadata = _metadata(language, old)
    after = (str(new).rstrip() + "\n").encode()
    if write and after != before:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(after)
    return Change(
        language,
        translated=sum(bool(entry.translated()) for entry in entries),
        new=sum(not entry.translated() and not entry.fuzzy for entry in entries),
        changed=sum(entry.fuzzy for entry in entries),
        removed=removed,
        differs=after != before,
    )


def _merged(
    old: polib.POFile, template: dict[Key, polib.POEntry], forms: int
) -> tuple[list[polib.POEntry], int]:
    """The entries of ``template`` in the order of ``old``, and how many of ``old`` went.

    A sentence that takes the place of a similar one which went keeps its translation as a guess,
    with the earlier English beside it (``#|``). A wholly new one follows its neighbour.
    """
    known: dict[Key, polib.POEntry] = {(e.msgctxt, e.msgid): e for e in old if not e.obsolete}
    gone = {key: entry for key, entry in known.items() if key not in template}
    order, entries = list(known), {}
    for key, found in template.items():
        if key in known:
            entries[key] = _entry(found, known[key], forms)
        elif (near := _nearest(key, gone)) is not None:
            entries[key] = _entry(found, gone.pop(near), forms, guess=True)
            order[order.index(near)] = key
        else:
            entries[key] = _entry(found, polib.POEntry(), forms)
    order = [key for key in order if key in entries]
    _place_new(order, list(template))
    return [entries[key] for key in order], len(gone)


def _nearest(key: Key, gone: dict[Key, polib.POEntry]) -> Key | None:
    """The translated sentence among ``gone`` that ``key`` most likely was until now."""
    by_words = {old[1].lower(): old for old, entry in gone.items() if any(texts_of(entry))}
    near = get_close_matches(key[1].lower(), by_words, n=1)
    return by_words[near[0]] if near else None


def texts_of(entry: polib.POEntry) -> list[str]:
    """The translation, or one for each plural form."""
    return list(entry.msgstr_plural.values()) or [entry.msgstr]


def _entry(
    found: polib.POEntry, old: polib.POEntry, forms: int, *, guess: bool = False
) -> polib.POEntry:
    """``found`` as the source has it, with the translator's work of ``old``."""
    texts = texts_of(old)
    reformed = bool(old.msgid and bool(old.msgid_plural) != bool(found.msgid_plural))
    fuzzy = any(texts) and (guess or reformed or old.fuzzy)
    new = polib.POEntry(
        msgid=found.msgid,
        msgid_plural=found.msgid_plural,
        msgctxt=found.msgctxt,
        occurrences=found.occurrences,
        comment=found.comment,
        tcomment=old.tcomment,
        flags=(["fuzzy"] if fuzzy else []) + found.flags,
    )
    if found.msgid_plural:
        new.msgstr_plural = dict(enumerate((texts + [""] * forms)[:forms]))
    else:
        new.msgstr = texts[0]
    if fuzzy:
        new.previous_msgid = old.msgid if guess else old.previous_msgid
        new.previous_msgid_plural = old.msgid_plural if guess else old.previous_msgid_plural
        new.previous_msgctxt = old.msgctxt if guess else old.previous_msgctxt
    return new


def _place_new(order: list[Key], template: list[Key]) -> None:
    """Put each key that ``order`` lacks after the one before it in the template."""
    present = set(order)
    for index, key in enumerate(template):
        if key not in present:
            place = order.index(template[index - 1]) + 1 if index else 0
            order.insert(place, key)


def forms_of(language: Language) -> int:
    """How many plural forms the language has by CLDR (Babel's own table lacks Malay)."""
    return len(Locale.parse(language.locale).plural_form.tags) + 1


def _metadata(language: Language, old: polib.POFile) -> dict[str, str]:
    """A header without dates and names. Its plural rule stays if it has as many forms as CLDR."""
    plurals = old.metadata.get("Plural-Forms", "")
    if f"nplurals={forms_of(language)};" not in plurals:
        plurals = to_gettext(Locale.parse(language.locale).plural_form).replace("(0)", "0")
    return {
        "Language": language.slug,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": plurals if plurals.endswith(";") else plurals + ";",
    }
