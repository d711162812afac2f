"""Real web servers with the generated snippets answer as the live site does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client

from cocreate.app import create_app
from cocreate.config import ROOT, Config
from cocreate.freeze.freeze import addresses, freeze
from cocreate.languages import LANGUAGES
from cocreate.pages import PAGES
from cocreate.serve.prerendered import Front
from cocreate.web.security import security_headers
from fixtures.proxy import whole_conf
from matrix import FORM_PAGES
from processes import Answer, free_port, require, run, running
from processes import ask as fetch

SNIPPET = """
    server {{
        listen 127.0.0.1:{port};
        root {root};
        brotli_static on;
        include {root}/sub/_hosting/nginx.conf;
    }}
"""
CADDY = """
{{
    admin off
    auto_https off
}}
http://:{port} {{
    bind 127.0.0.1
    root * {root}
    import {root}/sub/_hosting/Caddyfile
}}
"""
APACHE = """
ServerRoot {here}
ServerName 127.0.0.1
PidFile {here}/pid
ErrorLog {here}/log
Listen 127.0.0.1:{port}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule dir_module {modules}/mod_dir.so
LoadModule headers_module {modules}/mod_headers.so
LoadModule mime_module {modules}/mod_mime.so
LoadModule rewrite_module {modules}/mod_rewrite.so
TypesConfig /dev/null
<VirtualHost 127.0.0.1:{port}>
    DocumentRoot {root}
    Include {root}/sub/_hosting/apache.conf
</VirtualHost>
"""
MODULES = "/usr/lib/apache2/modules"
FORMS = {f"/{one.slug}/{page.path}" for page in FORM_PAGES for one in LANGUAGES}
Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def folder(site_config: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A document root with the copy below ``/sub/``."""
    root = tmp_path_factory.mktemp("root")
    freeze(replace(site_config, site_url="http://127.0.0.1/sub/"), root / "sub")
    return root


@pytest.fixture(scope="module")
def live(site_config: Config) -> Client:
    return Client(Front(create_app(replace(site_config, site_url="http://127.0.0.1/sub/"))))


@pytest.fixture(scope="module", params=["nginx", "caddy", "apache2"])
def ask(
    request: pytest.FixtureRequest, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ask]:
    """The web server named, running; asks it for a path."""
    name: str = request.param
    program = require(name)
    here, port = tmp_path_factory.mktemp(name), free_port()
    text = {"nginx": SNIPPET, "caddy": CADDY, "apache2": APACHE}[name]
    text = text.format_map({"here": here, "root": folder, "port": port, "modules": MODULES})
    (here / "conf").write_text(whole_conf(here, text) if name == "nginx" else text)
    command = {
        "nginx": ["-c", here / "conf", "-e", here / "log"],
        "caddy": ["run", "--config", here / "conf", "--adapter", "caddyfile"],
        "apache2": ["-f", here / "conf", "-D", "FOREGROUND"],
    }[name]
    env = os.environ | {"XDG_DATA_HOME": str(here), "XDG_CONFIG_HOME": str(here)}
    with running([program, *command], port, here / "out", env):
        yield lambda path, **headers: fetch(
            port, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )


def same_headers(config: Config) -> set[str]:
    return {name.lower() for name in security_headers(config)} | {"content-type", "cache-control"}


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_bodies_and_headers_are_those_of_the_live_site(
    ask: Ask, live: Client, site: Flask, site_config: Config, coding: str
) -> None:
    compared = 0
    for address in addresses(site):
        status, headers, body = ask("/sub" + address, Accept_Encoding=coding)
        mine = live.get(address, headers={"Accept-Encoding": coding})
        assert status == 200, address
        for name in same_headers(site_config):
            assert headers.get(name) == mine.headers.get(name), (address, name)
        assert headers.get("content-encoding") == mine.headers.get("Content-Encoding"), address
        if mine.headers.get("Content-Encoding"):
            assert "accept-encoding" in headers["vary"].lower()
        if address not in FORMS:  # a live form and its stand-in differ by design
            assert body == mine.data, address
            compared += 1
    assert compared > len(PAGES) * len(LANGUAGES) - len(FORMS)


@pytest.mark.parametrize(
    ("path", "language"),
    [("/sub/gone/", "en"), ("/sub/zh/a/b/c", "zh-Hans"), ("/sub/static/x.css", "en")],
)
def test_what_is_missing_has_a_page_in_its_language(
    ask: Ask, site_config: Config, path: str, language: str
) -> None:
    status, headers, body = ask(path)
    assert status == 404
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert f"lang={language}".encode() in body.replace(b'"', b"")
    assert "immutable" not in headers.get("cache-control", "")
    for name, value in security_headers(site_config).items():
        assert headers[name.lower()] == value


@pytest.mark.parametrize("name", ["_headers", "_redirects", "_hosting/nginx.conf"])
def test_what_is_for_the_host_is_not_served(ask: Ask, name: str) -> None:
    assert ask(f"/sub/{name}")[0] == 404


def test_a_folder_without_its_slash_leads_to_it(ask: Ask) -> None:
    status, headers, _ = ask("/sub/en/stack", Host="evil.example")
    assert status in (301, 308)
    assert headers["location"].endswith("/sub/en/stack/")
    assert "evil" not in headers["location"]


def test_the_documented_unit_gives_little_away(tmp_path: Path) -> None:
    """At most 2.0 of 10 by systemd's own measure."""
    text = (ROOT / "docs/hosting.md").read_text("utf-8")
    unit = tmp_path / "cocreate.service"
    unit.write_text(text.partition("```ini\n")[2].partition("```")[0])
    command = [require("systemd-analyze"), "security", "--offline=yes", "--threshold=20", str(unit)]
    done = run(*command)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
