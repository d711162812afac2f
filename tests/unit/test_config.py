"""A good setting is read; a bad one stops the start with one line that names it and the mend."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from cocreate.config import SETTINGS, Config, ConfigError, load_config
from cocreate.facts import FACTS

BAD = {
    "SITE_URL": ("ftp://example.org/", "https://", "https://a b/", "http://h:99999/"),
    "DATABASE_URL": ("mysql://u@h/d", "postgresql://u@h/d"),
    "SECRET_KEY": ("x" * 31, "x" * 32 + " # for staging", f"{'x' * 32},short"),
    "SEAL_KEY": ("age1nonsense", "AGE-SECRET-KEY-1"),
    "MAIL_URL": ("http://h/", "smtp://", "file:", "smtp://h:port"),
    "MAIL_FROM": ("nobody", "a@b\nBcc: c@d"),
    "CONTACT_EMAIL": ("nobody",),
    "TRUSTED_ORIGINS": ("example.org", "https://a.example/path/"),
    "JOIN_URL": ("example.org",),
    "TRUSTED_PROXIES": ("-1",),
    "RATE_LIMIT_URL": ("http://h",),
    "JOIN_LIMIT": ("often",),
    "MAIL_LIMIT": ("three a day",),
    "MAIL_CEILING": ("100",),
    "MAIL_BACKOFF": ("soon",),
    "BUNDLE_DAYS": ("1.5",),
    "RETENTION_DAYS": ("7", "0 unconfirmed, 365 feedback"),
    "INDEX": ("yes",),
    "METRICS": ("2",),
    "LOG_FORMAT": ("xml",),
    "HSTS_SUBDOMAINS": ("on",),
    "SECURITY_EXPIRES": ("soon", "2027-13-01"),
    "OPERATOR": ("a\nb", "x" * 101),
    "SOURCE_URL": ("ftp://example.org/", "https://", 'https://a.example/"x'),
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


def test_every_setting_has_a_bad_value_here_but_the_folder() -> None:
    assert {name.lower() for name in BAD} == SETTINGS.keys() - {"data_dir"}


def test_without_settings_everything_has_a_default(tmp_path: Path) -> None:
    config = load(DATA_DIR=str(tmp_path), SITE_URL="  ")
    assert config.site_url == "http://127.0.0.1:8000/"
    assert config.database_url == f"sqlite:///{tmp_path / 'cocreate.db'}"
    assert config.mail_url == f"file:{tmp_path / 'mail'}"
    assert not config.index
    assert config.is_loopback
    assert config.public_contact == "", "the default address is never shown"


def test_good_values_are_read() -> None:
    config = load(
        SITE_URL="https://example.org/sub/path",
        TRUSTED_ORIGINS="https://Bücher.example, http://a.example:8080/",
        CONTACT_EMAIL="team@example.org",
        RETENTION_DAYS="3 unconfirmed, 30 feedback",
        INDEX="1",
    )
    assert config.site_url == "https://example.org/sub/path/"
    assert (config.base_path, config.origin) == ("/sub/path/", "https://example.org")
    assert config.trusted_origins == ("https://xn--bcher-kva.example", "http://a.example:8080")
    assert config.public_contact == "team@example.org"
    assert (config.retention_days, config.index) == ((3, 30), True)
    in_ascii = load(SITE_URL="https://例え.example:8443/sub/").site_url
    assert in_ascii == "https://xn--r8jz45g.example:8443/sub/"


def test_an_unknown_setting_is_mentioned(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        load(SITE_ULR="https://example.org/")
    assert "COCREATE_SITE_ULR" in caplog.text


def test_a_government_host_is_run_by_the_body_of_the_communities() -> None:
    assert load(SITE_URL="https://www.tech.gov.sg/").run_by == FACTS.body.name
    assert load(SITE_URL="https://www.nea.gov.sg/", OPERATOR="NEA").run_by == "NEA"
    assert load(SITE_URL="https://gov.sg/").is_demonstration


def test_a_public_server_makes_up_nothing_and_names_all_that_it_lacks() -> None:
    """Each of these would be lost or wrong if the server chose it itself."""
    given = {
        "COCREATE_SECRET_KEY": "x" * 32,
        "COCREATE_SEAL_KEY": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
        "COCREATE_MAIL_FROM": "team@example.org",
        "COCREATE_CONTACT_EMAIL": "team@example.org",
        "COCREATE_MAIL_URL": "smtps://mail.example.org",
    }
    url = {"COCREATE_SITE_URL": "https://example.org/"}
    assert load_config(url | given, serving=True).is_https
    for missing in [*([name] for name in given), [*given]]:
        env = {name: text for name, text in given.items() if name not in missing}
        with pytest.raises(ConfigError) as caught:
            load_config(url | env, serving=True)
        assert sorted(re.findall(r"COCREATE_\w+(?=: )", str(caught.value))) == sorted(missing)
    assert load_config(url).is_https, "freezing needs none of them"


# The file of settings


@pytest.mark.parametrize("named", [True, False])
def test_the_environment_overrides_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    file = tmp_path / ("site.env" if named else ".env")
    file.write_text("# ours\nCOCREATE_JOIN_LIMIT='7 per hour'\nCOCREATE_TRUSTED_PROXIES=2\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COCREATE_ENV_FILE", str(file) if named else "")
    monkeypatch.setenv("COCREATE_TRUSTED_PROXIES", "3")
    config = load_config()
    assert (config.join_limit, config.trusted_proxies) == ("7 per hour", 3)


def test_a_named_file_of_settings_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCREATE_ENV_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match=r"COCREATE_ENV_FILE: .*nowhere: No such file"):
        load_config()


@pytest.mark.parametrize(("coding", "proxies"), [("utf-8-sig", 2), ("utf-16", None)])
def test_a_file_of_settings_is_read_as_an_editor_saved_it_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coding: str, proxies: int | None
) -> None:
    (tmp_path / ".env").write_bytes("COCREATE_TRUSTED_PROXIES=2\r\n".encode(coding))
    monkeypatch.chdir(tmp_path)
    if proxies:
        assert load_config().trusted_proxies == proxies
    else:
        with pytest.raises(ConfigError, match=r"\.env: not UTF-8 text"):
            load_config()
