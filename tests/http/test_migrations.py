"""Versions of the tables: up, back, and older code beside newer tables."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask

from cocreate.config import Config, ConfigError, load_config
from cocreate.storage import copies, database, engines, keys, schema, signups
from cocreate.storage.database import Database, StorageUnavailable
from fixtures.backend import config_of, letters, signup, token_in


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Makes a context with the code of a later cocreate: one migration more, ``extra`` in it, which
    does something ``then``.
    """

    @contextmanager
    def code(extra: str = "", parent: str = schema.head(), then: str = "pass") -> Iterator[None]:
        folder = tmp_path / "newer"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(schema.MIGRATIONS, folder, ignore=ignored, dirs_exist_ok=True)
        (folder / "versions" / "later.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n"
            f"revision, down_revision = 'later', '{parent}'\n{extra}\n"
            "def upgrade():\n"
            f"    op.add_column('signups', sa.Column('shoe_size', sa.Text))\n    {then}\n"
            "def downgrade(): op.drop_column('signups', 'shoe_size')\n"
        )
        with monkeypatch.context() as patched:
            patched.setattr(schema, "MIGRATIONS", folder)
            yield

    return code


@pytest.fixture
def own_database(
    database_kind: str, sqlite_env: dict[str, str], request: pytest.FixtureRequest
) -> Config:
    """A database of its own, whose tables may change."""
    if database_kind == "postgresql":
        url = request.getfixturevalue("postgresql")
        name = f"versions_{secrets.token_hex(4)}"
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        sqlite_env["COCREATE_DATABASE_URL"] = url.replace("/cocreate?", f"/{name}?")
    config = keys.with_all_keys(load_config(sqlite_env), make=False)
    with closing(Database(config.database_url)) as made:
        schema.upgrade(made)
    return config


def test_a_failed_migration_leaves_the_old_tables(
    own_database: Config, newer: Callable[..., Any]
) -> None:
    with closing(Database(own_database.database_url)) as where:
        with newer(then="op.execute('no SQL at all')"), pytest.raises(StorageUnavailable):
            schema.upgrade(where)
        assert schema.faults(where) == []
        assert "shoe_size" not in where.table("signups").c


def test_older_code_goes_on_where_the_migration_says_that_it_can(
    own_database: Config, newer: Callable[..., Any], make_site: Callable[[Config], Flask]
) -> None:
    head, later = schema.head(), f"lives_with = '{schema.head()}'"
    with closing(Database(own_database.database_url)) as where:
        with newer(later):
            schema.upgrade(where, patient=True)
            assert schema.version(where) == "later"
        assert schema.faults(where) == []
        schema.upgrade(where)  # is no way round it either
        site = make_site(keys.prepare(own_database))
        with site.app_context():
            signups.join(signup())
            assert signups.confirm(token_in(letters(site)[-1])).state == "ready"
        with pytest.raises(ConfigError, match="this code does not know"):
            schema.downgrade(where, head)
        with newer(later):
            schema.downgrade(where, head)
        assert schema.version(where) == head
        assert schema.faults(where) == []


def test_a_copy_from_before_an_upgrade_says_how_to_bring_it_up(
    small_site: Flask, tmp_path: Path, newer: Callable[..., Any]
) -> None:
    keys.prepare(config_of(small_site))
    config, where = config_of(small_site), database.current()
    copies.backup(where, config.data_dir, tmp_path / "copy")
    told = rf"COCREATE_DATABASE_URL=sqlite:///{tmp_path}/copy cocreate db upgrade"
    with newer(), pytest.raises(StorageUnavailable, match=told):
        copies.put_in_place(where, config, tmp_path / "copy")


def test_older_code_is_told_plainly_where_it_cannot_go_on(
    own_database: Config, newer: Callable[..., Any]
) -> None:
    with closing(Database(own_database.database_url)) as where:
        with newer():
            schema.upgrade(where)
        for refused in (schema.upgrade, schema.require):
            words = f"cocreate db downgrade --to {schema.head()}"
            with pytest.raises(ConfigError, match=words) as error:
                refused(where)
            assert "run 'cocreate db upgrade'" not in str(error.value)
            assert "\n" not in str(error.value)


def test_a_missing_parent_migration_is_one_line(newer: Callable[..., Any]) -> None:
    with newer(parent="gone"), pytest.raises(ConfigError, match="gone") as error:
        schema.head()
    assert "\n" not in str(error.value)


def test_the_way_back_is_named_where_there_is_none(own_database: Config) -> None:
    with closing(Database(own_database.database_url)) as where:
        with pytest.raises(ConfigError, match="no version 9999; there are 0001"):
            schema.downgrade(where, "9999")
        schema.downgrade(where, "0003")
        with pytest.raises(ConfigError, match="newer than 0003"):
            schema.downgrade(where, schema.head())
        schema.upgrade(where)
        assert schema.faults(where) == []


def test_a_migration_waits_for_a_reader_and_lets_joins_through(
    empty_postgresql: str, newer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    head = schema.head()
    waited: list[float] = []

    def pause(seconds: float) -> None:
        """Between two tries: whoever joins has a turn, then the reader ends."""
        with joiner.transaction(immediate=True) as connection:
            connection.exec_driver_sql("UPDATE signups SET role = role")
        waited.append(seconds)
        reading.exec_driver_sql("ROLLBACK")

    monkeypatch.setattr(time, "sleep", pause)
    with (
        closing(Database(empty_postgresql)) as reader,
        closing(Database(empty_postgresql)) as joiner,
        closing(Database(empty_postgresql)) as ours,
        reader.engine.connect() as reading,
    ):
        reading.exec_driver_sql("SELECT count(*) FROM signups")  # as pg_dump does, for minutes
        with newer():
            schema.upgrade(ours, patient=True)
            schema.downgrade(ours, head)
        assert waited == [schema.PAUSE]
        assert schema.faults(ours) == []


def test_requests_to_postgresql_are_bounded(empty_postgresql: str) -> None:
    expected = {"statement_timeout": "10s", "lock_timeout": "5s"}
    expected |= {"idle_in_transaction_session_timeout": "30s"}
    with closing(Database(empty_postgresql)) as where:
        with where.transaction(immediate=False) as connection:
            shown = {
                name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in expected
            }
        assert where.engine.pool.size() == engines.CONNECTIONS  # type: ignore[attr-defined]
    assert shown == expected
