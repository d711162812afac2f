"""Sending a form: what is taken, what is refused, and that nothing typed is ever lost."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

import pytest
import regex
from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from checks import check_document
from cocreate.languages import ENGLISH, Language
from cocreate.pages import Page
from cocreate.storage import database, exports, signups
from cocreate.storage.database import StorageUnavailable
from cocreate.urls import page_path
from cocreate.web import ratelimit
from cocreate.web.formbase import HouseForm, questions
from cocreate.web.forms import FORMS, StackForm
from cocreate.web.membership import ResendForm
from documents import Document, text_of
from fixtures.backend import confirmed, exported, letters, rows, signup
from matrix import every_language, every_page
from sending import FEEDBACK, HTMX, KAKI, OURS, STACK, send


def trap(app: Flask) -> str:
    """Name of the field that nobody fills in."""
    page = Document(app.test_client().get("/en/join/stack/").text)
    (name,) = [e.attrib["name"] for e in page.all("input") if e.get("tabindex") == "-1"]
    return name


def reopened(app: Flask, answer: TestResponse, path: str) -> TestResponse:
    """The form again, as the button of the page after it brings it back."""
    shown = app.test_client().get(answer.headers["Location"]).text
    draft = re.search(r'name="draft" value="([^"]+)"', shown)
    assert draft is not None
    return send(app, path, {"draft": draft[1]})


def faults(response: TestResponse) -> dict[str, str]:
    """Messages at the fields, by field."""
    found = [e for e in Document(response.text).elements if "field__error" in e.get("class", "")]
    return {e.attrib["id"].removesuffix("-error"): text_of(e) for e in found}


def heard(response: TestResponse) -> str:
    """What an answer has to say to a screen reader."""
    found = Document(response.text, part=True).elements
    return next(text_of(e) for e in found if e.get("id") == "announcer")


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
    with backend.test_request_context():
        g.language = language
        g.root = "/"
        assert (row.consent_version, row.consent_language) == (
            StackForm().consent.version,
            language.slug,
        )


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
    assert response.headers["HX-Push-Url"].startswith("/zh/join/stack/sent/?draft=")
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
    ("field", "value", "words"),
    [
        ("name", " \u200b ", "Enter your name"),
        ("name", "Ann\0Tan", "control character in it, U+0000"),
        ("name", "Ann\r\nBcc: x@example.com", "on one line"),
        ("name", "Ann\u202eTan", "turns letters around, U+202E"),
        ("name", "Ann\ufffdTan", "arrived broken"),
        ("name", "x" * 201, "up to 200 characters"),
        ("email", "ann", "in the correct format"),
        ("email", "a@example.com, b@example.com", "in the correct format"),
        ("email", "a@example.com\r\nBcc: b@example.com", "on one line"),
        ("email", "a" * 250 + "@example.com", "up to 254 characters"),
        ("email", "Ann <ann@example.com>", "in the correct format"),
        ("email", "தமிழ்@example.com", "We cannot write to this address yet"),
        ("role", "emperor", "Choose what comes closest"),
        ("interests", ["events", "1 OR 1=1"], "Choose from the options"),
        ("mail_language", "xx", "Choose a language"),
        ("consent", "", "Tick the box"),
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
        (b"name=" + b"%41" * 263_000, "application/x-www-form-urlencoded", 413),
        (b"name=" + "字".encode() * 100_000, "application/x-www-form-urlencoded", 413),
        (b"name=" + b"x" * 800_000, "application/x-www-form-urlencoded", 413),
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
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    ],
)
def test_a_form_from_elsewhere_is_403_and_nothing_is_kept(
    small_site: Flask, headers: dict[str, str]
) -> None:
    for path in ("/en/join/stack/", "/en/join/tech-kaki/", "/en/feedback/"):
        assert send(small_site, path, STACK | KAKI | FEEDBACK, headers).status_code == 403
    assert rows("signups") == rows("feedback") == []


def test_a_bot_is_answered_as_if_it_had_worked(small_site: Flask) -> None:
    response = send(
        small_site, "/en/join/stack/", STACK | {trap(small_site): "http://spam.example"}
    )
    assert response.status_code == 303
    assert rows("signups") == []
    good = send(small_site, "/en/join/stack/", STACK)
    shown = [small_site.test_client().get(r.headers["Location"]).text for r in (response, good)]
    draft = [re.search(r'name="draft" value="([^"]+)"', page) for page in shown]
    assert draft[0]
    assert draft[1]
    same = [page.replace(match[1], "") for page, match in zip(shown, draft, strict=True) if match]
    assert same[0] == same[1], "a bot sees no difference"


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


@pytest.mark.parametrize("path", ["/en/join/stack/", "/en/join/tech-kaki/", "/en/feedback/"])
def test_password_managers_are_told_to_leave_the_trap_alone(visitor: Any, path: str) -> None:
    page = Document(visitor.get(path).text)
    (field,) = [e for e in page.all("input") if e.get("tabindex") == "-1"]
    expected = {
        "autocomplete": "off",
        "data-1p-ignore": "",
        "data-lpignore": "true",
        "data-bwignore": "true",
        "data-form-type": "other",
        "data-protonpass-ignore": "true",
    }
    assert expected.items() <= dict(field.attrib).items()
    assert not re.search("web|url|name|mail|phone|addr|user|pass|code", field.attrib["name"])


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
    again = typed | {"keep_email": offers["keep_email"][0], "consent": ""}
    assert list(faults(send(small_site, "/en/join/stack/", again))) == ["consent"]


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
            signups.confirm(link[1])
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
    assert heard(wrong) == faults(wrong)["email"].removeprefix("Error: ")


@pytest.mark.parametrize("name", ["subject", "trap", "validate", "__class__", "nonsense", ""])
def test_only_a_question_can_be_checked(small_site: Flask, name: str) -> None:
    response = send(small_site, "/en/join/stack/", {"check": name}, HTMX)
    assert response.status_code == 400


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
    (row,) = exported(backend, exports.feedback(0))
    told = (row["page"], row["language"], row["message"], row["better"])
    assert told == ("stack", slug, FEEDBACK["message"], "A better sentence")


@every_page
def test_every_translated_page_asks_for_that(
    visitor: FlaskClient, page: Page, language: Language
) -> None:
    footer = Document(visitor.get("/" + page_path(page, language)).text).all("footer")[0]
    asked = [
        e for p in footer.iter("p") for e in p if e.get("href", "").endswith(f"?page={page.name}")
    ]
    assert len(asked) == (language is not ENGLISH)


def test_the_offered_address_is_checked_like_a_typed_one(small_site: Flask) -> None:
    data = FEEDBACK | {"use_email": "no address\0\u202e"}
    assert list(faults(send(small_site, "/en/feedback/", data))) == ["email"]
    assert rows("feedback") == []


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


def test_beyond_the_mail_limit_a_stranger_changes_nothing_that_waits(backend: Flask) -> None:
    for name in ("Ann", "Ann T.", "Ann Tan"):
        send(backend, "/en/join/stack/", STACK | {"name": name})
    before = rows("signups")
    send(backend, "/ta/join/stack/", STACK | {"name": "Somebody else", "role": "student"})
    assert rows("signups") == before


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


def test_an_address_may_have_a_domain_in_any_script(small_site: Flask) -> None:
    taken = send(small_site, "/en/join/stack/", STACK | {"email": "ann@தமிழ்.com"})
    assert taken.status_code == 303


def test_every_question_says_why_it_is_asked() -> None:
    """The box of consent is described by the consent itself."""
    reasons = re.compile(r"^So that|\bWe \b|\bwe write|we call you|need not|Only if|What happened")
    forms: list[type[HouseForm]] = [*FORMS.values(), ResendForm]
    for form in forms:
        for field in questions(form()):
            if field.name != "consent":
                assert reasons.search(field.description), (form.__name__, field.name)


def test_the_check_page_names_the_address_and_leads_back_to_the_form(backend: Flask) -> None:
    answer = send(backend, "/ta/join/tech-kaki/", KAKI | {"also": "yes"})
    location = answer.headers["Location"]
    assert "bala" not in location.lower()
    assert len(location) < 4200
    client = backend.test_client()
    for _ in range(2):  # reload as often as one likes
        shown = client.get(location)
        assert "bala@example.com" in text_of(Document(shown.text).root)
        assert shown.headers["Cache-Control"] == "private, no-cache"
    assert "/en/join/tech-kaki/sent/?draft=" in shown.text, "the other languages know it too"
    page = Document(reopened(backend, answer, "/ta/join/tech-kaki/").text)
    values = {e.get("name"): e.get("value") for e in page.all("input")}
    ticked = {(e.get("name"), e.get("value")) for e in page.all("input") if "checked" in e.attrib}
    assert (values["name"], values["email"]) == (KAKI["name"], KAKI["email"])
    assert ticked == {
        ("sessions", "user-testing"),
        ("spoken", "ta"),
        ("spoken", "en"),
        ("age_band", "65-over"),
        ("also", "yes"),
        ("consent", "yes"),
    }
    assert text_of(page.all("textarea")[0]) == KAKI["access_needs"]


def test_with_htmx_the_check_page_is_the_same(small_site: Flask) -> None:
    swapped = send(small_site, "/en/join/stack/", STACK, HTMX)
    shown = small_site.test_client().get(swapped.headers["HX-Push-Url"])
    assert "ann@example.com" in text_of(Document(swapped.text).root)
    assert re.findall(r'"draft" value="([^"]+)"', swapped.text) == re.findall(
        r'"draft" value="([^"]+)"', shown.text
    )


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
    said = {}
    for kind, address in (("new", "new@example.com"), ("member", "old@example.com")):
        if kind == "member":
            confirmed(small_site, signup(address))
            with database.writing() as connection:  # long ago
                connection.execute(database.table("mail_requests").delete())
        answers = []
        for number in range(4):
            data = STACK | {"email": address, "name": f"Ann {number}"}
            location = send(small_site, "/en/join/stack/", data).headers["Location"]
            answers.append(small_site.test_client().get(location).text)
        truth = f"We have sent 3 e-mails to {address} in the last 24 hours"
        plain = [text_of(Document(answer).all("main")[0]) for answer in answers]
        assert [truth in answer for answer in plain] == [False, False, False, True]
        said[kind] = [answer.replace(address, "") for answer in plain]
    assert said["new"] == said["member"]
