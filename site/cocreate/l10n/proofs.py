"""Proofs: a page a language with every message in its place, to read without running anything."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, g, render_template
from markupsafe import Markup, escape
from werkzeug.exceptions import NotFound

from cocreate.app import create_app
from cocreate.communities import BY_SLUG as COMMUNITIES
from cocreate.config import load_config
from cocreate.gettext import PLACEHOLDER, Translator
from cocreate.l10n.extract import Key
from cocreate.l10n.marking import Place, key_of, places
from cocreate.languages import ENGLISH, LANGUAGES, Language
from cocreate.mail.message import SUBJECTS, Letter, write
from cocreate.pages import PAGES

OURS = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class Section:
    """What one page, mail or file says, in the order in which it is said."""

    title: str
    address: str
    places: list[Place]


def write_proofs(out: Path) -> Iterator[Path]:
    """Write ``zh.html`` and so on to ``out``; each file is named once it is there."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load_config({"COCREATE_DATA_DIR": folder}))
        heard = listen(app)
        for language in LANGUAGES:
            if language is not ENGLISH:
                file = out / f"{language.slug}.html"
                file.write_text(proof(app, language, heard), encoding="utf-8")
                yield file


def listen(app: Flask) -> list[Key]:
    """From now on each message that ``app`` asks for is added to the list that this returns."""
    heard: list[Key] = []

    class Listener(Translator):
        def _fill(self, key: Any, english: str, values: dict[str, Any]) -> Markup:
            heard.append(key_of(key))
            return super()._fill(key, english, values)

    app.extensions["cocreate.translator"] = Listener
    return heard


def proof(app: Flask, language: Language, heard: list[Key]) -> str:
    """The page of ``language`` as HTML that stands alone."""
    with app.test_request_context():
        g.language = language
        return render_template(
            "layouts/proof.html",
            language=language,
            sections=list(sections(app, language, heard)),
            show=show,
        )


def sections(app: Flask, language: Language, heard: list[Key]) -> Iterator[Section]:
    """Every page, form in error, answer, error and mail; then, by file, what none of them says.

    What stands on every page, like the menu, comes once, first.
    """
    known = places(language)
    said: list[tuple[str, str, list[Key]]] = []
    for title, address in visits(app, language):
        said.append((title, address, list(dict.fromkeys(heard))))
        heard.clear()
    pages = [keys for _, _, keys in said[: len(PAGES)]]
    frame = {key: None for key in pages[0] if all(key in keys for keys in pages)}
    said.insert(0, ("On every page", "", list(frame)))
    for number, (title, address, keys) in enumerate(said):
        own = [known[key] for key in keys if key in known and (not number or key not in frame)]
        yield Section(title, address, own)
    yield from unsaid(known, {key for _, _, keys in said for key in keys})


def visits(app: Flask, language: Language) -> Iterator[tuple[str, str]]:
    """Have each page made in turn; its name and address, once it has been."""
    client, home = app.test_client(), f"/{language.slug}/"
    for page in PAGES:
        client.get(home + page.path)
        yield page.title, home + page.path
    for page in (page for page in PAGES if page.form):
        client.post(home + page.path, data={}, headers=OURS)
        yield f"{page.title}: sent without an answer", home + page.path
        client.get(f"{home}{page.path}sent/")
        yield f"{page.title}: after sending", f"{home}{page.path}sent/"
    with app.test_request_context(home):  # one template holds the words of all errors
        app.handle_user_exception(NotFound())
    yield "Error pages", ""
    for kind in SUBJECTS:
        letter = Letter(kind, "reader@example.org", language.slug, tuple(COMMUNITIES), "X", "Y")
        write(app, letter, "proof", 0)
        yield f"E-mail: {kind}", ""


def unsaid(known: dict[Key, Place], said: set[Key]) -> Iterator[Section]:
    """The rest, by the file that it stands in."""
    files: dict[str, list[Place]] = {}
    for key, place in known.items():
        if key not in said:
            files.setdefault(place.entry.occurrences[0][0], []).append(place)
    for name, rest in files.items():
        yield Section(name, "", rest)


def show(words: str) -> Markup:
    """``words`` with their placeholders set apart."""
    parts = PLACEHOLDER.split(words)
    marked = (
        escape(p) if n % 2 == 0 else Markup("<code>{}</code>").format(p)
        for n, p in enumerate(parts)
    )
    return Markup("").join(marked)
