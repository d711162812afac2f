"""With very many members: no statement reads a whole table, and a purge goes in small steps."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, func, select

from cocreate.config import Config, load_config
from cocreate.languages import ENGLISH
from cocreate.mail import worker
from cocreate.storage import database, keys, membership, retention, signups
from fixtures.backend import MovedClock, confirmed, letters, rows, shift, signup, token_in
from fixtures.crowd import DAY, MEMBERS, UNCONFIRMED, fill

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


def test_while_one_process_purges_another_leaves_it_to_that(
    empty_postgresql: str, sqlite_env: dict[str, str], make_site: Callable[[Config], Flask]
) -> None:
    env = sqlite_env | {"COCREATE_DATABASE_URL": empty_postgresql}
    site = make_site(keys.complete(load_config(env), make=False))
    with site.app_context():
        signups.join(signup())
        shift("signups", "consented_at", 8 * DAY)
        with database.writing() as other:
            other.execute(select(func.pg_advisory_xact_lock(retention.PURGE_LOCK)))
            assert retention.purge()["signups"] == 0
        assert retention.purge()["signups"] == 1
