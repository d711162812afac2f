"""The way out: mail servers that do not speak, hang or ask for more, and folders of mail."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from flask import Flask

from cocreate import clock
from cocreate.mail import transport, worker
from cocreate.storage import outbox, signups
from fixtures.backend import config_of, configure, join, letters, reason, rows, signup, token_in
from fixtures.mailserver import MailServer, dripping
from processes import PATIENCE

LATE = "the mail server took too long"


@pytest.mark.usefixtures("moved_clock")  # it stands still
@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("smtp://mail..example:25?tls=none", "MAIL_URL"),
        ("smtp://127.0.0.1:1?tls=none", "ConnectionRefusedError"),
        ("smtps://127.0.0.1:{port}", "SSLError"),
        ("smtp://user:wrong@127.0.0.1:{port}?tls=none", "SMTPNotSupportedError"),
        ("smtp://127.0.0.1:{port}?tls=starttls", "SMTPNotSupportedError"),
    ],
)
def test_whatever_is_wrong_with_the_way_out_backs_off_and_shows(
    small_site: Flask, mail_server: MailServer, url: str, why: str
) -> None:
    configure(small_site, mail_url=url.format(port=mail_server.port), mail_backoff=30)
    join(12)
    assert worker.send_due(small_site) == 0
    found = outbox.status()
    assert found.waiting == 12
    (failure,) = found.failures
    assert why in failure.reason
    assert mail_server.received == []
    (tried,) = (row for row in rows("outbox") if row.attempts)
    assert 10 <= tried.due_at - clock.now() <= 60
    configure(small_site, mail_url=f"smtp://127.0.0.1:{mail_server.port}")
    assert outbox.hurry() == 1
    assert worker.send_due(small_site) == 12


@pytest.mark.parametrize(
    ("step", "letter", "reasons"),
    [(PATIENCE, 0.3, {LATE}), (0.3, PATIENCE, {LATE, "SMTPServerDisconnected", "TimeoutError"})],
    ids=["letter", "step"],
)
def test_a_server_that_hangs_is_left_after_its_time_and_nothing_is_lost(
    posting: Flask,
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
    step: float,
    letter: float,
    reasons: set[str],
) -> None:
    """Its time for a step of the conversation, or for the whole of it."""
    patient, mail_server.held = config_of(posting).mail_url, True
    configure(posting, mail_url=f"{patient}?timeout={step}")
    signups.join(signup())
    with monkeypatch.context() as limited:
        limited.setattr(transport, "LONGEST_DELIVERY", letter)
        assert worker.send_due(posting) == 0
    assert reason() in reasons
    mail_server.held = False
    configure(posting, mail_url=patient)
    assert worker.send_due(posting) == 1


@pytest.mark.parametrize(
    ("scheme", "step", "lines"),
    [
        ("smtp", PATIENCE, ()),
        ("smtp", PATIENCE, (b"220 hello\r\n",)),
        ("smtp", PATIENCE, (b"220 hello\r\n", b"250 hello\r\n", b"250 go on\r\n")),
        ("smtps", 1, (b"\x16\x03\x03\x40\x00",)),  # a handshake, of 16 KB, is one step
    ],
    ids=["greeting", "EHLO", "RCPT", "TLS"],
)
def test_a_server_that_drips_for_ever_is_cut_off(
    small_site: Flask,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    step: float,
    lines: tuple[bytes, ...],
) -> None:
    monkeypatch.setattr(transport, "LONGEST_DELIVERY", 0.4)
    with dripping(*lines) as port:
        url = f"{scheme}://127.0.0.1:{port}?timeout={step}"
        configure(small_site, mail_url=url, mail_backoff=30)
        signups.join(signup())
        assert worker.send_due(small_site) == 0
    assert reason() in {LATE, "TimeoutError"}


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
    with MailServer(tls) as server:
        configure(small_site, mail_url=f"smtp://{login}127.0.0.1:{server.port}?tls=starttls")
        signups.join(signup())
        assert worker.send_due(small_site) == len(server.received) == (fault is None)
    if fault:
        assert fault in reason()
        assert "äss" not in caplog.text + reason()
        assert trusted or not server.logins
    else:
        assert server.logins == [b"us@er:p@ss/word"]


def test_tls_from_the_first_byte_works_too(
    small_site: Flask, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with MailServer(tls, at_once=True) as server:
        configure(small_site, mail_url=f"smtps://127.0.0.1:{server.port}")
        signups.join(signup())
        assert worker.send_due(small_site) == 1


def test_files_of_mail_are_private_whole_and_in_order(small_site: Flask) -> None:
    people = join(3)
    assert [m["To"] for m in letters(small_site)] == people
    folder = config_of(small_site).data_dir / "mail"
    files = sorted(folder.iterdir())
    assert [file.suffix for file in files] == [".eml"] * 3
    assert all(file.stat().st_mode & 0o077 == 0 for file in (folder, *files))
    assert b"\r" not in files[0].read_bytes()


def test_a_mail_folder_that_cannot_be_written_keeps_the_letter(
    small_site: Flask, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file")
    configure(small_site, mail_url=f"file:{tmp_path / 'taken'}")
    signups.join(signup())
    assert worker.send_due(small_site) == 0
    assert len(rows("outbox")) == 1


@pytest.mark.parametrize(
    ("site_url", "mail", "told"),
    [
        ("http://127.0.0.1:8000/", "file", True),
        ("http://localhost:8000/sub/", "file", True),
        ("https://co.example/", "file", False),
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
    configure(small_site, site_url=site_url)
    if mail == "smtp":
        configure(small_site, mail_url=f"smtp://127.0.0.1:{mail_server.port}")
    caplog.set_level("DEBUG", "cocreate")
    signups.join(signup())
    assert worker.send_due(small_site) == 1
    shown = capsys.readouterr().out
    (message,) = mail_server.received or letters(small_site)
    assert shown == (f"mail: {site_url}en/confirm/{token_in(message)}/\n" if told else "")
    assert token_in(message) not in caplog.text
    assert "ann@" not in caplog.text
