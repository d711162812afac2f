"""A membership through time and changes of keys, and a database with very many of them."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, func, select

from cocreate.config import Config
from cocreate.languages import ENGLISH
from cocreate.mail import worker
from cocreate.storage import database, exports, marks, membership, retention, signups
from fixtures.backend import (
    MovedClock,
    body,
    config_of,
    configure,
    confirmed,
    exported,
    letters,
    rows,
    shift,
    signup,
    token_in,
)
from fixtures.crowd import DAY, MEMBERS, UNCONFIRMED, fill
from sending import send

OLD, NEW, NEWEST = "o" * 32, "n" * 32, "w" * 32


def test_a_year_of_a_membership(backend: Flask, moved_clock: MovedClock) -> None:
    configure(backend, secret_key=(OLD,))
    signups.join(signup())
    assert signups.confirm(token_in(letters(backend)[-1])).state == "ready"

    moved_clock.forward(days=10)  # the used link is forgotten by now
    retention.purge()
    signups.join(signup(answers={"role": "other"}))
    _, again = letters(backend)
    assert "already joined STACK" in str(again["Subject"])
    manage = token_in(again, "manage")

    moved_clock.forward(days=80)
    path = f"/en/manage/{manage}/"
    answers = {"role": "designer", "interests": ["conference"], "name": "Ann Lim"}
    data = {"action": "change", "mail_language": "ta"} | answers
    assert send(backend, path, data).status_code == 200
    (row,) = exported(backend, exports.member_sheet("stack", 0))
    assert (row["name"], row["email"], row["role"]) == ("Ann Lim", "ann@example.com", "designer")

    moved_clock.forward(days=90)
    retention.purge()
    signups.join(signup(communities=("tech-kaki",), answers={"sessions": ["other"]}))
    second = letters(backend)[-1]
    assert signups.confirm(token_in(second)) == signups.Link("ready", ("tech-kaki",), ENGLISH)
    assert [m.community for m in membership.memberships(manage)] == ["stack", "tech-kaki"]

    configure(backend, secret_key=(NEW, OLD))
    moved_clock.forward(days=90)
    retention.purge()
    assert len(membership.memberships(manage)) == 2
    signups.join(signup(communities=("stack", "tech-kaki")))
    known = letters(backend)[-1]
    assert (token_in(known), len(letters(backend))) == ("", 4)
    assert "Tech Kaki" in body(known)

    configure(backend, secret_key=(NEW,))
    moved_clock.forward(days=90)
    assert membership.withdraw(token_in(known, "manage")) is True
    for name in ("signups", "corrections", "tokens", "outbox", "mail_requests"):
        assert rows(name) == [], name
    assert backend.test_client().get(path).status_code == 404


LISTS = [(OLD,), (NEW, OLD), (NEW,), (OLD, NEW)]


@pytest.mark.parametrize("order", list(itertools.permutations(LISTS, 3)), ids=range(24))
def test_in_any_order_of_rotating_and_rolling_back_an_address_goes_on(
    small_site: Flask, order: tuple[tuple[str, ...], ...], moved_clock: MovedClock
) -> None:
    for keys in order:
        configure(small_site, secret_key=keys)
        signups.join(signup(communities=("stack", "tech-kaki"), name=str(keys)))
        if token := token_in(letters(small_site)[-1]):
            assert signups.confirm(token).state == "ready"
        moved_clock.forward(hours=25)
    configure(small_site, secret_key=(NEWEST, NEW, OLD))
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
        configure(backend, secret_key=(key,))
        signups.join(signup(answers={"role": str(number)}))
        if kind == "member":
            signups.confirm(token_in(letters(backend)[-1]))
        moved_clock.forward(hours=1)
    configure(backend, secret_key=(NEW, OLD))
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
    config = config_of(backend)
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


MANY = 200_000


@contextmanager
def plans() -> Iterator[list[str]]:
    """The planner's words for each statement sent meanwhile that reads or changes rows."""
    found: list[str] = []
    engine = database.current().engine

    def explain(conn: Any, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("EXPLAIN") or statement.split(maxsplit=1)[0] not in VERBS:
            return
        one = parameters[0] if isinstance(parameters, list) else parameters
        how = "EXPLAIN QUERY PLAN " if conn.dialect.name == "sqlite" else "EXPLAIN "
        answer = conn.exec_driver_sql(how + statement, one).all()
        found.append("\n".join([statement, *(str(row[-1]) for row in answer)]))

    event.listen(engine, "before_cursor_execute", explain)
    yield found
    event.remove(engine, "before_cursor_execute", explain)


VERBS = {"SELECT", "INSERT", "UPDATE", "DELETE"}


def whole_tables(plan: str) -> list[str]:
    """Steps that read all rows of a table, or all of its index."""
    names = "signups|tokens|outbox|mail_requests|feedback"
    return re.findall(rf"^[ \->]*((?:SCAN|Seq Scan on) (?:{names})\b.*)$", plan, re.MULTILINE)


@pytest.fixture
def grown(backend: Flask) -> Flask:
    with database.writing() as connection:
        fill(connection, MEMBERS, 1, MANY)
        fill(connection, UNCONFIRMED, 1, 700)
    assert database.table("signups") is not None  # read once, before anybody watches
    return backend


def live(app: Flask) -> None:
    """Everything that requests, a purge and a sending round ask of the database."""
    manage = confirmed(app)
    signups.join(signup())
    signups.join(signup("ben@example.com"))
    raw = token_in(letters(app)[-1])
    signups.look_up(raw)
    signups.resend(raw, "ben@example.com", ENGLISH)
    membership.give_feedback("stack", "Hello", "ann@example.com", ENGLISH)
    membership.memberships(manage)
    membership.change(manage, ENGLISH, interests=["events"], name="Ann Lim")
    membership.withdraw(manage)
    membership.erase("ben@example.com")
    signups.join(signup("late@example.com"))
    worker.send_due(app)


def test_no_statement_reads_a_whole_table(grown: Flask, moved_clock: MovedClock) -> None:
    with plans() as found:
        live(grown)
        moved_clock.forward(days=8)
        assert retention.purge()["signups"] == 701
    assert len(found) > 50
    faults = {f"{fault}: {plan}" for plan in found for fault in whole_tables(plan)}
    assert not faults, "\n\n".join(sorted(faults))


@pytest.fixture
def late(backend: Flask, moved_clock: MovedClock, monkeypatch: pytest.MonkeyPatch) -> str:
    """35 sign-ups past their time, to be erased by tens; a member's manage link."""
    monkeypatch.setattr(retention, "BATCH", 10)
    manage = confirmed(backend)
    for number in range(35):
        signups.join(signup(f"{number}@example.com"))
    moved_clock.forward(days=8)
    return manage


def test_a_purge_goes_in_batches_with_a_commit_each(late: str) -> None:
    commits: list[int] = []
    engine, signed = database.current().engine, database.table("signups")
    waiting = select(signed.c.id).where(signed.c.confirmed_at.is_(None)).subquery()

    def count(conn: Connection) -> None:
        commits.append(conn.execute(select(func.count()).select_from(waiting)).scalar_one())

    event.listen(engine, "commit", count)
    gone = retention.purge()
    event.remove(engine, "commit", count)
    assert (gone["signups"], gone["letters"]) == (35, 35)
    assert commits[:4] == [25, 15, 5, 0]
    assert len(membership.memberships(late)) == 1
    assert sum(row.number for row in rows("audit") if row.action == "purge") == 35


def test_a_purge_ends_between_two_batches_when_it_is_told_to(late: str) -> None:
    stop = threading.Event()
    event.listen(database.current().engine, "commit", lambda conn: stop.set())
    assert retention.purge(stop)["signups"] == 10
    assert len(rows("signups")) == 26


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_while_one_process_purges_another_leaves_it_to_that(backend: Flask) -> None:
    signups.join(signup())
    shift("signups", "consented_at", 8 * DAY)
    with database.writing() as other:
        other.execute(select(func.pg_advisory_xact_lock(retention.PURGE_LOCK)))
        assert retention.purge()["signups"] == 0
    assert retention.purge()["signups"] == 1
