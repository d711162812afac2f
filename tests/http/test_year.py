"""A membership through time and through changes of keys, on both kinds of database."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask

from cocreate.config import Config
from cocreate.languages import ENGLISH
from cocreate.storage import database, exports, marks, membership, retention, signups
from fixtures.backend import MovedClock, body, exported, letters, rows, signup, token_in
from sending import OURS

OLD, NEW, NEWEST = "o" * 32, "n" * 32, "w" * 32


@contextmanager
def keyed(app: Flask, *keys: str) -> Iterator[None]:
    """``app`` with these as its SECRET_KEY."""
    config: Config = app.config["COCREATE"]
    app.config["COCREATE"] = replace(config, secret_key=keys)
    yield
    app.config["COCREATE"] = config


def test_a_year_of_a_membership(backend: Flask, moved_clock: MovedClock) -> None:
    client = backend.test_client()
    with keyed(backend, OLD):
        signups.join(signup())
        assert signups.confirm(token_in(letters(backend)[-1])).state == "ready"

        moved_clock.forward(days=10)  # the used link is forgotten by now
        retention.purge()
        signups.join(signup(answers={"role": "other"}))
        again = letters(backend)[-1]
        assert len(letters(backend)) == 2, "a member who joins again gets a letter"
        assert "already joined STACK" in str(again["Subject"])
        manage = token_in(again, "manage")

        moved_clock.forward(days=80)
        path = f"/en/manage/{manage}/"
        changed = client.post(
            path,
            data={
                "action": "change",
                "mail_language": "ta",
                "role": "designer",
                "interests": ["conference"],
                "name": "Ann Lim",
            },
            headers=OURS,
        )
        assert changed.status_code == 200
        (row,) = exported(backend, exports.members("stack", 0))
        assert (row["name"], row["email"], row["role"]) == (
            "Ann Lim",
            "ann@example.com",
            "designer",
        )

        moved_clock.forward(days=90)
        retention.purge()
        signups.join(signup(communities=("tech-kaki",), answers={"sessions": ["other"]}))
        second = letters(backend)[-1]
        assert signups.confirm(token_in(second)) == signups.Link("ready", ("tech-kaki",), ENGLISH)
        assert [m.community for m in membership.memberships(manage)] == ["stack", "tech-kaki"]

    with keyed(backend, NEW, OLD):
        moved_clock.forward(days=90)
        retention.purge()
        assert len(membership.memberships(manage)) == 2
        signups.join(signup(communities=("stack", "tech-kaki")))
        known = letters(backend)[-1]
        assert (token_in(known), len(letters(backend))) == ("", 4)
        assert "Tech Kaki" in body(known)
    with keyed(backend, NEW):
        moved_clock.forward(days=90)
        assert membership.withdraw(token_in(known, "manage")) is True
        for name in ("signups", "corrections", "tokens", "outbox", "mail_requests"):
            assert rows(name) == [], name
        assert client.get(path).status_code == 404


LISTS = [(OLD,), (NEW, OLD), (NEW,), (OLD, NEW)]


@pytest.mark.parametrize("order", list(itertools.permutations(LISTS, 3)), ids=range(24))
def test_in_any_order_of_rotating_and_rolling_back_an_address_goes_on(
    small_site: Flask, order: tuple[tuple[str, ...], ...], moved_clock: MovedClock
) -> None:
    letter = None
    for keys in order:
        with keyed(small_site, *keys):
            signups.join(signup(communities=("stack", "tech-kaki"), name=str(keys)))
            letter = letters(small_site)[-1]
            if token_in(letter):
                assert signups.confirm(token_in(letter)).state == "ready"
            moved_clock.forward(hours=25)
    with keyed(small_site, NEWEST, NEW, OLD):
        signups.join(signup(communities=("stack", "tech-kaki")))
        assert len(rows("signups")) == 2, "one for each community"
        kept = [*rows("signups"), *rows("tokens")]
        assert len({bytes(row.email_hash) for row in kept}) == 1, "all under one key"
        assert token_in(letters(small_site)[-1]) == ""
        gone = membership.erase("ann@example.com")
        assert (gone["stack"], gone["tech-kaki"]) == (1, 1)
        assert rows("signups") == rows("tokens") == []


@pytest.mark.parametrize("first", ["member", "waiting"])
@pytest.mark.parametrize("second", ["member", "waiting"])
def test_of_two_under_two_keys_the_member_stays_and_of_two_alike_the_newer(
    backend: Flask, first: str, second: str, moved_clock: MovedClock
) -> None:
    for number, (key, kind) in enumerate([(OLD, first), (NEW, second)]):
        with keyed(backend, key):
            signups.join(signup(answers={"role": str(number)}))
            if kind == "member":
                signups.confirm(token_in(letters(backend)[-1]))
        moved_clock.forward(hours=1)
    with keyed(backend, NEW, OLD):
        membership.erase("nobody@example.com")
        signups.join(signup(communities=("tech-kaki",)))
        (stack,) = (row for row in rows("signups") if row.community == "stack")
        assert stack.role == ("0" if (first, second) == ("member", "waiting") else "1")
        assert (stack.confirmed_at is not None) == ("member" in {first, second})


def test_two_processes_with_the_keys_in_other_order_do_not_lose_each_other(
    backend: Flask, make_site: Callable[[Config], Flask]
) -> None:
    with database.writing() as connection:
        marks.adopt(connection, (OLD, NEW))
    config: Config = backend.config["COCREATE"]
    one, other = (make_site(replace(config, secret_key=keys)) for keys in [(OLD, NEW), (NEW, OLD)])
    for turn in range(4):
        app = (one, other)[turn % 2]
        with app.app_context():
            signups.join(signup(name=f"Ann {turn}"))
    with other.app_context():
        assert len(rows("signups")) == 1
        assert signups.confirm(token_in(letters(other)[-1])).state == "ready"
    with one.app_context():
        signups.join(signup())
        assert len(rows("signups")) == 1
        assert membership.withdraw(token_in(letters(one)[-1], "manage")) is True
