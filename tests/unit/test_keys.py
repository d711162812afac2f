"""Keys and tables that a server makes for itself, once."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic import command

from cocreate.config import Config, ConfigError, load_config
from cocreate.storage import crypto, keys, schema
from cocreate.storage.database import Database

SECRET, PUBLIC = "s" * 40, crypto.new_identity()[1]


def config_in(folder: Path, **settings: str) -> Config:
    names = {f"COCREATE_{name.upper()}": value for name, value in settings.items()}
    return load_config({"COCREATE_DATA_DIR": str(folder)} | names)


def test_a_first_start_makes_keys_and_tables_that_only_the_owner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    config = keys.prepare(config_in(folder))
    assert len(config.secret_key[0]) >= 32
    sealed = crypto.seal({"a": "b"}, config.seal_key)
    assert crypto.unseal(sealed, crypto.read_identities([folder / "seal.key"])) == {"a": "b"}
    for name in ("secret.key", "seal.key", "cocreate.db"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with closing(Database(config.database_url)) as made:
        assert schema.faults(made) == []


@pytest.mark.parametrize("meanwhile", ["nothing", "moved", "public lost", "edited"])
def test_later_starts_find_the_same_keys(tmp_path: Path, meanwhile: str) -> None:
    first = keys.prepare(config_in(tmp_path))
    if meanwhile == "moved":
        (tmp_path / "seal.key").unlink()
    if meanwhile == "public lost":
        (tmp_path / "seal.pub").unlink()
    for name in ("secret.key", "seal.pub") if meanwhile == "edited" else ():
        file = tmp_path / name
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert keys.prepare(config_in(tmp_path)) == first
    assert (tmp_path / "seal.key").exists() is (meanwhile != "moved")


def test_servers_that_start_together_find_the_same_keys(tmp_path: Path) -> None:
    """Threads meet more closely than processes do, and are kept apart by the same lock."""
    config = config_in(tmp_path / "data")
    with ThreadPoolExecutor(4) as servers:
        found = set(servers.map(keys.prepare, [config] * 4))
    assert len(found) == 1


def test_for_a_public_site_no_key_is_made_up(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="COCREATE_SECRET_KEY: not set"):
        keys.prepare(config_in(tmp_path, site_url="https://co.example/"))
    given = {"site_url": "https://co.example/", "secret_key": SECRET}
    with pytest.raises(ConfigError, match="COCREATE_SEAL_KEY: not set"):
        keys.prepare(config_in(tmp_path, **given))
    config = keys.prepare(config_in(tmp_path, seal_key=PUBLIC, **given))
    assert (config.secret_key, config.seal_key) == ((SECRET,), (PUBLIC,))
    assert not list(tmp_path.glob("*.key"))


@pytest.mark.parametrize(
    ("name", "content", "setting"),
    [
        ("secret.key", b"short", "SECRET_KEY"),
        ("secret.key", b"\xff\xfe\x00", "SECRET_KEY"),
        ("seal.pub", b"age1nonsense", "SEAL_KEY"),
        ("seal.key", b"nonsense", "SEAL_KEY"),
    ],
)
def test_a_damaged_key_file_is_named_and_not_replaced(
    tmp_path: Path, name: str, content: bytes, setting: str
) -> None:
    keys.prepare(config_in(tmp_path))
    (tmp_path / "seal.pub").unlink() if name == "seal.key" else None
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError) as error:
        keys.prepare(config_in(tmp_path))
    assert str(error.value).startswith(f"COCREATE_{setting}: ")
    assert "\n" not in str(error.value)
    assert (tmp_path / name).read_bytes() == content


def test_a_database_without_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="COCREATE_DATABASE_URL: name a file"):
        keys.prepare(config_in(tmp_path, database_url="sqlite://"))


def test_a_file_that_is_no_database_is_named_and_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cocreate.db").write_bytes(b"a letter to my aunt, which is no database" * 99)
    keys.prepare(config_in(tmp_path))
    assert "file is not a database" in caplog.text
    assert (tmp_path / "cocreate.db").read_bytes().startswith(b"a letter")


def test_a_postgresql_without_tables_asks_for_the_command(tmp_path: Path, postgresql: str) -> None:
    with psycopg.connect(postgresql.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty")
    url = postgresql.replace("/cocreate?", "/empty?")
    with pytest.raises(ConfigError, match="run 'cocreate db upgrade'"):
        keys.prepare(config_in(tmp_path, database_url=url))
    with closing(Database(url)) as fresh:
        schema.upgrade(fresh)
    keys.prepare(config_in(tmp_path, database_url=url))


def test_migrations_go_down_and_up_again(tmp_path: Path) -> None:
    with closing(Database(keys.prepare(config_in(tmp_path)).database_url)) as prepared:
        with prepared.transaction(immediate=True) as connection:
            command.downgrade(schema._alembic(connection), "base")
        assert schema.version(prepared) is None
        schema.upgrade(prepared)
        assert schema.faults(prepared) == []
