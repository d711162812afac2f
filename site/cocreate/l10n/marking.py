"""What development does for translators: saved catalogues are read anew, sentences are marked.

``?show=messages`` after any address of ``make dev`` frames each sentence of that page, with its
English and its line in the ``.po``.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polib
from flask import Flask, Response, current_app, g, has_request_context, render_template, request
from flask_babel import get_domain
from markupsafe import Markup

from cocreate.catalogues import CatalogueError, compile_catalogues
from cocreate.gettext import Translator
from cocreate.l10n.extract import (
    TRANSLATIONS,
    Key,
    catalogue_path,
    line_of,
    open_catalogue,
    texts_of,
)
from cocreate.languages import ENGLISH, LANGUAGES, Language

log = logging.getLogger(__name__)

STYLE = Path(__file__).with_suffix(".css")
MARK = Markup('<span class="message" title="{title}" data-line="{line}">{words}</span>')


@dataclass(frozen=True)
class Place:
    """A message and the line of its translation."""

    entry: polib.POEntry
    line: int

    @property
    def words(self) -> str:
        return " / ".join(texts_of(self.entry))

    def __str__(self) -> str:
        return f"messages.po:{self.line}"


class Marker(Translator):
    """A translator that marks each sentence on the page, where the address asks for it."""

    def _fill(self, key: Any, english: str, values: dict[str, Any]) -> Markup:
        words = super()._fill(key, english, values)
        if not is_asked_for():
            return words
        found = key_of(key)
        g.setdefault("shown", {})[found] = None  # in order, each once
        place = places(self.language).get(found)
        title = f"{place or 'not in the catalogue'}: {english}"
        return MARK.format(title=title, line=place.line if place else "?", words=words)


def key_of(key: Any) -> Key:
    """Context and English of a key of ``Translator``: a plural form has a number beside it."""
    if isinstance(key, str):
        return None, key
    message, more = key
    return (more if isinstance(more, str) else None), message


def is_asked_for() -> bool:
    return has_request_context() and request.args.get("show") == "messages"


def places(language: Language) -> dict[Key, Place]:
    """Every message of a language and its line. For English those of the first translation."""
    path = catalogue_path(LANGUAGES[1] if language is ENGLISH else language)
    return _places(path, path.stat().st_mtime_ns) if path.exists() else {}


@lru_cache(maxsize=8)
def _places(path: Path, changed: int) -> dict[Key, Place]:
    lines = path.read_text(encoding="utf-8").split("\n")
    return {
        (entry.msgctxt, entry.msgid): Place(entry, line_of(lines, entry, 0))
        for entry in open_catalogue(path)
        if not entry.obsolete
    }


def saved() -> str:
    """When a catalogue was last saved; it differs once one has been."""
    return str(max(path.stat().st_mtime_ns for path in TRANSLATIONS.glob("*/LC_MESSAGES/*.po")))


def read_anew() -> None:
    """Before a page is made: take in what was saved. A broken catalogue is told, and waits."""
    extensions = current_app.extensions
    now = g.saved = saved()
    if now == extensions["cocreate.saved"]:
        return
    try:
        compile_catalogues(TRANSLATIONS)
    except CatalogueError as error:
        log.error("%s", error)
        return
    get_domain().cache.clear()
    extensions["cocreate.translators"].clear()
    extensions["cocreate.saved"] = now


def add_list(response: Response) -> Response:
    """The marks' style and, at the end of the page, a list that has the unseen messages too."""
    if is_asked_for() and response.mimetype == "text/html" and "language" in g:
        known = places(g.language)
        shown = [known[key] for key in g.get("shown", {}) if key in known]
        listed = render_template("layouts/marking.html", places=shown)
        page = response.get_data(as_text=True)
        link = f'<link rel="stylesheet" href="{request.script_root}/_messages.css"></head>'
        response.set_data(page.replace("</head>", link, 1).replace("</body>", f"{listed}</body>"))
    return response


def init_app(app: Flask) -> None:
    """Only ``cocreate.dev`` and the tests call this."""
    app.extensions.update({"cocreate.translator": Marker, "cocreate.saved": saved()})
    app.before_request(read_anew)
    app.add_url_rule(
        "/_messages.css", "messages.css", lambda: Response(STYLE.read_bytes(), mimetype="text/css")
    )
    app.after_request(add_list)
