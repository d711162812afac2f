"""A further language: its row in ``languages.py`` and its catalogue, by what CLDR knows of it."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError
from babel.core import get_global, parse_locale

from cocreate.config import PACKAGE
from cocreate.languages import ALL_LANGUAGES, Language

REGISTRY = PACKAGE / "languages.py"
END = "\n)\nENGLISH ="
# What ends a sentence where that is no full stop, and in which scripts (ISO 15924); CLDR has no
# such table.
FULL_STOPS = {
    "": ("Laoo", "Thai"),
    "։": ("Armn",),
    "।": ("Beng", "Deva", "Guru", "Orya"),
    "。": ("Hans", "Hant", "Jpan"),
    "።": ("Ethi",),
    "។": ("Khmr",),
    "။": ("Mymr",),
}


class AdditionError(Exception):
    """Why a language cannot be added, in one line."""


def language_for(tag: str) -> Language:
    """The row for ``tag``, a language tag like ``hi``, ``fil`` or ``pt-BR``; not published yet.

    Raises:
        AdditionError: nobody knows it, the site has it, or its pages would run the wrong way.
    """
    try:
        asked, (slug, territory, script, *_) = Locale.parse(tag, "-"), parse_locale(tag, "-")
    except (ValueError, UnknownLocaleError):
        raise AdditionError(f"{tag!r}: no language of CLDR; use a tag like hi or fil") from None
    if known := [row.own_name for row in ALL_LANGUAGES if row.slug == slug]:
        raise AdditionError(f"{slug}: the site has it already ({known[0]})")
    if asked.text_direction != "ltr":
        raise AdditionError(f"{slug}: written from right to left, which the pages cannot do yet")
    usual = parse_locale(get_global("likely_subtags").get(slug, slug))
    try:
        parts = filter(None, (slug, asked.script, territory or usual[1]))
        locale = Locale.parse("_".join(parts))
    except UnknownLocaleError:
        locale = asked
    written = script or usual[2] or "Latn"
    return Language(
        slug,
        str(locale),
        "-".join(filter(None, (slug, script, territory))),
        locale.get_language_name() or slug,
        latin=written == "Latn",
        full_stop=next((mark for mark, used in FULL_STOPS.items() if written in used), "."),
        published=False,
    )


def row_of(language: Language) -> str:
    """The line of ``languages.py`` for it: what is as usual is left out."""
    values = [language.slug, language.locale, language.tag, language.own_name]
    parts = [f'"{value}"' for value in values]
    if not language.latin:
        parts.append("latin=False")
    if language.full_stop != ".":
        parts.append(f'full_stop="{language.full_stop}"')
    if not language.published:
        parts.append("published=False")
    return f"    Language({', '.join(parts)}),"


def add(language: Language) -> None:
    """Write its row, the last one.

    Raises:
        AdditionError: the registry is not where or as a checkout has it.
    """
    text = REGISTRY.read_text(encoding="utf-8")
    if text.count(END) != 1:
        raise AdditionError(f"{REGISTRY}: not the registry of a checkout; add the row by hand")
    text = text.replace(END, f"\n{row_of(language)}{END}")
    REGISTRY.write_text(text, encoding="utf-8")
