"""What the community managers do with the members' data: keys, exports, figures, erasing."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from cocreate.languages import BY_SLUG, ENGLISH
from cocreate.storage import database, exports, membership
from fixtures.backend import configure, confirmed, rows, signup
from fixtures.commands import EXPORT, Run, mode, refused


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
    run: Run, peopled: Flask, key: Path
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
    run: Run, peopled: Flask, key: Path
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
    run: Run, peopled: Flask, key: Path
) -> None:
    assert run(*EXPORT, key, "--since", "2020-01-01").out.count("\n") == 3
    nobody = run(*EXPORT, key, "--since", "2100-01-01").out
    assert (nobody.count("\n"), nobody[:14]) == (1, '"name","email"')
    assert run(*EXPORT, key, "--since", "yesterday").code == 2


def test_an_export_to_a_file_is_private_and_never_over_another(
    run: Run, peopled: Flask, key: Path, tmp_path: Path
) -> None:
    out = tmp_path / "members.csv"
    assert run(*EXPORT, key, "--out", out) == (0, "", f"{out}: 2 rows\n")
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
        ("age1qqqq", "a public key; the private one"),
        ("", "not an age identity file"),
        (None, "No such file"),
    ],
)
def test_a_key_that_opens_nothing_writes_nothing_and_is_named(
    run: Run, peopled: Flask, tmp_path: Path, content: str | None, words: str
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
    run: Run, peopled: Flask, key: Path, tmp_path: Path
) -> None:
    public = run("keys", "new", "--out", tmp_path / "new.key").out.strip()
    configure(peopled, seal_key=(public,))
    confirmed(peopled, signup("later@example.com"))
    assert "1 of 3" in refused(run(*EXPORT, key))
    assert "2 of 3" in refused(run(*EXPORT, tmp_path / "new.key"))
    assert run(*EXPORT, key, "--key", tmp_path / "new.key").out.count("\n") == 4


def test_everything_is_sealed_for_another_key_or_nothing(
    run: Run, peopled: Flask, key: Path, command_env: Path, tmp_path: Path
) -> None:
    membership.give_feedback("", "Good", "", ENGLISH)
    manage = confirmed(peopled, signup("corrected@example.com"))
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
    run: Run, peopled: Flask, key: Path, tmp_path: Path
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
    run: Run, peopled: Flask, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    for number in range(5):
        confirmed(small_site, signup(f"{number}@example.com"))
    read, all_of = [], exports._all

    def watched(query: Any) -> list[Any]:
        read.append(all_of(query))
        return read[-1]

    monkeypatch.setattr(exports, "_all", watched)
    monkeypatch.setattr(exports, "PAGE", 2)
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
    sealed = (first["page"], first["message"], first["email"], first["better"])
    assert sealed == ("stack", "-1 for this\nreally", "ann@example.com", "")
    assert (second["language"], second["email"], second["better"]) == ("ms", "", "Elok")
    assert "\"'-1 for this" in run("feedback", "export", "--key", key).out


def test_stats_need_no_key(run: Run, peopled: Flask, key: Path) -> None:
    key.unlink()
    counted = json.loads(run("members", "stats", "--format", "json").out)
    assert (counted["total"], counted["waiting"]) == (3, 1)
    found = {(row["community"], row["language"], row["number"]) for row in counted["members"]}
    assert found == {("stack", "en", 1), ("stack", "ta", 1), ("tech-kaki", "ta", 1)}
    shown = run("members", "stats").out
    assert "tech-kaki" in shown
    assert "3 confirmed, 1 not confirmed yet" in shown


def test_erase_finds_an_address_in_any_spelling_and_leaves_no_trace(
    run: Run, peopled: Flask, command_env: Path
) -> None:
    for address in ("Bala@example.com", ""):
        membership.give_feedback("stack", "Hello", address, ENGLISH)
    sealed = [row.sealed for row in rows("signups") if row.language == "ta"]
    result = run("members", "erase", "--email", "BALA@Example.com")
    assert result.code == 0
    for words in ("1 × feedback", "1 × stack", "1 × tech-kaki", "1 × letter in the mail folder"):
        assert words in result.out
    assert "bala" not in result.out.lower()
    for file in command_env.glob("cocreate.db*"):
        assert not any(value[200:] in file.read_bytes() for value in sealed), file
    (left,) = (command_env / "mail").iterdir()
    assert "ann@example.com" in left.read_text()
    assert "Nothing is kept" in run("members", "erase", "--email", "bala@example.com").out
    assert (len(rows("signups")), len(rows("feedback"))) == (2, 1)


@pytest.mark.parametrize("typed", ["not-an-address", ""])
def test_erasing_what_is_no_address_is_an_error(run: Run, peopled: Flask, typed: str) -> None:
    result = run("members", "erase", "--email", typed)
    assert (result.code, result.out) == (2, "")
    assert "--email" in result.err


def test_what_was_done_is_noted_without_saying_to_whom(run: Run, peopled: Flask, key: Path) -> None:
    run(*EXPORT, key)
    run("members", "erase", "--email", "ann@example.com")
    membership.withdraw(confirmed(peopled))
    lines = [line.split()[1:] for line in run("members", "audit").out.splitlines()]
    done = [["export", "stack", "2"], ["erase", "stack", "1"], ["withdraw", "stack", "1"]]
    assert lines == done
    first = json.loads(run("members", "audit", "--format", "json").out.splitlines()[0])
    assert (first["action"], first["number"]) == ("export", 2)
    columns = {"id", "done_at", "action", "community", "number"}
    assert set(database.table("audit").c.keys()) == columns
