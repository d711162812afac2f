"""What a web server must know about the static copy: the same headers as live, written its way.

``_headers`` and ``_redirects`` lie at the top, where static hosts look for them. Snippets for nginx
and Caddy go to ``_hosting/``: hosts that publish every file may show them (they hold no secret),
and the snippets themselves keep that folder from being served.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from cocreate.config import Config
from cocreate.languages import LANGUAGES
from cocreate.web.security import ASK_AGAIN, FOR_EVER, content_security_policy, security_headers

FOLDER = "_hosting"

TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "webmanifest": "application/manifest+json",
    "png": "image/png",
    "ico": "image/vnd.microsoft.icon",
}


def static_headers(config: Config) -> dict[str, str]:
    """Headers of every answer of the static copy; its forms may post to ``JOIN_URL``."""
    live = urlsplit(config.join_url)
    origin = f"{live.scheme}://{live.netloc}" if config.join_url else ""
    policy = content_security_policy(config, form_target=origin)
    # A copy's forms post to another origin, which must see where they come from; a copy has no
    # addresses with tokens that this could give away.
    referrer = {"Referrer-Policy": "strict-origin-when-cross-origin"} if origin else {}
    return security_headers(config) | referrer | {"Content-Security-Policy": policy}


def hosting_files(config: Config) -> dict[str, str]:
    """All files for web servers: name → text."""
    return {
        "_headers": _headers(config),
        "_redirects": _redirects(config),
        ".nojekyll": "",  # else GitHub Pages leaves .well-known out
        f"{FOLDER}/nginx.conf": _nginx(config),
        f"{FOLDER}/Caddyfile": _caddy(config),
        f"{FOLDER}/apache.conf": _apache(config),
    }


def _headers(config: Config) -> str:
    """Only ``static/`` gets Cache-Control: such hosts revalidate pages anyway, and add up rules."""
    base = config.base_path
    common = [f"  {name}: {value}" for name, value in static_headers(config).items()]
    lines = [f"{base}*", *common, f"{base}static/*", f"  Cache-Control: {FOR_EVER}"]
    return "\n".join(lines) + "\n"


def _redirects(config: Config) -> str:
    """Each language's own page for what is not there."""
    base = config.base_path
    rows = [f"{base}{one.slug}/* {base}{one.slug}/404.html 404" for one in LANGUAGES]
    return "\n".join([*rows, f"{base}* {base}404.html 404"]) + "\n"


def _nginx(config: Config) -> str:
    base = config.base_path
    common = [f'add_header {k} "{v}" always;' for k, v in static_headers(config).items()]
    pages = [*common, f'add_header Cache-Control "{ASK_AGAIN}";']
    files = [*common, f'add_header Cache-Control "{FOR_EVER}";']
    types = [f'"{kind}" {suffix};' for suffix, kind in TYPES.items()]
    blocks = [
        "# Made by 'cocreate freeze': include this inside a server block, after",
        f"#   root FOLDER;           such that FOLDER{base} is the frozen folder",
        "#   brotli_static on;      where that module is installed",
        "gzip_static on;\ngzip_vary on;\nabsolute_redirect off;\nserver_tokens off;",
        f"error_page 404 {base}404.html;",
        _block("types", types),
        _block(f"location ^~ {base}{FOLDER}/", ["return 404;"]),
        _block(f"location ~ ^{base}_(headers|redirects)", ["return 404;"]),
        _block(f"location {base}", pages),
        _block(f"location {base}static/", files),
    ]
    for one in LANGUAGES:
        home = f"{base}{one.slug}/"
        blocks.append(_block(f"location {home}", [f"error_page 404 {home}404.html;", *pages]))
    return "\n".join(blocks) + "\n"


def _caddy(config: Config) -> str:
    base = config.base_path
    common = [f'{k} "{v}"' for k, v in static_headers(config).items()]
    languages = "|".join(one.slug for one in LANGUAGES)
    blocks = [
        "# Made by 'cocreate freeze': import this inside a site block, after",
        f"#   root * FOLDER          such that FOLDER{base} is the frozen folder",
        _block("header", [*common, "-Server"]),
        f'@pages not path {base}static/*\nheader @pages ?Cache-Control "{ASK_AGAIN}"',
        f'header {base}static/* Cache-Control "{FOR_EVER}"',
        *(
            f'@{suffix} path *.{suffix}\nheader @{suffix} Content-Type "{kind}"'
            for suffix, kind in TYPES.items()
            if suffix != "html"
        ),
        _block("file_server", ["precompressed br gzip", "hide _*"]),
        _block(
            "handle_errors",
            [
                f"@language path_regexp language ^{base}({languages})/",
                f"rewrite @language {base}{{re.language.1}}/404.html",
                f"@other not path_regexp ^{base}({languages})/",
                f"rewrite @other {base}404.html",
                _block(
                    "header",
                    [
                        *common,
                        "-Server",
                        'Cache-Control "no-store"',
                        f'Content-Type "{TYPES["html"]}"',
                    ],
                ),
                "file_server",
            ],
        ),
    ]
    return "\n".join(blocks) + "\n"


def _apache(config: Config) -> str:
    base = config.base_path
    common = [f'Header always set {k} "{v}"' for k, v in static_headers(config).items()]
    kept = "Header set Cache-Control \"{}\" \"expr=%{{REQUEST_STATUS}} in {{'200','304'}}\""
    types = [f'AddType "{kind}" .{suffix}' for suffix, kind in TYPES.items()]
    coded = [
        line
        for coding, suffix in (("br", "br"), ("gzip", "gz"))
        for path, found in ((f"({base}(?:.*/)?)", "$1index.html"), (f"({base}.*[^/])", "$1"))
        for line in (
            f"RewriteCond %{{HTTP:Accept-Encoding}} \\b{coding}\\b",
            f"RewriteCond %{{DOCUMENT_ROOT}}{found}.{suffix} -f",
            f"RewriteRule ^{path}$ {found}.{suffix} [L]",
        )
    ]
    blocks = [
        "# Made by 'cocreate freeze': Include this inside a <VirtualHost>, after",
        f"#   DocumentRoot FOLDER    such that FOLDER{base} is the frozen folder",
        "# Modules: dir, headers, mime, rewrite.",
        "UseCanonicalName On",  # a redirect names us, not the Host that was claimed
        "RewriteEngine On",
        f"RewriteRule ^{base}(?:{FOLDER}/|_headers$|_redirects$) - [R=404,L]",
        *coded,
        *types,
        "RemoveType .br .gz\nAddEncoding br .br\nAddEncoding gzip .gz",
        _section(
            base,
            [
                *common,
                "Header merge Vary Accept-Encoding",
                kept.format(ASK_AGAIN),
                f"ErrorDocument 404 {base}404.html",
                "DirectoryIndex index.html",
            ],
        ),
        _section(f"{base}static/", [kept.format(FOR_EVER)]),
    ]
    for one in LANGUAGES:
        home = f"{base}{one.slug}/"
        blocks.append(_section(home, [f"ErrorDocument 404 {home}404.html"]))
    return "\n".join(blocks) + "\n"


def _section(path: str, lines: list[str]) -> str:
    inside = "\n".join(f"    {line}" for line in lines)
    return f'<Location "{path}">\n{inside}\n</Location>'


def _block(opening: str, lines: list[str]) -> str:
    inside = "\n".join(lines).replace("\n", "\n    ")
    return f"{opening} {{\n    {inside}\n}}"
