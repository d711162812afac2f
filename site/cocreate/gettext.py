"""Words: one translator a language, over the catalogues that Flask-Babel loads.

Templates call ``_("English sentence")``. What comes back is ready for HTML:

* names that stay English inside another language are marked ``lang="en" translate="no"``;
* a sentence that a catalogue lacks is the English one, marked ``lang="en"``;
* a translation with a broken placeholder falls back to English instead of failing the page.

``<i lang>`` rather than ``<span lang>``: it is HTML's element for a phrase in another language, and
VoiceOver ignores ``lang`` on ``span``. In an attribute or ``<title>`` use the ``plain`` filter.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from babel.support import Translations
from flask import Flask, current_app, g, has_app_context
from flask_babel import Babel, force_locale, format_date, format_decimal, get_translations
from markupsafe import Markup

from cocreate.catalogues import CatalogueError, compile_catalogues
from cocreate.config import ROOT, ConfigError
from cocreate.facts import NAMES
from cocreate.languages import ENGLISH, Language

log = logging.getLogger(__name__)

TRANSLATIONS = ROOT / "translations"
SEVERAL = 3  # sentences that a page may lack before it says so at its top
PLACEHOLDER = re.compile(r"(%\(\w+\)s|%%)")
# A run of Latin words inside Chinese or Tamil is English by the style guide.
LATIN_RUN = re.compile(r"[A-Za-z][\w.@&+-]*(?:[ ’'-][A-Za-z][\w.@&+-]*)*", re.ASCII)
WHOLLY = re.compile(r'<i( lang="[^>]*)>(?:[^<]|<i [^>]*>[^<]*</i>)*</i>')
NAME = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(map(re.escape, sorted(NAMES, key=len, reverse=True)))
    + r")(?![\w-])"
)

# Short compounds stand in one line: no browser can be told to leave "e-" and "mail" together but by
# an element. A hyphen that does not break would be another letter to who searches or copies.
# So does a Chinese year with its number, and the month after it.
COMPOUND = re.compile(
    r"<[^>]*>|(?<![\w%(-])(?=[\w-]{3,12}(?![\w-]))[^\W\d_]+(?:-[^\W\d_]+)+"
    r"|(?:%\(\w+\)s|\d+)年(?:\d+月)?"
)


def N_(message: str) -> str:
    """Mark ``message`` for extraction; it is translated where it is shown."""
    return message


@dataclass(frozen=True)
class Text:
    """A message with its values, made in Python and translated where it is shown.

    Numbers are written as the language writes them.
    """

    message: str
    values: dict[str, Any]


def text(message: str, **values: Any) -> Text:
    return Text(message, values)


class Translator:
    """Turns English sentences into one language. Looked up once per sentence, then remembered."""

    def __init__(self, language: Language, catalogue: dict[Any, str]) -> None:
        self.language = language
        self._catalogue = catalogue
        self._ready: dict[Any, Markup] = {}
        self._lost: set[Any] = set()

    def gettext(self, message: str | Text, /, **values: Any) -> Markup:
        """The sentence in this language, its placeholders filled with escaped ``values``."""
        if isinstance(message, Markup):  # words of a letter: in no catalogue
            return message
        if isinstance(message, Text):
            shown = {
                name: number_in(self.language, value) if isinstance(value, int) else value
                for name, value in message.values.items()
            }
            return self._fill(message.message, message.message, shown)
        return self._fill(message, message, values)

    def pgettext(self, context: str, message: str, /, **values: Any) -> Markup:
        """Like :meth:`gettext`, for a word with two roles: ``context`` tells them apart."""
        return self._fill((message, context), message, values)

    def ngettext(self, one: str, many: str, number: int, /, **values: Any) -> Markup:
        """The form for ``number``, written in the language's own way as ``%(number)s``."""
        plural = self._plural(number)
        values = {"number": number_in(self.language, number), **values}
        return self._fill((one, plural), one if number == 1 else many, values)

    def has(self, message: str) -> bool:
        return self.language is ENGLISH or bool(self._catalogue.get(message))

    def _plural(self, number: int) -> int:
        rule = getattr(self, "plural_rule", lambda n: int(n != 1))
        return int(rule(number))

    def _fill(self, key: Any, english: str, values: dict[str, Any]) -> Markup:
        ready = self._ready.get(key)
        if ready is None:
            ready = self._ready[key] = self._prepare(key, english)
        if key in self._lost and has_app_context():
            g.setdefault("lost", set()).add(key)
        try:
            return ready % values if values or "%" in ready else ready
        except (KeyError, TypeError, ValueError):
            if key in self._lost:  # the English itself asks for a value that was not given
                raise
            self._ready[key] = self._broken(key, english)
            return self._fill(key, english, values)

    def _prepare(self, key: Any, english: str) -> Markup:
        if self.language is ENGLISH:
            return Markup(whole(english))
        translated = self._catalogue.get(key)
        if not translated:
            return self._in_english(key, english)
        if "%" in PLACEHOLDER.sub("", translated):  # "%s" would print every value
            return self._broken(key, english)
        return Markup(whole(self._mark_names(translated)))

    def _broken(self, key: Any, english: str) -> Markup:
        log.error("%s: broken placeholder in %r, English used", self.language.slug, english)
        return self._in_english(key, english)

    def _in_english(self, key: Any, english: str) -> Markup:
        self._lost.add(key)
        return Markup(f'<i lang="en">{english}</i>')

    def _mark_names(self, translated: str) -> str:
        pattern = NAME if self.language.latin else LATIN_RUN
        parts = PLACEHOLDER.split(translated)
        parts[::2] = [
            pattern.sub(r'<i lang="en" translate="no">\g<0></i>', part) for part in parts[::2]
        ]
        return "".join(parts)


def whole(words: str) -> str:
    """``words`` with compounds of up to twelve letters and years in elements that do not break."""
    if "-" not in words and "年" not in words:
        return words
    return COMPOUND.sub(
        lambda found: (
            found[0] if found[0].startswith("<") else f'<span class="whole">{found[0]}</span>'
        ),
        words,
    )


def plain(marked: str) -> str:
    """``marked`` without its elements, for attributes and ``<title>``."""
    return Markup(marked).striptags() if "<" in marked else Markup(marked).unescape()


def wholly(marked: str) -> Markup:
    """The attributes of another language that ``marked`` is in as a whole, else nothing: a control
    is heard in the language of its own element, not of what its name holds.
    """
    found = WHOLLY.fullmatch(marked)
    return Markup(found[1] if found else "")


def number_in(language: Language, number: float) -> str:
    """``number`` with the language's separators (CLDR): 5,000 in all four."""
    with force_locale(language.locale):
        return str(format_decimal(number))


def translator(language: Language | None = None) -> Translator:
    """The translator of ``language``, by default the request's."""
    language = language or g.language
    made: dict[str, Translator] = current_app.extensions["cocreate.translators"]
    if language.slug not in made:
        with force_locale(language.locale):
            loaded = get_translations()
        kind = current_app.extensions["cocreate.translator"]
        made[language.slug] = _translator_of(language, loaded, kind)
    return made[language.slug]


def _translator_of(language: Language, loaded: Any, kind: type[Translator]) -> Translator:
    catalogue = {k: v for k, v in getattr(loaded, "_catalog", {}).items() if k and v}
    for key in [k for k in catalogue if isinstance(k, str) and "\x04" in k]:
        context, message = key.split("\x04", 1)
        catalogue[message, context] = catalogue.pop(key)
    made = kind(language, catalogue)
    if isinstance(loaded, Translations):
        made.plural_rule = loaded.plural  # type: ignore[attr-defined]
    return made


def _(message: str | Text, /, **values: Any) -> Markup:
    return translator().gettext(message, **values)


def pgettext(context: str, message: str, /, **values: Any) -> Markup:
    return translator().pgettext(context, message, **values)


def ngettext(one: str, many: str, number: int, /, **values: Any) -> Markup:
    return translator().ngettext(one, many, number, **values)


# L10n: at the top of a page on which several sentences have no translation yet
UNTRANSLATED = N_("Parts of this page are not translated yet. They stand here in English.")


def untranslated() -> list[Markup]:
    """What a page that lacks several sentences says, in its own language and in English."""
    if len(g.get("lost", ())) < SEVERAL:
        return []
    return list(dict.fromkeys([_(UNTRANSLATED), Translator(g.language, {}).gettext(UNTRANSLATED)]))


def remembered(form: Callable[[Any], str]) -> Callable[[Any], str]:
    """What ``form`` writes in the language being rendered, the second time from memory."""

    @lru_cache(maxsize=256)
    def written(locale: str, value: Any) -> str:
        return str(form(value))

    return lambda value: written(g.get("language", ENGLISH).locale, value)


def init_app(app: Flask) -> None:
    """Wire Flask-Babel to ``g.language`` and give templates their words."""
    try:
        compile_catalogues(TRANSLATIONS)
    except CatalogueError as error:
        raise ConfigError(str(error)) from None
    Babel(
        app,
        default_locale=ENGLISH.locale,
        default_timezone="Asia/Singapore",
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=lambda: g.get("language", ENGLISH).locale,
    )
    app.extensions["cocreate.translator"] = Translator  # development marks sentences with another
    app.extensions["cocreate.translators"] = {}
    helpers: dict[str, Callable[..., Any]] = {
        "_": _,
        "gettext": _,
        "pgettext": pgettext,
        "ngettext": ngettext,
        "untranslated": untranslated,
    }
    app.jinja_env.globals.update(helpers)
    date = remembered(partial(format_date, format="long"))
    app.jinja_env.filters.update(
        plain=plain, wholly=wholly, number=remembered(format_decimal), date=date
    )
