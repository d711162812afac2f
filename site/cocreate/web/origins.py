"""Whose POST is it? Told by the headers that a browser sets and a page cannot.

Sec-Fetch-Site (w3.org/TR/fetch-metadata) says whether the sending page is ours; where a browser
does not send it, Origin (RFC 6454) names that page's origin, and at last Referer. No cookie, so
pages stay cacheable and a frozen copy on another host can post here if it is listed.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request, current_app

from cocreate.config import LOOPBACK, Config

PORTS = {"http": 80, "https": 443}


def is_ours(request: Request) -> bool:
    """Whether a form of this site, or of a listed static copy, sent ``request``."""
    config: Config = current_app.config["COCREATE"]
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    trusted = {origin_of(listed) for listed in config.trusted_origins}
    if site == "same-origin":
        return True
    if site is not None:  # another page: welcome only from a listed copy
        return origin is not None and origin_of(origin) in trusted
    return origin_of(origin or request.headers.get("Referer", "")) in trusted | _own(
        config, request
    )


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


def _own(config: Config, request: Request) -> set[str | None]:
    """Our public origin; in development also the loopback name that the browser used."""
    own = {origin_of(config.origin)}
    actual = f"{request.scheme}://{request.host}"
    if config.is_loopback and urlsplit(actual).hostname in LOOPBACK:
        own.add(origin_of(actual))
    return own - {None}
