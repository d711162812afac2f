"""``make previews``: the picture of each page, in each language, where it is shared.

Chromium shapes Tamil and Chinese as no drawing library does, but no host needs it: the pictures are
made here and committed. ``titles.json`` beside them says for which titles, so that a test finds a
picture that is behind its page.
"""

from __future__ import annotations

import io
import json
import sys
from itertools import product
from pathlib import Path

from flask import Flask, g, render_template_string
from PIL import Image

from browser.chrome import Browser
from browser.engine import Rendering
from cocreate.app import create_app
from cocreate.config import load_config
from cocreate.gettext import plain, translator
from cocreate.languages import LANGUAGES, Language
from cocreate.pages import PAGES, Page

FOLDER = Path(__file__).parents[1] / "static" / "img" / "preview"
SIZE = (1200, 630)  # what the Open Graph protocol's readers crop least
COLOURS = 64  # flat drawings: no more are seen
SCENES = {"tech-kaki", "stack", "open-source", "crowdtask", "get-involved"}
TEMPLATE = """
{% import "components/art.html" as art %}
{% import "components/ui.html" as ui %}
<!doctype html><html lang="{{ g.language.tag }}"><meta charset="utf-8"><style>{{ css|safe }}
body { display: grid; grid-template-columns: 1.25fr 1fr; gap: 3rem; align-items: center;
  block-size: 630px; min-block-size: 0; padding: 3.5rem 4rem; overflow: hidden;
  background: var(--ground); }
body > svg { margin-block-start: 3.5rem; max-block-size: 27rem; }
.brand { position: absolute; inset: 3rem auto auto 4rem; font-size: 1.75rem;
  max-inline-size: none; }
.brand svg { inline-size: 3.5rem; }
h1 { font-size: {{ 4.4 if title|length < 24 else 3.7 if title|length < 48 else 3.1 }}rem;
  padding-block-start: 4rem; }
</style><body class="ground-{{ ground_of(page) }} page-{{ page.name }}"><div>
<p class="brand">{{ art.mark() }} <span>{{ _(site_name) }}</span></p>
<h1>{{ ui.headline(_(page.title)) }}</h1></div>
{% if scene in scenes %}{{ art.scene(scene) }}{% else %}{{ art.hero() }}{% endif %}
"""


def name(language: Language, page: Page) -> str:
    return f"{language.slug}-{page.name}"


def titles(app: Flask) -> dict[str, str]:
    """The title that each picture carries."""
    with app.test_request_context():
        return {
            name(language, page): plain(translator(language).gettext(page.title))
            for language, page in product(LANGUAGES, PAGES)
        }


def draw(browser: Browser, app: Flask, language: Language, page: Page) -> bytes:
    sheet = app.extensions["cocreate.assets"].by_source["css/site.css"].body.decode()
    with app.test_request_context():
        g.language, g.root = language, ""
        html = render_template_string(
            TEMPLATE,
            css=sheet,
            page=page,
            title=plain(translator(language).gettext(page.title)),
            scene=page.name.removeprefix("join-"),
            scenes=SCENES,
        )
    browser.open_markup(html, rendering=Rendering(*SIZE))
    shot = Image.open(io.BytesIO(browser.picture())).convert("RGB")
    small = shot.resize(SIZE).quantize(COLOURS, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    small.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def main() -> None:
    app = create_app(load_config({}), static=True)
    wanted, listing, drawn = titles(app), FOLDER / "titles.json", 0
    had = json.loads(listing.read_text("utf-8")) if listing.exists() else {}
    FOLDER.mkdir(parents=True, exist_ok=True)
    browser = Browser()
    try:
        for language, page in product(LANGUAGES, PAGES):
            key = name(language, page)
            file = FOLDER / f"{key}.png"
            if file.exists() and had.get(key) == wanted[key] and "--all" not in sys.argv:
                continue
            file.write_bytes(draw(browser, app, language, page))
            drawn += 1
    finally:
        browser.quit()
    listing.write_text(json.dumps(wanted, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(f"{drawn} previews drawn, {len(wanted) - drawn} were up to date")


if __name__ == "__main__":
    main()
