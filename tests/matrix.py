"""What tests loop over, drawn from the two registries."""

from __future__ import annotations

import pytest

from cocreate.catalogue import PAGES
from cocreate.languages import LANGUAGES

every_page = pytest.mark.parametrize(
    ("page", "language"),
    [
        pytest.param(page, language, id=f"{language.slug}-{page.name}")
        for page in PAGES
        for language in LANGUAGES
    ],
)
every_scheme = pytest.mark.parametrize("scheme", ["light", "dark"])
every_language = pytest.mark.parametrize("language", LANGUAGES, ids=lambda found: found.slug)
