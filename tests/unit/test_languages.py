"""The registry of languages, and which of them fits a browser's wishes."""

from __future__ import annotations

import pytest
from babel import Locale
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from cocreate.languages import ALL_LANGUAGES, BY_SLUG, ENGLISH, LANGUAGES, Language, choose_language

WISHES = {
    "": "en",
    "ta-SG,en;q=0.5": "ta",
    "zh_CN": "zh",
    "ZH-HANS": "zh",
    "fr, ms;q=0.2": "ms",
    "ta;q=0, ms;q=0.1": "ms",
    "en;q=0.1, ta;q=0.9": "ta",
    "*": "en",
    "tam": "en",  # the three-letter code is not the two-letter one
}


@pytest.mark.parametrize(("header", "slug"), WISHES.items())
def test_the_best_language_is_chosen(header: str, slug: str) -> None:
    assert choose_language(parse_accept_header(header, LanguageAccept)).slug == slug


@pytest.mark.parametrize("language", ALL_LANGUAGES, ids=lambda row: row.slug)
def test_each_row_is_a_language_that_cldr_knows(language: Language) -> None:
    """Its own name is what CLDR's locale calls itself, or a part of it."""
    locale = Locale.parse(language.locale)
    assert locale.territory
    assert language.own_name in (locale.get_language_name() or "")
    assert language.tag.split("-")[0] == language.slug == locale.language


def test_no_two_rows_share_a_path_tag_or_name() -> None:
    for part in ("slug", "locale", "tag", "own_name"):
        assert len({getattr(row, part) for row in ALL_LANGUAGES}) == len(ALL_LANGUAGES)


def test_english_comes_first_and_is_found() -> None:
    assert ENGLISH is BY_SLUG["en"] is LANGUAGES[0]


def test_the_site_has_the_languages_whose_row_says_so() -> None:
    assert (
        [row for row in ALL_LANGUAGES if row.published] == list(LANGUAGES) == list(BY_SLUG.values())
    )
