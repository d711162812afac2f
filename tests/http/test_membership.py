"""What the links in our mails open. A GET only shows; a person's POST acts."""

from __future__ import annotations

from typing import Any

import pytest
from babel.dates import format_date
from flask import Flask

from checks import check_document
from cocreate import clock
from cocreate.languages import ENGLISH, Language
from cocreate.storage import exports, membership, signups
from cocreate.web.formbase import questions
from cocreate.web.forms import StackForm, TechKakiForm
from documents import Document, text_of
from fixtures.backend import MovedClock, confirmed, exported, letters, rows, signup, token_in
from matrix import every_language
from sending import faults, filled_in, heading, listed, send

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
PART = b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'


def new_link(app: Flask, name: str = "Ann Tan") -> str:
    signups.join(signup(name=name))
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
    assert send(backend, path).status_code == 200
    assert rows("signups")[0].confirmed_at is not None
    assert backend.test_client().get(path).status_code == 410


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}])
def test_another_site_cannot_press_the_button(small_site: Flask, headers: dict[str, str]) -> None:
    path = f"/en/confirm/{new_link(small_site)}/"
    assert small_site.test_client().post(path, headers=headers).status_code == 403
    assert rows("signups")[0].confirmed_at is None


def test_a_link_that_no_longer_works_says_why(small_site: Flask) -> None:
    client = small_site.test_client()
    first, second = new_link(small_site), new_link(small_site, "Ann T.")
    send(small_site, f"/en/confirm/{second}/")
    for token, why in (
        (first, "A newer link has replaced this one"),
        (second, "This link has been used"),
    ):
        shown = client.get(f"/en/confirm/{token}/")
        assert (shown.status_code, heading(shown)) == (410, why)
    assert "<form" not in shown.text.partition("<main")[2], "nothing is left to do"


def test_part_of_a_link_and_the_address_bring_a_new_one(backend: Flask) -> None:
    """The page promises it: to an address that waits, whoever types it, within the mail limit."""
    whole = new_link(backend)
    path, data = f"/ta/confirm/{whole[:20]}/", {"action": "resend"}
    shown = backend.test_client().get(path)
    assert (shown.status_code, 'name="email"' in shown.text) == (404, True)
    mine, other = (
        send(backend, path, data=data | {"email": address})
        for address in ("ann@example.com", "nobody@example.com")
    )
    assert (mine.status_code, mine.text) == (200, other.text), "nobody learns which addresses wait"
    assert len(rows("mail_requests")) == 3, "the work was the same"
    newest = letters(backend)[-1]
    assert (newest["To"], newest["Content-Language"]) == ("ann@example.com", "ta")
    assert signups.look_up(whole).state == "replaced"
    for _ in range(5):
        send(backend, path, data=data | {"email": "ann@example.com"})
    assert len(letters(backend)) == 2
    assert signups.confirm(token_in(letters(backend)[-1])).state == "ready"


# What mail programs make of a link's end: {0} and {1} are the halves of its token.
DAMAGE = (
    *("/{0}{1}" + end for end in ("", "//", "/)", "/%3E", "%3E", "=", "/.", "/,", "/%22")),
    *("/{0}{1}" + end for end in ("/%E2%80%9D", "/&gt;", "/]", "%0D%0A/")),
    "/%3C{0}{1}%3E/",
    "/%20{0}{1}%20/",
    *("/{0}" + inside + "{1}/" for inside in ("%0A", "%0D%0A", "=%0A", "%20", "/", "%3D%0D%0A%20")),
)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_link_leads_to_the_right_page(small_site: Flask, damage: str) -> None:
    client, waiting = small_site.test_client(), new_link(small_site)
    manage = token_in(letters(small_site)[-1], "manage")
    for kind, token, title in (
        ("manage", manage, "Your membership"),
        ("confirm", waiting, "One last step"),
    ):
        path = f"/en/{kind}{damage.format(token[:9], token[9:])}"
        shown = client.get(path, follow_redirects=True)
        assert (shown.status_code, heading(shown)) == (200, title), path
        action = Document(shown.text).all("form")[0].attrib["action"]
        assert action == f"/en/{kind}/{token}/"
    path = f"/en/manage{damage.format(manage[:9], manage[9:])}"
    one_click = client.post(path, data=ONE_CLICK, follow_redirects="//" in damage)
    assert (one_click.status_code, rows("signups")) == (200, [])


@pytest.mark.parametrize(
    "path",
    ["/confirm", "/confirm/", "/manage/", "/confirm/half-of-it", "/confirm/a/b/c/", "/confirm/)"],
)
def test_what_is_left_of_a_link_is_no_bare_404(small_site: Flask, path: str) -> None:
    shown = small_site.test_client().get(f"/zh{path}", follow_redirects=True)
    assert shown.status_code == 404
    offers = 'name="email"' if "confirm" in path else "/get-involved/"
    assert offers in Document(shown.text).html.partition("<main")[2]


def test_a_bad_address_there_is_explained(small_site: Flask) -> None:
    response = send(small_site, "/en/confirm/x/", data={"action": "resend", "email": "ann"})
    assert (response.status_code, list(faults(response))) == (422, ["email"])
    assert filled_in(response)["email"] == ["ann"]


ANSWERED: dict[str, Any] = {
    "stack": {"role": "developer", "interests": ["events", "open-source"]},
    "tech-kaki": {
        "sessions": ["focus-group"],
        "spoken": ["en", "ta"],
        "age_band": "35-49",
        "devices": ["phone"],
        "access_needs": "a ramp",
    },
}
OTHERS: dict[str, Any] = {
    "mail_language": "ta",
    "role": "designer",
    "interests": ["conference"],
    "sessions": ["user-testing", "other"],
    "spoken": ["zh"],
    "age_band": "50-64",
    "devices": ["computer", "helped"],
}


def member_of(app: Flask, *communities: str) -> str:
    """The manage page of somebody who joined these, each by its own form."""
    for community in communities:
        made = signup(communities=(community,), answers=ANSWERED[community])
        token = confirmed(app, made)
    return f"/en/manage/{token}/"


@pytest.mark.parametrize("communities", [("stack",), ("tech-kaki",), ("stack", "tech-kaki")])
def test_the_manage_page_shows_every_answer_and_nothing_sealed(
    small_site: Flask, communities: tuple[str, ...], moved_clock: MovedClock
) -> None:
    shown = small_site.test_client().get(member_of(small_site, *communities))
    check_document(shown.text, ENGLISH)
    expected = {k: listed(v) for c in communities for k, v in ANSWERED[c].items()}
    if "tech-kaki" in communities:
        expected["access_needs"] = [""]
    assert filled_in(shown) == expected | {"mail_language": ["en"], "name": [""]}
    for sealed in ("ann@example.com", "Ann Tan", "a ramp"):
        assert sealed not in shown.text
    text = text_of(Document(shown.text).all("main")[0])
    today = format_date(clock.in_singapore(moved_clock()), "long", ENGLISH.locale)
    assert text.count(f"Member since {today}") == len(communities)
    assert text.count(f"Form sent on {today}") == len(communities)
    assert text.count(f"wording {signup().consent_version}, read in English") == len(communities)


def test_every_question_of_a_form_is_on_the_manage_page_by_itself(small_site: Flask) -> None:
    """A new question is a line in forms.py; here it is found with its own words."""
    page = small_site.test_client().get(member_of(small_site, "stack", "tech-kaki")).text
    for form in (StackForm(), TechKakiForm()):
        for field in questions(form):
            if field.name not in {"email", "also", "consent"}:
                assert f'name="{field.name}"' in page, field.name
                assert str(field.label.text) in text_of(Document(page).root), field.name


@pytest.mark.parametrize("communities", [("stack",), ("tech-kaki",), ("stack", "tech-kaki")])
def test_every_answer_can_be_changed(backend: Flask, communities: tuple[str, ...]) -> None:
    path, client = member_of(backend, *communities), backend.test_client()
    mine = filled_in(client.get(path)).keys() & OTHERS.keys()
    saved = send(backend, path, {"action": "change"} | {name: OTHERS[name] for name in mine})
    check_document(saved.text, ENGLISH)
    assert "Your changes are saved." in saved.text
    again = filled_in(client.get(path))
    assert {name: again[name] for name in mine} == {name: listed(OTHERS[name]) for name in mine}
    assert {row.language for row in rows("signups")} == {"ta"}


def private_of(app: Flask, community: str) -> dict[str, str]:
    """What the managers export of the one member of a community."""
    (found,) = exported(app, exports.member_sheet(community, 0))
    return found


def test_name_and_needs_can_be_sent_anew_and_are_sealed_again(backend: Flask) -> None:
    path, keep = member_of(backend, "stack", "tech-kaki"), {"action": "change"} | OTHERS
    saved = send(backend, path, data=keep | {"name": "Ann Lim"})
    assert "Ann Lim" not in saved.text
    assert private_of(backend, "stack")["name"] == "Ann Lim"
    assert private_of(backend, "tech-kaki")["access_needs"] == "a ramp", "empty stays as it is"
    for needs in ("large print", "nothing now"):
        send(backend, path, data=keep | {"access_needs": needs})
    found = private_of(backend, "tech-kaki")
    assert (found["name"], found["access_needs"]) == ("Ann Lim", "nothing now")
    assert found["email"] == "ann@example.com"
    for row in rows("corrections"):
        assert b"Ann Lim" not in bytes(row.sealed)
        assert b"nothing now" not in bytes(row.sealed)
    send(backend, path, data={"action": "withdraw"})
    assert rows("corrections") == []


def test_a_newer_form_counts_more_than_an_older_correction(
    backend: Flask, moved_clock: MovedClock
) -> None:
    signups.join(signup())
    path = f"/en/manage/{token_in(letters(backend)[-1], 'manage')}/"
    data = {"action": "change", "role": "data", "interests": "events", "name": "Ann Lim"}
    send(backend, path, data=data)
    moved_clock.forward(hours=1)
    confirmed(backend, signup(name="Ann Ng"))
    assert private_of(backend, "stack")["name"] == "Ann Ng"


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"mail_language": "xx"}, "Choose a language"),
        ({"role": "king"}, "Choose what comes closest"),
        ({"interests": []}, "Choose at least one subject"),
        ({"interests": ["events", "nonsense"]}, "Choose from the options"),
        ({"name": "x" * 201}, "Use a name of up to 200"),
        ({"access_needs": "x" * 1001}, "1 too many"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_bad_answer_is_explained_at_its_field_and_nothing_is_lost(
    small_site: Flask, bad: dict[str, Any], words: str
) -> None:
    path = member_of(small_site, "stack", "tech-kaki")
    before = rows("signups")
    typed = OTHERS | {"name": "Ann Lim", "access_needs": "large print"} | bad
    answer = send(small_site, path, data={"action": "change"} | typed)
    assert answer.status_code == 422
    check_document(answer.text, ENGLISH)
    assert text_of(Document(answer.text).all("title")[0]).startswith("Error: ")
    assert faults(answer).keys() == bad.keys()
    assert all(words in fault for fault in faults(answer).values())
    shown = filled_in(answer)
    for name in typed.keys() - bad.keys():
        assert shown[name] == listed(typed[name]), name
    assert bad.get("access_needs", "large print") in answer.text
    assert rows("signups") == before
    assert rows("corrections") == []


def test_what_was_never_asked_need_not_be_answered(small_site: Flask) -> None:
    """Who joined both by Tech Kaki's form never saw the questions of STACK."""
    both = signup(communities=("tech-kaki", "stack"), answers=ANSWERED["tech-kaki"])
    path = f"/en/manage/{confirmed(small_site, both)}/"
    seen = OTHERS.keys() - {"role", "interests"}
    data = {"action": "change"} | {name: OTHERS[name] for name in seen}
    assert send(small_site, path, data=data).status_code == 200
    assert {row.spoken for row in rows("signups")} == {"zh"}


def test_an_answer_kept_from_another_community_is_shown_and_can_be_taken_back(
    small_site: Flask,
) -> None:
    both = signup(communities=("stack", "tech-kaki"), answers=ANSWERED["stack"])
    token, client = confirmed(small_site, both), small_site.test_client()
    membership.withdraw(token, "stack")
    path = f"/en/manage/{token}/"
    assert filled_in(client.get(path))["interests"] == ["events", "open-source"]
    data = {"action": "change", "mail_language": "en", "sessions": "other", "spoken": "en"}
    assert send(client.application, path, data=data).status_code == 200
    assert rows("signups")[0].interests is None


@pytest.mark.parametrize(
    "data", [{}, {"action": "fly"}, {"action": "withdraw", "community": "nonsense"}]
)
def test_the_manage_page_refuses_nonsense(small_site: Flask, data: dict[str, str]) -> None:
    path = f"/en/manage/{confirmed(small_site)}/"
    assert send(small_site, path, data=data).status_code == 400


def test_a_change_by_a_link_that_opens_nothing_is_a_page(small_site: Flask) -> None:
    answer = send(small_site, f"/en/manage/{'x' * 32}/", data={"action": "change"})
    assert (answer.status_code, heading(answer)) == (404, "This link does not work")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (None, b"List-Unsubscribe=One-Click"),
        ("text/plain", b"List-Unsubscribe=One-Click\r\n"),
        ("application/x-www-form-urlencoded; charset=utf-8", b"List-Unsubscribe=One-Click\r\n"),
        ("multipart/form-data; boundary=b", PART + b"One-Click\r\n--b--\r\n"),
        ("application/x-www-form-urlencoded", b""),
        (None, b""),
    ],
)
def test_one_click_is_understood_however_mail_programs_send_it(
    small_site: Flask, kind: str | None, body: bytes
) -> None:
    """RFC 8058: without Origin, and they follow no redirect."""
    path = f"/en/manage/{confirmed(small_site)}/"
    answer = small_site.test_client().post(path, data=body, content_type=kind)
    assert (answer.status_code, rows("signups")) == (200, [])


@pytest.mark.parametrize("name", ["Origin", "Sec-Fetch-Site", "Referer"])
def test_a_browser_s_empty_post_from_elsewhere_erases_nobody(small_site: Flask, name: str) -> None:
    path = f"/en/manage/{confirmed(small_site)}/"
    headers = {name: "cross-site" if "Site" in name else "https://evil.example/"}
    assert small_site.test_client().post(path, headers=headers).status_code == 403
    assert len(rows("signups")) == 1


@pytest.mark.parametrize("purpose", ["confirm", "manage"])
def test_the_address_of_a_link_is_not_told_with_what_its_page_loads(
    small_site: Flask, purpose: str
) -> None:
    for token in (confirmed(small_site), "x" * 32):
        answer = small_site.test_client().get(f"/en/{purpose}/{token}/")
        assert answer.headers.getlist("Referrer-Policy") == ["strict-origin"]


def test_a_stranger_s_one_click_erases_nobody(small_site: Flask) -> None:
    confirmed(small_site)
    path = f"/en/manage/{'x' * 32}/"
    assert small_site.test_client().post(path, data=ONE_CLICK).status_code == 200
    assert len(rows("signups")) == 1
