"""A page is a row, and so is a community: what else names one is a form, a page or a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from cocreate.communities import COMMUNITIES, Community, community_of, ground_of
from cocreate.config import PACKAGE, ROOT
from cocreate.facts import FACTS
from cocreate.pages import BY_NAME, PAGES
from cocreate.web.formbase import JoinForm
from cocreate.web.forms import FORMS

TEMPLATES = ROOT / "templates"
# Where a community, and the body that it belongs to, are written about.
ROWS = {PACKAGE / name for name in ("communities.py", "pages.py", "web/forms.py")}
WRITING = {*TEMPLATES.glob("pages/*.html"), TEMPLATES / "components/art.html"}
FOR_ALL = {TEMPLATES / f"pages/{name}.html" for name in ("privacy", "feedback", "accessibility")}
# What tells translators and writers what a placeholder is, by example.
EXAMPLES = {*PACKAGE.glob("l10n/*"), TEMPLATES / "letter/letter.toml"}
CODE = {*PACKAGE.rglob("*.py")} - ROWS
SHARED = ({*TEMPLATES.rglob("*.*")} - WRITING) | FOR_ALL
COMMENT = re.compile(r'""".*?"""|\{#.*?#\}|#[^\n"]*$', re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("community", COMMUNITIES, ids=lambda one: one.slug)
def test_a_row_has_its_pages_its_form_and_its_links(community: Community) -> None:
    form = FORMS[community.form]
    assert issubclass(form, JoinForm)
    assert form.community == community.slug
    assert community.page in BY_NAME
    assert [page.form for page in PAGES].count(community.form) == 1
    assert community.links
    assert all(link.address.startswith("https://") for link in community.links)
    own = [page for page in PAGES if community_of(page) is community]
    assert {ground_of(page) for page in own} == {community.ground}


def test_every_ground_is_in_the_style_sheet() -> None:
    css = (ROOT / "static/css/site.css").read_text("utf-8")
    grounds = {ground_of(page) for page in PAGES} - {""}
    assert [ground for ground in grounds if f".ground-{ground}" not in css] == []


def test_a_page_s_name_is_its_template(site: Flask) -> None:
    names = {name for name in site.jinja_env.list_templates() if name.startswith("pages/")}
    assert names == {f"pages/{name}.html" for name in BY_NAME}, "a template that no page shows"


@pytest.mark.parametrize("file", sorted((CODE | SHARED) - EXAMPLES), ids=lambda file: file.name)
def test_nothing_but_rows_and_pages_knows_a_community_or_the_body(file: Path) -> None:
    """Another agency's site is made from rows and pages: code and shared templates stay."""
    names = [name for one in COMMUNITIES for name in (one.slug, one.name)]
    known = re.compile("|".join(rf"\b{name}\b" for name in [*names, FACTS.body.name]))
    assert known.findall(COMMENT.sub("", file.read_text("utf-8"))) == []
