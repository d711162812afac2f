"""Whom one joins and what one agrees to; a privacy page that says the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

import sending
from cocreate.app import create_app
from cocreate.communities import COMMUNITIES, COMMUNITY_BY_SLUG, Community
from cocreate.config import Config
from cocreate.facts import FACTS
from cocreate.languages import ENGLISH, LANGUAGES, Language
from cocreate.pages import PAGES, Page
from cocreate.storage import erasures, membership, signups
from cocreate.web.fields import TextField
from cocreate.web.formbase import questions
from cocreate.web.forms import FORMS, uses
from documents import Document, text_of
from fixtures.backend import config_of, confirmed, letters, rows, signup, token_in, with_storage
from fixtures.commands import Run
from matrix import FORM_PAGES, every_form, every_language
from sending import STACK

FORM = "/en/join/stack/"
COPIES: dict[str, dict[str, str]] = {
    "demonstration": {},
    "government": {"site_url": "https://www.tech.gov.sg/"},
    "operator": {"site_url": "https://example.org/", "operator": "Bukit Guild"},
    "another operator": {"site_url": "https://example.org/", "operator": "Another Guild"},
}
every_copy = pytest.mark.parametrize("settings", COPIES.values(), ids=list(COPIES))
CopyOf = Callable[..., Flask]


@pytest.fixture
def copy_of(site_config: Config) -> CopyOf:
    return lambda **settings: create_app(replace(site_config, **settings))


def open_page(app: Flask, path: str = FORM) -> Document:
    return Document(app.test_client().get(path).text)


def send(app: Flask, path: str = FORM, /, **data: str) -> TestResponse:
    return sending.send(app, path, STACK | data)


def inputs(page: Document) -> dict[str, dict[str, str]]:
    return {e.attrib.get("name", ""): e.attrib for e in page.all("input")}


def words_shown(page: Document) -> str:
    """What stands in the group of the consent, below its heading."""
    group = next(e for e in page.elements if e.attrib.get("class") == "consent")
    return " ".join(text_of(e) for e in group.iter() if e.tag in ("p", "label"))


def version_shown(page: Document) -> str:
    return inputs(page)["consent_version"]["value"]


@every_copy
@pytest.mark.parametrize("path", [FORM, "/ta/join/tech-kaki/"])
def test_the_version_is_a_hash_of_the_words_as_shown(
    copy_of: CopyOf, settings: dict[str, str], path: str
) -> None:
    """So it changes by itself with any of them."""
    page = open_page(copy_of(**settings), path)
    expected = hashlib.sha256(words_shown(page).encode()).hexdigest()[:16]
    assert version_shown(page) == expected


@every_copy
def test_managers_print_what_a_version_stands_for(
    copy_of: CopyOf, settings: dict[str, str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"COCREATE_{name.upper()}", value)
    lines = run("members", "consent").out.splitlines()
    assert [line.split()[1] for line in lines] == [language.slug for language in LANGUAGES]
    page = open_page(copy_of(**settings))
    assert lines[0] == f"{version_shown(page)} en {words_shown(page)}"


def test_each_copy_and_each_language_has_its_own_version(copy_of: CopyOf) -> None:
    made = [version_shown(open_page(copy_of(**settings))) for settings in COPIES.values()]
    paths = [FORM.replace("en", one.slug) for one in LANGUAGES[1:]]
    made += [version_shown(open_page(copy_of(), path)) for path in paths]
    assert len(set(made)) == len(made) == len(COPIES) + len(LANGUAGES) - 1


@pytest.mark.parametrize("told", [True, False], ids=["from the page", "by a client of its own"])
def test_a_member_keeps_the_version_and_language_of_what_was_shown(
    small_site: Flask, told: bool
) -> None:
    shown = version_shown(open_page(small_site, "/ms/join/stack/"))
    data = {"consent_version": shown} if told else {}
    assert send(small_site, "/ms/join/stack/", **data).status_code == 303
    (row,) = rows("signups")
    assert (row.consent_version, row.consent_language) == (shown, "ms")


def test_words_that_changed_meanwhile_are_read_again(small_site: Flask) -> None:
    """The page was opened before they changed, or is another copy's. Nothing typed is lost."""
    answer = send(small_site, consent_version="0" * 16)
    assert answer.status_code == 422
    assert rows("signups") == []
    page = Document(answer.text)
    assert "consent-error" in page.ids
    found = inputs(page)
    assert "checked" not in found["consent"]
    assert found["name"]["value"] == STACK["name"]
    assert send(small_site, consent_version=version_shown(page)).status_code == 303


@every_copy
def test_consent_and_privacy_name_the_same_body_and_uses(
    copy_of: CopyOf, settings: dict[str, str]
) -> None:
    app = copy_of(**settings)
    config = config_of(app)
    privacy = text_of(open_page(app, "/en/privacy/").all("main")[0])
    consent = words_shown(open_page(app))
    for said in (privacy, consent):
        assert "counted for statistics, without your name" in said
        assert (config.run_by or "The people who run this demonstration") in said
        assert ("GovTech is not one of them" in said) is config.is_demonstration
    assert "nothing else" not in consent
    for must in ("collect", "withdraw at any time", "membership then ends", "erased at once"):
        assert must in consent  # PDPA s 14 and 16


def test_every_question_of_every_form_has_its_use_on_the_privacy_page(small_site: Flask) -> None:
    table = open_page(small_site, "/en/privacy/").all("table")[0]
    shown = [[text_of(cell) for cell in row] for row in table.iter("tr")]
    for page in FORM_PAGES:
        for field in questions(FORMS[page.form]()):
            asked = (str(field.label.text), page.label)
            (row,) = [row for row in shown if row[0].startswith(asked[0]) and asked[1] in row[0]]
            assert len(row[1]) > 15, asked
            assert row[2] == ("Sealed" if isinstance(field, TextField) else "Readable"), asked
    assert len(shown) == len(uses()) + 1


def test_what_the_table_calls_sealed_is(small_site: Flask) -> None:
    """Free text stands in no column that the server can read."""
    typed = {"name": "Zebedee", "email": "z@example.org", "access_needs": "ramp at the door"}
    asked = [field for form in FORMS.values() for field in questions(form())]
    sealed = {field.name for field in asked if isinstance(field, TextField)}
    said = {"message": "odd words", "better": "better words"}
    assert sealed == {*typed, *said}, "a new one has to be typed here"
    needs = {"sessions": ["other"], "access_needs": typed["access_needs"]}
    made = signup(typed["email"], name=typed["name"], communities=("tech-kaki",), answers=needs)
    confirmed(small_site, made)
    plain = repr(rows("signups"))
    assert "other" in plain
    assert [value for value in typed.values() if value in plain] == []
    membership.give_feedback("stack", said["message"], "", ENGLISH, better=said["better"])
    assert [value for value in said.values() if value in repr(rows("feedback"))] == []


def test_privacy_names_all_that_is_kept_of_who_has_left(small_site: Flask) -> None:
    manage = confirmed(small_site, signup(communities=("stack", "tech-kaki")))
    membership.withdraw(manage, "stack")
    kept = (config_of(small_site).data_dir / erasures.NAME).read_text()
    *_, entry = filter(None, kept.splitlines())
    items = [text_of(e) for e in open_page(small_site, "/en/privacy/").all("li")]
    (told,) = [item for item in items if item.startswith("once you have left")]
    said = {"at": "when", "community": "which community"}
    said |= {"addresses": "such codes of your address", "links": "and links"}
    assert json.loads(entry).keys() == said.keys()
    assert [words for words in said.values() if words not in told] == []


DEMONSTRATION = "This is a demonstration."
NOTHING = f"Nothing that you enter here goes to {FACTS.body.name}."
GUILD = "Bukit Guild"
CODE = "https://code.example/bukit"
every_community = pytest.mark.parametrize("community", COMMUNITIES, ids=lambda one: one.slug)


@pytest.fixture
def run_site(small_site: Flask) -> Iterator[Flask]:
    """The same site, run by somebody who says who they are and where the code is."""
    config = replace(config_of(small_site), operator=GUILD, source_url=CODE)
    with with_storage(small_site, config) as app:
        yield app


def main(page: Document) -> str:
    return text_of(page.all("main")[0])


def links(page: Document) -> set[str]:
    inside = page.all("main")[0]
    return {e.attrib["href"] for e in inside.iter("a")}


@every_language
@every_community
def test_three_questions_are_answered_before_one_joins(
    small_site: Flask, community: Community, language: Language
) -> None:
    page = open_page(small_site, f"/{language.slug}/{community.page}/").all("main")[0]
    parts = [part for part in page.iter("section") if [e.tag for e in part] == ["h3", "p"]]
    asked = [text_of(p) for h3, p in parts if text_of(h3).endswith(("?", "？"))]
    assert len(asked) == 3
    assert all(answer.endswith((".", "。")) for answer in asked)


@every_form
def test_a_demonstration_says_so_before_the_first_field_and_after(
    small_site: Flask, page: Page
) -> None:
    words, after = (main(open_page(small_site, f"/en/{page.path}{end}")) for end in ("", "sent/"))
    first = words.index(DEMONSTRATION)
    label = "What is your feedback about?" if page.name == "feedback" else "Name"
    assert first < words.index(NOTHING) < words.index(label, first)
    assert DEMONSTRATION in after
    assert NOTHING in after


@every_community
def test_the_real_community_is_one_link_away_on_each_step(
    small_site: Flask, community: Community
) -> None:
    slug, met = community.slug, {link.address for link in community.links}
    signups.join(signup(communities=(slug,)))
    path = f"/en/confirm/{token_in(letters(small_site)[-1])}/"
    steps = [f"/en/join/{slug}/", f"/en/join/{slug}/sent/", path]
    pages = [open_page(small_site, step) for step in steps]
    for page in [*pages, Document(sending.send(small_site, path).text)]:
        assert met <= links(page)
        assert NOTHING in main(page)
        assert "become a member" not in main(page)
        assert "You are now a member" not in main(page)


@every_form
def test_a_site_that_somebody_runs_names_them_instead(run_site: Flask, page: Page) -> None:
    for end in ("", "sent/"):
        words = main(open_page(run_site, f"/en/{page.path}{end}"))
        assert f"What you enter here goes to {GUILD}." in words
        assert "demonstration" not in words


def test_who_joins_there_is_a_member_and_sees_where_to_go(run_site: Flask) -> None:
    signups.join(signup())
    path = f"/en/confirm/{token_in(letters(run_site)[-1])}/"
    welcome = Document(sending.send(run_site, path).text)
    assert "You are now a member of: STACK" in main(welcome)
    assert {link.address for link in COMMUNITY_BY_SLUG["stack"].links} <= links(welcome)
    assert "The pattern is complete" not in main(welcome)


@every_language
def test_the_footer_says_who_runs_the_site_and_where_its_code_is(
    run_site: Flask, language: Language
) -> None:
    for page in ("", "licences/"):
        opened = open_page(run_site, f"/{language.slug}/{page}")
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
    elements = open_page(small_site, "/en/stack/").elements
    hero = next(e for e in elements if e.attrib.get("class") == "hero__words")
    buttons = [e for e in hero.iter("a") if "button" in e.attrib.get("class", "").split()]
    assert FACTS.stack.meetup in {e.attrib["href"] for e in buttons}


def test_crowdtask_leads_to_the_platform(small_site: Flask) -> None:
    for path in ("/en/crowdtask/", "/en/get-involved/"):
        assert FACTS.crowdtask.site in links(open_page(small_site, path))
