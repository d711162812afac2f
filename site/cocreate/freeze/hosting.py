"""What a web server must know about the static copy: the same headers as live, written its way.

``_headers`` and ``_redirects`` lie at the top, where static hosts look for them. Snippets for
nginx, Caddy and Apache go to ``_hosting/``: hosts that publish every file may show them (they hold
no secret), and the snippets themselves keep that folder from being served.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask

from cocreate.config import Config
from cocreate.web.assets import TYPES
from cocreate.web.security import ASK_AGAIN, FOR_EVER, content_security_policy, security_headers

FOLDER = "_hosting"
FILES = (
    "_headers",
    "_redirects",
    f"{FOLDER}/nginx.conf",
    f"{FOLDER}/Caddyfile",
    f"{FOLDER}/apache.conf",
)


def static_headers(config: Config) -> dict[str, str]:
    """Headers of every answer of the static copy; its forms may post to ``JOIN_URL``."""
    live = urlsplit(config.join_url)
    origin = f"{live.scheme}://{live.netloc}" if config.join_url else ""
    policy = content_security_policy(config, form_target=origin)
    # A copy's forms post to another origin, which must see where they come from; a copy has no
    # addresses with tokens that this could give away.
    referrer = {"Referrer-Policy": "strict-origin-when-cross-origin"} if origin else {}
    return security_headers(config) | referrer | {"Content-Security-Policy": policy}


def hosting_files(app: Flask) -> dict[str, str]:
    """All files for web servers, from ``templates/hosting``: name → text."""
    config: Config = app.config["COCREATE"]
    values = {
        "base": config.base_path,
        "common": static_headers(config),
        "types": TYPES,
        "ask_again": ASK_AGAIN,
        "for_ever": FOR_EVER,
    }
    made = {".nojekyll": ""}  # else GitHub Pages leaves .well-known out
    for name in FILES:
        template = app.jinja_env.get_template(f"hosting/{name.rpartition('/')[2]}")
        made[name] = template.render(values).rstrip("\n") + "\n"
    return made
