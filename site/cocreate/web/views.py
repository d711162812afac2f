"""Reading pages, small files for crawlers and browsers, and two addresses for monitoring."""

from __future__ import annotations

from pathlib import PurePath

from flask import Blueprint, Flask, Response, current_app, g, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from cocreate.languages import ENGLISH, Language, choose_language
from cocreate.pages import HOME, PAGES, Page
from cocreate.storage import database
from cocreate.urls import page_path, use_relative_links
from cocreate.web.assets import TYPES

# What crawlers and browsers ask for at the top of a host: name → template.
SMALL_FILES = {
    "sitemap.xml": "layouts/sitemap.xml",
    "robots.txt": "layouts/robots.txt",
    ".well-known/security.txt": "layouts/security.txt",
    "manifest.webmanifest": "layouts/manifest.json",
}

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def choose() -> BaseResponse | str:
    """Live: to the reader's language. Static copy: a page that asks for it."""
    if current_app.config["STATIC_COPY"]:
        g.language, g.path_in_language = ENGLISH, ""
        use_relative_links()
        return render_template("layouts/chooser.html", page=HOME)
    response = redirect(f"{choose_language(request.accept_languages).slug}/")
    response.headers["Vary"] = "Accept-Language"
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/<language:language>/", defaults={"page": HOME})
@blueprint.get("/<language:language>/<page:page>/")
def show_page(language: Language, page: Page) -> str:
    use_relative_links()
    return render_template(f"pages/{page.name}.html", page=page)


def show_small_file() -> Response:
    g.language = ENGLISH
    use_relative_links()
    name = request.path.lstrip("/")
    body = render_template(SMALL_FILES[name], page_path=page_path).strip() + "\n"
    return Response(body, content_type=TYPES[PurePath(name).suffix])


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 while the process serves; asks no database, so that it never waits."""
    return _uncached("ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 when a write to the database is possible, else 503."""
    return _uncached("ok") if database.is_writable() else _uncached("no write is possible", 503)


def _uncached(word: str, status: int = 200) -> Response:
    return Response(word + "\n", status, {"Cache-Control": "no-store"}, "text/plain")


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    for name in SMALL_FILES:
        app.add_url_rule(f"/{name}", name.replace(".", "-"), show_small_file)
    placed = {at: [page for page in PAGES if page.place == at] for at in ("menu", "footer")}
    app.jinja_env.globals.update(home=HOME, all_pages=PAGES, placed=placed)
