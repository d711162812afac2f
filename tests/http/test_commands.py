"""Commands that look after a site: time, mail, database, settings; what they say and return."""

from __future__ import annotations

import itertools
import os
import shlex
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import click
import pytest
from flask import Flask

from cocreate import cli
from cocreate.commands.context import counted
from cocreate.config import ROOT, SETTINGS, load_config
from cocreate.mail import worker
from cocreate.storage import database, outbox, processes, schema, signups
from cocreate.storage import keys as keyring
from fixtures.backend import MovedClock, config_of, letters, rows, shift, signup
from fixtures.commands import EXPORT, Run, mode, refused
from fixtures.mailserver import MailServer
from processes import wait_until

NOWHERE = "smtp://127.0.0.1:1"


# Purging


def test_purge_says_what_it_erased_in_the_database_and_in_the_mail_folder(
    run: Run, peopled: Flask, command_env: Path
) -> None:
    folder = command_env / "mail"
    old, new = sorted(folder.iterdir())
    foreign = folder / "notes.eml"
    foreign.write_text("To: me")
    for file in (old, foreign):
        os.utime(file, (1, 1))
    shift("signups", "consented_at", 8 * 86_400)
    said = run("purge").out
    assert "Erased: 1 unconfirmed" in said
    assert "1 file of mail" in said
    assert {row.confirmed_at is None for row in rows("signups")} == {False}
    assert sorted(folder.iterdir()) == [new, foreign], "we erase only what we wrote"


@pytest.mark.parametrize("days", [1.1, -1.1])
def test_a_clock_that_jumped_erases_nothing_and_says_so(
    run: Run,
    peopled: Flask,
    moved_clock: MovedClock,
    days: float,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert run("purge").code == 0
    monkeypatch.setenv("COCREATE_RETENTION_DAYS", "1 unconfirmed, 1 feedback")
    moved_clock.forward(days=days)
    assert "nothing is erased: the clock is" in refused(run("purge"))
    worker._purge_turn(peopled, threading.Event())
    assert "nothing is erased: the clock is" in caplog.text
    assert len(rows("signups")) == 4
    if days > 0:
        moved_clock.forward(days=1)  # it has run on like that for a day: it was only off
        assert run("purge").code == run("purge").code == 0
        assert len(rows("signups")) == 3
        moved_clock.forward(days=3)  # and what was doubted then vouches for nothing now
        assert "nothing is erased: the clock is" in refused(run("purge"))


def test_what_the_clock_stops_can_be_done_anyway(
    run: Run, peopled: Flask, moved_clock: MovedClock
) -> None:
    run("purge")
    moved_clock.forward(days=10)
    assert "Erased: 1 unconfirmed" in run("purge", "--anyway").out


# Mail


def test_mail_send_and_status_tell_what_waits(
    run: Run, small_site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCREATE_MAIL_BACKOFF", "30")
    monkeypatch.setenv("COCREATE_MAIL_URL", NOWHERE)
    signups.join(signup())
    assert "Waiting: 1" in run("mail", "status").out
    failed = run("mail", "send")
    assert (failed.code, "0 sent, 1 waiting" in failed.out) == (1, True)
    monkeypatch.delenv("COCREATE_MAIL_URL")
    assert "0 sent, 1 waiting" in run("mail", "send").out, "it waits for its next try"
    assert "1 sent, 0 waiting, 0 given up." in run("mail", "send", "--now").out
    assert len(letters(small_site)) == 1
    assert "Waiting: 0" in run("mail", "status").out


def test_mail_that_was_given_up_is_an_exit_code_and_can_be_sent_again(
    run: Run, small_site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCREATE_MAIL_URL", NOWHERE)
    monkeypatch.setattr(outbox, "GIVE_UP_AFTER", -1)
    signups.join(signup())
    run("mail", "send")
    status = run("mail", "status")
    assert status.code == 1
    assert "ConnectionRefusedError" in status.out
    assert "mail send --again" in status.err
    monkeypatch.delenv("COCREATE_MAIL_URL")
    assert "1 sent" in run("mail", "send", "--again").out


@pytest.mark.parametrize(
    ("hours", "options", "code"),
    [
        (0.9, (), 0),
        (1.1, (), 1),
        (1.1, ("--max-age", "2h"), 0),
        (25, ("--max-age", "1d"), 1),
        (0.5, ("--max-age", "29m"), 1),
        (0.5, ("--max-age", "1900"), 0),  # seconds
        (0, ("--max-age", "soon"), 2),
    ],
)
def test_the_age_of_the_oldest_letter_is_an_exit_code(
    run: Run, small_site: Flask, hours: float, options: tuple[str, ...], code: int
) -> None:
    signups.join(signup())
    shift("outbox", "created_at", hours * 3600)
    assert run("mail", "status", *options).code == code


def test_an_address_that_was_refused_is_told_and_no_alarm(
    run: Run, small_site: Flask, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCREATE_MAIL_URL", f"smtp://127.0.0.1:{mail_server.port}")
    mail_server.refused.add("ann@example.com")
    signups.join(signup())
    assert "0 sent, 0 waiting, 1 given up" in run("mail", "send").out
    status = run("mail", "status")
    assert status.code == 0
    assert "Given up: 1 × recipient refused, SMTP 550" in status.out


# The database


def test_db_check_tells_a_whole_database_from_a_broken_one(
    run: Run, peopled: Flask, command_env: Path
) -> None:
    assert run("db", "check").code == 0
    database.truncate_wal()
    database.current().close()
    file = command_env / "cocreate.db"
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 5] = b"\xa5" * 8192
    file.write_bytes(content)
    broken = run("db", "check")
    assert broken.code == 1
    assert "Traceback" not in broken.err


def test_tables_that_are_missing_or_newer_are_told(run: Run, command_env: Path) -> None:
    file = command_env / "cocreate.db"
    file.unlink()
    file.touch()
    assert "run 'cocreate db upgrade'" in refused(run("db", "check"))
    assert run("db", "upgrade").out == f"The tables are at version {schema.head()}.\n"
    assert run("db", "check").code == 0
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert "newer cocreate" in refused(run("db", "upgrade"), 2)


def test_a_backup_taken_in_use_is_whole_private_and_never_over_another(
    run: Run, peopled: Flask, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copies" / "cocreate.db"
    assert "and checked" in run("db", "backup", copy, "--verify").out
    journal = copy.with_name("cocreate.db.journal")
    assert sorted(copy.parent.iterdir()) == [copy, journal]
    assert {mode(copy), mode(journal)} == {0o600}
    assert "there already" in refused(run("db", "backup", copy))
    monkeypatch.setenv("COCREATE_DATABASE_URL", f"sqlite:///{copy}")
    assert run("db", "check").code == 0
    assert run(*EXPORT, key).out.count("\n") == 3


def test_a_backup_is_restored_by_the_manual(
    run: Run, peopled: Flask, tmp_path: Path, command_env: Path
) -> None:
    keyring.prepare(load_config())
    copy = tmp_path / "copies" / "1.db"
    assert run("db", "backup", copy).code == 0
    run("members", "erase", "--email", "ann@example.com")
    said = run("db", "restore", copy)
    assert said.code == 0
    assert "Kept out: 1 who had left" in said.out
    assert "has come back" not in said.out
    (before,) = command_env.glob("cocreate.db.before-*")
    assert str(before) in said.out
    assert len(rows("signups")) == 3
    assert "No such file" in refused(run("db", "restore", tmp_path / "none"))


ON_DATA = (
    "members erase --email nobody@example.com", "members stats", "members audit", "purge",
    "mail send", "mail status", "db check", "db backup x", "db upgrade", "db downgrade --to 0003",
    "status", "members export --community stack --key KEY", "feedback export --key KEY",
    "members reseal --old KEY --new age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
)  # fmt: skip


@pytest.mark.parametrize("command", ON_DATA)
def test_in_the_wrong_folder_or_with_a_wrong_key_a_command_says_so_and_does_nothing(
    run: Run,
    peopled: Flask,
    key: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    keyring.prepare(load_config())
    words = [str(key) if word == "KEY" else word for word in command.split()]
    with monkeypatch.context() as patched:
        patched.setenv("COCREATE_SECRET_KEY", "x" * 40)
        said = refused(run(*words), 2)
    assert said.startswith("cocreate: COCREATE_SECRET_KEY: does not belong to this database")
    assert len(rows("signups")) == 4
    if command != "db upgrade":
        monkeypatch.setenv("COCREATE_DATA_DIR", str(tmp_path / "nowhere"))
        told = refused(run(*words), 2)
        assert "no database at" in told
        assert "--env-file" in told
        assert not (tmp_path / "nowhere").exists()


def test_a_lost_key_can_be_replaced_on_purpose(
    run: Run, peopled: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.prepare(load_config())
    monkeypatch.setenv("COCREATE_SECRET_KEY", "x" * 40)
    assert run("keys", "adopt").code == 0
    assert run("db", "check").code == 0
    nothing = refused(run("members", "erase", "--email", "nobody@example.com"))
    assert "under the keys that are set; 1 other wrote to this database" in nothing


@pytest.mark.parametrize("name", ["a b", "100%", "no#1?", "a%20b", "é&x=1;y"])
def test_a_data_folder_may_be_called_anything(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = tmp_path / name
    monkeypatch.setenv("COCREATE_DATA_DIR", str(folder))
    keyring.prepare(load_config())
    assert (folder / "cocreate.db").exists()
    assert run("members", "stats").code == 0
    for command in ("backup", "restore"):
        assert run("db", command, folder / "copy").code == 0


# The whole site


def test_status_says_who_is_there_and_what_differs(
    run: Run, peopled: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keyring.prepare(load_config())
    said = run("status")
    assert said.code == 0
    for words in ("Processes: none", "Last purge: none yet", "Last backup: none yet"):
        assert words in said.out
    run("purge")
    run("db", "backup", tmp_path / "copy")
    stop, started = threading.Event(), []
    for days in ((7, 365), (7, 90)):
        other = Flask("another")
        other.config["COCREATE"] = replace(config_of(peopled), retention_days=days)
        database.init_app(other)
        started.append(threading.Thread(target=processes.stay_registered, args=(other, stop)))
        started[-1].start()
        wait_until(lambda: len(rows("processes")) == len(started))
    said = run("status")
    assert said.code == 1
    for words in ("Processes: 2", "Oldest letter: 20", "Last purge: 20", "Last backup: 20"):
        assert words in said.out
    assert "COCREATE_RETENTION_DAYS differ(s) between" in said.err
    stop.set()
    for thread in started:
        thread.join()
    assert rows("processes") == [], "who ends takes the row along"
    (warned,) = [line for line in caplog.messages if line.startswith("settings:")]
    assert "COCREATE_RETENTION_DAYS differ(s) from those of" in warned


def test_settings_show_where_each_value_comes_from_and_no_secret(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "site.env"
    file.write_text("COCREATE_MAIL_URL=smtp://ann:hush@mail.example:587\n")
    monkeypatch.setenv("COCREATE_ENV_FILE", "")  # given back after the test
    monkeypatch.setenv("COCREATE_SECRET_KEY", "s" * 40)
    shown = run("--env-file", str(file), "settings").out
    assert f"COCREATE_MAIL_URL=smtp://***@mail.example:587  # {file}\n" in shown
    assert "COCREATE_SECRET_KEY=(set)  # environment\n" in shown
    assert "COCREATE_INDEX=0  # default\n" in shown
    assert "hush" not in shown
    assert "sss" not in shown


PRINTED = {
    "SITE_URL": "https://bücher.example/sub",
    "DATA_DIR": "a folder\\with 'quotes' #1",
    "DATABASE_URL": "sqlite:////tmp/a b#1.db",
    "SEAL_KEY": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "MAIL_URL": "smtps://mail.example:465",
    "MAIL_FROM": '"Co-create, #1" <team@example.org>',
    "CONTACT_EMAIL": "'Team' <team@example.org>",
    "TRUSTED_ORIGINS": "https://a.example, https://b.example",
    "JOIN_URL": "https://join.example/",
    "TRUSTED_PROXIES": "2",
    "RATE_LIMIT_URL": "redis://localhost:6379/0",
    "JOIN_LIMIT": "7 per hour",
    "MAIL_LIMIT": "4 per day",
    "MAIL_CEILING": "100 per hour",
    "MAIL_BACKOFF": "31",
    "BUNDLE_DAYS": "8",
    "RETENTION_DAYS": "3 unconfirmed, 30 feedback",
    "INDEX": "1",
    "METRICS": "1",
    "LOG_FORMAT": "json",
    "HSTS_SUBDOMAINS": "1",
    "SECURITY_EXPIRES": "2027-01-01",
    "OPERATOR": "Hawkers’ Guild #1",
    "SOURCE_URL": "https://code.example/#top",
}  # every setting but SECRET_KEY, which is masked


@pytest.mark.parametrize("given", [{}, PRINTED], ids=["defaults", "given"])
def test_what_settings_print_is_a_file_of_the_same_settings(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in SETTINGS:
        monkeypatch.delenv(f"COCREATE_{name.upper()}", raising=False)
    for name, text in given.items():
        monkeypatch.setenv(f"COCREATE_{name}", text)
    before = load_config()
    (tmp_path / ".env").write_text(run("settings").out, encoding="utf-8")
    for name in given:
        monkeypatch.delenv(f"COCREATE_{name}")
    assert load_config() == before
    assert {name.lower() for name in PRINTED} == SETTINGS.keys() - {"secret_key"}


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 members"), (1, "1 member"), (5000, "5,000 members")]
)
def test_what_is_counted_is_one_or_several(number: int, words: str) -> None:
    assert counted(number, "member") == words


def commands_in(page: str) -> list[list[str]]:
    """Every command of a documentation page, as words."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks = "\n".join(text.split("```")[1::2])
    return [shlex.split(line.partition("cocreate ")[2]) for line in blocks.splitlines() if line]


def test_the_manual_names_every_command_and_only_options_that_exist(run: Run) -> None:
    found = commands_in("managers.md")
    for words in found:
        options = [word for word in words if word.startswith("--")]
        described = run(*itertools.takewhile(str.isalpha, words), "--help")
        assert described.code == 0, words
        assert all(option in described.out for option in options), words
    named = {" ".join(words[:2]) for words in found}
    for topic in ("keys", "members", "feedback", "mail", "db"):
        command = cli.cocreate.get_command(None, topic)  # type: ignore[arg-type]
        assert isinstance(command, click.Group)
        assert {f"{topic} {name}" for name in command.commands} <= named
    assert "purge" in named
