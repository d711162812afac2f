"""Style sheet, script and pictures under names that carry their content's hash.

A name that changes with its content can be cached for ever (RFC 8246 ``immutable``).
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import lightningcss
from flask import Flask, Response, abort, current_app, g, request

from cocreate.config import ROOT
from cocreate.web.security import ASK_AGAIN, FOR_EVER

STATIC = ROOT / "static"
# The oldest browsers that show the pages as today's do (docs/design.md names the differences). The
# style sheet is written down to them: range queries, clamp(), inset and two-valued properties.
OLDEST = ["chrome 87", "safari 14", "firefox 78"]
# What may stand unquoted in a data: address inside a double-quoted attribute.
DATA_SAFE = "/:;,='()!$*+@?~-._"
HASHED = re.compile(r"(.+)\.[0-9a-f]{10}(\.\w+)")
# The Content-Type of every kind of file that the site or its copy consists of.
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
    ".ico": "image/vnd.microsoft.icon",
}
# Icons that are asked for at the top of a host: name → file below static/.
ICONS = {
    "favicon.ico": "img/favicon.ico",
    "apple-touch-icon.png": "img/apple-touch-icon.png",
    "apple-touch-icon-precomposed.png": "img/apple-touch-icon.png",
}


class Asset(NamedTuple):
    """One file as it is sent: its hashed name and its (minified) bytes."""

    name: str
    body: bytes
    content_type: str


class Assets:
    """All files below ``static/``, read once: by their path there, and by the name to send."""

    def __init__(self) -> None:
        files = sorted(f for f in STATIC.rglob("*") if f.suffix in TYPES)
        self.by_source = {f.relative_to(STATIC).as_posix(): _read(f) for f in files}
        self.by_name = {asset.name: asset for asset in self.by_source.values()}

    def current(self, name: str) -> Asset | None:
        """Today's file for a name with another hash.

        While processes are replaced one by one, pages of two releases are about.
        """
        if not (old := HASHED.fullmatch(name)):
            return None
        same = (a for a in self.by_name.values() if HASHED.sub(r"\1\2", a.name) == old[1] + old[2])
        return next(same, None)


def _read(file: Path) -> Asset:
    body = file.read_bytes()
    if file.suffix == ".css":
        body = lightningcss.process_stylesheet(
            body.decode(), filename=file.name, browsers_list=OLDEST
        ).encode()
    digest = hashlib.sha256(body).hexdigest()[:10]
    return Asset(f"{file.stem}.{digest}{file.suffix}", body, TYPES[file.suffix])


def asset_url(source: str) -> str:
    """Address of ``static/<source>`` from the page being rendered."""
    assets: Assets = current_app.extensions["cocreate.assets"]
    return f"{g.root}static/{assets.by_source[source].name}"


def data_url(source: str) -> str:
    """An address that holds ``static/<source>`` itself (RFC 2397): one request less."""
    assets: Assets = current_app.extensions["cocreate.assets"]
    asset = assets.by_source[source]
    mimetype = asset.content_type.partition(";")[0]
    return f"data:{mimetype},{quote(asset.body.decode(), safe=DATA_SAFE)}"


def send_asset(name: str) -> Response:
    assets: Assets = current_app.extensions["cocreate.assets"]
    asset = assets.by_name.get(name) or assets.current(name)
    if asset is None:
        abort(404)
    kept = FOR_EVER if asset.name == name else ASK_AGAIN
    return Response(asset.body, 200, {"Cache-Control": kept}, content_type=asset.content_type)


def send_icon() -> Response:
    """Browsers, phones and feed readers ask for these names whatever the page declares."""
    assets: Assets = current_app.extensions["cocreate.assets"]
    response = send_asset(assets.by_source[ICONS[request.path.rpartition("/")[2]]].name)
    response.headers["Cache-Control"] = ASK_AGAIN
    return response


def init_app(app: Flask) -> None:
    app.extensions["cocreate.assets"] = Assets()
    app.jinja_env.globals.update(asset_url=asset_url, data_url=data_url)
    app.add_url_rule("/static/<name>", "static", send_asset)
    for name in ICONS:
        app.add_url_rule(f"/{name}", name.replace(".", "-"), send_icon)
