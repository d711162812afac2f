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
import time
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
from cocreate.config import ROOT, load_config
from cocreate.languages import BY_SLUG, ENGLISH
from cocreate.mail import worker
from cocreate.storage import database, exports, membership, processes, schema, signups
from cocreate.storage import keys as keyring
from fixtures.backend import MovedClock, confirmed, letters, rows, signup
from fixtures.mailserver import MailServer


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
    """The commands' site, with Ann in STACK and Bala in both."""
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


@pytest.mark.parametrize(
    "command",
    ["", "keys", "keys new", "members", "members export", "members stats", "members erase",
     "feedback export", "purge", "mail send", "mail status", "db upgrade", "db check", "db backup",
     "db downgrade", "db restore", "keys adopt", "status", "members audit", "members reseal"],
)  # fmt: skip
def test_every_command_has_help(run: Run, command: str) -> None:
    result = run(*command.split(), "--help")
    assert result.code == 0
    assert "Usage:" in result.out


def test_keys_new_prints_the_public_and_hides_the_private_key(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "new.key"
    result = run("keys", "new", "--out", file)
    assert result.code == 0
    assert result.out.startswith("age1")
    assert result.out.count("\n") == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    private = file.read_text()
    assert result.out.strip() in private  # as age-keygen writes it, in a comment
    assert "AGE-SECRET-KEY-1" in private
    assert "AGE-SECRET-KEY-1" not in result.out + result.err


def test_keys_new_never_overwrites(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.write_text("precious")
    assert "there already" in refused(run("keys", "new", "--out", file))
    assert file.read_text() == "precious"
    assert "No such file" in refused(run("keys", "new", "--out", tmp_path / "no" / "where"))


def test_an_export_opens_the_confirmed_members_of_one_community(
    run: Run, site: Flask, key: Path
) -> None:
    result = run("members", "export", "--community", "stack", "--key", key)
    assert result.code == 0
    table = list(csv.DictReader(result.out.splitlines()))
    assert [row["email"] for row in table] == ["ann@example.com", "bala@example.com"]
    assert table[0]["name"] == "Ann Tan"
    assert table[0]["interests"] == "events,open-source"
    assert table[1]["name"] == "பாலா S/O குமார்"
    assert table[1]["language"] == "ta"
    assert table[0]["confirmed"].endswith("+08:00")
    assert not {"sealed", "email_hash", "id", "token_id"} & table[0].keys()


def test_an_export_can_be_json_lines(run: Run, site: Flask, key: Path) -> None:
    result = run("members", "export", "--community", "tech-kaki", "--key", key, "--format", "jsonl")
    (line,) = result.out.splitlines()
    assert json.loads(line)["access_needs"] == "=cmd|' /C calc'!A0"  # as typed: no spreadsheet here


def test_a_formula_cannot_reach_a_spreadsheet(run: Run, site: Flask, key: Path) -> None:
    result = run("members", "export", "--community", "tech-kaki", "--key", key)
    (row,) = csv.DictReader(result.out.splitlines())
    assert row["access_needs"] == "'=cmd|' /C calc'!A0"


@given(st.text(max_size=20))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = exports.safe(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert cell in {text, f"'{text}"}


def test_an_export_of_nobody_is_a_heading(run: Run, small_site: Flask, key: Path) -> None:
    result = run("members", "export", "--community", "stack", "--key", key)
    assert result.out.startswith('"name","email"')
    assert result.out.count("\n") == 1


def test_since_takes_only_later_members(run: Run, site: Flask, key: Path) -> None:
    export = ["members", "export", "--community", "stack", "--key", key, "--since"]
    assert run(*export, "2020-01-01").out.count("\n") == 3
    assert run(*export, "2100-01-01").out.count("\n") == 1
    assert run(*export, "yesterday").code == 2


def test_an_export_to_a_file_is_private_and_never_over_another(
    run: Run, site: Flask, key: Path, tmp_path: Path
) -> None:
    out = tmp_path / "members.csv"
    export = ["members", "export", "--community", "stack", "--key", key, "--out", out]
    assert run(*export) == Result(0, "", "")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")  # so that a spreadsheet shows Tamil
    assert "பாலா" in out.read_text(encoding="utf-8-sig")
    before = out.read_bytes()
    assert "there already" in refused(run(*export))
    assert out.read_bytes() == before


def test_a_wrong_lost_or_broken_key_writes_nothing(run: Run, site: Flask, tmp_path: Path) -> None:
    run("keys", "new", "--out", tmp_path / "other.key")
    (tmp_path / "broken.key").write_text("AGE-SECRET-KEY-1BROKEN")
    out = tmp_path / "out.csv"
    for name, words in (
        ("other.key", "2 of 2 are sealed for another key; nothing was written"),
        ("broken.key", "not an age identity file"),
        ("lost.key", "No such file"),
    ):
        export = ["members", "export", "--community", "stack", "--key", tmp_path / name]
        assert words in refused(run(*export))
        assert words in refused(run(*export, "--out", out))
        assert not out.exists()
    assert not [row for row in rows("audit") if row.action == "export"]


def test_after_a_change_of_keys_an_export_takes_both(
    run: Run, site: Flask, key: Path, tmp_path: Path
) -> None:
    public = run("keys", "new", "--out", tmp_path / "new.key").out.strip()
    site.config["COCREATE"] = replace(site.config["COCREATE"], seal_key=(public,))
    confirmed(site, signup("later@example.com"))
    export = ["members", "export", "--community", "stack", "--key"]
    assert "1 of 3" in refused(run(*export, key))
    assert "2 of 3" in refused(run(*export, tmp_path / "new.key"))
    assert run(*export, key, "--key", tmp_path / "new.key").out.count("\n") == 4


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
    assert run(*reseal, key).out == ("Sealed anew: 5 × signups, 1 × corrections, 1 × feedback.\n")
    export = ["members", "export", "--community", "stack", "--key"]
    assert "3 of 3" in refused(run(*export, key))
    assert '"Ann Lee","corrected@example.com"' in run(*export, tmp_path / "new.key").out
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
    export = ["members", "export", "--community", "stack", "--key", str(key)]
    for words in (["keys", "new", "--out", str(tmp_path / "new.key")], export):
        done = subprocess.run(
            [sys.executable, "-c", script, *words], capture_output=True, text=True, check=False
        )
        assert (done.returncode, bool(done.stdout)) == (0, True), done.stderr


def test_an_export_works_on_a_copy_far_from_the_server_s_secrets(
    run: Run, site: Flask, key: Path, command_env: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    private = tmp_path / "kept.key"
    private.write_text(key.read_text())
    assert run("db", "backup", tmp_path / "cocreate.db").code == 0
    monkeypatch.setenv("COCREATE_DATA_DIR", str(tmp_path))
    result = run("members", "export", "--community", "stack", "--key", private)
    assert result.out.count("\n") == 3
    assert "SECRET_KEY" in refused(run("members", "erase", "--email", "x@example.com"), 2)


def test_what_is_exported_is_noted_without_names(run: Run, site: Flask, key: Path) -> None:
    run("members", "export", "--community", "stack", "--key", key)
    noted = [(row.action, row.community, row.number) for row in rows("audit")]
    assert noted == [("export", "stack", 2)]


def test_feedback_is_exported_too(run: Run, small_site: Flask, key: Path) -> None:
    membership.give_feedback("stack", "-1 for this\nreally", "ann@example.com", ENGLISH)
    membership.give_feedback("", "Good", "", BY_SLUG["ms"], better="Elok")
    result = run("feedback", "export", "--key", key, "--format", "jsonl")
    first, second = map(json.loads, result.out.splitlines())
    assert (first["page"], first["message"]) == ("stack", "-1 for this\nreally")
    assert (second["language"], second["email"], second["better"]) == ("ms", "", "Elok")
    assert "\"'-1 for this" in run("feedback", "export", "--key", key).out


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
    assert "1 × stack" in result.out
    assert "1 × tech-kaki" in result.out
    assert "bala" not in result.out.lower()
    for file in command_env.glob("cocreate.db*"):
        assert not any(value[200:] in file.read_bytes() for value in sealed), file
    assert "Nothing is kept" in run("members", "erase", "--email", "bala@example.com").out
    assert len(rows("signups")) == 2


def test_purge_says_what_it_erased(run: Run, site: Flask) -> None:
    signed = database.table("signups")
    with database.writing() as connection:
        connection.execute(signed.update().values(consented_at=1))
    assert "Erased: 1 unconfirmed" in run("purge").out
    assert {row.confirmed_at is None for row in rows("signups")} == {False}


def test_mail_send_and_status_tell_what_waits(run: Run, small_site: Flask) -> None:
    signups.join(signup())
    assert "Waiting: 1" in run("mail", "status").out
    sent = run("mail", "send")
    assert sent.code == 0
    assert "1 sent, 0 waiting, 0 given up." in sent.out
    assert len(letters(small_site)) == 1
    assert "Waiting: 0" in run("mail", "status").out


def test_mail_that_cannot_leave_is_an_exit_code(
    run: Run, small_site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCREATE_MAIL_URL", "smtp://127.0.0.1:1")
    signups.join(signup())
    failed = run("mail", "send")
    assert failed.code == 1
    assert "0 sent, 1 waiting" in failed.out
    monkeypatch.setattr(worker, "GIVE_UP_AFTER", -1)
    run("mail", "send")
    status = run("mail", "status")
    assert status.code == 1
    assert "ConnectionRefusedError" in status.out
    assert "mail send --again" in status.err
    monkeypatch.delenv("COCREATE_MAIL_URL")
    assert "1 sent" in run("mail", "send", "--again").out


def test_mail_that_waits_for_its_next_try_can_be_sent_now(
    run: Run, small_site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCREATE_MAIL_BACKOFF", "30")
    monkeypatch.setenv("COCREATE_MAIL_URL", "smtp://127.0.0.1:1")
    signups.join(signup())
    run("mail", "send")
    monkeypatch.delenv("COCREATE_MAIL_URL")
    assert "0 sent, 1 waiting" in run("mail", "send").out
    assert "1 sent, 0 waiting" in run("mail", "send", "--now").out


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
    outbox = database.table("outbox")
    with database.writing() as connection:
        created = outbox.c.created_at - int(hours * 3600)
        connection.execute(outbox.update().values(created_at=created))
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


def test_erasing_an_address_erases_its_letters_in_the_mail_folder(
    run: Run, small_site: Flask, command_env: Path
) -> None:
    for address in ("ann@example.com", "ben@example.com"):
        confirmed(small_site, signup(address))
    assert "letter in the mail folder" in run("members", "erase", "--email", "ANN@example.com").out
    left = [file.read_text() for file in (command_env / "mail").iterdir()]
    assert len(left) == 1
    assert "ben@example.com" in left[0]


def test_what_lies_in_the_mail_folder_goes_with_its_time(
    run: Run, small_site: Flask, command_env: Path
) -> None:
    for name in ("old", "new"):
        signups.join(signup(f"{name}@example.com"))
        letters(small_site)
    old, _new = sorted((command_env / "mail").iterdir())
    foreign = command_env / "mail" / "notes.eml"
    foreign.write_text("To: me")
    for file in (old, foreign):
        os.utime(file, (1, 1))
    assert "1 files of mail" in run("purge").out
    assert not old.exists()
    assert foreign.exists(), "we erase only what we wrote"
    assert len(list((command_env / "mail").iterdir())) == 2


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


def test_db_check_tells_a_database_without_tables(run: Run, command_env: Path) -> None:
    file = command_env / "cocreate.db"
    file.unlink()
    file.touch()
    assert "run 'cocreate db upgrade'" in refused(run("db", "check"))
    assert run("db", "upgrade").out == f"The tables are at version {schema.head()}.\n"
    assert run("db", "check").code == 0


def test_a_database_of_a_newer_version_is_left_alone(run: Run, command_env: Path) -> None:
    with sqlite3.connect(command_env / "cocreate.db") as connection:
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
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert "there already" in refused(run("db", "backup", copy))
    monkeypatch.setenv("COCREATE_DATABASE_URL", f"sqlite:///{copy}")
    assert run("db", "check").code == 0
    assert run("members", "export", "--community", "stack", "--key", key).out.count("\n") == 3


@pytest.mark.parametrize(
    "command",
    ["members stats", "members erase --email a@example.com", "purge", "mail send", "mail status",
     "db check", "db backup x", "db downgrade --to 0003", "status"],
)  # fmt: skip
def test_in_the_wrong_folder_a_command_says_so_and_makes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("COCREATE_DATA_DIR", str(tmp_path / "nowhere"))
    assert "no database at" in refused(run(*command.split()), 2)
    assert not (tmp_path / "nowhere").exists()


COMMANDS_ON_DATA = (
    "members erase --email nobody@example.com", "members stats", "purge", "mail send",
    "mail status", "db check", "db backup x", "db upgrade", "db downgrade --to 0003", "status",
    "members export --community stack --key KEY", "feedback export --key KEY",
    "members reseal --old KEY --new age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS_ON_DATA)
def test_no_command_works_with_a_key_of_another_database(
    run: Run, site: Flask, key: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    keyring.prepare(load_config())
    monkeypatch.setenv("COCREATE_SECRET_KEY", "x" * 40)
    words = [str(key) if word == "KEY" else word for word in command.split()]
    said = refused(run(*words), 2)
    assert said.startswith("cocreate: COCREATE_SECRET_KEY: does not belong to this database")
    assert len(rows("signups")) == 4


def test_a_lost_key_can_be_replaced_on_purpose(
    run: Run, site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.prepare(load_config())
    monkeypatch.setenv("COCREATE_SECRET_KEY", "x" * 40)
    assert run("keys", "adopt").code == 0
    assert run("db", "check").code == 0
    nothing = refused(run("members", "erase", "--email", "nobody@example.com"))
    assert "nothing is found under the keys that are set; 1 other(s)" in nothing


@pytest.mark.parametrize("typed", ["not-an-address", "", "@", "ann@", "a b@example.com"])
def test_erasing_what_is_no_address_is_an_error(run: Run, site: Flask, typed: str) -> None:
    result = run("members", "erase", "--email", typed)
    assert result.code == 2
    assert result.out == ""
    assert "--email" in result.err


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
        started.append(threading.Thread(target=processes.be_there, args=(other, stop)))
        started[-1].start()
        wait_for(lambda: len(rows("processes")) == len(started))
    said = run("status")
    assert said.code == 1
    for words in ("Processes: 2", "Oldest letter: 20", "Last purge: 20", "Last backup: 20"):
        assert words in said.out
    assert "COCREATE_RETENTION_DAYS differ(s) between" in said.err
    stop.set()
    for thread in started:
        thread.join()
    assert rows("processes") == [], "who ends takes the row along"
    warned = [line for line in caplog.messages if line.startswith("settings:")]
    assert len(warned) == 1
    assert "COCREATE_RETENTION_DAYS differ(s) from those of" in warned[0]


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


def test_the_audit_can_be_read(run: Run, site: Flask, key: Path) -> None:
    run("members", "export", "--community", "stack", "--key", key)
    run("members", "erase", "--email", "ann@example.com")
    export, erase = run("members", "audit").out.splitlines()
    assert export.split()[1:] == ["export", "stack", "2"]
    assert erase.split()[1:] == ["erase", "stack", "1"]
    first = json.loads(run("members", "audit", "--format", "json").out.splitlines()[0])
    assert (first["action"], first["number"]) == ("export", 2)


@pytest.mark.parametrize("name", ["00123", "1e5", "1/2", "3/4/2026", "123456789012345"])
def test_a_name_of_digits_stays_as_it_was_typed(name: str) -> None:
    assert exports.safe(name) == f"'{name}"


@pytest.mark.parametrize("value", ["123", "0", "35-49", "2026-11-29T10:00:00+08:00", "3Com"])
def test_what_a_spreadsheet_leaves_alone_stays_bare(value: str) -> None:
    assert exports.safe(value) == value


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_a_private_key_is_read_however_an_editor_saved_it(
    run: Run, site: Flask, key: Path, tmp_path: Path, coding: str
) -> None:
    mark = "\ufeff" if coding == "utf-16-be" else ""
    saved = tmp_path / "saved.key"
    saved.write_bytes((mark + key.read_text().replace("\n", "\r\n")).encode(coding))
    assert run("members", "export", "--community", "stack", "--key", saved).code == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"age1qqqq", "a public key; the private one"),
        (b"age-encryption.org/v1\n-> scrypt", "an encrypted file"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----", "an SSH key"),
        (b"\xff\xfe\x00", "not an age identity file"),
    ],
)
def test_what_is_no_private_key_is_named_for_what_it_is(
    run: Run, site: Flask, tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "given").write_bytes(content)
    export = ("members", "export", "--community", "stack", "--key", tmp_path / "given")
    assert words in refused(run(*export))


@pytest.mark.parametrize("name", ["a b", "100%", "what?", "no#1", "a%20b", "é&x=1;y", "a+b"])
def test_a_data_folder_may_be_called_anything(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = tmp_path / name
    monkeypatch.setenv("COCREATE_DATA_DIR", str(folder))
    keyring.prepare(load_config())
    assert (folder / "cocreate.db").exists()
    assert run("members", "stats").code == 0
    assert run("db", "backup", folder / "copy").code == 0
    assert run("db", "restore", folder / "copy").code == 0
    assert [found.name for found in tmp_path.iterdir() if found.is_dir() and name[:2] in found.name]


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
    export = ["members", "export", "--community", "stack", "--key", key]
    result = run(*export, *(["--out", out] if to_file else []))
    assert result.code == 0
    lines = (out.read_text() if to_file else result.out).splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == [f'"{n}@example.com"' for n in range(5)]
    assert max(map(len, read)) == 2
    assert [(row.action, row.number) for row in rows("audit")] == [("export", 5)]


def wait_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not is_so() and time.monotonic() < until:
        time.sleep(0.05)
    assert is_so()


def commands_in(page: str) -> list[list[str]]:
    """Every command of a documentation page, as words."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    blocks = "\n".join(text.split("```")[1::2])
    return [shlex.split(line.partition("cocreate ")[2]) for line in blocks.splitlines() if line]


def test_every_command_of_the_manual_exists_with_its_options(run: Run) -> None:
    found = commands_in("managers.md")
    assert len(found) >= 12
    for words in found:
        options = [word for word in words if word.startswith("--")]
        name = list(itertools.takewhile(str.isalpha, words))
        described = run(*name, "--help")
        assert described.code == 0, words
        assert all(option in described.out for option in options), words


def test_the_manual_names_every_command(run: Run) -> None:
    named = {" ".join(words[:2]) for words in commands_in("managers.md")}
    for topic in ("keys", "members", "feedback", "mail", "db"):
        command = cli.cocreate.get_command(None, topic)  # type: ignore[arg-type]
        assert isinstance(command, click.Group)
        assert {f"{topic} {name}" for name in command.commands} <= named
    assert "purge" in named


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
    assert "COCREATE_INDEX=False  # default\n" in shown
    assert "hush" not in shown
    assert "sss" not in shown
