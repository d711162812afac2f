"""A form that is not taken: what is said where, and that nothing typed is ever lost."""

from __future__ import annotations

from typing import Any

import pytest
import regex
from flask import Flask
from werkzeug.test import TestResponse

from checks import check_document
from cocreate.languages import Language
from cocreate.pages import Page
from cocreate.storage.database import StorageUnavailable
from cocreate.urls import page_path
from cocreate.web import ratelimit
from documents import Document, text_of
from fixtures.backend import letters, no_database, rows
from matrix import every_form, every_language
from sending import FEEDBACK, FORM_PATHS, HTMX, KAKI, OURS, STACK, faults, filled_in, listed, send

REQUIRED = {
    "join-stack": "name email role interests mail_language consent",
    "join-tech-kaki": "name email sessions spoken consent",
    "feedback": "message",
}


@every_language
@every_form
def test_an_empty_form_is_422_with_a_message_at_each_field(
    small_site: Flask, page: Page, language: Language
) -> None:
    response = send(small_site, "/" + page_path(page, language), {})
    assert response.status_code == 422
    assert list(faults(response)) == REQUIRED[page.name].split()
    check_document(response.text, language)
    invalid = [e for e in Document(response.text).elements if e.get("aria-invalid") == "true"]
    assert invalid
    assert all("-error" in e.attrib["aria-describedby"] for e in invalid)
    assert rows("signups") == []


def test_everything_typed_comes_back(small_site: Flask) -> None:
    data = KAKI | {"consent": "", "name": '<b>"Bala" & co</b>', "also": "yes"}
    shown = filled_in(send(small_site, "/en/join/tech-kaki/", data))
    for name in data.keys() - {"consent"}:
        assert sorted(shown[name]) == sorted(listed(data[name])), name


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", " \u200b ", "Enter your name"),
        ("name", "Ann\0Tan", "control character in it, U+0000"),
        ("name", "Ann\r\nBcc: x@example.com", "on one line"),
        ("name", "Ann\u202eTan", "turns letters around, U+202E"),
        ("name", "Ann\ufffdTan", "arrived broken"),
        ("name", "x" * 201, "up to 200 characters"),
        ("email", "ann", "in the correct format"),
        ("email", "a@example.com\r\nBcc: b@example.com", "on one line"),
        ("email", "a" * 250 + "@example.com", "up to 254 characters"),
        ("email", "தமிழ்@example.com", "We cannot write to this address yet"),
        ("role", "emperor", "Choose what comes closest"),
        ("interests", ["events", "1 OR 1=1"], "Choose from the options"),
        ("mail_language", "xx", "Choose a language"),
        ("consent", "no", "Tick the box"),
    ],
)
def test_bad_input_is_explained_at_its_field(
    small_site: Flask, field: str, value: Any, words: str
) -> None:
    response = send(small_site, "/en/join/stack/", STACK | {field: value})
    assert response.status_code == 422
    assert list(faults(response)) == [field]
    assert words in faults(response)[field]
    assert rows("signups") == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"name": "Ann"}', "application/json", 422),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 422),
        (b"name=%ff%fe&email=%80", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"name=%d" % n for n in range(5000)), "application/x-www-form-urlencoded", 422),
        (b"name=" + b"x" * 300_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_a_body_of_any_shape_is_refused_with_a_page(
    small_site: Flask, body: bytes, kind: str, status: int
) -> None:
    response = send(small_site, "/ms/join/stack/", body, OURS, content_type=kind)
    assert response.status_code == status
    assert '<html lang="ms">' in response.text
    assert rows("signups") == []


@pytest.mark.parametrize("path", FORM_PATHS)
def test_a_form_from_elsewhere_is_403_and_nothing_is_kept(small_site: Flask, path: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert send(small_site, path, STACK | KAKI | FEEDBACK, headers).status_code == 403
    assert rows("signups") == rows("feedback") == []


def hidden(response: TestResponse) -> dict[str, str]:
    """What the form holds and nobody sees."""
    boxes = Document(response.text).all("input")
    return {e.attrib["name"]: e.attrib["value"] for e in boxes if e.get("type") == "hidden"}


@pytest.mark.parametrize("meanwhile", [{}, {"consent": ""}, {"language_switch": "en"}])
def test_a_likely_slip_is_offered_once_and_never_forced(
    small_site: Flask, meanwhile: dict[str, str]
) -> None:
    typed = STACK | {"email": "ann@gmial.com"}
    asked = send(small_site, "/en/join/stack/", typed)
    assert asked.status_code == 422
    assert "ann@gmail.com" in asked.text
    if meanwhile:  # a further round with another fault, or in another language
        asked = send(small_site, "/en/join/stack/", typed | hidden(asked) | meanwhile)
    assert send(small_site, "/en/join/stack/", typed | hidden(asked)).status_code == 303
    assert letters(small_site)[-1]["To"] == "ann@gmial.com"


def test_the_summary_says_what_was_typed_and_offers_both_as_buttons(small_site: Flask) -> None:
    typed = STACK | {"email": "ann@gmial.com"}
    page = Document(send(small_site, "/en/join/stack/", typed).text)
    (summary,) = [e for e in page.elements if e.get("class") == "summary"]
    assert "You typed ann@gmial.com." in text_of(summary)
    offers = {e.get("name"): (e.get("value"), text_of(e)) for e in summary.iter() if e.get("value")}
    assert offers == {
        "use_email": ("ann@gmail.com", "Use ann@gmail.com"),
        "keep_email": ("ann@gmial.com", "Keep what I typed"),
    }
    again = typed | {"keep_email": "ann@gmial.com", "consent": ""}
    assert list(faults(send(small_site, "/en/join/stack/", again))) == ["consent"]
    taken = typed | {"use_email": "ann@gmail.com"}
    assert send(small_site, "/en/join/stack/", taken).status_code == 303
    assert letters(small_site)[-1]["To"] == "ann@gmail.com"


def test_a_checked_address_offers_a_button_that_changes_only_that_field(small_site: Flask) -> None:
    half = {"email": "ann@gmial.com", "check": "email"}
    asked = send(small_site, "/en/join/stack/", half, HTMX)
    (button,) = Document(asked.text).all("button")
    assert (button.get("name"), button.get("value")) == ("use_email", "ann@gmail.com")
    taken = send(small_site, "/en/join/stack/", half | {"use_email": "ann@gmail.com"}, HTMX)
    assert 'value="ann@gmail.com"' in taken.text
    assert "autofocus" in taken.text, "the button is gone: the focus goes to the field"
    assert faults(taken) == {}
    assert "<button" not in taken.text
    assert "Your e-mail address is now ann@gmail.com." in heard(taken)


def test_the_offered_address_is_checked_like_a_typed_one(small_site: Flask) -> None:
    data = FEEDBACK | {"use_email": "no address\0\u202e"}
    assert list(faults(send(small_site, "/en/feedback/", data))) == ["email"]
    assert rows("feedback") == []


def heard(response: TestResponse) -> str:
    """What an answer has to say to a screen reader."""
    found = Document(response.text, part=True).elements
    return next(text_of(e) for e in found if e.get("id") == "announcer")


def test_a_checked_field_is_answered_alone(small_site: Flask) -> None:
    wrong = send(small_site, "/en/join/stack/", {"email": "ann", "check": "email"}, HTMX)
    right = send(small_site, "/en/join/stack/", STACK | {"check": "email"}, HTMX)
    assert (wrong.status_code, right.status_code) == (200, 200)
    assert list(faults(wrong)) == ["email"]
    assert faults(right) == {}
    assert "name-field" not in wrong.text
    assert 'data-hx-post="/en/join/stack/"' in wrong.text, "it is checked again when it is left"
    assert heard(wrong) == faults(wrong)["email"].removeprefix("Error: ")


@pytest.mark.parametrize("name", ["subject", "trap", "validate", "__class__", "nonsense", ""])
def test_only_a_question_can_be_checked(small_site: Flask, name: str) -> None:
    response = send(small_site, "/en/join/stack/", {"check": name}, HTMX)
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("more", "status", "place"),
    [
        ({}, 200, "#main"),
        ({"consent": ""}, 422, "#main"),
        ({"check": "email"}, 200, "#email-field"),
        ({"check": "subject"}, 400, None),
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


@pytest.fixture
def crowded_site(small_site: Flask) -> Flask:
    """One on which a client may send five forms an hour."""
    small_site.extensions["cocreate.limits"] = [ratelimit.Limiter("memory://", "5 per hour")] * 2
    return small_site


def test_too_many_forms_are_429_with_everything_still_there(crowded_site: Flask) -> None:
    statuses = [send(crowded_site, "/en/join/stack/", STACK).status_code for _ in range(6)]
    assert statuses == [303] * 5 + [429]
    response = send(crowded_site, "/en/join/stack/", STACK)
    assert int(response.headers["Retry-After"]) > 0
    assert 'value="ann@example.com"' in response.text
    assert len(letters(crowded_site)) <= 3


def test_what_is_not_stored_does_not_count(crowded_site: Flask) -> None:
    """Not the forgotten box, the doubted address, a checked field, a language or a bot."""
    refused = [
        {},
        {"email": "ann@gmial.com"},
        {"check": "email"},
        {"language_switch": "en"},
        {"draft": "x"},
        {"subject": "spam"},
    ]
    for _ in range(4):
        for changes in refused:
            data = STACK | {"consent": ""} | changes
            assert send(crowded_site, "/en/join/stack/", data).status_code in {200, 303, 422}
    assert rows("signups") == []
    for number in range(5):
        data = STACK | {"email": f"ann{number}@example.com"}
        assert send(crowded_site, "/en/join/stack/", data).status_code == 303
    assert send(crowded_site, "/en/join/stack/", STACK | {"consent": ""}).status_code == 422
    assert send(crowded_site, "/en/join/stack/", {"check": "email"}, HTMX).status_code == 200
    assert send(crowded_site, "/en/join/stack/", STACK).status_code == 429


def test_storage_that_is_away_is_503_with_everything_still_there(small_site: Flask) -> None:
    with no_database():
        response = send(small_site, "/ta/join/stack/", STACK)
        with pytest.raises(StorageUnavailable):
            rows("signups")
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert filled_in(response)["email"] == ["ann@example.com"]
    assert '<html lang="ta">' in response.text


@pytest.mark.parametrize("letter", ["a", "字", "க்ஷ"])
@pytest.mark.parametrize("form", ["join/tech-kaki", "feedback"])
def test_a_field_s_own_message_is_reached_in_every_script(
    small_site: Flask, form: str, letter: str
) -> None:
    name, limit = ("message", 5000) if form == "feedback" else ("access_needs", 1000)
    data = KAKI | FEEDBACK | {"email": "ann@example.com"}
    one = len(regex.findall(r"\X", letter))
    over = send(small_site, f"/en/{form}/", data | {name: letter * (20_000 // one)})
    assert over.status_code == 422
    assert list(faults(over)) == [name]
    assert f"this is {20_000 // one * one - limit:,} too many" in faults(over)[name]
    within = send(small_site, f"/en/{form}/", data | {name: letter * (limit // one)})
    assert within.status_code == 303


def test_a_long_text_says_its_limit_beforehand(visitor: Any) -> None:
    for path, limits in (("join/tech-kaki", ["1,000"]), ("feedback", ["5,000", "1,000"])):
        page = Document(visitor.get(f"/en/{path}/").text)
        for area, limit in zip(page.all("textarea"), limits, strict=True):
            (hint,) = [e for e in page.elements if e.get("id") == area.attrib["aria-describedby"]]
            assert f"Up to {limit} characters." in text_of(hint)
