"""Response headers, how long answers may be cached, and which POSTs are accepted.

A POST is accepted by headers that a browser sets and a page cannot: Sec-Fetch-Site
(w3.org/TR/fetch-metadata), else Origin (RFC 6454), else Referer. No cookie is needed, so pages stay
cacheable, and a static copy on another host can post here if it is listed.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes, urlsplit, urlunsplit

from flask import Flask, Request, abort, current_app, request
from werkzeug.wrappers import Response

from cocreate.config import LARGEST_TEXT, LOOPBACK, Config

PORTS = {"http": 80, "https": 443}

FOR_EVER = "public, max-age=31536000, immutable"  # RFC 8246: the name changes with the content
# A browser asks again each time and gets a 304; a shared cache may spare us a minute's questions.
ASK_AGAIN = "public, max-age=0, s-maxage=60, must-revalidate"
# What answers one person is kept by no cache but that person's browser. There it must lie: Back to
# a page that answered a POST would else ask to send the form again, and Firefox forgets what was
# typed into a page marked no-store.
OWN_BROWSER = "private, no-cache"
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


def security_headers(config: Config, *, form_target: str = "") -> dict[str, str]:
    """Headers for every answer, live and frozen alike.

    Forms of a frozen copy may post to the origin ``form_target`` too, which must see where they
    come from; a copy has no addresses with tokens that this could give away.
    """
    headers, policy = HEADERS.copy(), CSP.copy()
    if form_target:
        policy["form-action"] += f" {form_target}"
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    headers["Content-Security-Policy"] = "; ".join(map(" ".join, policy.items()))
    if config.is_https:
        others = "; includeSubDomains" if config.hsts_subdomains else ""
        headers["Strict-Transport-Security"] = f"max-age=63072000{others}"
    if not config.index:
        headers["X-Robots-Tag"] = "noindex"
    return headers


def require_same_origin() -> None:
    """403 unless the request was sent by a page of this site or of a listed static copy."""
    if not is_ours(request):
        abort(403)


def is_ours(request: Request) -> bool:
    """Whether a page of this site, or of a listed static copy, sent ``request``."""
    config: Config = current_app.config["COCREATE"]
    site = request.headers.get("Sec-Fetch-Site")
    if site == "same-origin":
        return True
    origin = request.headers.get("Origin")
    trusted = {origin_of(listed) for listed in config.trusted_origins}
    if site is None:  # an older browser
        origin = origin or request.headers.get("Referer")
        trusted.add(origin_of(config.origin))
        if config.is_loopback and urlsplit(request.host_url).hostname in LOOPBACK:
            trusted.add(origin_of(request.host_url))  # whichever name the developer's browser used
    return origin_of(origin or "") in trusted - {None}


def origin_of(address: str) -> str | None:
    """Scheme, host and port of a URL, spelt one way; None for what has none, like ``null``."""
    try:
        parts = urlsplit(address)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return None
    if parts.scheme not in PORTS or not parts.hostname:
        return None
    return f"{parts.scheme}://{parts.hostname}:{port}"


def check_body() -> None:
    """413 for more text than any form takes, counted as it was typed and not as it was encoded.

    400 for percent-encoded bytes that are no UTF-8: Werkzeug would keep them as ``%FF``.
    """
    encoded = request.mimetype == "application/x-www-form-urlencoded"
    body = unquote_to_bytes(request.get_data()) if encoded else request.get_data()
    if len(body) > LARGEST_TEXT:
        abort(413)
    if encoded:
        try:
            body.decode()
        except UnicodeDecodeError:
            abort(400)


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
