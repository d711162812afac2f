"""Letters leave, however the mail server behaves; each arrives, none twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from cocreate import clock
from cocreate.mail import message, worker
from cocreate.storage import database, outbox, signups
from fixtures.backend import (
    MovedClock,
    config_of,
    configure,
    join,
    no_database,
    reason,
    rows,
    shift,
    signup,
    token_in,
)
from fixtures.mailserver import MailServer, dripping
from processes import PATIENCE, wait_until

DAY = clock.DAY


def recipients(server: MailServer) -> list[str]:
    return sorted(letter["To"] for letter in server.received)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker looks ten times a second."""
    monkeypatch.setattr(worker, "POLL", 0.1)


@contextmanager
def working(app: Flask) -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run_worker, args=(app, stop))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


# A letter's way


def test_a_letter_arrives_and_is_deleted_here(posting: Flask, mail_server: MailServer) -> None:
    signups.join(signup())
    assert b"ann@example" not in bytes(rows("outbox")[0].encrypted)
    assert worker.send_due(posting) == 1
    (sent,) = mail_server.received
    assert sent["To"] == "ann@example.com"
    assert sent["List-Unsubscribe"].endswith(f"/manage/{token_in(sent, 'manage')}/>")
    assert signups.look_up(token_in(sent)).state == "ready"
    assert rows("outbox") == []
    assert worker.send_due(posting) == 0


def test_many_letters_go_a_few_at_a_time(
    posting: Flask, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "BATCH", 2)
    people = join(3)
    assert [worker.send_due(posting) for _ in range(2)] == [3, 0]
    assert recipients(mail_server) == people


def test_no_more_than_the_ceiling_leaves_in_an_hour(
    posting: Flask, moved_clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "BATCH", 2)  # there is room for one when the second begins
    configure(posting, mail_ceiling="3 per hour")
    join(5)
    assert worker.send_due(posting) == 3
    assert worker.is_full()
    moved_clock.forward(seconds=3500)
    assert worker.send_due(posting) == 0
    assert outbox.status().failing == 0  # they wait, and nothing is wrong with them
    moved_clock.forward(seconds=101)
    assert worker.send_due(posting) == 2
    moved_clock.forward(hours=1)
    worker.purge()
    assert rows("mail_sent") == []


# What does not leave


@pytest.mark.parametrize(
    ("step", "answer"), [("RCPT", "451 greylisted"), ("RCPT", "421 closing"), ("DATA", "452 full")]
)
def test_a_refused_letter_is_kept_and_tried_again(
    posting: Flask, mail_server: MailServer, step: str, answer: str
) -> None:
    mail_server.answers[step] = answer
    signups.join(signup())
    for tries in (1, 2):
        assert worker.send_due(posting) == 0
        assert rows("outbox")[0].attempts == tries
        assert answer[:3] in reason()
        assert "ann" not in reason()
    mail_server.answers.clear()
    assert worker.send_due(posting) == 1
    assert len(mail_server.received) == 1


@pytest.mark.parametrize(("step", "answer"), [("RCPT", "550 no such user"), ("DATA", "554 no")])
def test_what_is_refused_for_good_is_not_tried_again(
    posting: Flask, mail_server: MailServer, step: str, answer: str
) -> None:
    mail_server.answers[step] = answer
    signups.join(signup())
    assert worker.send_due(posting) == 0
    mail_server.answers.clear()
    assert worker.send_due(posting) == 0
    found = outbox.status()
    assert (found.waiting, found.failing) == (0, 0)
    (refused,) = found.given_up
    assert answer[:3] in refused.reason
    assert (refused.number, refused.too_old) == (1, False)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("refused", "recipient refused, SMTP 550"),
        ("cannot be written", "cannot be written: ZeroDivisionError"),
        ("another key", "encrypted with a SECRET_KEY that is no longer set"),
    ],
)
def test_one_bad_letter_holds_up_nobody_else(
    posting: Flask, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, fault: str, why: str
) -> None:
    write = message.write

    def broken(app: Flask, letter: Any, *rest: Any) -> Any:
        return 1 / 0 if letter.to.startswith("bad") else write(app, letter, *rest)

    signups.join(signup("bad@example.com"))
    if fault == "refused":
        mail_server.refused.add("bad@example.com")
    elif fault == "cannot be written":
        monkeypatch.setattr(message, "write", broken)
    else:
        configure(posting, secret_key=("another-key-" * 4,))
    signups.join(signup("good@example.com"))
    assert worker.send_due(posting) == 1
    assert recipients(mail_server) == ["good@example.com"]
    assert reason() == why


@pytest.mark.parametrize("fault", ["gone", "RCPT", "DATA"])
def test_when_a_server_is_well_after_a_day_everything_goes_at_once(
    posting: Flask, mail_server: MailServer, moved_clock: MovedClock, fault: str
) -> None:
    configure(posting, mail_backoff=30)
    people = join(4)
    if fault == "gone":
        mail_server.stop()
    else:
        mail_server.answers[fault] = "451 try later"
    for _ in range(24):
        moved_clock.forward(hours=1)
        assert worker.send_due(posting) == 0
    assert outbox.status().failing > 0
    if fault == "gone":
        mail_server.start()
    mail_server.answers.clear()
    moved_clock.forward(seconds=60 if fault == "gone" else 600)
    assert worker.send_due(posting) == 4
    assert recipients(mail_server) == sorted(people)


def test_a_late_letter_has_a_fresh_link(
    posting: Flask, mail_server: MailServer, moved_clock: MovedClock
) -> None:
    mail_server.stop()
    signups.join(signup())
    worker.send_due(posting)
    mail_server.start()
    moved_clock.forward(days=3)
    assert worker.send_due(posting) == 1
    assert signups.look_up(token_in(mail_server.received[0])).state == "ready"


def test_after_five_days_it_is_given_up_and_can_be_tried_again(
    posting: Flask, mail_server: MailServer, moved_clock: MovedClock
) -> None:
    mail_server.answers["RCPT"] = "451 no"
    signups.join(signup())
    moved_clock.forward(days=5, seconds=-10)
    worker.send_due(posting)
    assert outbox.status().waiting == 1
    moved_clock.forward(seconds=20)
    worker.send_due(posting)
    found = outbox.status()
    assert (found.waiting, len(found.given_up)) == (0, 1)
    assert "451" in found.given_up[0].reason
    assert found.given_up[0].too_old
    mail_server.answers.clear()
    assert worker.send_due(posting) == 0
    assert outbox.hurry(given_up=True) == 1
    assert worker.send_due(posting) == 1


@given(st.integers(0, 10_000), st.integers(1, 3600))
def test_the_wait_doubles_within_bounds(attempts: int, first: int) -> None:
    wait = worker.wait_after(attempts, first)
    longest = min(worker.LONGEST_WAIT, first * 2**attempts)
    assert longest // 2 <= wait <= longest


def test_the_wait_is_random_so_that_not_all_come_back_at_once() -> None:
    assert len({worker.wait_after(8, 30) for _ in range(50)}) > 10
    assert worker.wait_after(3, 0) == 0


# The worker


def test_the_worker_sends_by_itself_and_survives_a_failing_server(
    posting: Flask, mail_server: MailServer
) -> None:
    mail_server.stop()
    with working(posting):
        signups.join(signup())
        wait_until(lambda: rows("outbox")[0].attempts > 0)
        mail_server.start()
        signups.join(signup("ben@example.com"))
        wait_until(lambda: rows("outbox") == [])
    assert len(mail_server.received) == 2


def test_the_worker_survives_a_database_that_is_gone(
    small_site: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with working(small_site) as mail:
        with no_database():
            wait_until(lambda: mail.name in {record.threadName for record in caplog.records})
        signups.join(signup())
        wait_until(lambda: rows("outbox") == [])


def test_what_is_past_its_time_goes_though_the_mail_does_not(backend: Flask) -> None:
    with dripping() as port:
        configure(backend, mail_url=f"smtp://127.0.0.1:{port}?timeout=5")
        signups.join(signup())
        shift("signups", "consented_at", 8 * DAY)
        with working(backend):
            wait_until(lambda: rows("signups") == [])


def test_mail_goes_though_the_purge_does_not(
    posting: Flask, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(worker, "purge", fail)
    signups.join(signup())
    with working(posting):
        wait_until(lambda: len(mail_server.received) == 1)


# Several senders, and senders that die


def test_a_letter_is_claimed_by_one_for_a_minute_and_then_by_the_next(
    backend: Flask, moved_clock: MovedClock
) -> None:
    join(3)
    frozen = outbox.claim(2)
    assert [len(frozen), len(outbox.claim(10)), outbox.claim(10)] == [2, 1, []]
    moved_clock.forward(seconds=outbox.LEASE + 1)
    taken = outbox.claim(10)
    assert {letter.message_id for letter in frozen} < {letter.message_id for letter in taken}
    assert not any(map(outbox.is_ours, frozen))
    outbox.postpone(frozen[0], "late", wait=0)  # the frozen one wakes up: it changes nothing
    outbox.release(frozen)
    assert all(map(outbox.is_ours, taken))
    assert outbox.claim(10) == []


def test_what_was_claimed_by_a_sender_that_stops_goes_at_once(
    posting: Flask, mail_server: MailServer
) -> None:
    mail_server.stop()
    join(5)
    worker.send_due(posting)
    assert {row.claim for row in rows("outbox")} == {None}
    assert len(outbox.claim(10)) == 5


def test_a_letter_that_was_sent_but_could_not_be_deleted_is_not_sent_again(
    small_site: Flask, mail_server: MailServer
) -> None:
    configure(small_site, mail_url=f"smtp://127.0.0.1:{mail_server.port}")
    signups.join(signup())
    with database.writing() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER stuck BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'disk'); END"
        )
    for _ in range(3):
        with pytest.raises(Exception, match="disk"):
            worker.send_due(small_site)
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER stuck")
    worker.send_due(small_site)
    assert rows("outbox") == []
    assert len(mail_server.received) == 1


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_sending_holds_no_transaction(
    empty_postgresql: str, posting: Flask, mail_server: MailServer
) -> None:
    idle = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
    url = empty_postgresql.replace("+psycopg", "")
    mail_server.held = True
    join(4)
    with psycopg.connect(url, autocommit=True) as watcher, working(posting):
        wait_until(lambda: mail_server.at_once)
        wait_until(lambda: watcher.execute(idle).fetchall() == [(0,)])  # other threads have theirs
        assert mail_server.at_once, "the letter had been taken in"
        mail_server.held = False
        wait_until(lambda: rows("outbox") == [])
    assert len(mail_server.received) == 4


def test_a_letter_that_has_left_leaves_nothing_in_the_database_s_files(small_site: Flask) -> None:
    folder = config_of(small_site).data_dir
    sender = worker.OutboxLoop(small_site, threading.Event())
    signups.join(signup())
    (row,) = rows("outbox")

    def kept() -> bool:
        files = [file.read_bytes() for file in folder.glob("cocreate.db*")]
        return any(row.encrypted[40:] in content for content in files)

    sender.turn()
    assert rows("outbox") == []
    assert kept(), "nothing to empty"
    where = database.current().engine.raw_connection()
    where.cursor().execute("BEGIN").execute("SELECT * FROM signups").fetchone()
    sender.turn()
    assert kept(), "nobody waits for a long read"
    where.rollback()
    where.close()
    sender.turn()
    assert not kept()
