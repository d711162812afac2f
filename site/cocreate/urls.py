"""Addresses: converters that turn ``ta`` and ``stack/`` into objects, and links back to them.

Links are relative to the page (``../stack/``), so that a frozen folder works below any path.
Pages that htmx may move to another address use absolute paths instead: ``g.root`` holds which.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app, g, request
from werkzeug.routing import BaseConverter

from cocreate.config import Config
from cocreate.languages import BY_SLUG, ENGLISH, Language
from cocreate.pages import BY_NAME, BY_PATH, HOME, PAGES, Page


class LanguageConverter(BaseConverter):
    """``en`` ⇄ Language. The pattern comes from the registry: an unknown one is simply no route."""

    regex = "|".join(BY_SLUG)

    def to_python(self, value: str) -> Language:
        return BY_SLUG[value]

    def to_url(self, value: Language) -> str:
        return value.slug


class PageConverter(BaseConverter):
    """``open-source`` ⇄ Page, for the pages that only show something."""

    part_isolating = False
    regex = "|".join(re.escape(page.path[:-1]) for page in PAGES if page.path and not page.form)

    def to_python(self, value: str) -> Page:
        return BY_PATH[value + "/"]

    def to_url(self, value: Page) -> str:
        return value.path.rstrip("/")


class FormPageConverter(PageConverter):
    """``join/stack`` ⇄ Page, for the pages that carry a form."""

    regex = "|".join(re.escape(page.path[:-1]) for page in PAGES if page.form)


class TokenConverter(BaseConverter):
    """What follows ``/confirm``, ``/manage`` or ``/answer`` in a link from a mail ⇄ the token.

    Mail programs break such a link over lines, or take a bracket, a full stop or half of ``&gt;``
    into it. A token is 32 letters, digits, ``-`` and ``_``: whatever else stands there is damage.
    """

    part_isolating = False
    regex = r"(?:/[\s\S]*)?"

    def to_python(self, value: str) -> str:
        return re.sub(r"[^A-Za-z0-9_-]", "", value)[:32]

    def to_url(self, value: str) -> str:
        return f"/{value}/"


def page_path(page: Page, language: Language) -> str:
    """Path below the site's root, without a leading slash."""
    return f"{language.slug}/{page.path}"


def page_url(page: Page | str, language: Language | None = None) -> str:
    """Link to a page (or the name of one), by default in the language being rendered."""
    found = BY_NAME[page] if isinstance(page, str) else page
    root: str = g.root
    return root + page_path(found, language or g.language)


def language_url(language: Language) -> str:
    """The page being shown, in another language.

    System pages say where they are in ``g.path_in_language`` and ``g.query``.
    """
    return f"{g.root}{language.slug}/{quote(g.path_in_language)}{g.get('query', '')}"


def preview_url(page: Page) -> str:
    """Public address of the picture that stands for ``page`` where it is shared.

    A language that is new, and has no pictures yet, shares the English one; a new page, the home
    page's.
    """
    sources = current_app.extensions["cocreate.assets"].by_source
    names = [
        f"img/preview/{slug}-{name}.png"
        for name in (page.name, HOME.name)
        for slug in (g.language.slug, ENGLISH.slug)
    ]
    found = next(sources[name] for name in names if name in sources)
    return absolute_url(f"static/{found.name}")


def absolute_url(path: str = "") -> str:
    """Public address of ``path`` for canonical links, alternates, mails and previews."""
    config: Config = current_app.config["COCREATE"]
    return config.site_url + path


def use_relative_links() -> None:
    """Make links of the page being rendered relative to its own address."""
    depth = request.path.count("/") - 1
    g.root = "../" * depth


def use_absolute_links() -> None:
    """Make links absolute paths below ``SITE_URL``: for pages whose address may change."""
    config: Config = current_app.config["COCREATE"]
    g.root = config.base_path


def init_app(app: Flask) -> None:
    app.url_map.converters.update(
        language=LanguageConverter,
        page=PageConverter,
        formpage=FormPageConverter,
        token=TokenConverter,
    )

    @app.url_value_preprocessor
    def remember_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
        use_absolute_links()  # unless the view says otherwise
        if values and "language" in values:
            g.language = values["language"]
            g.path_in_language = values["page"].path if "page" in values else ""

    app.jinja_env.globals.update(
        page_url=page_url,
        language_url=language_url,
        absolute_url=absolute_url,
        preview_url=preview_url,
    )
