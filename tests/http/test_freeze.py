"""The static copy: whole, the same each time, and never half published."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import pty
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import brotli
import pytest
from flask import Flask

from checks import expected_alternates, metas
from cocreate.app import create_app
from cocreate.config import ROOT, load_config
from cocreate.freeze.compress import TEXT_SUFFIXES
from cocreate.freeze.freeze import CHECKSUMS, FreezeError, addresses, freeze
from cocreate.languages import LANGUAGES
from cocreate.pages import PAGES
from cocreate.urls import page_path
from cocreate.web.assets import ICONS
from documents import Document
from fixtures.adopted import Copy
from processes import COCREATE, run

SITE = "https://example.org/some/where/"
# What needs a server: answers that differ each time, or are only for people who follow a mail.
LIVE_ONLY = {"pages.readyz", "pages.healthz", "join.show_sent", "letters.show_answer"}
LIVE_ONLY |= {"membership.show_confirm", "membership.show_manage"}
XHTML = "{http://www.w3.org/1999/xhtml}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A freeze for an address with a path, of a site that does not take forms."""
    out = tmp_path_factory.mktemp("frozen") / "copy"
    freeze(load_config({"COCREATE_SITE_URL": SITE}), out)
    return out


@pytest.fixture
def broken_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The templates in a folder of their own, for a test to break."""
    shutil.copytree(ROOT / "templates", tmp_path / "source" / "templates")
    monkeypatch.setattr("cocreate.app.ROOT", tmp_path / "source")
    monkeypatch.setattr("cocreate.freeze.freeze.ROOT", tmp_path / "source")
    return tmp_path / "source" / "templates"


def run_freeze(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """``cocreate freeze`` from an empty folder, with nothing in the environment but ``env``."""
    folder.mkdir(exist_ok=True)
    env["PATH"] = os.environ["PATH"]
    return run(COCREATE, "freeze", "--out", folder / "out", cwd=folder, env=env)


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_the_front_door_offers_every_language(copy: Path) -> None:
    document = Document((copy / "index.html").read_text())
    assert document.errors == []
    links = {e.get("href"): e.attrib["lang"] for e in document.all("a") if "lang" in e.attrib}
    assert links == {f"{language.slug}/": language.tag for language in LANGUAGES}


def test_the_front_door_is_its_own_canonical(copy: Path) -> None:
    document = Document((copy / "index.html").read_text())
    links = [e.attrib for e in document.all("link")]
    assert {link["href"] for link in links if link["rel"] == "canonical"} == {SITE}
    assert {link["href"] for link in links if link.get("hreflang") == "x-default"} == {SITE}
    assert set(metas(document, "og:url")) == {SITE}


def test_every_text_lies_there_in_three_codings(copy: Path) -> None:
    texts = [file for file in copy.rglob("*") if file.suffix in TEXT_SUFFIXES]
    assert len(texts) >= len(PAGES) * len(LANGUAGES)
    for file in texts:
        body = file.read_bytes()
        assert brotli.decompress(Path(f"{file}.br").read_bytes()) == body
        assert gzip.decompress(Path(f"{file}.gz").read_bytes()) == body
        assert Path(f"{file}.gz").read_bytes()[4:8] == bytes(4), "gzip header holds a time"


def test_the_sitemap_lists_every_page_with_its_alternates(copy: Path) -> None:
    sitemap = ET.parse(copy / "sitemap.xml").getroot()
    rows = {
        str(row.findtext(f"{SITEMAP}loc")): {
            link.attrib["hreflang"]: link.attrib["href"] for link in row.iter(f"{XHTML}link")
        }
        for row in sitemap.iter(f"{SITEMAP}url")
    }
    app = create_app(load_config({"COCREATE_SITE_URL": SITE}), static=True)
    with app.app_context():
        expected = {
            SITE + page_path(page, language): expected_alternates(page)
            for page in PAGES
            for language in LANGUAGES
        }
    assert rows == expected


def test_small_files_say_what_they_should(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.webmanifest").read_text())
    icons = {*ICONS, *(icon["src"] for icon in manifest["icons"])}
    assert [name for name in icons if not (copy / name).is_file()] == []
    assert f"Sitemap: {SITE}sitemap.xml" in (copy / "robots.txt").read_text()
    security = ".well-known/security.txt"
    assert f"Canonical: {SITE}{security}" in (copy / security).read_text()
    assert (copy / "favicon.ico").read_bytes()[:4] == b"\0\0\1\0"


def test_every_route_is_frozen_or_needs_a_server(site: Flask) -> None:
    static = create_app(load_config({}), static=True)
    adapter = static.url_map.bind("example.org")
    frozen = {adapter.match(address)[0] for address in addresses(static)}
    live = {rule.endpoint for rule in site.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert live - frozen == LIVE_ONLY


def test_two_freezes_are_the_same_byte_for_byte(tmp_path: Path) -> None:
    """Another folder, checkout, hash seed, time zone, locale and umask change nothing."""
    elsewhere = tmp_path / "a checkout elsewhere"
    Copy(elsewhere)
    one = run_freeze(tmp_path / "a", PYTHONHASHSEED="1", TZ="Asia/Singapore")
    there = {"PYTHONPATH": str(elsewhere / "site"), "PYTHONHASHSEED": "2"}
    here = os.umask(0o077)
    try:
        other = run_freeze(tmp_path / "b", TZ="America/Caracas", LANG="ta_IN.UTF-8", **there)
    finally:
        os.umask(here)
    assert list(elsewhere.rglob("*.mo")), "the other checkout was not used"
    assert (one.returncode, other.returncode) == (0, 0), one.stderr + other.stderr
    assert bytes_of(tmp_path / "a/out") == bytes_of(tmp_path / "b/out")
    assert one.stderr == ""
    assert len(one.stdout.splitlines()) == 1
    assert {file.name for file in (tmp_path / "a").iterdir()} == {"out"}, "wrote elsewhere too"


def test_a_public_address_needs_no_secret(tmp_path: Path) -> None:
    done = run_freeze(tmp_path / "a", COCREATE_SITE_URL=SITE)
    assert done.returncode == 0, done.stderr
    assert "Strict-Transport-Security" in (tmp_path / "a/out/_headers").read_text()


def test_progress_is_shown_on_a_terminal_only(tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    command = [COCREATE, "freeze", "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=follower) as running:
        assert running.wait() == 0
    os.close(follower)
    assert b"/ta/privacy/" in os.read(leader, 65536)


def test_checksums_cover_every_file(copy: Path) -> None:
    lines = (copy / CHECKSUMS).read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert listed == {k: v for k, v in bytes_of(copy).items() if k != CHECKSUMS}


def test_forms_post_to_the_live_site_where_there_is_one(tmp_path: Path) -> None:
    live = "https://join.example.org/"
    freeze(load_config({"COCREATE_SITE_URL": SITE, "COCREATE_JOIN_URL": live}), tmp_path / "out")
    document = Document((tmp_path / "out/ms/join/stack/index.html").read_text())
    assert [form.attrib["action"] for form in document.all("form")] == [f"{live}ms/join/stack/"]
    for name in ("_headers", "_hosting/nginx.conf", "_hosting/Caddyfile"):
        text = (tmp_path / "out" / name).read_text()
        assert "form-action 'self' https://join.example.org;" in text
        # With same-origin a cross-origin POST would say "Origin: null", which no site can trust.
        assert "strict-origin-when-cross-origin" in text


def test_without_a_live_site_there_is_no_dead_form(copy: Path) -> None:
    for file in copy.rglob("*.html"):
        assert Document(file.read_text()).all("form") == [], file


class TestFaults:
    """Nothing is published, and the older copy stays."""

    @pytest.fixture
    def old(self, copy: Path, tmp_path: Path) -> Iterator[Path]:
        out = tmp_path / "place" / "out"
        shutil.copytree(copy, out)
        before = bytes_of(out)
        yield out
        assert bytes_of(out) == before, "the older copy was touched"
        assert [file.name for file in out.parent.iterdir()] == ["out"], "something was left behind"

    @pytest.mark.parametrize(
        ("name", "more", "told"),
        [
            (
                "pages/stack.html",
                "\n{% block title %}{{ nowhere }}{% endblock %}",
                r"^/en/stack/: UndefinedError: .*stack\.html:\d+\)$",
            ),
            (
                "pages/stack.html",
                "{% block title %}{{ asset_url('no.png') }}{% endblock %}",
                r"^/en/stack/: KeyError: 'no.png'",
            ),
            (
                "components/footer.html",
                '<a href="../gone/">x</a>',
                r"^404.html: '\.\./gone/' .* \(and \d+ more\)$",
            ),
        ],
        ids=["unknown word", "missing asset", "dead link"],
    )
    def test_what_is_broken_is_named_with_its_place(
        self, old: Path, broken_site: Path, name: str, more: str, told: str
    ) -> None:
        with (broken_site / name).open("a") as template:
            template.write(more)
        with pytest.raises(FreezeError, match=told):
            freeze(load_config({}), old)

    def test_a_write_that_fails_is_one_line(self, old: Path) -> None:
        def only_small_files() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

        for out in (old, old.with_name("new")):  # nothing is left of a new one
            # Nothing else runs in this child.
            done = run(COCREATE, "freeze", "--out", out, preexec_fn=only_small_files)
            assert (done.returncode, done.stderr.count("\n")) == (1, 1)
            assert "File too large" in done.stderr

    def test_a_file_in_the_way_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "out").write_text("keep me")
        with pytest.raises(FreezeError, match="not a folder"):
            freeze(load_config({}), tmp_path / "out")

    def test_a_folder_that_is_not_ours_is_refused_in_one_line(self, tmp_path: Path) -> None:
        precious = tmp_path / "out/precious.txt"
        precious.parent.mkdir()
        precious.write_text("keep me")
        done = run_freeze(tmp_path)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert done.stderr.startswith("cocreate: not frozen: ")
        assert "choose another folder" in done.stderr
        assert precious.read_text() == "keep me"


def test_a_page_is_there_at_every_moment_of_a_freeze(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is moved over its older self, and none is away as the next one comes."""
    config, out = load_config({}), tmp_path / "my site"
    freeze(config, out)
    files, move, moved = [f for f in out.rglob("*") if f.is_file()], Path.replace, set[Path]()

    def look_and_move(new: Path, old: Path) -> Path:
        assert [file for file in files if not file.is_file()] == []
        moved.add(old)
        return move(new, old)

    monkeypatch.setattr(Path, "replace", look_and_move)
    freeze(config, out)
    assert moved >= {*files}


def test_what_a_freeze_did_not_write_it_never_removes(tmp_path: Path) -> None:
    """As in a repository that a host publishes."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "CNAME").write_text("example.org")
    freeze(load_config({}), tmp_path)
    (tmp_path / "en/notes.txt").write_text("mine")
    retired = tmp_path / "en/retired/index.html"
    retired.parent.mkdir()
    retired.write_text("an older freeze wrote this")
    with (tmp_path / CHECKSUMS).open("a") as listed:
        listed.write("0  en/retired/index.html\n")
    freeze(load_config({}), tmp_path)
    assert (tmp_path / ".git/HEAD").is_file()
    assert (tmp_path / "CNAME").read_text() == "example.org"
    assert (tmp_path / "en/notes.txt").read_text() == "mine"
    assert not retired.parent.exists()
    assert not list(tmp_path.glob(".freeze-*"))
