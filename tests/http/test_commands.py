"""The commands for community managers: what they print, write, refuse and return."""

from __future__ import annotations

import csv
import itertools
import json
import os
import shlex
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from cocreate import cli
from cocreate.commands.context import counted
from cocreate.config import ROOT, SETTINGS, load_config
from cocreate.languages import BY_SLUG, ENGLISH
from cocreate.mail import worker
from cocreate.storage import database, exports, membership, processes, schema, signups
from cocreate.storage import keys as keyring
from fixtures.backend import MovedClock, confirmed, letters, rows, shift, signup
from fixtures.mailserver import MailServer
from processes import wait_until

EXPORT = ("members", "export", "--community", "stack", "--key")
NOWHERE = "smtp://127.0.0.1:1"


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(
    command_env: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """``run("members", "stats")``: the command as the terminal runs it."""

    def run_command(*arguments: object) -> Result:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["cocreate", *map(str, arguments)])
        code: object = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code
        captured = capsys.readouterr()
        return Result(int(str(code or 0)), captured.out, captured.err)

    return run_command


@pytest.fixture
def key(command_env: Path) -> Path:
    return command_env / "seal.key"


@pytest.fixture
def site(small_site: Flask) -> Flask:
    """The commands' site, with Ann in STACK, Bala in both, and one who waits."""
    confirmed(small_site)
    bala = signup(
        "bala@example.com",
        name="பாலா S/O குமார்",
        language=BY_SLUG["ta"],
        communities=("stack", "tech-kaki"),
        answers={"interests": ["events"], "access_needs": "=cmd|' /C calc'!A0"},
    )
    confirmed(small_site, bala)
    signups.join(signup("waiting@example.com"))
    return small_site


def refused(result: Result, code: int = 1) -> str:
    """The one line on stderr of a command that failed."""
    assert result.code == code, result
    assert result.out == ""
    assert result.err.count("\n") == 1
    assert "Traceback" not in result.err
    return result.err


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


# Keys and exports


def test_keys_new_prints_the_public_key_and_keeps_the_private_one_in_a_new_file(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "new.key"
    result = run("keys", "new", "--out", file)
    assert (result.code, result.out[:4], result.out.count("\n")) == (0, "age1", 1)
    private = file.read_text()
    assert mode(file) == 0o600
    assert result.out.strip() in private  # as age-keygen writes it, in a comment
    assert "AGE-SECRET-KEY-1" in private
    assert "AGE-SECRET-KEY-1" not in result.out + result.err
    assert "off this machine" not in result.err, "this machine is the manager's own"
    assert "there already" in refused(run("keys", "new", "--out", file))
    assert file.read_text() == private
    assert "No such file" in refused(run("keys", "new", "--out", tmp_path / "no" / "where"))


def test_an_export_opens_the_confirmed_members_of_one_community(
    run: Run, site: Flask, key: Path
) -> None:
    result = run(*EXPORT, key)
    assert result.code == 0
    ann, bala = csv.DictReader(result.out.splitlines())
    assert (ann["name"], ann["email"]) == ("Ann Tan", "ann@example.com")
    assert ann["interests"] == "events,open-source"
    assert (bala["name"], bala["language"]) == ("பாலா S/O குமார்", "ta")
    assert ann["confirmed"].endswith("+08:00")
    assert not {"sealed", "email_hash", "id", "token_id"} & ann.keys()
    noted = [(row.action, row.community, row.number) for row in rows("audit")]
    assert noted == [("export", "stack", 2)]


def test_json_lines_hold_what_was_typed_and_a_spreadsheet_what_cannot_run(
    run: Run, site: Flask, key: Path
) -> None:
    export = ("members", "export", "--community", "tech-kaki", "--key", key)
    (line,) = run(*export, "--format", "jsonl").out.splitlines()
    assert json.loads(line)["access_needs"] == "=cmd|' /C calc'!A0"
    (row,) = csv.DictReader(run(*export).out.splitlines())
    assert row["access_needs"] == "'=cmd|' /C calc'!A0"


@given(st.text(max_size=20))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = exports.safe(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert cell in {text, f"'{text}"}


def test_what_a_spreadsheet_would_show_as_another_number_stays_text() -> None:
    for value in ("00123", "1e5", "1/2", "3/4/2026", "123456789012345"):
        assert exports.safe(value) == f"'{value}"
    for value in ("123", "0", "35-49", "2026-11-29T10:00:00+08:00", "3Com"):
        assert exports.safe(value) == value


def test_since_takes_only_later_members_and_of_nobody_a_heading_is_left(
    run: Run, site: Flask, key: Path
) -> None:
    assert run(*EXPORT, key, "--since", "2020-01-01").out.count("\n") == 3
    nobody = run(*EXPORT, key, "--since", "2100-01-01").out
    assert (nobody.count("\n"), nobody[:14]) == (1, '"name","email"')
    assert run(*EXPORT, key, "--since", "yesterday").code == 2


def test_an_export_to_a_file_is_private_and_never_over_another(
    run: Run, site: Flask, key: Path, tmp_path: Path
) -> None:
    out = tmp_path / "members.csv"
    assert run(*EXPORT, key, "--out", out) == Result(0, "", f"{out}: 2 rows\n")
    before = out.read_bytes()
    assert mode(out) == 0o600
    assert before.startswith(b"\xef\xbb\xbf")  # so that a spreadsheet shows Tamil
    assert "பாலா" in before.decode()
    assert "there already" in refused(run(*EXPORT, key, "--out", out))
    assert out.read_bytes() == before
    assert list(tmp_path.glob(".members*")) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("another key", "2 of 2 are sealed for another key; nothing was written"),
        ("AGE-SECRET-KEY-1BROKEN", "not an age identity file"),
        ("age1qqqq", "a public key; the private one"),
        ("", "not an age identity file"),
        (None, "No such file"),
    ],
)
def test_a_key_that_opens_nothing_writes_nothing_and_is_named(
    run: Run, site: Flask, tmp_path: Path, content: str | None, words: str
) -> None:
    file, out = tmp_path / "given.key", tmp_path / "out.csv"
    if content == "another key":
        run("keys", "new", "--out", file)
    elif content is not None:
        file.write_text(content)
    assert words in refused(run(*EXPORT, file))
    assert words in refused(run(*EXPORT, file, "--out", out))
    assert not out.exists()
    assert rows("audit") == []


def test_after_a_change_of_keys_an_export_takes_both(
    run: Run, site: Flask, key: Path, tmp_path: Path
) -> None:
    public = run("keys", "new", "--out", tmp_path / "new.key").out.strip()
    site.config["COCREATE"] = replace(site.config["COCREATE"], seal_key=(public,))
    confirmed(site, signup("later@example.com"))
    assert "1 of 3" in refused(run(*EXPORT, key))
    assert "2 of 3" in refused(run(*EXPORT, tmp_path / "new.key"))
    assert run(*EXPORT, key, "--key", tmp_path / "new.key").out.count("\n") == 4


def test_everything_is_sealed_for_another_key_or_nothing(
    run: Run, site: Flask, key: Path, command_env: Path, tmp_path: Path
) -> None:
    membership.give_feedback("", "Good", "", ENGLISH)
    manage = confirmed(site, signup("corrected@example.com"))
    membership.change(manage, ENGLISH, name="Ann Lee")
    public = run("keys", "new", "--out", tmp_path / "new.key").out.strip()
    before = [row.sealed for name in ("signups", "corrections", "feedback") for row in rows(name)]
    reseal = ["members", "reseal", "--new", public, "--old"]
    assert "another key" in refused(run(*reseal, tmp_path / "new.key"))
    assert [row.sealed for row in rows("signups")] == before[: len(rows("signups"))]
    assert run(*reseal, key).out == "Sealed anew: 5 × signups, 1 × corrections, 1 × feedback.\n"
    assert "3 of 3" in refused(run(*EXPORT, key))
    assert '"Ann Lee","corrected@example.com"' in run(*EXPORT, tmp_path / "new.key").out
    assert "Good" in run("feedback", "export", "--key", tmp_path / "new.key").out
    kept = b"".join(file.read_bytes() for file in command_env.glob("cocreate.db*"))
    assert not [sealed for sealed in before if sealed in kept], "the old key still opens something"
    assert run("members", "reseal", "--new", "age1no", "--old", key).code == 2


def test_a_manager_s_windows_makes_a_key_and_exports(
    run: Run, site: Flask, key: Path, tmp_path: Path
) -> None:
    """Without the modules that only Unix has."""
    script = (
        "import sys; sys.modules.update(dict.fromkeys(('fcntl', 'resource', 'pwd', 'grp')));"
        "from cocreate.cli import main; main()"
    )
    for words in (["keys", "new", "--out", str(tmp_path / "new.key")], [*EXPORT, str(key)]):
        command = [sys.executable, "-c", script, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, bool(done.stdout)) == (0, True), done.stderr


def test_an_export_works_on_a_copy_far_from_the_server_s_secrets(
    run: Run, site: Flask, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("db", "backup", tmp_path / "cocreate.db").code == 0
    monkeypatch.setenv("COCREATE_DATA_DIR", str(tmp_path))
    assert run(*EXPORT, key).out.count("\n") == 3
    assert "SECRET_KEY" in refused(run("members", "erase", "--email", "x@example.com"), 2)


@pytest.mark.parametrize("to_file", [True, False])
def test_an_export_holds_a_page_of_members_at_a_time(
    run: Run,
    small_site: Flask,
    key: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    to_file: bool,
) -> None:
    monkeypatch.setattr(exports, "PAGE", 2)
    for number in range(5):
        confirmed(small_site, signup(f"{number}@example.com"))
    read, all_of = [], exports._all

    def watched(query: Any) -> list[Any]:
        read.append(all_of(query))
        return read[-1]

    monkeypatch.setattr(exports, "_all", watched)
    out = tmp_path / "out.csv"
    result = run(*EXPORT, key, *(["--out", out] if to_file else []))
    lines = (out.read_text() if to_file else result.out).splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == [f'"{n}@example.com"' for n in range(5)]
    assert max(map(len, read)) == 2
    assert [(row.action, row.number) for row in rows("audit")] == [("export", 5)]


def test_feedback_is_exported_too(run: Run, small_site: Flask, key: Path) -> None:
    membership.give_feedback("stack", "-1 for this\nreally", "ann@example.com", ENGLISH)
    membership.give_feedback("", "Good", "", BY_SLUG["ms"], better="Elok")
    result = run("feedback", "export", "--key", key, "--format", "jsonl")
    first, second = map(json.loads, result.out.splitlines())
    assert (first["page"], first["message"]) == ("stack", "-1 for this\nreally")
    assert (second["language"], second["email"], second["better"]) == ("ms", "", "Elok")
    assert "\"'-1 for this" in run("feedback", "export", "--key", key).out


# Figures, erasing, purging


def test_stats_need_no_key(run: Run, site: Flask, key: Path) -> None:
    key.unlink()
    counted = json.loads(run("members", "stats", "--format", "json").out)
    assert (counted["total"], counted["waiting"]) == (3, 1)
    found = {(row["community"], row["language"], row["number"]) for row in counted["members"]}
    assert found == {("stack", "en", 1), ("stack", "ta", 1), ("tech-kaki", "ta", 1)}
    shown = run("members", "stats").out
    assert "tech-kaki" in shown
    assert "3 confirmed, 1 waiting" in shown


def test_erase_finds_an_address_in_any_spelling_and_leaves_no_trace(
    run: Run, site: Flask, command_env: Path
) -> None:
    sealed = [row.sealed for row in rows("signups") if row.language == "ta"]
    result = run("members", "erase", "--email", "BALA@Example.com")
    assert result.code == 0
    for words in ("1 × stack", "1 × tech-kaki", "letter in the mail folder"):
        assert words in result.out
    assert "bala" not in result.out.lower()
    for file in command_env.glob("cocreate.db*"):
        assert not any(value[200:] in file.read_bytes() for value in sealed), file
    (left,) = (command_env / "mail").iterdir()
    assert "ann@example.com" in left.read_text()
    assert "Nothing is kept" in run("members", "erase", "--email", "bala@example.com").out
    assert len(rows("signups")) == 2


@pytest.mark.parametrize("typed", ["not-an-address", "", "@", "ann@", "a b@example.com"])
def test_erasing_what_is_no_address_is_an_error(run: Run, site: Flask, typed: str) -> None:
    result = run("members", "erase", "--email", typed)
    assert (result.code, result.out) == (2, "")
    assert "--email" in result.err


def test_the_audit_can_be_read(run: Run, site: Flask, key: Path) -> None:
    run(*EXPORT, key)
    run("members", "erase", "--email", "ann@example.com")
    export, erase = run("members", "audit").out.splitlines()
    assert export.split()[1:] == ["export", "stack", "2"]
    assert erase.split()[1:] == ["erase", "stack", "1"]
    first = json.loads(run("members", "audit", "--format", "json").out.splitlines()[0])
    assert (first["action"], first["number"]) == ("export", 2)


def test_purge_says_what_it_erased_in_the_database_and_in_the_mail_folder(
    run: Run, site: Flask, command_env: Path
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


@pytest.mark.parametrize("days", [400, 1.1, -1.1, -400])
def test_a_clock_that_jumped_erases_nothing_and_says_so(
    run: Run,
    site: Flask,
    moved_clock: MovedClock,
    days: float,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert run("purge").code == 0
    monkeypatch.setenv("COCREATE_RETENTION_DAYS", "1 unconfirmed, 1 feedback")
    moved_clock.forward(days=days)
    assert "nothing is erased: the clock is" in refused(run("purge"))
    worker._keep_house(site, threading.Event())
    assert "nothing is erased: the clock is" in caplog.text
    assert len(rows("signups")) == 4
    if days > 0:
        moved_clock.forward(days=1)  # it has run on like that for a day: it was only off
        assert run("purge").code == 0
        assert len(rows("signups")) == 3


def test_what_the_clock_stops_can_be_done_anyway(
    run: Run, site: Flask, moved_clock: MovedClock
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
    monkeypatch.setattr(worker, "GIVE_UP_AFTER", -1)
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
        (0.5, ("--max-age", "1900"), 0),
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
    run: Run, site: Flask, command_env: Path
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
    run: Run, site: Flask, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    run: Run, site: Flask, tmp_path: Path, command_env: Path
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
    site: Flask,
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
    run: Run, site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.prepare(load_config())
    monkeypatch.setenv("COCREATE_SECRET_KEY", "x" * 40)
    assert run("keys", "adopt").code == 0
    assert run("db", "check").code == 0
    nothing = refused(run("members", "erase", "--email", "nobody@example.com"))
    assert "under the keys that are set; 1 other wrote to this database" in nothing


@pytest.mark.parametrize("name", ["a b", "100%", "what?", "no#1", "a%20b", "é&x=1;y", "a+b"])
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
    run: Run, site: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = site.config["COCREATE"]
    keyring.prepare(load_config())
    said = run("status")
    assert said.code == 0
    for words in ("Processes: none", "Last purge: none yet", "Last backup: none yet"):
        assert words in said.out
    run("purge")
    run("db", "backup", tmp_path / "copy")
    stop, started = threading.Event(), []
    for changed in (config, replace(config, retention_days=(7, 90))):
        other = Flask("another")
        other.config["COCREATE"] = changed
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
