"""Extraction: from templates and code into each ``messages.po``, with a quiet diff.

What has not changed does not show up: no dates, no line numbers, and every message keeps its place
in the file wherever its line has moved to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import polib
from babel import Locale
from babel.messages.extract import extract_from_dir
from babel.plural import to_gettext

from cocreate.catalogues import UTF8, read_catalogue
from cocreate.config import PACKAGE, ROOT
from cocreate.gettext import TRANSLATIONS, Key
from cocreate.l10n.notes import role_in, values_in
from cocreate.languages import ALL_LANGUAGES, ENGLISH, Language

SOURCES = ((ROOT / "templates", "templates"), (PACKAGE, "site/cocreate"))
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.json", "jinja2")]
KEYWORDS = {"_": None, "N_": None, "Text": None, "pgettext": ((1, "c"), 2), "ngettext": (1, 2)}
TAG = "L10n:"  # a comment that begins so, just before a message, reaches the translator
SIMILAR = 0.6  # share of letters in common that makes a guess, as msgmerge asks for
RELATED = 0.45  # the same within one template


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
    messages: dict[Key, polib.POEntry] = {}
    for folder, shown in sources:
        found = extract_from_dir(
            folder, METHODS, keywords=KEYWORDS, comment_tags=[TAG], strip_comment_tags=True
        )
        for name, line, message, comments, context in sorted(found, key=lambda row: row[:2]):
            one, many = message if isinstance(message, tuple) else (message, "")
            entry = messages.setdefault((context, one), polib.POEntry(msgid=one, msgctxt=context))
            entry.msgid_plural = entry.msgid_plural or many
            entry.flags = ["python-format"] if "%(" in one + many else []
            entry.occurrences = sorted({*entry.occurrences, (f"{shown}/{name}", "")})
            told = {*entry.comment.split("\n"), " ".join(comments)}
            told |= {role_in(folder / name, line, one), *values_in(one, " ".join(comments))}
            entry.comment = "\n".join(sorted(filter(None, told)))
    return messages


def catalogue_path(language: Language, folder: Path = TRANSLATIONS) -> Path:
    return folder / language.slug / "LC_MESSAGES" / "messages.po"


def key_of(entry: polib.POEntry) -> Key:
    return entry.msgctxt, entry.msgid


def texts_of(entry: polib.POEntry) -> list[str]:
    """The translation, or one for each plural form."""
    return list(entry.msgstr_plural.values()) or [entry.msgstr]


def line_of(lines: list[str], entry: polib.POEntry, index: int) -> int:
    """Number of the line on which form ``index`` of the translation begins."""
    keyword = f"msgstr[{index}]" if entry.msgid_plural else "msgstr"
    first = entry.linenum or 1
    following = range(first, len(lines) + 1)
    return next((n for n in following if lines[n - 1].startswith(keyword)), first)


def forms_of(language: Language) -> int:
    """How many plural forms the language has by CLDR (Babel's own table lacks Malay)."""
    return len(Locale.parse(language.locale).plural_form.tags) + 1


def update(
    folder: Path = TRANSLATIONS,
    *,
    write: bool = True,
    sources: Iterable[tuple[Path, str]] = SOURCES,
    languages: Iterable[Language] = ALL_LANGUAGES,
) -> list[Change]:
    """Bring each language's catalogue up to date with the source; a new language gets its file.

    Args:
        folder: where the languages lie.
        write: whether to write; without it, only say what would change.
        sources: what to read, as for :func:`extract`.
        languages: whose catalogues.

    Raises:
        CatalogueError: for a catalogue that cannot be read; nothing is written to it.
    """
    messages = extract(sources)
    others = (language for language in languages if language is not ENGLISH)
    return [_update_one(language, messages, folder, write) for language in others]


def _update_one(
    language: Language, messages: dict[Key, polib.POEntry], folder: Path, write: bool
) -> Change:
    path = catalogue_path(language, folder)
    before = path.read_bytes() if path.exists() else b""
    old = read_catalogue(path) if path.exists() else polib.POFile()
    entries, aside, removed = _merged(old, messages, forms_of(language))
    new = polib.POFile(wrapwidth=0)
    new.extend([*entries, *aside])
    own = f"{language.own_name} for cocreate. How to: docs/translating.md"
    new.header = old.header if own in old.header else own
    new.metadata = _metadata(language, old)
    after = (str(new).rstrip() + "\n").encode()
    if write and after != before:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(after)
    return Change(
        language,
        translated=len(new.translated_entries()),
        new=len(new.untranslated_entries()),
        changed=len(new.fuzzy_entries()),
        removed=removed,
        differs=after != before,
    )


def _merged(
    old: polib.POFile, messages: dict[Key, polib.POEntry], forms: int
) -> tuple[list[polib.POEntry], list[polib.POEntry], int]:
    """The entries of ``messages`` in the order of ``old``, those kept aside, and how many went.

    What is translated and no longer used is kept as a comment (``#~``), and taken back when it
    returns. A sentence like one that went takes its place and, as a guess, its translation, with
    the earlier English beside it (``#|``). A wholly new one follows its neighbour.
    """
    used = {key_of(entry): entry for entry in old if not entry.obsolete}
    known = {key_of(entry): entry for entry in old if entry.obsolete} | used
    unused = [e for key, e in known.items() if key not in messages and any(texts_of(e))]
    order, entries, place = list(used), {}, -1
    for key, found in messages.items():
        guess = None if key in known else _most_like(found, unused)
        entries[key] = _entry(found, known.get(key) or guess or polib.POEntry(), forms)
        if guess and key_of(guess) in order:
            order[order.index(key_of(guess))] = key
        elif key not in used:
            order.insert(place + 1, key)
        place = order.index(key)
    removed = len(order) - len(entries)
    current = [entries[key] for key in order if key in entries]
    return current, [_set_aside(entry) for entry in unused], removed


def _most_like(found: polib.POEntry, unused: list[polib.POEntry]) -> polib.POEntry | None:
    """The sentence that ``found`` most likely was until now; less is asked within one template."""
    rated = [(_likeness(found.msgid, entry.msgid), entry) for entry in unused]
    near = [
        (likeness, entry)
        for likeness, entry in rated
        if likeness >= (RELATED if {*found.occurrences} & {*entry.occurrences} else SIMILAR)
    ]
    return max(near, key=lambda pair: pair[0], default=(0, None))[1]


def _likeness(one: str, other: str) -> float:
    """Share of letters in common, in order."""
    matcher = SequenceMatcher(None, one.lower(), other.lower(), autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= RELATED else 0.0


def _entry(found: polib.POEntry, old: polib.POEntry, forms: int) -> polib.POEntry:
    """``found`` as the source has it, with the translator's work of ``old``."""
    texts = texts_of(old)
    guess = bool(old.msgid) and key_of(old) != key_of(found)
    plural_changed = bool(old.msgid) and bool(old.msgid_plural) != bool(found.msgid_plural)
    new = copy(found)
    new.tcomment = old.tcomment
    if found.msgid_plural:
        new.msgstr_plural = dict(enumerate((texts + [""] * forms)[:forms]))
    else:
        new.msgstr = texts[0]
    if any(texts) and (guess or plural_changed or old.fuzzy):
        new.flags = ["fuzzy", *found.flags]
        new.previous_msgctxt = old.msgctxt if guess else old.previous_msgctxt
        new.previous_msgid = old.msgid if guess else old.previous_msgid
        plural = old.msgid_plural if guess else old.previous_msgid_plural
        new.previous_msgid_plural = plural or None  # polib writes an empty one down
    return new


def _set_aside(entry: polib.POEntry) -> polib.POEntry:
    """``entry`` as a comment: the words and what translators noted, nothing of the source."""
    entry.obsolete = True
    entry.flags = ["fuzzy"] if entry.fuzzy else []
    entry.previous_msgid = entry.previous_msgid_plural = entry.previous_msgctxt = None
    return entry


def _metadata(language: Language, old: polib.POFile) -> dict[str, str]:
    """What others put in the header stays as found; ours is added, and mended where it is wrong.

    The plural rule stays if it has as many forms as CLDR.
    """
    found = old.metadata
    tag, kind = found.get("Language", ""), found.get("Content-Type", "")
    plurals = found.get("Plural-Forms", "")
    if f"nplurals={forms_of(language)};" not in plurals:
        plurals = to_gettext(Locale.parse(language.locale).plural_form).replace("(0)", "0")
    return found | {
        "Language": tag if re.split("[-_@]", tag)[0] == language.slug else language.slug,
        "MIME-Version": "1.0",
        "Content-Type": kind if kind.lower() == UTF8.lower() else UTF8,
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": plurals if plurals.endswith(";") else plurals + ";",
    }
