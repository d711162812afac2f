"""Letters leave, however the mail server behaves; each arrives, none twice."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
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
from cocreate.storage import database, membership, outbox, signups
from fixtures.backend import MovedClock, letters, rows, shift, signup, token_in
from fixtures.mailserver import MailServer, dripping
from processes import wait_until

DAY = clock.DAY


def use(app: Flask, url: str = "", **changes: object) -> None:
    """Send mail to ``url`` from now on."""
    config: Config = app.config["COCREATE"]
    changed = replace(config, mail_url=url or config.mail_url, **changes)  # type: ignore[arg-type]
    app.config["COCREATE"] = changed


def join(number: int) -> list[str]:
    """So many people join; their addresses."""
    people = [f"{one}@example.com" for one in range(number)]
    for address in people:
        signups.join(signup(address))
    return people


def recipients(server: MailServer) -> list[str]:
    return sorted(letter["To"] for letter in server.received)


def reason() -> str:
    """Why the one letter that was tried did not leave."""
    (row,) = (row for row in rows("outbox") if row.attempts)
    return str(row.last_error)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker looks ten times a second."""
    monkeypatch.setattr(worker, "POLL", 0.1)


@pytest.fixture
def posting(backend: Flask, mail_server: MailServer) -> Flask:
    """The site with mail going to the server, on each kind of database."""
    use(backend, f"smtp://127.0.0.1:{mail_server.port}?timeout=5")
    return backend


@pytest.fixture
def small_posting(small_site: Flask, mail_server: MailServer) -> Flask:
    """The same on SQLite only."""
    use(small_site, f"smtp://127.0.0.1:{mail_server.port}?timeout=5")
    return small_site


@contextmanager
def working(app: Flask) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run_worker, args=(app, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


# A letter's way


def test_a_letter_arrives_and_is_deleted_here(posting: Flask, mail_server: MailServer) -> None:
    signups.join(signup())
    assert b"ann" not in bytes(rows("outbox")[0].encrypted)
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


def test_withdrawing_stops_a_letter_that_has_not_left(
    posting: Flask, mail_server: MailServer
) -> None:
    signups.join(signup())
    worker.send_due(posting)
    signups.join(signup(communities=("tech-kaki",)))
    membership.withdraw(token_in(mail_server.received[0], "manage"))
    assert worker.send_due(posting) == 0
    assert len(mail_server.received) == 1


def test_no_more_than_the_ceiling_leaves_in_an_hour(
    posting: Flask, mail_server: MailServer, moved_clock: MovedClock
) -> None:
    use(posting, mail_ceiling="3 per hour")
    join(5)
    assert worker.send_due(posting) == 3
    assert worker.is_full()
    moved_clock.forward(seconds=3500)
    assert worker.send_due(posting) == 0
    assert worker.status().failing == 0  # they wait, and nothing is wrong with them
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
    found = worker.status()
    assert (found.waiting, found.failing) == (0, 0)
    (refused,) = found.given_up
    assert answer[:3] in refused.reason
    assert (refused.number, refused.days) == (1, False)


@pytest.mark.parametrize("fault", ["refused", "cannot be written", "another key"])
def test_one_bad_letter_holds_up_nobody_else(
    posting: Flask, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    write = message.write

    def broken(app: Flask, letter: Any, *rest: Any) -> Any:
        if letter.to.startswith("bad"):
            raise ZeroDivisionError(letter.to)
        return write(app, letter, *rest)

    signups.join(signup("bad@example.com"))
    if fault == "refused":
        mail_server.refused.add("bad@example.com")
    elif fault == "cannot be written":
        monkeypatch.setattr(message, "write", broken)
    else:
        use(posting, secret_key=("another-key-" * 4,))
    signups.join(signup("good@example.com"))
    assert worker.send_due(posting) == 1
    assert recipients(mail_server) == ["good@example.com"]
    expected = {
        "refused": "recipient refused, SMTP 550",
        "cannot be written": "cannot be written: ZeroDivisionError",
        "another key": "encrypted with a SECRET_KEY that is no longer set",
    }
    assert reason() == expected[fault]


@pytest.mark.parametrize("fault", ["gone", "RCPT", "DATA"])
def test_when_a_server_is_well_after_a_day_everything_goes_at_once(
    posting: Flask, mail_server: MailServer, moved_clock: MovedClock, fault: str
) -> None:
    use(posting, mail_backoff=30)
    people = join(4)
    if fault == "gone":
        mail_server.stop()
    else:
        mail_server.answers[fault] = "451 try later"
    for _ in range(24):
        moved_clock.forward(hours=1)
        assert worker.send_due(posting) == 0
    assert worker.status().failing > 0
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
    assert worker.status().waiting == 1
    moved_clock.forward(seconds=20)
    worker.send_due(posting)
    found = worker.status()
    assert (found.waiting, len(found.given_up)) == (0, 1)
    assert "451" in found.given_up[0].reason
    assert found.given_up[0].days
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


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("smtp://mail..example:25?tls=none", "MAIL_URL"),
        ("smtp://{label}.example:25?tls=none", "MAIL_URL"),
        ("smtp://127.0.0.1:1?tls=none", "ConnectionRefusedError"),
        ("smtps://127.0.0.1:{port}?timeout=1", "SSLError"),
        ("smtp://user:wrong@127.0.0.1:{port}?tls=none", "SMTPNotSupportedError"),
        ("smtp://127.0.0.1:{port}?tls=starttls", "SMTPNotSupportedError"),
    ],
)
def test_whatever_is_wrong_with_the_way_out_backs_off_and_shows(
    small_site: Flask, mail_server: MailServer, url: str, why: str
) -> None:
    use(small_site, url.format(port=mail_server.port, label="a" * 70), mail_backoff=30)
    join(12)
    assert worker.send_due(small_site) == 0
    found = worker.status()
    assert found.waiting == 12
    (failure,) = found.failures
    assert why in failure.reason
    assert mail_server.received == []
    (tried,) = (row for row in rows("outbox") if row.attempts)
    assert 10 <= tried.due_at - clock.now() <= 60
    use(small_site, f"smtp://127.0.0.1:{mail_server.port}")
    assert outbox.hurry() == 1
    assert worker.send_due(small_site) == 12


def test_a_server_that_hangs_is_left_after_its_time_and_nothing_is_lost(
    posting: Flask, mail_server: MailServer
) -> None:
    use(posting, f"smtp://127.0.0.1:{mail_server.port}?timeout=0.3")
    mail_server.hanging = True
    signups.join(signup())
    start = time.monotonic()
    assert worker.send_due(posting) == 0
    assert time.monotonic() - start < 5
    assert reason() == "SMTPServerDisconnected"
    mail_server.hanging = False
    use(posting, f"smtp://127.0.0.1:{mail_server.port}")  # a busy machine needs its time
    assert worker.send_due(posting) == 1


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
    assert reason() == "the mail server took too long" or scheme == "smtps"


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


def test_the_worker_survives_a_database_that_is_gone(small_site: Flask) -> None:
    file = database.current().file
    assert file
    with working(small_site):
        file.rename(file.with_suffix(".moved"))
        time.sleep(1.2)
        file.with_suffix(".moved").rename(file)
        signups.join(signup())
        wait_until(lambda: rows("outbox") == [])


def test_what_is_past_its_time_goes_though_the_mail_does_not(backend: Flask) -> None:
    with dripping() as port:
        use(backend, f"smtp://127.0.0.1:{port}?timeout=5")
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
    small_posting: Flask, mail_server: MailServer
) -> None:
    signups.join(signup())
    with database.writing() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER stuck BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'disk'); END"
        )
    for _ in range(3):
        with pytest.raises(Exception, match="disk"):
            worker.send_due(small_posting)
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER stuck")
    worker.send_due(small_posting)
    assert rows("outbox") == []
    assert len(mail_server.received) == 1


def test_sending_holds_no_transaction(
    empty_postgresql: str, posting: Flask, mail_server: MailServer, database_kind: str
) -> None:
    if database_kind == "sqlite":
        return
    mail_server.slow = 0.6
    join(4)
    # For longer than a busy machine's other threads need between two statements.
    idle = (
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
        " AND state_change < clock_timestamp() - interval '0.4 s'"
    )
    url, seen = empty_postgresql.replace("+psycopg", ""), []
    with psycopg.connect(url, autocommit=True) as watcher, working(posting):
        while rows("outbox"):
            if mail_server.at_once:
                seen += watcher.execute(idle).fetchall()
            time.sleep(0.05)
    assert set(seen) == {(0,)}
    assert len(mail_server.received) == 4


# Passwords and TLS


@contextmanager
def secure_server(tls: ssl.SSLContext, *, at_once: bool) -> Iterator[MailServer]:
    server = MailServer(tls, at_once=at_once).start()
    try:
        yield server
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("login", "trusted", "fault"),
    [
        ("us%40er:p%40ss%2Fword@", True, None),
        ("user:p%40ss%2Fword@", False, "SSLCertVerificationError"),
        ("user:wrong@", True, "SMTP 535"),
        ("user:p%C3%A4ss@", True, "MAIL_URL"),
    ],
    ids=["right", "untrusted", "wrong password", "password of other letters"],
)
def test_password_and_letter_go_only_where_the_certificate_is_trusted(
    small_site: Flask,
    tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    login: str,
    trusted: bool,
    fault: str | None,
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with secure_server(tls, at_once=False) as server:
        use(small_site, f"smtp://{login}127.0.0.1:{server.port}?tls=starttls")
        signups.join(signup())
        assert worker.send_due(small_site) == len(server.received) == (fault is None)
    if fault:
        assert fault in reason()
        assert "äss" not in caplog.text + reason()
        assert trusted or not server.logins
    else:
        assert server.logins == [b"us@er:p@ss/word"]


def test_tls_from_the_first_byte_works_too(
    small_site: Flask,
    tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with secure_server(tls, at_once=True) as server:
        use(small_site, f"smtps://127.0.0.1:{server.port}")
        signups.join(signup())
        assert worker.send_due(small_site) == 1


# Mail as files


def test_a_letter_that_has_left_leaves_nothing_in_the_database_s_files(small_site: Flask) -> None:
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


def test_files_of_mail_are_private_whole_and_in_order(small_site: Flask) -> None:
    people = join(3)
    assert [m["To"] for m in letters(small_site)] == people
    folder = Path(small_site.config["COCREATE"].mail_url.removeprefix("file:"))
    files = sorted(folder.iterdir())
    assert [file.suffix for file in files] == [".eml"] * 3
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
    url = f"smtp://127.0.0.1:{mail_server.port}" if mail == "smtp" else ""
    use(small_site, url, site_url=site_url)
    caplog.set_level("DEBUG", "cocreate")
    signups.join(signup())
    assert worker.send_due(small_site) == 1
    shown = capsys.readouterr().out
    message = mail_server.received[0] if mail == "smtp" else letters(small_site)[0]
    assert shown == (f"mail: {site_url}en/confirm/{token_in(message)}/\n" if told else "")
    assert token_in(message) not in caplog.text
    assert "ann@" not in caplog.text
