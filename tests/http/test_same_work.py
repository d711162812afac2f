"""The work for an address is the same whoever it belongs to: it tells nobody who is a member."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from cocreate.config import Config
from cocreate.languages import ENGLISH
from cocreate.storage import database, signups
from fixtures.backend import confirmed, letters, rows, signup, token_in

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
        config: Config = backend.config["COCREATE"]
        newer = replace(config, secret_key=("n" * 32, *config.secret_key))
        backend.config["COCREATE"] = newer
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
        [f"ann+{number}@example.com" for number in range(6)],
        ["ann@example.com", *(f"ANN+{number}@Example.com" for number in range(5))],
        [f"ann+{number}@bücher.example" for number in range(3)]
        + [f"ann+{number}@xn--bcher-kva.example" for number in range(3, 6)],
    ],
    ids=["all plus", "plain first", "two spellings"],
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


def test_a_join_says_whether_the_limit_held_its_letter_back(backend: Flask) -> None:
    limited = [signups.join(signup(answers={"role": str(number)})) for number in range(5)]
    assert limited == [False, False, False, True, True]
    assert signups.join(signup(answers={"role": "2"})) is False, "its letter is on its way"
