"""What every answer carries, and which answers a browser may give us."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, current_app
from werkzeug.wrappers import Response

from cocreate.config import Config

FOR_EVER = "public, max-age=31536000, immutable"  # RFC 8246: the name changes with the content
# A browser asks again each time and gets a 304; a shared cache may spare us a minute's questions.
ASK_AGAIN = "public, max-age=0, s-maxage=60, must-revalidate"
# Content Security Policy, each source with its reason. No inline script or style anywhere.
CSP = {
    # For the manifest, which has no directive of its own in every engine (WebKitGTK, old Safari).
    "default-src": "'self'",
    "child-src": "'none'",
    "font-src": "'none'",
    "media-src": "'none'",
    "object-src": "'none'",
    "style-src": "'self'",  # one style sheet
    "img-src": "'self' data:",  # the icon stands in the page: one request less
    "script-src": "'self'",  # htmx, on form pages only
    "connect-src": "'self'",  # htmx's requests
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # same-origin, not no-referrer: a form's POST keeps its Origin, and tokens leak nowhere else
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
}


def content_security_policy(config: Config, *, form_target: str = "") -> str:
    """The policy as a header value; ``form_target`` is an origin that forms may post to besides."""
    directives = CSP | ({"form-action": f"'self' {form_target}"} if form_target else {})
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def cache_control(path: str) -> str:
    """How long ``path`` (below the site's root, no leading slash) may be kept, and by whom."""
    return FOR_EVER if path.startswith("static/") else ASK_AGAIN


@lru_cache(maxsize=8)
def security_headers(config: Config) -> dict[str, str]:
    """Headers for every answer, live and frozen alike."""
    headers = HEADERS | {"Content-Security-Policy": content_security_policy(config)}
    if config.is_https:
        others = "; includeSubDomains" if config.hsts_subdomains else ""
        headers["Strict-Transport-Security"] = f"max-age=63072000{others}"
    if not config.index:
        headers["X-Robots-Tag"] = "noindex"
    return headers


def _finish(response: Response) -> Response:
    config: Config = current_app.config["COCREATE"]
    own = {name.lower() for name, _ in response.headers}
    ours = security_headers(config).items()
    response.headers.extend((name, value) for name, value in ours if name.lower() not in own)
    response.headers["Server"] = "cocreate"  # the server below would name itself
    # Werkzeug redirects with the Host that the client claimed; a path says the same safely.
    location = urlsplit(response.headers.get("Location", ""))
    if location.scheme:
        path = "/" + location.path.lstrip("/")
        response.headers["Location"] = urlunsplit(("", "", path, location.query, ""))
        response.set_data(b"")
    return response


def init_app(app: Flask) -> None:
    app.after_request(_finish)
