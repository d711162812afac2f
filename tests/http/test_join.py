"""Sending a form: what is taken, what is refused, and that nothing typed is ever lost."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from checks import check_document
from cocreate.languages import LANGUAGES, Language
from cocreate.storage import database, members
from cocreate.storage.database import StorageUnavailable
from cocreate.web import ratelimit
from cocreate.web.forms import CONSENT_VERSION
from documents import Document, text_of
from fixtures.backend import letters, rows
from matrix import every_language

OURS = {"Origin": "http://127.0.0.1:8000"}
HTMX = OURS | {"HX-Request": "true"}
STACK = {
    "name": "Ann Tan",
    "email": "ann@example.com",
    "role": "data",
    "interests": ["events", "conference"],
    "mail_language": "en",
    "consent": "yes",
}
KAKI = {
    "name": "Bala s/o Kumar",
    "email": "bala@example.com",
    "sessions": ["user-testing"],
    "spoken": ["ta", "en"],
    "age_band": "65-over",
    "access_needs": "Large print, please",
    "consent": "yes",
}
FEEDBACK = {"page": "stack", "message": "The date is wrong", "email": ""}


def send(app: Flask, path: str, data: Any, headers: Any = OURS, **more: Any) -> TestResponse:
    return app.test_client().post(path, data=data, headers=headers, **more)


def faults(response: TestResponse) -> dict[str, str]:
    """Messages at the fields, by field."""
    found = [e for e in Document(response.text).elements if "field__error" in e.get("class", "")]
    return {e.attrib["id"].removesuffix("-error"): text_of(e) for e in found}


@every_language
def test_a_join_is_answered_with_303_and_a_letter_in_its_language(
    backend: Flask, language: Language
) -> None:
    data = STACK | {"mail_language": language.slug}
    response = send(backend, f"/{language.slug}/join/stack/", data)
    assert response.status_code == 303
    assert response.headers["Location"] == f"/{language.slug}/join/stack/sent/"
    assert response.headers["Cache-Control"] == "no-store"
    assert [letter["Content-Language"] for letter in letters(backend)] == [language.tag]
    (row,) = rows("signups")
    assert (row.community, row.interests) == ("stack", "events,conference")
    assert (row.consent_version, row.consent_language) == (CONSENT_VERSION, language.slug)


def test_every_answer_of_every_form_has_its_place(backend: Flask) -> None:
    send(backend, "/ta/join/tech-kaki/", KAKI)
    send(backend, "/ta/feedback/", FEEDBACK | {"email": "c@example.com"})
    (row,), (note,) = rows("signups"), rows("feedback")
    assert (row.community, row.spoken, row.age_band) == ("tech-kaki", "ta,en", "65-over")
    assert (note.page, note.language) == ("stack", "ta")


def test_one_form_joins_both_communities(backend: Flask) -> None:
    send(backend, "/en/join/stack/", STACK | {"also": "yes"})
    assert {row.community for row in rows("signups")} == {"stack", "tech-kaki"}
    assert len(letters(backend)) == 1


def test_with_htmx_the_answer_is_the_next_page_s_main_part(small_site: Flask) -> None:
    response = send(small_site, "/zh/join/stack/", STACK, HTMX)
    assert response.status_code == 200
    assert response.headers["HX-Push-Url"] == "/zh/join/stack/sent/"
    assert response.headers["Vary"] == "HX-Request"
    assert response.text.lstrip().startswith("<title>")
    assert "<html" not in response.text
    assert 'id="languages"' in response.text, "the switcher leads to the new page"


@every_language
def test_an_empty_form_is_422_with_a_message_at_each_field(
    small_site: Flask, language: Language
) -> None:
    response = send(small_site, f"/{language.slug}/join/stack/", {})
    assert response.status_code == 422
    assert list(faults(response)) == [
        "name",
        "email",
        "role",
        "interests",
        "mail_language",
        "consent",
    ]
    check_document(response.text, language)
    page = Document(response.text)
    invalid = [e for e in page.elements if e.get("aria-invalid") == "true"]
    for element in invalid:
        ids = element.attrib["aria-describedby"].split()
        assert set(ids) <= set(page.ids)
    assert rows("signups") == []


def test_everything_typed_comes_back(small_site: Flask) -> None:
    data = KAKI | {"consent": "", "name": '<b>"Bala" & co</b>', "also": "yes"}
    page = Document(send(small_site, "/en/join/tech-kaki/", data).text)
    values = {e.get("name"): e.get("value") for e in page.all("input") if e.get("type") == "text"}
    ticked = {(e.get("name"), e.get("value")) for e in page.all("input") if "checked" in e.attrib}
    assert values["name"] == data["name"]
    assert ("sessions", "user-testing") in ticked
    assert ("age_band", "65-over") in ticked
    assert ("also", "yes") in ticked
    assert text_of(page.all("textarea")[0]) == KAKI["access_needs"]


@pytest.mark.parametrize(
    ("field", "value"),
    {
        "blank name": ("name", "   "),
        "NUL": ("name", "Ann\0Tan"),
        "control character": ("name", "Ann\x1bTan"),
        "line break in a name": ("name", "Ann\r\nBcc: x@example.com"),
        "bidi override": ("name", "Ann\u202eTan"),
        "lone surrogate": ("name", "Ann\ufffdTan"),
        "long name": ("name", "x" * 201),
        "no address": ("email", "ann"),
        "two addresses": ("email", "a@example.com, b@example.com"),
        "header injection": ("email", "a@example.com\r\nBcc: b@example.com"),
        "long address": ("email", "a" * 250 + "@example.com"),
        "name around address": ("email", "Ann <ann@example.com>"),
        "unknown role": ("role", "emperor"),
        "unknown interest": ("interests", ["events", "1 OR 1=1"]),
        "unknown language": ("mail_language", "xx"),
        "no consent": ("consent", ""),
    }.values(),
)
def test_bad_input_is_explained_at_its_field(small_site: Flask, field: str, value: Any) -> None:
    response = send(small_site, "/en/join/stack/", STACK | {field: value})
    assert response.status_code == 422
    assert list(faults(response)) == [field]
    assert rows("signups") == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"name": "Ann"}', "application/json", 422),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 422),
        (b"name=%ff%fe&email=%80", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"name=%d" % n for n in range(5000)), "application/x-www-form-urlencoded", 422),
        (b"name=" + b"x" * 300_000, "application/x-www-form-urlencoded", 413),
        (b"", "text/plain", 422),
    ],
)
def test_a_body_of_any_shape_is_refused_with_a_page(
    small_site: Flask, body: bytes, kind: str, status: int
) -> None:
    response = send(small_site, "/ms/join/stack/", body, OURS, content_type=kind)
    assert response.status_code == status
    assert '<html lang="ms">' in response.text
    assert rows("signups") == []


def test_doubled_and_unknown_parameters_are_harmless(small_site: Flask) -> None:
    data = STACK | {"role": ["data", "designer"], "community": "both", "language": "xx", "id": "1"}
    assert send(small_site, "/en/join/stack/", data).status_code == 303
    assert rows("signups")[0].role == "data"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Referer": "https://evil.example/en/join/stack/"},
    ],
)
def test_a_form_from_elsewhere_is_403_and_nothing_is_kept(
    small_site: Flask, headers: dict[str, str]
) -> None:
    for path in ("/en/join/stack/", "/en/join/tech-kaki/", "/en/feedback/"):
        assert send(small_site, path, STACK | KAKI | FEEDBACK, headers).status_code == 403
    assert rows("signups") == rows("feedback") == []


def test_a_bot_is_answered_as_if_it_had_worked(small_site: Flask) -> None:
    response = send(small_site, "/en/join/stack/", STACK | {"website": "http://spam.example"})
    assert response.status_code == 303
    assert rows("signups") == []


def test_a_likely_slip_is_offered_once_and_never_forced(small_site: Flask) -> None:
    typed = STACK | {"email": "ann@gmial.com"}
    asked = send(small_site, "/en/join/stack/", typed)
    assert asked.status_code == 422
    assert "ann@gmail.com" in asked.text
    kept = re.search(r'name="keep_email" value="([^"]+)"', asked.text)
    assert kept is not None
    assert send(small_site, "/en/join/stack/", typed | {"keep_email": kept[1]}).status_code == 303
    assert letters(small_site)[-1]["To"] == "ann@gmial.com"


def test_the_offer_is_taken_with_one_button(small_site: Flask) -> None:
    typed = STACK | {"email": "ann@gmial.com", "use_email": "ann@gmail.com"}
    assert send(small_site, "/en/join/stack/", typed).status_code == 303
    assert letters(small_site)[-1]["To"] == "ann@gmail.com"


def test_new_waiting_and_member_get_the_same_answer(small_site: Flask) -> None:
    answers = []
    for _ in ("new", "waiting", "member"):
        response = send(small_site, "/en/join/stack/", STACK)
        answers.append((response.status, response.text, dict(response.headers)))
        link = re.search(r"/confirm/([\w-]+)/", letters(small_site)[-1].as_string())
        if len(answers) == 2 and link:
            members.confirm(link[1])
    assert answers[0] == answers[1] == answers[2]


@every_language
def test_the_switcher_brings_the_form_back_in_another_language(
    small_site: Flask, language: Language
) -> None:
    typed = STACK | {"email": "half an addr", "language_switch": language.slug}
    response = send(small_site, f"/{language.slug}/join/stack/", typed)
    page = Document(response.text)
    assert response.status_code == 200
    assert page.root.attrib["lang"] == language.tag
    assert [e.get("value") for e in page.all("input") if e.get("name") == "email"] == [
        "half an addr"
    ]
    assert faults(response) == {}
    assert rows("signups") == []


def test_a_checked_field_is_answered_alone(small_site: Flask) -> None:
    wrong = send(small_site, "/en/join/stack/", {"email": "ann", "check": "email"}, HTMX)
    right = send(small_site, "/en/join/stack/", STACK | {"check": "email"}, HTMX)
    assert (wrong.status_code, right.status_code) == (200, 200)
    assert list(faults(wrong)) == ["email"]
    assert faults(right) == {}
    assert "name-field" not in wrong.text
    assert 'role="status"' in wrong.text


@pytest.mark.parametrize("name", ["website", "validate", "__class__", "nonsense", ""])
def test_only_a_question_can_be_checked(small_site: Flask, name: str) -> None:
    response = send(small_site, "/en/join/stack/", {"check": name}, HTMX)
    assert response.status_code == 400


def test_too_many_tries_are_429_with_everything_still_there(
    small_site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses = [send(small_site, "/en/join/stack/", STACK).status_code for _ in range(31)]
    assert statuses == [303] * 30 + [429]
    response = send(small_site, "/en/join/stack/", STACK)
    assert int(response.headers["Retry-After"]) > 0
    assert 'value="ann@example.com"' in response.text
    assert len(letters(small_site)) <= 3


def test_storage_that_is_away_is_503_with_everything_still_there(
    small_site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.current().close()
    path = small_site.config["COCREATE"].data_dir / "cocreate.db"
    path.rename(path.with_suffix(".away"))
    response = send(small_site, "/ta/join/stack/", STACK)
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert 'value="ann@example.com"' in response.text
    assert '<html lang="ta">' in response.text
    with pytest.raises(StorageUnavailable):
        rows("signups")


def test_feedback_knows_which_page_it_came_from(small_site: Flask) -> None:
    client = small_site.test_client()
    page = Document(client.get("/en/feedback/?page=stack").text)
    assert [e.get("value") for e in page.all("option") if "selected" in e.attrib] == ["stack"]
    odd = Document(client.get("/en/feedback/?page=<script>").text)
    assert [e for e in odd.all("option") if "selected" in e.attrib] == []


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    values=st.dictionaries(
        st.sampled_from([*STACK, "also", "check", "language_switch", "use_email", "website"]),
        st.text(max_size=40),
    )
)
def test_whatever_is_sent_is_answered_and_nothing_breaks(
    bare_site: Flask, values: dict[str, str]
) -> None:
    """No storage is behind this site: what would be kept is answered with 503, never with 500."""
    response = send(bare_site, "/en/join/stack/", values)
    assert response.status_code in {200, 303, 400, 422, 429, 503}


def test_every_language_has_its_own_words_for_errors(small_site: Flask) -> None:
    said = {
        language.slug: faults(send(small_site, f"/{language.slug}/join/stack/", {}))["name"]
        for language in LANGUAGES
    }
    assert len(set(said.values())) == len(LANGUAGES)


@pytest.mark.parametrize("value", ["no", "off", "False", "1", "\0", "yes please"])
def test_only_the_box_s_own_value_is_consent(small_site: Flask, value: str) -> None:
    response = send(small_site, "/en/join/stack/", STACK | {"consent": value})
    assert list(faults(response)) == ["consent"]


def test_the_offered_address_is_checked_like_a_typed_one(small_site: Flask) -> None:
    data = FEEDBACK | {"use_email": "no address\0\u202e"}
    assert list(faults(send(small_site, "/en/feedback/", data))) == ["email"]
    assert rows("feedback") == []


@pytest.mark.parametrize("name", ["\u200b", "\u2060\u200d", "Ann\u2028Tan"])
def test_a_name_must_be_seen(small_site: Flask, name: str) -> None:
    assert list(faults(send(small_site, "/en/join/stack/", STACK | {"name": name}))) == ["name"]


def test_many_accents_cost_no_time(small_site: Flask) -> None:
    """Normalising costs the square of a run of accents; beyond the limit it is left out."""
    body = ("name=a" + "\u0301\u0316" * 10_000).encode()
    kind = "application/x-www-form-urlencoded"
    begun = time.process_time()
    response = send(small_site, "/en/join/stack/", body, content_type=kind)
    assert "name" in faults(response)
    assert time.process_time() - begun < 0.5


def test_a_refused_check_is_204_and_says_nothing(small_site: Flask) -> None:
    small_site.extensions["cocreate.limits"]["check"] = ratelimit.Limiter("memory://", "2 per hour")
    answers = [
        send(small_site, "/en/join/stack/", STACK | {"check": "email"}, HTMX) for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 204]
    assert answers[-1].text == ""
    switched = send(small_site, "/en/join/stack/", STACK | {"language_switch": "en"})
    assert switched.status_code == 429, "a page is shown: it says why"


@pytest.mark.parametrize(
    ("more", "status", "place"),
    [
        ({}, 200, "#main"),
        ({"consent": ""}, 422, "#main"),
        ({"check": "email"}, 200, "#email-field"),
        ({"check": "website"}, 400, None),
        ({"name": "x" * 300_000}, 413, None),
    ],
)
def test_only_an_answer_made_for_a_place_may_be_swapped(
    small_site: Flask, more: dict[str, str], status: int, place: str | None
) -> None:
    response = send(small_site, "/en/join/stack/", STACK | more, HTMX)
    assert response.status_code == status
    assert response.headers.get("HX-Retarget") == place
    if place:
        assert f'id="{place[1:]}"' in response.text


@pytest.mark.parametrize("more", [{"consent": ""}, {"language_switch": "en"}])
def test_back_to_a_page_that_a_post_made_asks_nothing(
    small_site: Flask, more: dict[str, str]
) -> None:
    """The browser may keep what answers a POST; a cache on the way may not."""
    response = send(small_site, "/en/join/stack/", STACK | more)
    assert response.headers["Cache-Control"] == "private, no-cache"


def test_beyond_the_mail_limit_a_stranger_changes_nothing_that_waits(backend: Flask) -> None:
    for _ in range(3):
        send(backend, "/en/join/stack/", STACK)
    before = rows("signups")
    send(backend, "/ta/join/stack/", STACK | {"name": "Somebody else", "role": "student"})
    assert rows("signups") == before
