"""What the links in our mails open. A GET only shows; a person's POST acts."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from checks import check_document
from cocreate.languages import ENGLISH, Language
from cocreate.storage import members
from documents import Document, text_of
from fixtures.backend import confirmed, letters, rows, signup, token_in
from matrix import every_language

OURS = {"Origin": "http://127.0.0.1:8000"}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def heading(response: TestResponse) -> str:
    return text_of(Document(response.text).all("h1")[0])


def new_link(app: Flask) -> str:
    members.join(signup())
    return token_in(letters(app)[-1])


def test_opening_the_link_changes_nothing_however_often(backend: Flask) -> None:
    path = f"/en/confirm/{new_link(backend)}/"
    for _ in range(3):
        response = backend.test_client().get(path)
        assert (response.status_code, heading(response)) == (200, "One last step")
        assert response.headers["Cache-Control"] == "private, no-cache"
    assert rows("signups")[0].confirmed_at is None


@every_language
def test_the_button_makes_a_member(backend: Flask, language: Language) -> None:
    path = f"/{language.slug}/confirm/{new_link(backend)}/"
    assert backend.test_client().post(path, headers=OURS).status_code == 200
    assert rows("signups")[0].confirmed_at is not None
    again = backend.test_client().post(path, headers=OURS)
    assert again.status_code == 410


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}])
def test_another_site_cannot_press_the_button(small_site: Flask, headers: dict[str, str]) -> None:
    path = f"/en/confirm/{new_link(small_site)}/"
    assert small_site.test_client().post(path, headers=headers).status_code == 403
    assert rows("signups")[0].confirmed_at is None


def test_a_link_that_no_longer_works_says_why_and_offers_another(
    small_site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = small_site.test_client()
    first = new_link(small_site)
    second = new_link(small_site)
    replaced = client.get(f"/en/confirm/{first}/")
    assert (replaced.status_code, heading(replaced)) == (
        410,
        "A newer link has replaced this one",
    )
    client.post(f"/en/confirm/{second}/", headers=OURS)
    used = client.get(f"/en/confirm/{second}/")
    assert (used.status_code, heading(used)) == (410, "This link has done its work")
    assert "<form" not in used.text.partition("<main")[2], "nothing is left to do"


@pytest.mark.parametrize(
    "token", ["x", "a" * 3000, "..%2f..", "%00", "日本", "<b>", "' or 1=1", "." * 200]
)
def test_an_absurd_link_is_a_page(small_site: Flask, token: str) -> None:
    for kind in ("confirm", "manage"):
        response = small_site.test_client().get(f"/ta/{kind}/{token}/")
        assert response.status_code in {400, 404}
        assert '<html lang="ta">' in response.text


def test_somebody_with_an_old_link_has_a_new_one_sent(backend: Flask) -> None:
    old, _newer = new_link(backend), new_link(backend)
    response = backend.test_client().post(
        f"/en/confirm/{old}/",
        data={"action": "resend", "email": "ann@example.com"},
        headers=OURS,
    )
    assert (response.status_code, heading(response)) == (200, "Check your e-mail")
    newest = token_in(letters(backend)[-1])
    assert members.confirm(newest).state == "ready"


def test_asking_for_a_new_link_tells_nothing_about_the_address(small_site: Flask) -> None:
    old = new_link(small_site)
    answers = {
        small_site.test_client()
        .post(f"/en/confirm/{old}/", data={"action": "resend", "email": address}, headers=OURS)
        .text
        for address in ("ann@example.com", "nobody@example.com")
    }
    assert len(answers) == 1


def test_a_bad_address_there_is_explained(small_site: Flask) -> None:
    response = small_site.test_client().post(
        "/en/confirm/x/", data={"action": "resend", "email": "ann"}, headers=OURS
    )
    assert response.status_code == 422
    assert "Error: " in response.text
    assert 'value="ann"' in response.text


def test_the_manage_page_shows_and_changes(backend: Flask) -> None:
    path = f"/en/manage/{confirmed(backend)}/"
    client = backend.test_client()
    shown = client.get(path)
    assert shown.status_code == 200
    assert "ann@example.com" not in shown.text, "sealed means sealed"
    assert "Ann Tan" not in shown.text
    data = {"action": "change", "mail_language": "ta", "interests": ["conference", "nonsense"]}
    saved = client.post(path, data=data, headers=OURS)
    check_document(saved.text, ENGLISH)
    assert "Your changes are saved." in saved.text
    (row,) = rows("signups")
    assert (row.language, row.interests) == ("ta", "conference")


@pytest.mark.parametrize(
    "data",
    [{}, {"action": "fly"}, {"action": "change"}, {"action": "withdraw", "community": "nonsense"}],
)
def test_the_manage_page_refuses_nonsense(small_site: Flask, data: dict[str, str]) -> None:
    path = f"/en/manage/{confirmed(small_site)}/"
    assert small_site.test_client().post(path, data=data, headers=OURS).status_code == 400


def test_withdrawing_erases_at_once(backend: Flask) -> None:
    path = f"/en/manage/{confirmed(backend)}/"
    data = {"action": "withdraw", "community": "stack"}
    response = backend.test_client().post(path, data=data, headers=OURS)
    assert (response.status_code, heading(response)) == (200, "You have withdrawn")
    assert rows("signups") == []
    after = backend.test_client().get(path)
    assert (after.status_code, heading(after)) == (404, "There is nothing behind this link")


def test_one_click_needs_no_origin_and_works_twice(backend: Flask) -> None:
    """RFC 8058: mail programs post without Origin, and follow no redirect."""
    members.join(signup())
    letter = letters(backend)[-1]
    path = re.sub(r"^<http://[^/]+|>$", "", letter["List-Unsubscribe"])
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for _ in range(2):
        assert backend.test_client().post(path, data=ONE_CLICK).status_code == 200
    assert rows("signups") == rows("tokens") == []


def test_a_stranger_s_one_click_erases_nobody(small_site: Flask) -> None:
    confirmed(small_site)
    path = f"/en/manage/{'x' * 32}/"
    assert small_site.test_client().post(path, data=ONE_CLICK).status_code == 200
    assert len(rows("signups")) == 1
