"""Whom one joins: a demonstration says that it is one, any other site who runs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from cocreate.communities import BY_SLUG, COMMUNITIES, Community
from cocreate.facts import FACTS
from cocreate.languages import LANGUAGES, Language
from cocreate.pages import PAGES, Page
from cocreate.storage import signups
from documents import Document, text_of
from fixtures.backend import letters, signup, token_in, with_storage
from sending import OURS

DEMONSTRATION = "This is a demonstration."
NOTHING = f"Nothing that you enter here goes to {FACTS.body.name}."
GUILD = "Bukit Guild"
CODE = "https://code.example/bukit"
FORMS = [page for page in PAGES if page.form]
every_form = pytest.mark.parametrize("page", FORMS, ids=lambda page: page.name)


@pytest.fixture
def run_site(small_site: Flask) -> Iterator[Flask]:
    """The same site, run by somebody who says who they are and where the code is."""
    config = replace(small_site.config["COCREATE"], operator=GUILD, source_url=CODE)
    with with_storage(small_site, config) as app:
        yield app


def open_page(app: Flask, path: str) -> Document:
    return Document(app.test_client().get(path).text)


def main(page: Document) -> str:
    return text_of(page.all("main")[0])


def links(page: Document) -> set[str]:
    inside = page.all("main")[0]
    return {e.attrib["href"] for e in inside.iter("a")}


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.slug)
@pytest.mark.parametrize("community", COMMUNITIES, ids=lambda one: one.slug)
def test_three_questions_are_answered_before_one_joins(
    small_site: Flask, community: Community, language: Language
) -> None:
    page = open_page(small_site, f"/{language.slug}/{community.page}/").all("main")[0]
    parts = [part for part in page.iter("section") if [e.tag for e in part] == ["h3", "p"]]
    asked = [text_of(p) for h3, p in parts if text_of(h3).endswith(("?", "？"))]
    assert len(asked) == 3
    assert all(answer.endswith((".", "。")) for answer in asked)


@every_form
def test_a_demonstration_says_so_before_the_first_field(small_site: Flask, page: Page) -> None:
    path = page.path
    words = main(open_page(small_site, f"/en/{path}"))
    first = words.index(DEMONSTRATION)
    label = "Name" if path.startswith("join/") else "What is your feedback about?"
    assert first < words.index(NOTHING) < words.index(label, first)


@every_form
def test_and_again_on_the_page_that_follows(small_site: Flask, page: Page) -> None:
    path = page.path
    words = main(open_page(small_site, f"/en/{path}sent/"))
    assert DEMONSTRATION in words
    assert NOTHING in words


@pytest.mark.parametrize("community", COMMUNITIES, ids=lambda one: one.slug)
def test_the_real_community_is_one_link_away_on_each_step(
    small_site: Flask, community: Community
) -> None:
    slug = community.slug
    met = {link.address for link in BY_SLUG[slug].links}
    signups.join(signup(communities=(slug,)))
    path = f"/en/confirm/{token_in(letters(small_site)[-1])}/"
    client = small_site.test_client()
    steps = [f"/en/join/{slug}/", f"/en/join/{slug}/sent/", path]
    pages = [open_page(small_site, step) for step in steps]
    pages.append(Document(client.post(path, headers=OURS).text))
    for page in pages:
        assert met <= links(page)
        assert NOTHING in main(page)
        assert "become a member" not in main(page)
        assert "You are now a member" not in main(page)


@every_form
def test_a_site_that_somebody_runs_names_them_instead(run_site: Flask, page: Page) -> None:
    path = page.path
    for end in ("", "sent/"):
        words = main(open_page(run_site, f"/en/{path}{end}"))
        assert f"What you enter here goes to {GUILD}." in words
        assert "demonstration" not in words


def test_who_joins_there_is_a_member_and_sees_where_to_go(run_site: Flask) -> None:
    signups.join(signup())
    path = f"/en/confirm/{token_in(letters(run_site)[-1])}/"
    welcome = Document(run_site.test_client().post(path, headers=OURS).text)
    assert "You are now a member of: STACK" in main(welcome)
    assert {link.address for link in BY_SLUG["stack"].links} <= links(welcome)
    assert "The pattern is complete" not in main(welcome)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.slug)
def test_the_footer_says_who_runs_the_site_and_where_its_code_is(
    run_site: Flask, language: Language
) -> None:
    slug = language.slug
    for page in ("", "licences/"):
        opened = open_page(run_site, f"/{slug}/{page}")
        footer = opened.all("footer")[0]
        assert GUILD in text_of(footer)
        assert CODE in {e.attrib["href"] for e in footer.iter("a")}
        assert (CODE in links(opened)) is bool(page)
        assert GUILD in text_of(opened.all("header")[0])


def test_without_an_address_of_its_code_no_site_is_made_in_the_open(small_site: Flask) -> None:
    for page in PAGES:
        opened = open_page(small_site, f"/en/{page.path}")
        assert "in the open" not in text_of(opened.root).lower(), page.name
    footer = text_of(open_page(small_site, "/en/").all("footer")[0])
    assert f"This site is a demonstration. {FACTS.body.name} does not run it." in footer


def test_stack_is_met_from_its_first_screen(small_site: Flask) -> None:
    hero = next(
        e
        for e in open_page(small_site, "/en/stack/").elements
        if e.attrib.get("class") == "hero__words"
    )
    buttons = [e for e in hero.iter("a") if "button" in e.attrib.get("class", "").split()]
    assert FACTS.stack.meetup in {e.attrib["href"] for e in buttons}


def test_crowdtask_leads_to_the_platform(small_site: Flask) -> None:
    for path in ("/en/crowdtask/", "/en/get-involved/"):
        assert FACTS.crowdtask.site in links(open_page(small_site, path))
