"""What a web server must know about the static copy: the same headers as live, written its way.

``_headers`` and ``_redirects`` lie at the top, where static hosts look for them. Snippets for
nginx, Caddy and Apache go to ``_hosting/``: hosts that publish every file may show them (they hold
no secret), and the snippets themselves keep that folder from being served.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask

from cocreate.config import Config
from cocreate.web.assets import TYPES
from cocreate.web.security import ASK_AGAIN, FOR_EVER, security_headers

FOLDER = "_hosting"
FILES = ("_headers", "_redirects", "nginx.conf", "Caddyfile", "apache.conf")


def add_hosting_files(app: Flask, folder: Path) -> None:
    """All files for web servers, from ``templates/hosting``."""
    config: Config = app.config["COCREATE"]
    live = urlsplit(config.join_url)
    origin = f"{live.scheme}://{live.netloc}" if config.join_url else ""
    values = {
        "base": config.base_path,
        "common": security_headers(config, form_target=origin),
        "types": TYPES,
        "ask_again": ASK_AGAIN,
        "for_ever": FOR_EVER,
    }
    (folder / FOLDER).mkdir()
    (folder / ".nojekyll").touch()  # else GitHub Pages leaves .well-known out
    for name in FILES:
        text = app.jinja_env.get_template(f"hosting/{name}").render(values).rstrip("\n") + "\n"
        file = folder / name if name.startswith("_") else folder / FOLDER / name
        file.write_text(text, encoding="utf-8")
