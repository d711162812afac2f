"""What one agrees to: the words, their version, and a privacy page that says the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from click.testing import CliRunner
from flask import Flask
from werkzeug.test import TestResponse

import sending
from cocreate.app import create_app
from cocreate.commands.members import members
from cocreate.config import Config
from cocreate.languages import ENGLISH, LANGUAGES
from cocreate.pages import PAGES
from cocreate.storage import journal, membership
from cocreate.web.fields import TextField
from cocreate.web.formbase import questions
from cocreate.web.forms import FORMS, uses
from documents import Document, text_of
from fixtures.backend import confirmed, rows, signup
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


def form_of(app: Flask, path: str = FORM) -> Document:
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
    page = form_of(copy_of(**settings), path)
    expected = hashlib.sha256(words_shown(page).encode()).hexdigest()[:16]
    assert version_shown(page) == expected


@every_copy
def test_managers_print_what_a_version_stands_for(
    copy_of: CopyOf, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"COCREATE_{name.upper()}", value)
    lines = CliRunner().invoke(members, ["consent"]).output.splitlines()
    assert [line.split()[1] for line in lines] == [language.slug for language in LANGUAGES]
    page = form_of(copy_of(**settings))
    assert lines[0] == f"{version_shown(page)} en {words_shown(page)}"


def test_each_copy_and_each_language_has_its_own_version(copy_of: CopyOf) -> None:
    made = [version_shown(form_of(copy_of(**settings))) for settings in COPIES.values()]
    paths = [FORM.replace("en", one.slug) for one in LANGUAGES[1:]]
    made += [version_shown(form_of(copy_of(), path)) for path in paths]
    assert len(set(made)) == len(made) == len(COPIES) + len(LANGUAGES) - 1


@pytest.mark.parametrize("told", [True, False], ids=["from the page", "by a client of its own"])
def test_a_member_keeps_the_version_and_language_of_what_was_shown(
    small_site: Flask, told: bool
) -> None:
    shown = version_shown(form_of(small_site, "/ms/join/stack/"))
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
    config: Config = app.config["COCREATE"]
    privacy = text_of(form_of(app, "/en/privacy/").all("main")[0])
    consent = words_shown(form_of(app))
    for said in (privacy, consent):
        assert "counted for statistics, without your name" in said
        assert (config.run_by or "The people who run this demonstration") in said
        assert ("GovTech is not one of them" in said) is config.is_demonstration
    assert "nothing else" not in consent
    for must in ("collect", "withdraw at any time", "membership then ends", "erased at once"):
        assert must in consent  # PDPA s 14 and 16


def test_every_question_of_every_form_has_its_use_on_the_privacy_page(small_site: Flask) -> None:
    table = form_of(small_site, "/en/privacy/").all("table")[0]
    shown = [[text_of(cell) for cell in row] for row in table.iter("tr")]
    for page in (page for page in PAGES if page.form):
        for field in questions(FORMS[page.form]()):
            asked = (str(field.label.text), page.label)
            (row,) = [row for row in shown if row[0].startswith(asked[0]) and asked[1] in row[0]]
            assert len(row[1]) > 15, asked
            assert row[2] == ("Sealed" if isinstance(field, TextField) else "Readable"), asked
    assert len(shown) == len(uses()) + 1


def test_what_the_table_calls_sealed_is(small_site: Flask) -> None:
    """Free text stands in no column that the server can read."""
    typed = {"name": "Zebedee", "email": "z@example.org", "access_needs": "ramp at the door"}
    sealed = {f.name for form in FORMS.values() for f in questions(form()) if is_text(f)}
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


def is_text(field: object) -> bool:
    return isinstance(field, TextField)


def test_privacy_names_all_that_is_kept_of_who_has_left(small_site: Flask) -> None:
    manage = confirmed(small_site, signup(communities=("stack", "tech-kaki")))
    membership.withdraw(manage, "stack")
    config: Config = small_site.config["COCREATE"]
    *_, entry = filter(None, (config.data_dir / journal.NAME).read_text().splitlines())
    items = [text_of(e) for e in form_of(small_site, "/en/privacy/").all("li")]
    (told,) = [item for item in items if item.startswith("once you have left")]
    said = {
        "at": "when",
        "community": "which community",
        "addresses": "hashes of your address",
        "links": "and links",
    }
    assert json.loads(entry).keys() == said.keys()
    assert [words for words in said.values() if words not in told] == []
