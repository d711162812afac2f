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
from functools import partial
from gettext import NullTranslations
from typing import Any

from flask import Flask, current_app, g, has_app_context
from flask_babel import Babel, force_locale, format_date, format_decimal, get_translations
from markupsafe import Markup

from cocreate.catalogues import CatalogueError, compile_catalogues
from cocreate.config import ROOT, ConfigError
from cocreate.facts import NAMES
from cocreate.languages import ENGLISH, Language

log = logging.getLogger(__name__)

Key = tuple[str | None, str]  # context and English of a message
TRANSLATIONS = ROOT / "translations"
NOTICE_FROM = 3  # sentences that a page may lack before it says so at its top
PLACEHOLDER = re.compile(r"(%\(\w+\)s|%%)")
# A run of Latin words inside Chinese or Tamil is English by the style guide.
LATIN_RUN = re.compile(r"[A-Za-z][\w.@&+-]*(?:[ ’'-][A-Za-z][\w.@&+-]*)*", re.ASCII)
FOREIGN = re.compile(r'<i( lang="[^>]*)>(?:[^<]|<i [^>]*>[^<]*</i>)*</i>')
NAME = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(map(re.escape, sorted(NAMES, key=len, reverse=True)))
    + r")(?![\w-])"
)

# What stays in one line: compounds of up to twelve characters ("e-mail"), and a Chinese year with
# its number and month. By an element, since a hyphen that does not break would be another character
# to whoever searches or copies. Text inside a tag is left alone.
UNBREAKABLE = re.compile(
    r"(?:(?<![\w%(-])(?=[\w-]{3,12}(?![\w-]))[^\W\d_]+(?:-[^\W\d_]+)+"
    r"|(?:%\(\w+\)s|\d+)年(?:\d+月)?)(?![^<>]*>)"
)


def N_(message: str) -> str:
    """Mark ``message`` for extraction; it is translated where it is shown."""
    return message


class Text:
    """A message with its values, made in Python and translated where it is shown.

    Numbers are written as the language writes them.
    """

    def __init__(self, message: str, **values: Any) -> None:
        self.message, self.values = message, values


class Missing(NullTranslations):
    """Says of every message that it has no translation: ``""``."""

    def gettext(self, message: str) -> str:
        return ""

    def pgettext(self, context: str, message: str) -> str:
        return ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return ""


class Translator:
    """Turns English sentences into one language; its catalogue falls back to :class:`Missing`."""

    def __init__(self, language: Language, translations: NullTranslations) -> None:
        self.language = language
        self.translations = translations
        self._marked: dict[str, Markup] = {}
        self._broken: set[str] = set()

    def gettext(self, message: str | Text, /, **values: Any) -> Markup:
        """The sentence in this language, its placeholders filled with escaped ``values``."""
        if isinstance(message, Markup):  # words of a letter: in no catalogue
            return message
        if isinstance(message, Text):
            values = {
                name: number_in(self.language, value) if isinstance(value, int) else value
                for name, value in message.values.items()
            }
            message = message.message
        return self._fill((None, message), message, self.translations.gettext(message), values)

    def pgettext(self, context: str, message: str, /, **values: Any) -> Markup:
        """Like :meth:`gettext`, for a word with two roles: ``context`` tells them apart."""
        translated = self.translations.pgettext(context, message)
        return self._fill((context, message), message, translated, values)

    def ngettext(self, one: str, many: str, number: int, /, **values: Any) -> Markup:
        """The form for ``number``, written in the language's own way as ``%(number)s``."""
        translated = self.translations.ngettext(one, many, number)
        values = {"number": number_in(self.language, number), **values}
        return self._fill((None, one), one if number == 1 else many, translated, values)

    def _fill(self, key: Key, english: str, translated: str, values: dict[str, Any]) -> Markup:
        """The translation with its values; English where there is none, or none that holds them."""
        if self.language is ENGLISH:
            return self._ready(english) % values
        if translated:
            try:
                return self._ready(translated) % values
            except (KeyError, TypeError, ValueError):
                if translated not in self._broken:
                    self._broken.add(translated)
                    log.error(
                        "%s: broken placeholder in %r, English used", self.language.slug, english
                    )
        if has_app_context():
            g.setdefault("missing", set()).add(key)
        return in_english(english) % values

    def _ready(self, words: str) -> Markup:
        """``words`` as HTML, made once.

        Raises:
            ValueError: for a broken placeholder; ``%s`` would print every value.
        """
        if words not in self._marked:
            parts = PLACEHOLDER.split(words)
            if any("%" in part for part in parts[::2]):
                raise ValueError(words)
            if self.language is not ENGLISH:
                names = NAME if self.language.latin else LATIN_RUN
                marked = r'<i lang="en" translate="no">\g<0></i>'
                parts[::2] = [names.sub(marked, part) for part in parts[::2]]
            unbroken = UNBREAKABLE.sub(r'<span class="whole">\g<0></span>', "".join(parts))
            self._marked[words] = Markup(unbroken)
        return self._marked[words]


def in_english(message: str) -> Markup:
    return Markup(f'<i lang="en">{message}</i>')


def plain(marked: str) -> str:
    """``marked`` without its elements, for attributes and ``<title>``."""
    return Markup(marked).striptags() if "<" in marked else Markup(marked).unescape()


def foreign_lang(marked: str) -> Markup:
    """The attributes of another language that ``marked`` is in as a whole, else nothing: a control
    is heard in the language of its own element, not of what its name holds.
    """
    found = FOREIGN.fullmatch(marked)
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
            translations = get_translations()
        translations.add_fallback(Missing())
        made[language.slug] = current_app.extensions["cocreate.translator_class"](
            language, translations
        )
    return made[language.slug]


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
    if len(g.get("missing", ())) < NOTICE_FROM:
        return []
    return list(dict.fromkeys([_(UNTRANSLATED), in_english(UNTRANSLATED)]))


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
    app.extensions["cocreate.translator_class"] = (
        Translator  # development marks sentences with another
    )
    app.extensions["cocreate.translators"] = {}
    app.jinja_env.globals.update(
        _=_, gettext=_, pgettext=pgettext, ngettext=ngettext, untranslated=untranslated
    )
    app.jinja_env.filters.update(
        plain=plain,
        foreign_lang=foreign_lang,
        number=format_decimal,
        date=partial(format_date, format="long"),
    )
