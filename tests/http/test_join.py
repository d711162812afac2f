"""Sending a form: what is taken, the page that follows, and what a bot sees."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urljoin

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from cocreate.languages import Language
from cocreate.storage import database, exports, signups
from cocreate.web.formbase import HouseForm, questions
from cocreate.web.forms import FORMS
from cocreate.web.membership import ResendForm
from documents import Document, text_of
from fixtures.backend import confirmed, exported, letters, rows, signup, token_in
from matrix import every_language
from sending import FEEDBACK, FORM_PATHS, HTMX, KAKI, STACK, faults, filled_in, listed, send


def trap(app: Flask) -> str:
    """Name of the field that nobody fills in."""
    page = Document(app.test_client().get("/en/join/stack/").text)
    (name,) = [e.attrib["name"] for e in page.all("input") if e.get("tabindex") == "-1"]
    return name


def draft_in(page: str) -> str:
    """What was typed, as the page after the form keeps it."""
    found = re.search(r'name="draft" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def reopened(app: Flask, answer: TestResponse, path: str) -> TestResponse:
    """The form again, as the button of the page after it brings it back."""
    shown = app.test_client().get(answer.headers["Location"]).text
    return send(app, path, {"draft": draft_in(shown)})


@every_language
def test_a_join_is_answered_with_303_and_a_letter_in_its_language(
    backend: Flask, language: Language
) -> None:
    data = STACK | {"mail_language": language.slug}
    response = send(backend, f"/{language.slug}/join/stack/", data)
    assert response.status_code == 303
    assert response.headers["Location"].startswith(f"/{language.slug}/join/stack/sent/?draft=")
    assert response.headers["Cache-Control"] == "no-store"
    assert [letter["Content-Language"] for letter in letters(backend)] == [language.tag]
    (row,) = rows("signups")
    assert (row.community, row.interests) == ("stack", "events,conference")


def test_every_answer_of_every_form_has_its_place(backend: Flask) -> None:
    send(backend, "/ta/join/tech-kaki/", KAKI)
    send(backend, "/ta/feedback/", FEEDBACK | {"email": "c@example.com"})
    (row,), (note,) = rows("signups"), rows("feedback")
    assert (row.community, row.sessions, row.spoken) == ("tech-kaki", "user-testing", "ta,en")
    assert (row.age_band, row.devices, row.role) == ("65-over", None, None)
    assert (note.page, note.language) == ("stack", "ta")
    signups.confirm(token_in(letters(backend)[-1]))
    (member,) = exported(backend, exports.member_sheet("tech-kaki", 0))
    (said,) = exported(backend, exports.feedback_sheet(0))
    sealed = ("name", "email", "access_needs")
    assert [member[name] for name in sealed] == [KAKI[name] for name in sealed]
    assert (said["message"], said["email"]) == (FEEDBACK["message"], "c@example.com")


def test_one_form_joins_both_communities_and_one_link_confirms_both(backend: Flask) -> None:
    send(backend, "/en/join/stack/", STACK | {"also": "yes"})
    (letter,) = letters(backend)
    signups.confirm(token_in(letter))
    found = {row.community: bool(row.confirmed_at) for row in rows("signups")}
    assert found == {"stack": True, "tech-kaki": True}


def test_with_htmx_the_answer_is_the_next_page_s_main_part(small_site: Flask) -> None:
    response = send(small_site, "/zh/join/stack/", STACK, HTMX)
    assert response.status_code == 200
    assert response.headers["HX-Push-Url"].startswith("/zh/join/stack/sent/?draft=")
    assert response.headers["Vary"] == "HX-Request"
    assert response.text.lstrip().startswith("<title>")
    assert "<html" not in response.text
    assert 'id="languages"' in response.text, "the switcher leads to the new page"


def test_doubled_and_unknown_parameters_are_harmless(small_site: Flask) -> None:
    data = STACK | {"role": ["data", "designer"], "community": "both", "language": "xx", "id": "1"}
    assert send(small_site, "/en/join/stack/", data).status_code == 303
    assert rows("signups")[0].role == "data"


def test_a_bot_is_answered_as_if_it_had_worked(small_site: Flask) -> None:
    def answer(**more: str) -> str:
        """The page that follows, without the draft of what was typed."""
        response = send(small_site, "/en/join/stack/", STACK | more)
        assert response.status_code == 303
        shown = small_site.test_client().get(response.headers["Location"]).text
        return shown.replace(draft_in(shown), "")

    as_a_bot = answer(**{trap(small_site): "http://spam.example"})
    assert rows("signups") == []
    assert as_a_bot == answer(), "a bot sees no difference"


def test_a_person_whose_password_manager_sprang_the_trap_loses_nothing(small_site: Flask) -> None:
    name = trap(small_site)
    typed = STACK | {name: "Ann Tan"}
    shown = send(small_site, "/en/join/stack/", typed, HTMX)
    assert shown.status_code == 422
    assert list(faults(shown)) == [name]
    page = Document(shown.text)
    (field,) = [e for e in page.all("input") if e.get("name") == name]
    assert (field.get("value"), field.get("tabindex")) == ("Ann Tan", None)
    assert not [e for e in page.lineage(field) if e.get("aria-hidden") or e.get("class") == "trap"]
    assert f'href="#{name}"' in shown.text, "the summary leads to it"
    assert send(small_site, "/en/join/stack/", typed | {name: ""}, HTMX).status_code == 200
    assert len(rows("signups")) == 1

    # Without htmx it is answered as if it had worked; the way back holds everything but the trap.
    plain = send(small_site, "/en/feedback/", FEEDBACK | {name: "Ann Tan"})
    back = reopened(small_site, plain, "/en/feedback/")
    assert "The date is wrong" in back.text
    assert "Ann Tan" not in back.text


@pytest.mark.parametrize("path", FORM_PATHS)
def test_password_managers_are_told_to_leave_the_trap_alone(visitor: Any, path: str) -> None:
    page = Document(visitor.get(path).text)
    (field,) = [e for e in page.all("input") if e.get("tabindex") == "-1"]
    ignored = dict.fromkeys(("lpignore", "bwignore", "protonpass-ignore"), "true")
    ignored |= {"1p-ignore": "", "form-type": "other"}
    expected = {f"data-{name}": value for name, value in ignored.items()} | {"autocomplete": "off"}
    assert expected.items() <= dict(field.attrib).items()
    assert not re.search("web|url|name|mail|phone|addr|user|pass|code", field.attrib["name"])


def test_new_waiting_and_member_get_the_same_answer(small_site: Flask) -> None:
    answers = []
    for who in ("new", "waiting", "member"):
        if who == "member":
            signups.confirm(token_in(letters(small_site)[-1]))
        response = send(small_site, "/en/join/stack/", STACK)
        answers.append((response.status, response.text, dict(response.headers)))
    assert answers[0] == answers[1] == answers[2]


@every_language
def test_the_switcher_brings_the_form_back_in_another_language(
    small_site: Flask, language: Language
) -> None:
    typed = STACK | {"email": "half an addr", "language_switch": language.slug}
    response = send(small_site, f"/{language.slug}/join/stack/", typed)
    assert response.status_code == 200
    assert Document(response.text).root.attrib["lang"] == language.tag
    assert filled_in(response)["email"] == ["half an addr"]
    assert faults(response) == {}
    assert rows("signups") == []


def test_feedback_knows_which_page_it_came_from(small_site: Flask) -> None:
    for page, selected in (("stack", ["stack"]), ("<script>", [])):
        form = Document(small_site.test_client().get(f"/en/feedback/?page={page}").text)
        assert [e.get("value") for e in form.all("option") if "selected" in e.attrib] == selected


@pytest.mark.parametrize("slug", ["zh", "ms", "ta"])
def test_a_reader_mends_a_sentence_of_a_translation(backend: Flask, slug: str) -> None:
    """From the page to the managers' export, which says of which page and language it is."""
    client, path = backend.test_client(), f"/{slug}/stack/"
    lines = [e for e in Document(client.get(path).text).all("footer")[0].iter("p") if len(e) == 1]
    (href,) = {a.attrib["href"] for e in lines for a in e if "?page=" in a.attrib.get("href", "")}
    form = Document(client.get(urljoin(path, href)).text)
    (page,) = [e.get("value") for e in form.all("option") if "selected" in e.attrib]
    sent = FEEDBACK | {"page": page, "better": "A better sentence"}
    assert send(backend, urljoin(path, href).split("?")[0], sent).status_code == 303
    (row,) = exported(backend, exports.feedback_sheet(0))
    told = (row["page"], row["language"], row["message"], row["better"])
    assert told == ("stack", slug, FEEDBACK["message"], "A better sentence")


def test_an_address_may_have_a_domain_in_any_script(small_site: Flask) -> None:
    taken = send(small_site, "/en/join/stack/", STACK | {"email": "ann@தமிழ்.com"})
    assert taken.status_code == 303


def test_every_question_says_why_it_is_asked() -> None:
    """The box of consent is described by the consent itself."""
    reasons = re.compile(r"(?i)^so that|\bwe\b|need not|only if|what happened")
    forms: list[type[HouseForm]] = [*FORMS.values(), ResendForm]
    for form in forms:
        for field in questions(form()):
            if field.name != "consent":
                assert reasons.search(field.description), (form.__name__, field.name)


def test_the_check_page_names_the_address_and_leads_back_to_the_form(backend: Flask) -> None:
    answer = send(backend, "/ta/join/tech-kaki/", KAKI | {"also": "yes"})
    location = answer.headers["Location"]
    assert "bala@" not in unquote(location)
    assert len(location) < 4200
    client = backend.test_client()
    for _ in range(2):  # reload as often as one likes
        shown = client.get(location)
        assert "bala@example.com" in text_of(Document(shown.text).root)
        assert shown.headers["Cache-Control"] == "private, no-cache"
    assert "/en/join/tech-kaki/sent/?draft=" in shown.text, "the other languages know it too"
    back = filled_in(reopened(backend, answer, "/ta/join/tech-kaki/"))
    for name, value in (KAKI | {"also": "yes"}).items():
        assert sorted(back[name]) == sorted(listed(value)), name
    assert "devices" not in back


def test_with_htmx_the_check_page_is_the_same(small_site: Flask) -> None:
    swapped = send(small_site, "/en/join/stack/", STACK, HTMX)
    shown = small_site.test_client().get(swapped.headers["HX-Push-Url"])
    assert "ann@example.com" in text_of(Document(swapped.text).root)
    assert draft_in(swapped.text) == draft_in(shown.text)


@pytest.mark.parametrize("draft", ["", "x", "A" * 500, "é", "<b>", "=" * 9])
def test_without_a_draft_of_ours_the_page_is_as_before(small_site: Flask, draft: str) -> None:
    client = small_site.test_client()
    shown = client.get("/en/join/stack/sent/", query_string={"draft": draft})
    assert shown.status_code == 200
    assert "We have sent you an e-mail" in text_of(Document(shown.text).all("main")[0])
    assert 'name="draft"' not in shown.text
    assert "<b>" not in shown.text
    back = send(small_site, "/en/join/stack/", {"draft": draft})
    assert (back.status_code, back.headers["Location"]) == (303, "/en/join/stack/")


def test_the_fourth_letter_of_a_day_is_told_about_to_everybody_alike(small_site: Flask) -> None:
    confirmed(small_site, signup("old@example.com"))
    with database.writing() as connection:  # long ago
        connection.execute(database.table("mail_requests").delete())
    said = []
    for address in ("new@example.com", "old@example.com"):
        answers = []
        for number in (0, 1, 2, 3, 2):
            data = STACK | {"email": address, "name": f"Ann {number}"}
            location = send(small_site, "/en/join/stack/", data).headers["Location"]
            shown = Document(small_site.test_client().get(location).text)
            answers.append(text_of(shown.all("main")[0]).replace(address, "you"))
        truth = "We have sent 3 e-mails to you in the last 24 hours"
        assert [truth in answer for answer in answers] == [False, False, False, True, False]
        said.append(answers)
    assert said[0] == said[1]
