"""What tests loop over, drawn from the two registries."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import cycle, product

import pytest

from cocreate.languages import LANGUAGES, Language
from cocreate.pages import PAGES, Page


def _each(pairs: Iterable[tuple[Page, Language]]) -> pytest.MarkDecorator:
    named = [pytest.param(page, lang, id=f"{lang.slug}-{page.name}") for page, lang in pairs]
    return pytest.mark.parametrize(("page", "language"), named)


FORM_PAGES = tuple(page for page in PAGES if page.form)
every_form = pytest.mark.parametrize("page", FORM_PAGES, ids=lambda page: page.name)
every_english_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
every_page = _each(product(PAGES, LANGUAGES))
every_page_without_a_form = _each(product((p for p in PAGES if not p.form), LANGUAGES))
# Every page once, the languages taking turns: for what no language can change, or a slow check.
pages_in_turn = _each(zip(PAGES, cycle(LANGUAGES), strict=False))
# And in Tamil, whose words are the longest.
pages_in_turn_and_tamil = _each(
    dict.fromkeys([*zip(PAGES, cycle(LANGUAGES), strict=False), *product(PAGES, LANGUAGES[-1:])])
)
every_scheme = pytest.mark.parametrize("scheme", ["light", "dark"])
every_language = pytest.mark.parametrize("language", LANGUAGES, ids=lambda found: found.slug)
every_translation = pytest.mark.parametrize("language", LANGUAGES[1:], ids=lambda found: found.slug)
