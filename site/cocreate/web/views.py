"""Reading pages, small files for crawlers and browsers, and two addresses for monitoring."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, g, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from cocreate.config import Config
from cocreate.languages import ENGLISH, LANGUAGES, Language, choose_language
from cocreate.pages import HOME, PAGES, Page
from cocreate.storage import database
from cocreate.urls import absolute_url, page_path, use_relative_links

PLACES = ("menu", "footer")

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def choose() -> BaseResponse | str:
    """Live: to the reader's language. Static copy: a page that asks for it."""
    if current_app.config["STATIC_COPY"]:
        g.language, g.rest = ENGLISH, ""
        use_relative_links()
        return render_template("layouts/chooser.html", page=HOME)
    response = redirect(f"{choose_language(request.accept_languages).slug}/")
    response.headers["Vary"] = "Accept-Language"
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/<language:language>/")
def show_home(language: Language) -> str:
    return show_page(language, HOME)


@blueprint.get("/<language:language>/<page:page>/")
def show_page(language: Language, page: Page) -> str:
    g.language = language
    use_relative_links()
    return render_template(f"pages/{page.name}.html", page=page)


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    body = render_template("layouts/sitemap.xml", page_path=page_path)
    return Response(body, mimetype="application/xml")


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Without ``INDEX=1`` the pages say noindex: crawlers must be let in to read that."""
    body = f"User-agent: *\nAllow: /\nSitemap: {absolute_url('sitemap.xml')}\n"
    return Response(body, mimetype="text/plain")


@blueprint.get("/.well-known/security.txt")
def security_txt() -> Response:
    """RFC 9116. ``Expires`` is a setting, so that a freeze has no clock in it."""
    config: Config = current_app.config["COCREATE"]
    mail = config.public_contact
    contact = f"mailto:{mail}" if mail else absolute_url("en/feedback/")
    lines = [
        f"Contact: {contact}",
        f"Expires: {config.security_expires}T15:59:59Z",
        "Preferred-Languages: " + ", ".join(language.slug for language in LANGUAGES),
        f"Canonical: {absolute_url('.well-known/security.txt')}",
    ]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    g.language = ENGLISH
    use_relative_links()
    body = render_template("layouts/manifest.json")
    return Response(body, mimetype="application/manifest+json")


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 while the process serves; asks no database, so that it never waits."""
    return _uncached("ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 when a write to the database is possible, else 503."""
    return _uncached("ok") if database.is_writable() else _uncached("no write is possible", 503)


def _uncached(word: str, status: int = 200) -> Response:
    response = Response(word + "\n", status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    placed = {place: [page for page in PAGES if page.place == place] for place in PLACES}
    app.jinja_env.globals.update(home=HOME, all_pages=PAGES, placed=placed)
