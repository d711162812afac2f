"""Letters leave, however the mail server behaves; each arrives, none twice."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from cocreate import clock
from cocreate.config import Config
from cocreate.mail import message, worker
from cocreate.storage import database, membership, outbox, schema, signups
from fixtures.backend import confirmed, letters, rows, signup, token_in
from fixtures.mailserver import MailServer, dripping

DAY = 86_400


def use(app: Flask, url: str, **changes: object) -> None:
    """Send mail to ``url`` from now on."""
    config: Config = app.config["COCREATE"]
    app.config["COCREATE"] = replace(config, mail_url=url, **changes)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker looks ten times a second."""
    monkeypatch.setattr(worker, "POLL", 0.1)


@pytest.fixture
def posting(backend: Flask, mail_server: MailServer) -> Flask:
    """The site with mail going to the server."""
    use(backend, f"smtp://127.0.0.1:{mail_server.port}?timeout=5")
    return backend


@contextmanager
def working(app: Flask) -> Iterator[threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run_worker, args=(app, stop))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def eventually(claim: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, "not within its time"
        time.sleep(0.05)


def shift(name: str, column: str, seconds: int) -> None:
    """Move a time into the past."""
    rows_ = database.table(name)
    with database.writing() as connection:
        connection.execute(rows_.update().values({column: rows_.c[column] - seconds}))


def let_leases_run_out() -> None:
    """As a minute would."""
    letters_ = database.table("outbox")
    with database.writing() as connection:
        claimed = letters_.c.claim.is_not(None)
        connection.execute(letters_.update().where(claimed).values(due_at=0))


def test_a_letter_arrives_and_is_deleted_here(posting: Flask, mail_server: MailServer) -> None:
    signups.join(signup())
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
    for name in ("ann", "ben", "cem"):
        signups.join(signup(email=f"{name}@example.com"))
    assert [worker.send_due(posting) for _ in range(2)] == [3, 0]
    assert len(mail_server.received) == 3


def test_what_waits_is_encrypted(posting: Flask) -> None:
    signups.join(signup())
    assert b"ann" not in bytes(rows("outbox")[0].encrypted)


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("RCPT", "451 greylisted"),
        ("RCPT", "421 closing"),
        ("DATA", "452 full"),
    ],
)
def test_a_refused_letter_is_kept_and_tried_again(
    posting: Flask,
    mail_server: MailServer,
    step: str,
    answer: str,
) -> None:
    mail_server.answers[step] = answer
    signups.join(signup())
    for tries in (1, 2):
        assert worker.send_due(posting) == 0
        (row,) = rows("outbox")
        assert row.attempts == tries
        assert answer[:3] in row.last_error
        assert "ann" not in row.last_error
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
    found = worker.status()
    assert (found.waiting, found.failing) == (0, 0)
    (refused,) = found.given_up
    assert answer[:3] in refused.reason
    assert (refused.number, refused.days) == (1, False)


def test_one_bad_recipient_holds_up_nobody_else(posting: Flask, mail_server: MailServer) -> None:
    mail_server.refused.add("bad@example.com")
    for name in ("first", "bad", "last"):
        signups.join(signup(f"{name}@example.com"))
    assert worker.send_due(posting) == 2
    assert [message["To"] for message in mail_server.received] == [
        "first@example.com",
        "last@example.com",
    ]


def test_when_a_server_is_back_after_a_day_everything_goes_within_a_minute(
    posting: Flask,
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mail_server.stop()
    use(posting, posting.config["COCREATE"].mail_url, mail_backoff=30)
    for number in range(25):
        signups.join(signup(f"{number}@example.com"))
    now = clock.now()
    for minute in range(0, 24 * 60, 10):
        monkeypatch.setattr(clock, "now", lambda at=now + minute * 60: at)
        assert worker.send_due(posting) == 0
    assert worker.status().failing > 0
    mail_server.start()
    monkeypatch.setattr(clock, "now", lambda: now + DAY + 60)
    assert worker.send_due(posting) == 25
    assert sorted(m["To"] for m in mail_server.received) == sorted(
        f"{n}@example.com" for n in range(25)
    )


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_what_a_failing_server_put_off_goes_soon_after_it_is_well(
    posting: Flask, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    use(posting, posting.config["COCREATE"].mail_url, mail_backoff=30)
    mail_server.answers[step] = "451 try later"
    for number in range(3):
        signups.join(signup(f"{number}@example.com"))
    now = clock.now()
    for minute in range(0, 24 * 60, 20):
        monkeypatch.setattr(clock, "now", lambda at=now + minute * 60: at)
        assert worker.send_due(posting) == 0
    mail_server.answers.clear()
    monkeypatch.setattr(clock, "now", lambda: now + DAY + 600)
    assert worker.send_due(posting) == 3


def test_a_late_letter_has_a_fresh_link(
    posting: Flask,
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mail_server.stop()
    signups.join(signup())
    worker.send_due(posting)
    mail_server.start()
    three_days_on = clock.now() + 3 * DAY
    monkeypatch.setattr(clock, "now", lambda: three_days_on)
    monkeypatch.setattr(time, "time", lambda: float(three_days_on))
    assert worker.send_due(posting) == 1
    assert signups.look_up(token_in(mail_server.received[0])).state == "ready"


def test_a_server_that_hangs_is_left_after_its_time_and_nothing_is_lost(
    posting: Flask,
    mail_server: MailServer,
) -> None:
    use(posting, f"smtp://127.0.0.1:{mail_server.port}?timeout=0.3")
    mail_server.hanging = True
    signups.join(signup())
    start = time.monotonic()
    assert worker.send_due(posting) == 0
    assert time.monotonic() - start < 5
    assert rows("outbox")[0].last_error == "SMTPServerDisconnected"
    mail_server.hanging = False
    assert worker.send_due(posting) == 1


def test_a_server_that_accepts_and_says_nothing_delays_the_site_not_at_all(
    backend: Flask,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        use(backend, f"smtp://127.0.0.1:{mute.getsockname()[1]}?timeout=0.3", mail_backoff=30)
        for number in range(3):
            signups.join(signup(f"{number}@example.com"))
        with working(backend):
            eventually(lambda: any(row.attempts for row in rows("outbox")))
            start = time.monotonic()
            signups.join(signup("late@example.com"))
            assert time.monotonic() - start < 2
    due = [row.due_at - int(time.time()) for row in rows("outbox") if row.attempts]
    assert all(10 <= seconds <= 60 for seconds in due)


def test_the_worker_sends_by_itself_and_survives_a_failing_server(
    posting: Flask,
    mail_server: MailServer,
) -> None:
    mail_server.stop()
    with working(posting):
        signups.join(signup())
        eventually(lambda: rows("outbox")[0].attempts > 0)
        mail_server.start()
        signups.join(signup("ben@example.com"))
        eventually(lambda: len(mail_server.received) == 2)
        eventually(lambda: rows("outbox") == [])
    assert len(mail_server.received) == 2


def test_the_worker_survives_a_database_that_is_gone(small_site: Flask) -> None:
    file = database.current().file
    assert file
    with working(small_site):
        file.rename(file.with_suffix(".moved"))
        time.sleep(1.2)
        file.with_suffix(".moved").rename(file)
        signups.join(signup())
        eventually(lambda: rows("outbox") == [], 20)


def test_two_workers_send_each_letter_once(
    posting: Flask,
    mail_server: MailServer,
    make_site: Callable[[Config], Flask],
) -> None:
    other = make_site(posting.config["COCREATE"])
    with working(posting), working(other):
        for number in range(30):
            signups.join(signup(f"{number}@example.com"))
        eventually(lambda: rows("outbox") == [])
    assert sorted(m["To"] for m in mail_server.received) == sorted(
        f"{n}@example.com" for n in range(30)
    )


def test_a_letter_that_was_sent_but_could_not_be_deleted_is_not_sent_again(
    small_site: Flask,
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(small_site, f"smtp://127.0.0.1:{mail_server.port}")
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


def test_after_five_days_it_is_given_up_and_can_be_tried_again(
    posting: Flask,
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mail_server.answers["RCPT"] = "451 no"
    signups.join(signup())
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 5 * DAY - 10)
    worker.send_due(posting)
    assert worker.status().waiting == 1
    monkeypatch.setattr(clock, "now", lambda: now + 5 * DAY + 10)
    worker.send_due(posting)
    found = worker.status()
    assert (found.waiting, len(found.given_up)) == (0, 1)
    assert "451" in found.given_up[0].reason
    assert found.given_up[0].days
    mail_server.answers.clear()
    assert worker.send_due(posting) == 0
    assert outbox.hurry(given_up=True) == 1
    assert worker.send_due(posting) == 1


def test_a_letter_for_another_secret_key_waits_and_holds_up_nobody(
    posting: Flask,
    mail_server: MailServer,
) -> None:
    signups.join(signup())
    use(posting, posting.config["COCREATE"].mail_url, secret_key=("another-key-" * 4,))
    signups.join(signup("ben@example.com"))
    assert worker.send_due(posting) == 1
    assert "SECRET_KEY" in rows("outbox")[0].last_error


def test_withdrawing_stops_a_letter_that_has_not_left(
    posting: Flask, mail_server: MailServer
) -> None:
    signups.join(signup())
    worker.send_due(posting)
    signups.join(signup(communities=("tech-kaki",)))
    membership.withdraw(token_in(mail_server.received[0], "manage"))
    assert worker.send_due(posting) == 0
    assert len(mail_server.received) == 1


@given(st.integers(0, 10_000), st.integers(1, 3600))
def test_the_wait_doubles_within_bounds(attempts: int, first: int) -> None:
    wait = worker.wait_after(attempts, first)
    longest = min(worker.LONGEST_WAIT, first * 2**attempts)
    assert longest // 2 <= wait <= longest


def test_the_wait_is_random_so_that_not_all_come_back_at_once() -> None:
    assert len({worker.wait_after(8, 30) for _ in range(50)}) > 10
    assert worker.wait_after(3, 0) == 0


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("smtp://mail..example:25?tls=none", "MAIL_URL"),
        ("smtp://{label}.example:25?tls=none", "MAIL_URL"),
        ("smtp://127.0.0.1:1?tls=none", "ConnectionRefusedError"),
        ("smtps://127.0.0.1:{port}?timeout=1", "SSLError"),
        ("smtp://user:wrong@127.0.0.1:{port}?tls=none", "SMTPNotSupportedError"),
    ],
)
def test_whatever_is_wrong_with_the_way_out_backs_off_and_shows(
    small_site: Flask, mail_server: MailServer, url: str, reason: str
) -> None:
    use(small_site, url.format(port=mail_server.port, label="a" * 70), mail_backoff=30)
    for number in range(12):
        signups.join(signup(f"{number}@example.com"))
    assert worker.send_due(small_site) == 0
    found = worker.status()
    assert found.waiting == 12
    (failure,) = found.failures
    assert reason in failure.reason
    (tried,) = [row for row in rows("outbox") if row.attempts]
    assert 10 <= tried.due_at - clock.now() <= 60
    use(small_site, f"smtp://127.0.0.1:{mail_server.port}")
    assert outbox.hurry() == 1
    assert worker.send_due(small_site) == 12


def test_a_letter_that_nobody_foresaw_is_put_off_and_the_others_go(
    posting: Flask, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = message.write

    def broken(app: Flask, letter: Any, *rest: Any) -> Any:
        if letter.to.startswith("odd"):
            raise ZeroDivisionError(letter.to)
        return write(app, letter, *rest)

    monkeypatch.setattr(message, "write", broken)
    for name in ("odd", "even"):
        signups.join(signup(f"{name}@example.com"))
    assert worker.send_due(posting) == 1
    assert worker.status().failures[0].reason == "cannot be written: ZeroDivisionError"


@pytest.mark.parametrize(
    "lines",
    [(), (b"220 hello\r\n",), (b"220 hello\r\n", b"250 hello\r\n", b"250 go on\r\n")],
    ids=["greeting", "EHLO", "RCPT"],
)
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_that_drips_for_ever_is_cut_off(
    small_site: Flask, lines: tuple[bytes, ...], scheme: str
) -> None:
    with dripping(*lines) as port:
        use(small_site, f"{scheme}://127.0.0.1:{port}?timeout=0.4", mail_backoff=30)
        signups.join(signup())
        assert worker.send_due(small_site) == 0
    (row,) = rows("outbox")
    assert row.attempts == 1
    assert scheme == "smtps" or row.last_error == "the mail server took too long"


def test_a_letter_that_has_left_leaves_nothing_in_the_files(small_site: Flask) -> None:
    folder: Path = small_site.config["COCREATE"].data_dir
    sender = worker.Sender(small_site, threading.Event())
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


def test_what_is_past_its_time_goes_though_the_mail_does_not(backend: Flask) -> None:
    with dripping() as port:
        use(backend, f"smtp://127.0.0.1:{port}?timeout=5")
        signups.join(signup())
        shift("signups", "consented_at", 8 * DAY)
        with working(backend):
            eventually(lambda: rows("signups") == [])


def test_mail_goes_though_the_purge_does_not(
    posting: Flask, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(worker, "purge", fail)
    signups.join(signup())
    with working(posting):
        eventually(lambda: len(mail_server.received) == 1)


def test_no_more_than_the_ceiling_leaves_in_an_hour(
    posting: Flask, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(posting, posting.config["COCREATE"].mail_url, mail_ceiling="3 per hour")
    for number in range(5):
        signups.join(signup(f"{number}@example.com"))
    assert worker.send_due(posting) == 3
    assert worker.is_full()
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 3500)
    assert worker.send_due(posting) == 0
    assert worker.status().failing == 0  # they wait, and nothing is wrong with them
    monkeypatch.setattr(clock, "now", lambda: now + 3601)
    assert worker.send_due(posting) == 2
    monkeypatch.setattr(clock, "now", lambda: now + 7300)
    worker.purge()
    assert rows("mail_sent") == []


def test_a_letter_is_claimed_by_one_for_a_minute_and_then_by_the_next(
    backend: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        signups.join(signup(f"{number}@example.com"))
    frozen = outbox.claim(2)
    assert len(frozen) == 2
    assert len(outbox.claim(10)) == 1
    assert outbox.claim(10) == []
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + outbox.LEASE + 1)
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
    for number in range(5):
        signups.join(signup(f"{number}@example.com"))
    worker.send_due(posting)
    assert {row.claim for row in rows("outbox")} == {None}
    assert len(outbox.claim(10)) == 5


def test_sending_holds_no_transaction(
    postgresql: str, posting: Flask, mail_server: MailServer, database_kind: str
) -> None:
    if database_kind == "sqlite":
        return
    mail_server.slow = 0.6
    for number in range(4):
        signups.join(signup(f"{number}@example.com"))
    # For longer than a busy machine's other threads need between two statements.
    idle = (
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
        " AND state_change < clock_timestamp() - interval '0.4 s'"
    )
    seen = []
    with (
        psycopg.connect(postgresql.replace("+psycopg", ""), autocommit=True) as watcher,
        working(posting),
    ):
        while rows("outbox"):
            if mail_server.at_once:
                seen += watcher.execute(idle).fetchall()
            time.sleep(0.05)
    assert set(seen) == {(0,)}
    assert len(mail_server.received) == 4


@pytest.fixture
def secure_server(tls: ssl.SSLContext) -> Iterator[MailServer]:
    server = MailServer(tls).start()
    yield server
    server.stop()


def test_starttls_with_a_trusted_certificate_logs_in_and_delivers(
    small_site: Flask,
    secure_server: MailServer,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    use(small_site, f"smtp://us%40er:p%40ss%2Fword@127.0.0.1:{secure_server.port}?tls=starttls")
    signups.join(signup())
    assert worker.send_due(small_site) == 1
    assert secure_server.logins == [b"us@er:p@ss/word"]
    assert len(secure_server.received) == 1


def test_an_untrusted_certificate_sees_neither_password_nor_letter(
    small_site: Flask, secure_server: MailServer
) -> None:
    use(small_site, f"smtp://user:p%40ss%2Fword@127.0.0.1:{secure_server.port}?tls=starttls")
    signups.join(signup())
    assert worker.send_due(small_site) == 0
    assert not secure_server.logins
    assert not secure_server.received
    assert rows("outbox")[0].last_error == "SSLCertVerificationError"


def test_a_server_without_starttls_gets_nothing_where_it_was_asked_for(
    small_site: Flask,
    mail_server: MailServer,
) -> None:
    use(small_site, f"smtp://127.0.0.1:{mail_server.port}?tls=starttls")
    signups.join(signup())
    assert worker.send_due(small_site) == 0
    assert mail_server.received == []


def test_tls_from_the_first_byte_works_too(
    small_site: Flask,
    tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = MailServer(tls, at_once=True).start()
    try:
        use(small_site, f"smtps://127.0.0.1:{server.port}")
        signups.join(signup())
        assert worker.send_due(small_site) == 1
    finally:
        server.stop()


def test_a_wrong_password_is_a_failure_like_any_other(
    small_site: Flask,
    secure_server: MailServer,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    use(small_site, f"smtp://user:wrong@127.0.0.1:{secure_server.port}?tls=starttls")
    signups.join(signup())
    assert worker.send_due(small_site) == 0
    assert rows("outbox")[0].last_error == "SMTP 535"


def test_whoever_leaves_takes_the_letters_in_the_mail_folder_along(backend: Flask) -> None:
    manage = confirmed(backend, signup(communities=("stack", "tech-kaki")))
    confirmed(backend, signup("ben@example.com"))
    membership.withdraw(manage, "stack")
    assert len(letters(backend)) == 2
    membership.withdraw(manage)
    assert [message["To"] for message in letters(backend)] == ["ben@example.com"]


def test_files_of_mail_are_private_whole_and_in_order(small_site: Flask) -> None:
    for number in range(3):
        signups.join(signup(f"{number}@example.com"))
    messages = letters(small_site)
    assert [m["To"] for m in messages] == [f"{n}@example.com" for n in range(3)]
    folder = Path(small_site.config["COCREATE"].mail_url.removeprefix("file:"))
    files = sorted(folder.iterdir())
    assert len(files) == 3
    assert {file.suffix for file in files} == {".eml"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in (folder, *files))
    assert b"\r" not in files[0].read_bytes()


def test_a_mail_folder_that_cannot_be_written_keeps_the_letter(
    small_site: Flask, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file")
    use(small_site, f"file:{tmp_path / 'taken'}")
    signups.join(signup())
    assert worker.send_due(small_site) == 0
    assert len(rows("outbox")) == 1


@pytest.mark.parametrize(
    ("site_url", "mail", "told"),
    [
        ("http://127.0.0.1:8000/", "file", True),
        ("http://localhost:8000/sub/", "file", True),
        ("https://co.example/", "file", False),
        ("http://co.example/", "file", False),
        ("http://127.0.0.1.example/", "file", False),
        ("http://127.0.0.1:8000/", "smtp", False),
    ],
)
def test_a_link_is_printed_only_where_mail_goes_to_a_folder_of_this_machine(
    small_site: Flask,
    mail_server: MailServer,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    site_url: str,
    mail: str,
    told: bool,
) -> None:
    url = (
        small_site.config["COCREATE"].mail_url
        if mail == "file"
        else f"smtp://127.0.0.1:{mail_server.port}"
    )
    use(small_site, url, site_url=site_url)
    caplog.set_level("DEBUG", "cocreate")
    signups.join(signup())
    assert worker.send_due(small_site) == 1
    shown = capsys.readouterr().out
    message = mail_server.received[0] if mail == "smtp" else letters(small_site)[0]
    expected = f"mail: {site_url}en/confirm/{token_in(message)}/\n"
    assert shown == (expected if told else "")
    assert token_in(message) not in caplog.text
    assert "ann@" not in caplog.text


def test_a_password_that_mail_cannot_carry_is_said_and_not_shown(
    small_site: Flask,
    secure_server: MailServer,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    use(small_site, f"smtp://user:p%C3%A4ss@127.0.0.1:{secure_server.port}?tls=starttls")
    signups.join(signup())
    assert worker.send_due(small_site) == 0
    assert "MAIL_URL" in worker.status().failures[0].reason
    assert "äss" not in caplog.text + worker.status().failures[0].reason


JOINING = """
import os, sys, threading
from cocreate.mail import worker
from cocreate.storage import database, keys, signups
from cocreate.app import create_app
from cocreate.config import load_config
from fixtures.backend import signup

app = create_app(keys.prepare(load_config()))
threading.Thread(target=worker.run_worker, args=(app, threading.Event()), daemon=True).start()

def join_on_and_on(thread):
    with app.app_context():
        for number in range(100_000):
            address = f"{sys.argv[1]}.{thread}.{number}@example.com"
            signups.join(signup(address))
            os.write(1, f"kept {address}\\n".encode())

for thread in range(2):
    threading.Thread(target=join_on_and_on, args=(thread,)).start()
"""


def join_until_killed(life: int, folder: Path, joins: int) -> list[str]:
    """Run a site under load and kill it; the addresses that it said it had kept."""
    env = {
        "PYTHONPATH": ":".join(sys.path),
        "COCREATE_DATA_DIR": str(folder),
        "COCREATE_MAIL_BACKOFF": "0",
    }
    command = [sys.executable, "-c", JOINING, str(life)]
    kept: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout
        for line in process.stdout:
            kept += line.split()[1:] if line.startswith("kept") else []
            if len(kept) >= joins:
                process.kill()
    return kept


@pytest.mark.slow
def test_kill_9_under_load_loses_nobody_and_each_gets_a_letter(
    command_env: Path, small_site: Flask
) -> None:
    kept = [address for life in range(3) for address in join_until_killed(life, command_env, 40)]
    assert len(kept) >= 120
    assert schema.faults(database.current()) == []
    let_leases_run_out()  # of the letters that the killed ones were about to send
    reached = {message["To"] for message in letters(small_site)}
    assert set(kept) <= reached
    assert len(reached) == len(rows("signups"))
    assert rows("outbox") == []
