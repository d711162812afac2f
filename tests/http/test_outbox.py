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

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from cocreate.config import Config
from cocreate.mail import worker
from cocreate.storage import database, members, schema
from fixtures.backend import letters, rows, signup, token_in
from fixtures.mailserver import MailServer

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


def test_a_letter_arrives_and_is_deleted_here(posting: Flask, mail_server: MailServer) -> None:
    members.join(signup())
    assert worker.send_due(posting) == 1
    (message,) = mail_server.received
    assert message["To"] == "ann@example.com"
    assert message["List-Unsubscribe"].endswith(f"/manage/{token_in(message, 'manage')}/>")
    assert members.look_up(token_in(message)).state == "ready"
    assert rows("outbox") == []
    assert worker.send_due(posting) == 0


def test_many_letters_go_a_few_at_a_time(
    posting: Flask, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "BATCH", 2)
    for name in ("ann", "ben", "cem"):
        members.join(signup(email=f"{name}@example.com"))
    assert [worker.send_due(posting) for _ in range(2)] == [3, 0]
    assert len(mail_server.received) == 3


def test_what_waits_is_encrypted(posting: Flask) -> None:
    members.join(signup())
    assert b"ann" not in bytes(rows("outbox")[0].encrypted)


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("RCPT", "451 greylisted"),
        ("RCPT", "550 no such user"),
        ("DATA", "452 full"),
        ("DATA", "554 no"),
    ],
)
def test_a_refused_letter_is_kept_and_tried_again(
    posting: Flask,
    mail_server: MailServer,
    step: str,
    answer: str,
) -> None:
    mail_server.answers[step] = answer
    members.join(signup())
    for tries in (1, 2):
        assert worker.send_due(posting) == 0
        (row,) = rows("outbox")
        assert row.attempts == tries
        assert answer[:3] in row.last_error
        assert "ann" not in row.last_error
    mail_server.answers.clear()
    assert worker.send_due(posting) == 1
    assert len(mail_server.received) == 1


def test_one_bad_recipient_holds_up_nobody_else(posting: Flask, mail_server: MailServer) -> None:
    mail_server.refused.add("bad@example.com")
    for name in ("first", "bad", "last"):
        members.join(signup(f"{name}@example.com"))
    assert worker.send_due(posting) == 2
    assert [message["To"] for message in mail_server.received] == [
        "first@example.com",
        "last@example.com",
    ]


def test_a_server_that_is_down_for_a_day_gets_everything_once_it_is_back(
    posting: Flask,
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mail_server.stop()
    use(posting, posting.config["COCREATE"].mail_url, mail_backoff=30)
    for number in range(5):
        members.join(signup(f"{number}@example.com"))
    now = time.time()
    for hour in range(25):
        monkeypatch.setattr(time, "time", lambda at=now + hour * 3600: at)
        assert worker.send_due(posting) == 0
    assert min(row.attempts for row in rows("outbox")) >= 8
    mail_server.start()
    monkeypatch.setattr(time, "time", lambda: now + DAY + 6 * 3600)
    assert worker.send_due(posting) == 5
    assert worker.send_due(posting) == 0
    assert sorted(m["To"] for m in mail_server.received) == [f"{n}@example.com" for n in range(5)]


def test_a_late_letter_has_a_fresh_link(
    posting: Flask,
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mail_server.stop()
    members.join(signup())
    worker.send_due(posting)
    mail_server.start()
    three_days_on = time.time() + 3 * DAY
    monkeypatch.setattr(time, "time", lambda: three_days_on)
    assert worker.send_due(posting) == 1
    assert members.look_up(token_in(mail_server.received[0])).state == "ready"


def test_a_server_that_hangs_is_left_after_its_time_and_nothing_is_lost(
    posting: Flask,
    mail_server: MailServer,
) -> None:
    use(posting, f"smtp://127.0.0.1:{mail_server.port}?timeout=0.3")
    mail_server.hanging = True
    members.join(signup())
    start = time.monotonic()
    assert worker.send_due(posting) == 0
    assert time.monotonic() - start < 5
    assert rows("outbox")[0].last_error == "SMTPServerDisconnected"
    mail_server.hanging = False
    assert worker.send_due(posting) == 1


def test_a_server_that_accepts_and_says_nothing_delays_all_alike_and_the_site_not_at_all(
    backend: Flask,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        use(backend, f"smtp://127.0.0.1:{mute.getsockname()[1]}?timeout=0.3", mail_backoff=30)
        for number in range(3):
            members.join(signup(f"{number}@example.com"))
        with working(backend):
            eventually(lambda: all(row.attempts for row in rows("outbox")))
            start = time.monotonic()
            members.join(signup("late@example.com"))
            assert time.monotonic() - start < 2
    due = [row.due_at - int(time.time()) for row in rows("outbox") if row.attempts]
    assert all(10 <= seconds <= 60 for seconds in due)


def test_the_worker_sends_by_itself_and_survives_a_failing_server(
    posting: Flask,
    mail_server: MailServer,
) -> None:
    mail_server.stop()
    with working(posting):
        members.join(signup())
        eventually(lambda: rows("outbox")[0].attempts > 0)
        mail_server.start()
        members.join(signup("ben@example.com"))
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
        members.join(signup())
        eventually(lambda: rows("outbox") == [], 20)


def test_two_workers_send_each_letter_once(
    posting: Flask,
    mail_server: MailServer,
    make_site: Callable[[Config], Flask],
) -> None:
    other = make_site(posting.config["COCREATE"])
    with working(posting), working(other):
        for number in range(30):
            members.join(signup(f"{number}@example.com"))
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
    members.join(signup())
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
    mail_server.answers["RCPT"] = "550 no"
    members.join(signup())
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 5 * DAY - 10)
    worker.send_due(posting)
    assert worker.status().waiting == 1
    monkeypatch.setattr(time, "time", lambda: now + 5 * DAY + 10)
    worker.send_due(posting)
    found = worker.status()
    assert (found.waiting, len(found.given_up)) == (0, 1)
    assert "550" in found.given_up[0][1]
    mail_server.answers.clear()
    assert worker.send_due(posting) == 0
    assert worker.try_given_up_again() == 1
    assert worker.send_due(posting) == 1


def test_a_letter_for_another_secret_key_waits_and_holds_up_nobody(
    posting: Flask,
    mail_server: MailServer,
) -> None:
    members.join(signup())
    use(posting, posting.config["COCREATE"].mail_url, secret_key=("another-key-" * 4,))
    members.join(signup("ben@example.com"))
    assert worker.send_due(posting) == 1
    assert "SECRET_KEY" in rows("outbox")[0].last_error


def test_withdrawing_stops_a_letter_that_has_not_left(
    posting: Flask, mail_server: MailServer
) -> None:
    members.join(signup())
    worker.send_due(posting)
    members.join(signup(communities=("tech-kaki",)))
    members.withdraw(token_in(mail_server.received[0], "manage"))
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
    members.join(signup())
    assert worker.send_due(small_site) == 1
    assert secure_server.logins == [b"us@er:p@ss/word"]
    assert len(secure_server.received) == 1


def test_an_untrusted_certificate_sees_neither_password_nor_letter(
    small_site: Flask, secure_server: MailServer
) -> None:
    use(small_site, f"smtp://user:p%40ss%2Fword@127.0.0.1:{secure_server.port}?tls=starttls")
    members.join(signup())
    assert worker.send_due(small_site) == 0
    assert not secure_server.logins
    assert not secure_server.received
    assert rows("outbox")[0].last_error == "SSLCertVerificationError"


def test_a_server_without_starttls_gets_nothing_where_it_was_asked_for(
    small_site: Flask,
    mail_server: MailServer,
) -> None:
    use(small_site, f"smtp://127.0.0.1:{mail_server.port}?tls=starttls")
    members.join(signup())
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
        members.join(signup())
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
    members.join(signup())
    assert worker.send_due(small_site) == 0
    assert rows("outbox")[0].last_error == "SMTP 535"


def test_files_of_mail_are_private_whole_and_in_order(small_site: Flask) -> None:
    for number in range(3):
        members.join(signup(f"{number}@example.com"))
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
    members.join(signup())
    assert worker.send_due(small_site) == 0
    assert len(rows("outbox")) == 1


@pytest.mark.parametrize(
    ("site_url", "mail", "told"),
    [
        ("http://127.0.0.1:8000/", "file", True),
        ("http://localhost:8000/sub/", "file", True),
        ("https://co.example/", "file", False),
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
    members.join(signup())
    assert worker.send_due(small_site) == 1
    shown = capsys.readouterr().out
    message = mail_server.received[0] if mail == "smtp" else letters(small_site)[0]
    expected = f"mail: {site_url}en/confirm/{token_in(message)}/\n"
    assert shown == (expected if told else "")
    assert token_in(message) not in caplog.text
    assert "ann@" not in caplog.text


JOINING = """
import os, sys, threading
from cocreate.mail import worker
from cocreate.storage import database, members
from cocreate.app import create_app
from cocreate.config import load_config
from fixtures.backend import signup

app = create_app(database.prepare(load_config()))
threading.Thread(target=worker.run_worker, args=(app, threading.Event()), daemon=True).start()

def join_on_and_on(thread):
    with app.app_context():
        for number in range(100_000):
            address = f"{sys.argv[1]}.{thread}.{number}@example.com"
            members.join(signup(address))
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
    reached = {message["To"] for message in letters(small_site)}
    assert set(kept) <= reached
    assert len(reached) == len(rows("signups"))
    assert rows("outbox") == []
