"""Error pages: one template, in the language of the address, else of the reader."""

from __future__ import annotations

import logging
import re
from urllib.parse import quote

from flask import Flask, current_app, g, redirect, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable
from werkzeug.wrappers import Response

from cocreate.config import Config
from cocreate.languages import BY_SLUG, ENGLISH, Language, choose_language
from cocreate.pages import HOME
from cocreate.storage.database import StorageUnavailable
from cocreate.urls import use_absolute_links
from cocreate.web.security import OWN_BROWSER

log = logging.getLogger(__name__)
FRONT_ERROR = "cocreate.refused"  # in the WSGI environment: why the front sends a request only here
CODES = (400, 403, 404, 405, 413, 429, 500, 503)  # each has its own words in error.html


def language_of_request() -> Language:
    """The language of the path's first part; where that is none, of Accept-Language."""
    slug = request.path.lstrip("/").partition("/")[0]
    return BY_SLUG.get(slug.lower()) or choose_language(request.accept_languages)


def show_error(error: Exception) -> Response:
    """Answer ``error`` with its page. What is no HTTP error is logged and becomes a 500."""
    if isinstance(error, StorageUnavailable):
        error = ServiceUnavailable(retry_after=30)
    if not isinstance(error, HTTPException):
        if current_app.config["STATIC_COPY"]:
            raise error  # a freeze wants the fault, not a page about it
        log.error("%s while answering", type(error).__name__, exc_info=error)
        error = InternalServerError()
    if error.code is not None and error.code < 400:
        return error.get_response()
    if error.code == 404 and (address := meant_address()):
        return redirect(address, 308)  # a form that was sent there is sent on
    code = error.code if error.code in CODES else (400 if (error.code or 500) < 500 else 500)
    response = error.get_response()
    response.set_data(error_page(code, language_of_request()))
    response.mimetype = "text/html"
    response.headers["Cache-Control"] = OWN_BROWSER if request.method == "POST" else "no-store"
    return response


def raise_front_error() -> None:
    """Raise what the front found wrong with the request, so that it gets its page."""
    if error := request.environ.get(FRONT_ERROR):
        raise error


def meant_address() -> str:
    """The address that was meant, where letter case, white space or the end is wrong; else empty.

    Mail programs break a link over lines, and take a bracket, a quote or half of ``&gt;`` into it.
    A token keeps its case: only what stands before it is looked at. Its link in a language that the
    site no longer has leads to English.
    """
    whole = re.sub(r"\s", "", request.path)
    token = re.match(r"/[^/]+/(confirm|manage|answer)(?=/)", whole, re.IGNORECASE)
    end = token.end() if token else len(whole)
    meant = whole[:end].lower() + whole[end:]
    bare = re.sub(r"^(.*\w|).*", r"\1", meant.replace("&gt", ""))  # up to the last letter
    english = re.sub(r"^/[a-z]{2,3}(?=/)", f"/{ENGLISH.slug}", meant) if token else meant
    found = next(filter(_leads_somewhere, (meant, bare, bare + "/", english)), request.path)
    if found == request.path:
        return ""
    config: Config = current_app.config["COCREATE"]
    query = request.query_string.decode("ascii", "replace")
    return config.base_path.rstrip("/") + quote(found) + (query and f"?{query}")


def _leads_somewhere(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    try:
        return bool(adapter and adapter.match(path, method="GET"))
    except HTTPException:  # a redirect to the end in a slash among them
        return False


def show_frozen_404(language: Language = ENGLISH) -> str:
    return error_page(404, language)


def error_page(code: int, language: Language) -> str:
    g.language = language
    g.path_in_language = ""  # the other languages' home pages: this address may exist in none
    use_absolute_links()
    return render_template("error.html", page=HOME, layout="layouts/base.html", code=code)


def init_app(app: Flask) -> None:
    app.register_error_handler(Exception, show_error)
    app.before_request(raise_front_error)
    if app.config["STATIC_COPY"]:
        app.add_url_rule("/<language:language>/404.html", "frozen_404", show_frozen_404)
        app.add_url_rule("/404.html", "frozen_404_english", show_frozen_404)
