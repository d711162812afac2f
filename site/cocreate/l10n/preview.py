"""Translations in their place: marked on the pages of ``make dev``, or as proofs to read.

``?show=messages`` after any address of ``make dev`` frames each sentence of that page, with its
English and its line in the ``.po``. A catalogue that is saved is read anew. Proofs are a page for
each language with every message, which needs nothing that runs.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polib
from flask import Flask, Response, current_app, g, has_request_context, render_template, request
from flask_babel import get_domain
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from cocreate.app import create_app
from cocreate.catalogues import CatalogueError, compile_catalogues, read_catalogue
from cocreate.communities import COMMUNITY_BY_SLUG
from cocreate.config import load_config
from cocreate.gettext import PLACEHOLDER, TRANSLATIONS, Key, Translator
from cocreate.l10n.extract import catalogue_path, key_of, line_of, texts_of
from cocreate.languages import ALL_LANGUAGES, ENGLISH, LANGUAGES, Language
from cocreate.mail.message import SUBJECTS, Letter, write
from cocreate.pages import PAGES

log = logging.getLogger(__name__)

STYLE = Path(__file__).with_suffix(".css")
MARK = Markup('<span class="message" title="{title}" data-line="{line}">{words}</span>')
OURS = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class Place:
    """A message and the line of its translation."""

    entry: polib.POEntry
    line: int

    @property
    def words(self) -> str:
        return " / ".join(texts_of(self.entry))


def places(language: Language) -> dict[Key, Place]:
    """Every message of a language and its line. For English those of the first translation."""
    path = catalogue_path(LANGUAGES[1] if language is ENGLISH else language)
    return _places(path, path.stat().st_mtime_ns) if path.exists() else {}


@lru_cache(maxsize=8)
def _places(path: Path, changed: int) -> dict[Key, Place]:
    lines = path.read_text(encoding="utf-8").split("\n")
    return {
        key_of(entry): Place(entry, line_of(lines, entry, 0))
        for entry in read_catalogue(path)
        if not entry.obsolete
    }


# ---- Marks on the pages of make dev


class Marker(Translator):
    """A translator that marks each sentence on the page, where the address asks for it."""

    def _fill(self, key: Key, english: str, translated: str, values: dict[str, Any]) -> Markup:
        words = super()._fill(key, english, translated, values)
        if not is_asked_for():
            return words
        g.setdefault("shown", {})[key] = None  # in order, each once
        place = places(self.language).get(key)
        line = place.line if place else "?"
        where = f"messages.po:{line}" if place else "not in the catalogue"
        return MARK.format(title=f"{where}: {english}", line=line, words=words)


def is_asked_for() -> bool:
    return has_request_context() and request.args.get("show") == "messages"


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
    app.extensions.update({"cocreate.translator_class": Marker, "cocreate.saved": saved()})
    app.before_request(read_anew)
    app.add_url_rule(
        "/_messages.css", "messages.css", lambda: Response(STYLE.read_bytes(), mimetype="text/css")
    )
    app.after_request(add_list)


# ---- Proofs


@dataclass(frozen=True)
class Section:
    """What one page, mail or file says, in the order in which it is said."""

    title: str
    address: str
    places: list[Place]


def write_proofs(out: Path) -> Iterator[Path]:
    """Write ``zh.html`` and so on to ``out``; each file is named once it is there."""
    out.mkdir(parents=True, exist_ok=True)
    said: list[Key] = []  # what the site was asked for since the last section

    class Listener(Translator):
        def _fill(self, key: Key, english: str, translated: str, values: dict[str, Any]) -> Markup:
            said.append(key)
            return super()._fill(key, english, translated, values)

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load_config({"COCREATE_DATA_DIR": folder}))
        app.extensions["cocreate.translator_class"] = Listener
        for language in ALL_LANGUAGES[1:]:
            sections = list(_sections(app, language, said))
            with app.test_request_context():
                g.language = language
                page = render_template(
                    "layouts/proof.html",
                    language=language,
                    sections=sections,
                    split=PLACEHOLDER.split,
                )
            file = out / f"{language.slug}.html"
            file.write_text(page, encoding="utf-8")
            yield file


def _sections(app: Flask, language: Language, said: list[Key]) -> Iterator[Section]:
    """Every page, form in error, answer, error and mail; then, by file, what none of them says.

    What stands on every page, like the menu, comes once, first.
    """
    known, heard = places(language), []
    for title, address in _visits(app, language):
        heard.append((title, address, [key for key in dict.fromkeys(said) if key in known]))
        said.clear()
    pages = [keys for _, _, keys in heard[: len(PAGES)]]
    frame = [key for key in pages[0] if all(key in keys for keys in pages)]
    rest: dict[str, list[Key]] = {}
    shown = {key for _, _, keys in heard for key in keys}
    for key, place in known.items():
        if key not in shown:
            rest.setdefault(place.entry.occurrences[0][0], []).append(key)
    yield Section("On every page", "", [known[key] for key in frame])
    for title, address, keys in heard:
        yield Section(title, address, [known[key] for key in keys if key not in frame])
    for file, keys in rest.items():
        yield Section(file, "", [known[key] for key in keys])


def _visits(app: Flask, language: Language) -> Iterator[tuple[str, str]]:
    """Have each page made in turn; its name and address, once it has been.

    A language that is not published has no pages here: those of another say the same messages.
    """
    client, home = app.test_client(), f"/{language.slug}/"
    made = home if language in LANGUAGES else f"/{LANGUAGES[-1].slug}/"
    for page in PAGES:
        client.get(made + page.path)
        yield page.title, home + page.path
    for page in (page for page in PAGES if page.form):
        client.post(made + page.path, data={}, headers=OURS)
        yield f"{page.title}: sent without an answer", home + page.path
        client.get(f"{made}{page.path}sent/")
        yield f"{page.title}: after sending", f"{home}{page.path}sent/"
    with app.test_request_context(made):  # one template holds the words of all errors
        app.handle_user_exception(NotFound())
    yield "Error pages", ""
    for kind in SUBJECTS:
        letter = Letter(
            kind, "reader@example.org", language.slug, tuple(COMMUNITY_BY_SLUG), "X", "Y"
        )
        write(app, letter, "proof", 0)
        yield f"E-mail: {kind}", ""
