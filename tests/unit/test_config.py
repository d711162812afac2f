"""A good setting is read; a bad one stops the start with one line that names it and the mend."""

from __future__ import annotations

import logging
from dataclasses import fields
from pathlib import Path

import pytest

from cocreate.config import PARSERS, Config, ConfigError, load_config
from cocreate.facts import FACTS

BAD = {
    "SITE_URL": (
        "example.org",
        "ftp://example.org/",
        "https://",
        "https://a b/",
        "http://h:99999/",
    ),
    "DATABASE_URL": ("mysql://u@h/d", "nonsense", "postgresql://u@h/d"),
    "SECRET_KEY": ("short", "x" * 31, "x" * 32 + " # for staging", f"{'x' * 32},short"),
    "SEAL_KEY": ("age1nonsense", "AGE-SECRET-KEY-1", "ssh-ed25519 AAAA"),
    "MAIL_URL": ("http://h/", "smtp://", "file:", "smtp://h:port"),
    "MAIL_FROM": ("nobody", "a@b\nBcc: c@d"),
    "CONTACT_EMAIL": ("nobody",),
    "TRUSTED_ORIGINS": ("example.org", "https://a.example/path/"),
    "JOIN_URL": ("example.org",),
    "TRUSTED_PROXIES": ("-1", "one", "1.5"),
    "RATE_LIMIT_URL": ("http://h", "redis"),
    "JOIN_LIMIT": ("often", "30"),
    "MAIL_LIMIT": ("three a day",),
    "MAIL_CEILING": ("a few", "100"),
    "MAIL_BACKOFF": ("-5", "soon"),
    "BUNDLE_DAYS": ("-1", "soon"),
    "RETENTION_DAYS": ("7", "0 unconfirmed, 365 feedback", "a week"),
    "INDEX": ("yes", "2"),
    "METRICS": ("yes", "on"),
    "LOG_FORMAT": ("xml",),
    "HSTS_SUBDOMAINS": ("yes",),
    "SECURITY_EXPIRES": ("soon", "2027-13-01", "2027"),
    "OPERATOR": ("a\nb", "x" * 101),
    "SOURCE_URL": ("example.org/code", "ftp://example.org/", "https://", 'https://a.example/"x'),
}
CASES = [(name, value) for name, values in BAD.items() for value in values]


def load(**settings: str) -> Config:
    return load_config({f"COCREATE_{name}": value for name, value in settings.items()})


@pytest.mark.parametrize(("name", "value"), CASES)
def test_a_bad_value_is_named_with_its_mend(name: str, value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(**{name: value})
    message = str(caught.value)
    assert message.startswith(f"COCREATE_{name}: ")
    assert "\n" not in message
    assert "use" in message


def test_every_setting_has_a_bad_value_here() -> None:
    assert {name.lower() for name in BAD} == PARSERS.keys() - {"data_dir"}


def test_the_settings_are_the_fields_of_config() -> None:
    public = {f.name for f in fields(Config) if not f.metadata.get("internal")}
    assert public == PARSERS.keys()


def test_without_settings_everything_has_a_default(tmp_path: Path) -> None:
    config = load(DATA_DIR=str(tmp_path))
    assert config.site_url == "http://127.0.0.1:8000/"
    assert config.database_url == f"sqlite:///{tmp_path / 'cocreate.db'}"
    assert config.mail_url == f"file:{tmp_path / 'mail'}"
    assert not config.index
    assert config.is_loopback


def test_an_empty_value_is_the_default() -> None:
    assert load(SITE_URL="  ").site_url == Config.site_url


def test_an_unknown_setting_is_mentioned(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        load(SITE_ULR="https://example.org/")
    assert "COCREATE_SITE_ULR" in caplog.text


def test_an_address_gets_its_slash() -> None:
    config = load(SITE_URL="https://example.org/sub/path")
    assert config.site_url == "https://example.org/sub/path/"
    assert config.base_path == "/sub/path/"
    assert config.origin == "https://example.org"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://www.tech.gov.sg/", True),
        ("https://gov.sg/", False),
        ("https://www.gov.sg.example/", False),
        ("https://fakegov.sg/", False),
    ],
)
def test_only_a_host_below_gov_sg_is_government(address: str, expected: bool) -> None:
    assert load(SITE_URL=address).is_government is expected


@pytest.mark.parametrize(
    ("settings", "run_by"),
    [
        ({}, ""),
        ({"SITE_URL": "https://www.example.org/"}, ""),
        ({"SITE_URL": "https://www.tech.gov.sg/"}, FACTS.body.name),
        ({"SITE_URL": "https://www.example.org/", "OPERATOR": "Hawkers’ Guild"}, "Hawkers’ Guild"),
        ({"SITE_URL": "https://www.nea.gov.sg/", "OPERATOR": "NEA"}, "NEA"),
    ],
)
def test_a_site_is_somebody_s_or_a_demonstration(settings: dict[str, str], run_by: str) -> None:
    config = load(**settings)
    assert config.run_by == run_by
    assert config.is_demonstration is (not run_by)


@pytest.mark.parametrize("missing", ["SECRET_KEY", "SEAL_KEY", "MAIL_FROM", "CONTACT_EMAIL"])
def test_a_public_server_makes_up_nothing(missing: str) -> None:
    """Each of these would be lost or wrong if the server chose it itself."""
    given = {
        "SITE_URL": "https://example.org/",
        "SECRET_KEY": "x" * 32,
        "SEAL_KEY": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
        "MAIL_FROM": "team@example.org",
        "CONTACT_EMAIL": "team@example.org",
    }
    env = {f"COCREATE_{name}": value for name, value in given.items() if name != missing}
    with pytest.raises(ConfigError, match=f"COCREATE_{missing}: "):
        load_config(env, serving=True)
    assert load_config(env).is_https, "freezing needs none of them"


def test_a_default_address_is_never_shown() -> None:
    assert load().public_contact == ""
    assert load(CONTACT_EMAIL="team@example.org").public_contact == "team@example.org"


def test_the_environment_overrides_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("COCREATE_INDEX=1\nCOCREATE_TRUSTED_PROXIES=2\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COCREATE_TRUSTED_PROXIES", "3")
    config = load_config()
    assert config.index
    assert config.trusted_proxies == 3


def test_what_a_public_server_lacks_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config({"COCREATE_SITE_URL": "https://example.org/"}, serving=True)
    for name in ("SECRET_KEY", "SEAL_KEY", "MAIL_URL", "MAIL_FROM", "CONTACT_EMAIL"):
        assert f"COCREATE_{name}: " in str(caught.value)


def test_a_file_of_settings_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "site.env"
    file.write_text("# ours\nCOCREATE_JOIN_LIMIT='7 per hour'\nCOCREATE_INDEX=1\n")
    monkeypatch.setenv("COCREATE_ENV_FILE", str(file))
    monkeypatch.setenv("COCREATE_INDEX", "0")
    config = load_config()
    assert (config.join_limit, config.index) == ("7 per hour", False)


def test_a_named_file_of_settings_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCREATE_ENV_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match=r"COCREATE_ENV_FILE: .*nowhere: No such file"):
        load_config()


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_of_settings_is_read_as_an_editor_saved_it_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coding: str
) -> None:
    (tmp_path / ".env").write_bytes("COCREATE_TRUSTED_PROXIES=2\r\n".encode(coding))
    monkeypatch.chdir(tmp_path)
    if coding == "utf-16":
        with pytest.raises(ConfigError, match=r"\.env: not UTF-8 text"):
            load_config()
    else:
        assert load_config().trusted_proxies == 2


def test_an_international_host_has_one_spelling() -> None:
    config = load(
        SITE_URL="https://例え.example:8443/sub/", TRUSTED_ORIGINS="https://Bücher.example"
    )
    assert config.site_url == "https://xn--r8jz45g.example:8443/sub/"
    assert config.trusted_origins == ("https://xn--bcher-kva.example",)
