"""The languages of the site: one row each, in the order of the language switcher."""

from __future__ import annotations

import os
from dataclasses import dataclass

from werkzeug.datastructures import LanguageAccept


@dataclass(frozen=True)
class Language:
    """One language of the site.

    Args:
        slug: first part of every path (``/zh/…``) and folder under ``translations/``.
        locale: CLDR locale for numbers and dates; the region decides their order.
        tag: BCP 47 tag for ``lang`` and ``hreflang``. Shortest tag that selects a voice and the
            right glyphs (W3C, "Language tags in HTML and XML"): ``zh-Hans``, but no ``-SG``.
        own_name: what its own readers call it; never translated.
        full_stop: what ends a sentence.
        says_and: whether a list of names ends in CLDR's word for “and”; else it has commas alone,
            where that word reads as translated.
        latin: whether it is written in Latin letters. Elsewhere any Latin run is an English name.
        og_locale: its name in the fixed list of ``og:locale`` (Facebook's locales), which services
            that draw previews of links know; left out where that list lacks the language.
        published: whether the site has it. Until then only translators see it: their tools know
            every row, and ``make dev`` shows it.
    """

    slug: str
    locale: str
    tag: str
    own_name: str
    latin: bool = True
    og_locale: str = ""
    full_stop: str = "."
    says_and: bool = True
    published: bool = True

    @property
    def gap(self) -> str:
        """What stands between two sentences: a full stop of full width holds its own room."""
        return "" if self.full_stop == "。" else " "

    @property
    def comma(self) -> str:
        """What stands between two names of a list."""
        return "、" if self.full_stop == "。" else ", "


ALL_LANGUAGES = (
    Language("en", "en_SG", "en", "English", og_locale="en_GB"),
    Language("zh", "zh_Hans_SG", "zh-Hans", "中文", latin=False, og_locale="zh_CN", full_stop="。"),
    Language("ms", "ms_SG", "ms", "Melayu", og_locale="ms_MY"),
    Language("ta", "ta_SG", "ta", "தமிழ்", latin=False, og_locale="ta_IN", says_and=False),
)
ENGLISH = ALL_LANGUAGES[0]  # what the templates are written in, and the answer when nothing fits
SHOW_UNPUBLISHED = "UNPUBLISHED_LANGUAGES"  # set in the environment (by make dev): show them too
LANGUAGES = tuple(row for row in ALL_LANGUAGES if row.published or SHOW_UNPUBLISHED in os.environ)
BY_SLUG = {language.slug: language for language in LANGUAGES}


def choose_language(accepted: LanguageAccept) -> Language:
    """The best language for an ``Accept-Language`` header (RFC 9110 section 12.5.4).

    Only the primary subtag counts: a reader of ``zh-TW`` is better served by Chinese than English.
    """
    for value, quality in accepted:
        slug = value.replace("_", "-").split("-")[0].lower()
        if quality > 0 and slug in BY_SLUG:
            return BY_SLUG[slug]
    return ENGLISH
