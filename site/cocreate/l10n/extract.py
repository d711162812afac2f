"""Extraction: from templates and code into each ``messages.po``, with a quiet diff.

What has not changed does not show up: no dates, no line numbers, and every message keeps its place
in the file wherever its line has moved to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import polib
from babel import Locale
from babel.messages.extract import extract_from_dir
from babel.plural import to_gettext

from cocreate.catalogues import read_catalogue
from cocreate.config import HERE, ROOT
from cocreate.l10n.context import role_in, values_in
from cocreate.languages import ENGLISH, LANGUAGES, Language

TRANSLATIONS = ROOT / "translations"
SOURCES = ((ROOT / "templates", "templates"), (HERE, "site/cocreate"))
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2"), ("**.json", "jinja2")]
KEYWORDS = {"_": None, "N_": None, "text": None, "pgettext": ((1, "c"), 2), "ngettext": (1, 2)}
UTF8 = "text/plain; charset=utf-8"
TAG = "L10n:"  # a comment that begins so, just before a message, reaches the translator
SIMILAR = 0.6  # share of letters in common, as msgmerge asks for
RELATED = 0.45  # where one sentence went from a template as the other came
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
    return read_catalogue(path) if path.exists() else polib.POFile(wrapwidth=0)


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
    entries, kept, removed = _merged(old, template, forms_of(language))
    new = polib.POFile(wrapwidth=0)
    new.extend([*entries, *kept])
    own = f"{language.own_name} for cocreate. How to: docs/translating.md"
    new.header = old.header if own in old.header else own
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
) -> tuple[list[polib.POEntry], list[polib.POEntry], int]:
    """The entries of ``template`` in the order of ``old``, those kept aside, and how many went.

    What is translated and no longer used is kept as a comment (``#~``), and taken back when it
    returns. A sentence that takes the place of a similar one keeps its translation as a guess, with
    the earlier English beside it (``#|``). A wholly new one follows its neighbour.
    """
    known: dict[Key, polib.POEntry] = {(e.msgctxt, e.msgid): e for e in old if not e.obsolete}
    aside: dict[Key, polib.POEntry] = {(e.msgctxt, e.msgid): e for e in old if e.obsolete}
    gone = {key: entry for key, entry in known.items() if key not in template}
    order, entries, replaced = list(known), {}, set()
    for key, found in template.items():
        if key in known or key in aside:
            entries[key] = _entry(found, known.get(key) or aside[key], forms)
        elif (near := _nearest(key, found, gone, aside)) is not None:
            entries[key] = _entry(found, {**aside, **gone}[near], forms, guess=True)
            if near in order and near not in replaced:
                order[order.index(near)] = key
                replaced.add(near)
        else:
            entries[key] = _entry(found, polib.POEntry(), forms)
    order = [key for key in order if key in entries]
    _place_new(order, list(template))
    kept = {key: entry for key, entry in {**aside, **gone}.items() if key not in template}
    outdated = [_set_aside(entry) for entry in kept.values() if any(texts_of(entry))]
    return [entries[key] for key in order], outdated, len(gone.keys() - replaced)


def _nearest(
    key: Key,
    found: polib.POEntry,
    gone: dict[Key, polib.POEntry],
    aside: dict[Key, polib.POEntry],
) -> Key | None:
    """The translated sentence that ``key`` most likely was until now.

    That is a similar one, as msgmerge finds it; or one that went just now from the same template
    and has some words in common.
    """
    files = set(found.occurrences)
    here = {old: entry for old, entry in gone.items() if files & set(entry.occurrences)}
    for candidates, cutoff in ((gone, SIMILAR), (aside, SIMILAR), (here, RELATED)):
        rated = [(_likeness(key[1], o[1]), o) for o, e in candidates.items() if any(texts_of(e))]
        best, near = max(rated, default=(0.0, None), key=lambda pair: pair[0])
        if best >= cutoff:
            return near
    return None


def _likeness(one: str, other: str) -> float:
    """Share of letters in common, in order; difflib finds more of them from one of the sides."""
    first, second = one.lower(), other.lower()
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    if matcher.quick_ratio() < RELATED:  # never less than the ratio
        return 0.0
    return max(matcher.ratio(), SequenceMatcher(None, second, first, autojunk=False).ratio())


def _set_aside(entry: polib.POEntry) -> polib.POEntry:
    """``entry`` as a comment: the words and what translators noted, nothing of the source."""
    return polib.POEntry(
        msgid=entry.msgid,
        msgid_plural=entry.msgid_plural,
        msgctxt=entry.msgctxt,
        msgstr=entry.msgstr,
        msgstr_plural=entry.msgstr_plural,
        tcomment=entry.tcomment,
        flags=["fuzzy"] if entry.fuzzy else [],
        obsolete=True,
    )


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
    """What others put in the header stays as found; ours is added, and mended where it is wrong.

    The plural rule stays if it has as many forms as CLDR.
    """
    found = old.metadata
    plurals = old.metadata.get("Plural-Forms", "")
    if f"nplurals={forms_of(language)};" not in plurals:
        plurals = to_gettext(Locale.parse(language.locale).plural_form).replace("(0)", "0")
    tag, kind = found.get("Language", ""), found.get("Content-Type", "")
    named = re.split("[-_@]", tag)[0] == language.slug
    return found | {
        "Language": tag if named else language.slug,
        "MIME-Version": "1.0",
        "Content-Type": kind if kind.lower() == UTF8 else UTF8,
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": plurals if plurals.endswith(";") else plurals + ";",
    }
