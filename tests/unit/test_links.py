"""The link check: what it must find, and what it must leave alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from cocreate.config import load_config
from cocreate.freeze.links import Folder

SITE = "https://example.org/sub/"

BAD = {
    "nowhere": ('<a href="../gone/">', "leads nowhere"),
    "no-slash": ('<a href="../two">', "leads nowhere"),
    "out-of-the-folder": ('<a href="../../two/">', "leads nowhere"),
    "fragment": ('<a href="../two/#gone">', "names an element that is not there"),
    "own-fragment": ('<a href="#gone">', "names an element that is not there"),
    "absolute": ('<a href="/sub/two/">', "is absolute"),
    "other-scheme": ('<a href="javascript:alert(1)">', "must not use"),
    "protocol-relative": ('<img src="//cdn.example/x.png">', "must not use"),
    "canonical": (f'<link href="{SITE}three/">', "leads nowhere"),
    "srcset": ('<img srcset="../a.png 1x, ../gone.png 2x">', "leads nowhere"),
    "htmx": ('<form data-hx-post="../gone/">', "leads nowhere"),
    "svg-fill": ('<svg><path fill="url(#gone)"/></svg>', "names an element that is not there"),
    "described-by": ('<input aria-describedby="top gone">', "no element has the id 'gone'"),
    "twice": ('<p id="top">', "id 'top' is given twice"),
}
GOOD = [
    '<a href="../two/#here">',
    '<a href="./">',
    '<a href="#top">',
    '<a href="mailto:a@example.org">',
    '<a href="https://elsewhere.example/gone/">',
    f'<link href="{SITE}two/">',
    '<img srcset="../a.png 1x, ../a.png 2x">',
    '<label for="top">',
]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "index.html").write_text('<p id="here">')
    for name in ("index.html", "a.png"):
        (tmp_path / name).touch()
    return tmp_path


def faults(site: Path, join_url: str = "") -> list[str]:
    env = {"COCREATE_SITE_URL": SITE, "COCREATE_JOIN_URL": join_url}
    return Folder(site, load_config(env)).faults()


@pytest.mark.parametrize(("markup", "fault"), BAD.values(), ids=BAD.keys())
def test_a_bad_reference_is_found(site: Path, markup: str, fault: str) -> None:
    (site / "one/index.html").write_text(f'<main id="top">{markup}</main>')
    (found,) = faults(site)
    assert found.startswith("one/index.html: ")
    assert fault in found


@pytest.mark.parametrize("markup", GOOD)
def test_a_good_reference_is_left_alone(site: Path, markup: str) -> None:
    (site / "one/index.html").write_text(f'<main id="top">{markup}</main>')
    assert faults(site) == []


def test_only_the_page_for_what_is_missing_may_link_absolutely(site: Path) -> None:
    (site / "404.html").write_text('<a href="/sub/two/">')
    assert faults(site) == []
    (site / "404.html").write_text('<a href="/two/">')
    assert faults(site) == ["404.html: '/two/' does not begin with /sub/"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("site.css", "a{background:url('gone.png')}"),
        ("sitemap.xml", f"<loc>{SITE}gone/</loc>"),
        ("robots.txt", f"Sitemap: {SITE}gone.xml"),
        ("manifest.webmanifest", '{"icons": [{"src": "gone.png"}]}'),
    ],
)
def test_other_files_are_read_too(site: Path, name: str, text: str) -> None:
    (site / name).write_text(text)
    (found,) = faults(site)
    assert found.startswith(f"{name}: ")


def test_a_form_may_post_to_a_live_site_below_our_own_address(site: Path) -> None:
    (site / "one/index.html").write_text(f'<form action="{SITE}live/en/join/">')
    assert len(faults(site)) == 1
    assert faults(site, join_url=f"{SITE}live/") == []
