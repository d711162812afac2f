"""Addresses turn into objects and back; links work below any path."""

from __future__ import annotations

from urllib.parse import urljoin

from flask import Flask, g

from cocreate.app import create_app
from cocreate.config import Config, load_config
from cocreate.languages import BY_SLUG, LANGUAGES, Language
from cocreate.pages import BY_NAME, HOME, PAGES, Page
from cocreate.urls import absolute_url, page_path, page_url, use_absolute_links, use_relative_links
from matrix import every_page


@every_page
def test_a_relative_link_leads_to_the_same_place_below_any_path(
    site: Flask, page: Page, language: Language
) -> None:
    """From this page to every other, in every language."""
    with site.test_request_context("/" + page_path(page, language)):
        g.language = language
        use_relative_links()
        base = "https://host.example/any/sub/path/"
        for other in PAGES:
            for target in LANGUAGES:
                link = urljoin(base + page_path(page, language), page_url(other, target))
                assert link == base + page_path(other, target)


def test_an_absolute_link_starts_at_the_site_s_path(site_config: Config) -> None:
    config = load_config({"COCREATE_SITE_URL": "https://host.example/sub/"})
    with create_app(config, static=True).test_request_context("/en/"):
        g.language = BY_SLUG["ta"]
        use_absolute_links()
        assert page_url("stack") == "/sub/ta/stack/"
        assert page_url(HOME, BY_SLUG["zh"]) == "/sub/zh/"
        assert absolute_url("en/") == "https://host.example/sub/en/"


def test_a_page_s_name_is_its_template(site: Flask) -> None:
    names = set(site.jinja_env.list_templates())
    assert {f"pages/{page.name}.html" for page in PAGES} <= names
    pages = {name for name in names if name.startswith("pages/")}
    assert pages == {f"pages/{name}.html" for name in BY_NAME}, "a template that no page shows"
