"""A further language: its row in ``languages.py`` and its catalogue, by what CLDR knows of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.core import get_global, parse_locale

from cocreate.config import HERE
from cocreate.languages import BY_SLUG, ENGLISH, Language

REGISTRY = HERE / "languages.py"
END = "\n)\nENGLISH ="
# What ends a sentence, by script (ISO 15924) where that is no full stop; CLDR has no such table.
FULL_STOPS = {
    "Armn": "։",
    "Beng": "।",
    "Deva": "।",
    "Ethi": "።",
    "Guru": "।",
    "Hans": "。",
    "Hant": "。",
    "Jpan": "。",
    "Khmr": "។",
    "Laoo": "",
    "Mymr": "။",
    "Orya": "।",
    "Thai": "",
}


class AdditionError(Exception):
    """Why a language cannot be added, in one line."""


def described(code: str) -> Language:
    """The row for ``code``, a language tag like ``hi``, ``fil`` or ``pt-BR``.

    Raises:
        AdditionError: nobody knows it, the site has it, or its pages would run the wrong way.
    """
    try:
        asked, (slug, territory, script, *_) = Locale.parse(code, "-"), parse_locale(code, "-")
    except (ValueError, UnknownLocaleError):
        raise AdditionError(f"{code!r}: no language of CLDR; use a tag like hi or fil") from None
    if slug in BY_SLUG:
        raise AdditionError(f"{slug}: the site has it already ({BY_SLUG[slug].own_name})")
    if asked.text_direction != "ltr":
        raise AdditionError(f"{slug}: written from right to left, which the pages cannot do yet")
    usual = parse_locale(get_global("likely_subtags").get(slug, slug))
    written = script or usual[2] or "Latn"
    full = _best_locale(asked, (territory, home_territory(), usual[1]))
    return Language(
        slug,
        str(full),
        "-".join(filter(None, (slug, script, territory))),
        full.get_language_name() or slug,
        latin=written == "Latn",
        full_stop=FULL_STOPS.get(written, "."),
    )


def home_territory() -> str | None:
    """Where the site is, by its first language."""
    return Locale.parse(ENGLISH.locale).territory


def _best_locale(asked: Locale, territories: Iterable[str | None]) -> Locale:
    """``asked`` with the first of ``territories`` that CLDR has it for."""
    for territory in filter(None, territories):
        try:
            found = Locale.parse("_".join(filter(None, (asked.language, asked.script, territory))))
        except UnknownLocaleError:
            continue
        if found.territory == territory:
            return found
    return asked


def row_of(language: Language) -> str:
    """The line of ``languages.py`` for it: what is as usual is left out."""
    values = [language.slug, language.locale, language.tag, language.own_name]
    parts = [f'"{value}"' for value in values]
    if not language.latin:
        parts.append("latin=False")
    if language.full_stop != ".":
        parts.append(f'full_stop="{language.full_stop}"')
    return f"    Language({', '.join(parts)}),"


def add(language: Language, registry: Path = REGISTRY) -> None:
    """Write its row, the last one.

    Raises:
        AdditionError: the registry is not where or as a checkout has it.
    """
    text = registry.read_text(encoding="utf-8")
    if text.count(END) != 1:
        raise AdditionError(f"{registry}: not the registry of a checkout; add the row by hand")
    text = text.replace(END, f"\n{row_of(language)}{END}")
    registry.write_text(text, encoding="utf-8")
