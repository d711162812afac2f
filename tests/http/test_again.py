"""Twice is as good as once, and the work the same for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from cocreate.languages import BY_SLUG, ENGLISH
from cocreate.storage import database, membership, retention, signups
from fixtures.backend import (
    MovedClock,
    config_of,
    configure,
    confirmed,
    letters,
    rows,
    signup,
    token_in,
)
from sending import FEEDBACK, STACK, send

STORED = ("signups", "tokens", "outbox", "feedback")


def stored() -> dict[str, list[object]]:
    return {name: rows(name) for name in STORED}


def test_any_number_of_presses_stores_and_sends_one(backend: Flask) -> None:
    assert send(backend, "/en/join/stack/", STACK).status_code == 303
    before = stored()
    for _ in range(5):
        assert send(backend, "/en/join/stack/", STACK).status_code == 303
    assert stored() == before
    (message,) = letters(backend)
    assert send(backend, "/en/join/stack/", STACK).status_code == 303  # after it has left, too
    assert len(letters(backend)) == 1
    assert signups.confirm(token_in(message)).state == "ready"
    for _ in range(5):
        assert send(backend, "/en/join/stack/", STACK).status_code == 303
        assert len(letters(backend)) == 2  # a member is told so, once


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Ann T."},
        {"answers": {"role": "designer", "interests": ["events", "open-source"]}},
        {"answers": {"role": "developer", "interests": ["events"]}},
        {"language": BY_SLUG["ta"]},
        {"consent_version": "2027-01"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_other_answers_replace_the_first(backend: Flask, changes: dict[str, object]) -> None:
    signups.join(signup())
    first = token_in(letters(backend)[-1])
    signups.join(replace(signup(), **changes))  # type: ignore[arg-type]
    second = token_in(letters(backend)[-1])
    assert signups.look_up(first).state == "replaced"
    assert signups.look_up(second).state == "ready"
    signups.join(signup())  # the first again is other answers than the second
    assert signups.look_up(second).state == "replaced"
    assert len(letters(backend)) == 3


def test_another_spelling_of_the_address_is_the_same_form(backend: Flask) -> None:
    signups.join(signup())
    signups.join(signup("Ann@Example.COM"))
    assert len(letters(backend)) == 1


def test_two_forms_by_turns_keep_their_links(backend: Flask) -> None:
    for community in ("stack", "tech-kaki", "stack", "tech-kaki"):
        signups.join(signup(communities=(community,)))
    sent = letters(backend)
    assert len(sent) == 2
    assert [signups.look_up(token_in(message)).state for message in sent] == ["ready", "ready"]


def test_after_ten_minutes_it_is_a_new_one(backend: Flask, moved_clock: MovedClock) -> None:
    signups.join(signup())
    moved_clock.forward(seconds=595)
    signups.join(signup())
    assert len(letters(backend)) == 1
    moved_clock.forward(seconds=10)
    signups.join(signup())
    assert len(letters(backend)) == 2


def test_a_member_gets_one_letter_for_any_number_of_presses(
    backend: Flask, moved_clock: MovedClock
) -> None:
    confirmed(backend)
    moved_clock.forward(days=2)
    for role in ("developer", "developer", "other"):
        signups.join(signup(answers={"role": role}))
        letters(backend)
    assert len(letters(backend)) == 2
    moved_clock.forward(seconds=601)
    signups.join(signup())
    assert len(letters(backend)) == 3
    moved_clock.forward(days=1)
    for _ in range(4):
        signups.join(signup())
    assert len(letters(backend)) == 4


@pytest.mark.parametrize("forms", ["ABCDE", "AAAA", "ABABA", "ABCDC", "ABBCCDD", "AABCAD"])
def test_the_limit_is_told_to_a_member_after_the_same_forms_as_to_a_stranger(
    backend: Flask, moved_clock: MovedClock, forms: str
) -> None:
    """Else what is said after sending one's own forms for an address tells whether it is one."""
    confirmed(backend, signup("member@example.com"))
    moved_clock.forward(days=2)
    told = {
        address: [signups.join(signup(address, name=name)) for name in forms]
        for address in ("member@example.com", "stranger@example.com")
    }
    assert told["member@example.com"] == told["stranger@example.com"]
    assert any(told["stranger@example.com"]) == (len(set(forms)) > 3 or forms == "ABABA")
    letters(backend)
    told_so = [m for m in letters(backend) if m["To"] == "member@example.com"]
    assert len(told_so) == 2, "the first one, and one that tells the member so"


@pytest.mark.parametrize("pause", [0, 601])
@pytest.mark.parametrize("asked", [1, 2])
@pytest.mark.parametrize("forms", ["ABCD", "AABBCCDD"])
def test_so_is_it_after_a_new_link_was_asked_for_with_a_part_of_one(
    backend: Flask, moved_clock: MovedClock, forms: str, asked: int, pause: int
) -> None:
    confirmed(backend, signup("member@example.com"))
    signups.join(signup("waiting@example.com"))
    letters(backend)
    moved_clock.forward(days=2)

    def told(address: str) -> list[bool]:
        for _ in range(asked):
            signups.resend("a part of one", address, ENGLISH)
            letters(backend)
        moved_clock.forward(seconds=pause)
        return [signups.join(signup(address, name=name)) for name in forms]

    stranger = told("stranger@example.com")
    assert any(stranger)
    assert told("member@example.com") == told("waiting@example.com") == stranger


def test_a_new_link_that_was_asked_for_twice_uses_up_one_mail(
    backend: Flask, moved_clock: MovedClock
) -> None:
    signups.join(signup())
    for seconds in (0, 5, 700):
        moved_clock.forward(seconds=seconds)
        signups.resend(token_in(letters(backend)[-1]), "ann@example.com", ENGLISH)
    assert len(letters(backend)) == 3


def test_withdrawn_and_back_within_ten_minutes_is_a_new_form(backend: Flask) -> None:
    signups.join(signup())
    membership.withdraw(token_in(letters(backend)[-1], "manage"))
    signups.join(signup())
    assert signups.confirm(token_in(letters(backend)[-1])).state == "ready"


def test_the_same_feedback_is_kept_once(backend: Flask, moved_clock: MovedClock) -> None:
    for language in ("en", "ta", "en", "en", "en"):
        assert send(backend, f"/{language}/feedback/", FEEDBACK).status_code == 303
    assert len(rows("feedback")) == 1
    for other in ({"message": "Too small!"}, {"email": "ann@example.com"}, {"page": ""}):
        send(backend, "/en/feedback/", FEEDBACK | other)
    assert len(rows("feedback")) == 4
    moved_clock.forward(seconds=601)
    send(backend, "/en/feedback/", FEEDBACK)
    assert len(rows("feedback")) == 5


@pytest.mark.parametrize("used", [False, True], ids=["waiting", "member"])
def test_send_again_pressed_twice_sends_once(backend: Flask, used: bool) -> None:
    signups.join(signup())
    old = token_in(letters(backend)[-1])
    if used:
        signups.confirm(old)
    for _ in range(3):
        signups.resend(old, "ann@example.com", ENGLISH)
        letters(backend)
    _, message = letters(backend)
    if used:
        assert token_in(message) == "", "a member is told so"
        assert membership.memberships(token_in(message, "manage"))
    else:
        assert signups.look_up(token_in(message)).state == "ready"
        signups.join(signup())  # the form of that link still stands
        assert len(letters(backend)) == 2


def test_the_button_of_the_link_pressed_twice_shows_the_same_page(
    backend: Flask, moved_clock: MovedClock
) -> None:
    signups.join(signup())
    path = f"/en/confirm/{token_in(letters(backend)[-1])}/"
    first, second = (send(backend, path, {}) for _ in range(2))
    assert (first.status_code, first.text) == (second.status_code, second.text)
    assert first.status_code == 200
    moved_clock.forward(seconds=601)
    assert send(backend, path, {}).status_code == 410


@pytest.mark.parametrize(
    "data",
    [
        {"action": "withdraw", "community": "stack"},
        {"action": "withdraw"},
        {"List-Unsubscribe": "One-Click"},
        {"action": "change", "mail_language": "ms", "role": "data", "interests": "events"},
    ],
    ids=["one", "all", "one-click", "change"],
)
def test_each_button_of_the_manage_page_pressed_twice_shows_the_same_page(
    backend: Flask, data: dict[str, object]
) -> None:
    path = f"/en/manage/{confirmed(backend)}/"
    first, second = (send(backend, path, data) for _ in range(2))
    assert (first.status_code, first.text) == (200, second.text)
    assert second.status_code == 200


def test_what_tells_a_form_again_is_forgotten(backend: Flask, moved_clock: MovedClock) -> None:
    signups.join(signup())
    membership.give_feedback("stack", "Hello", "", ENGLISH)
    assert retention.purge()["forms"] == 0
    moved_clock.forward(seconds=601)
    assert retention.purge()["forms"] == 2
    assert {row.form_hash for name in ("tokens", "feedback") for row in rows(name)} == {None}


Work = list[tuple[str, int]]


@contextmanager
def watched() -> Iterator[Work]:
    """Every statement sent to the database, and for how many rows."""
    done: Work = []
    engine = database.current().engine

    def note(conn: Any, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        many = len(parameters) if isinstance(parameters, list) else 1
        done.append((statement, many))

    event.listen(engine, "before_cursor_execute", note)
    yield done
    event.remove(engine, "before_cursor_execute", note)


def work_of(made: signups.Signup) -> Work:
    with watched() as done:
        signups.join(made)
    return done


@pytest.fixture(params=["one key", "after a rotation"])
def known(backend: Flask, request: pytest.FixtureRequest) -> Flask:
    """With a member of STACK, a member of both, and somebody who waits."""
    confirmed(backend, signup("member@example.com"))
    confirmed(backend, signup("both@example.com", communities=("stack", "tech-kaki")))
    signups.join(signup("waiting@example.com"))
    letters(backend)
    if request.param == "after a rotation":
        configure(backend, secret_key=("n" * 32, *config_of(backend).secret_key))
    return backend


WHO = ("new", "waiting", "member", "both")


@pytest.mark.parametrize("communities", [("stack",), ("stack", "tech-kaki")], ids=len)
def test_a_join_sends_the_same_statements_for_everybody_and_however_often(
    known: Flask, communities: tuple[str, ...]
) -> None:
    """The first form, the same again, other answers, and on beyond the limit on mails."""
    names = ("Ann", "Ann", "Ann T.", "Ann Tan", "A. Tan", "A. T.", "A. T.")
    works = {
        (who, number): work_of(signup(f"{who}@example.com", name=name, communities=communities))
        for who in WHO
        for number, name in enumerate(names)
    }
    usual = works["new", 0]
    assert len(usual) >= 8
    for case, work in works.items():
        assert work == usual, case


def test_a_resend_sends_the_same_statements_for_everybody(known: Flask) -> None:
    signups.join(signup())
    raw = token_in(letters(known)[-1])
    works = {}
    for who in ("ann", *WHO):
        for number in range(6):
            with watched() as works[who, number]:
                signups.resend(raw, f"{who}@example.com", ENGLISH)
    for case, work in works.items():
        assert work == works["ann", 0], case


@pytest.mark.parametrize(
    "addresses",
    [
        ["ann@example.com", *(f"ANN+{number}@Example.com" for number in range(5))],
        [f"ann+{n}@{'bücher' if n < 3 else 'xn--bcher-kva'}.example" for n in range(6)],
    ],
    ids=["plain and plus", "two spellings"],
)
def test_plus_addresses_count_as_the_mailbox_that_they_lead_to(
    backend: Flask, addresses: list[str]
) -> None:
    for address in addresses:
        signups.join(signup(address))
    assert len(letters(backend)) == 3
    assert len(rows("signups")) == 6, "each is an address of its own"
    signups.join(signup("ben@example.com"))
    assert len(letters(backend)) == 4


def test_a_plus_in_front_is_no_tag(backend: Flask) -> None:
    for number in range(5):
        signups.join(signup(f"+{number}@example.com"))
    assert len(letters(backend)) == 5
