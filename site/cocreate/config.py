"""Settings: environment variables (or ``.env``) turned into one checked object at start."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from dotenv import dotenv_values

from cocreate import kinds
from cocreate.facts import FACTS
from cocreate.kinds import Kind

PACKAGE = Path(__file__).parent
# In a wheel the data lies inside the package, in a checkout two folders up.
ROOT = PACKAGE if (PACKAGE / "templates").is_dir() else PACKAGE.parents[1]

log = logging.getLogger(__name__)

PREFIX = "COCREATE_"
ENV_FILE_VARIABLE = PREFIX + "ENV_FILE"
DEFAULT_ADDRESS = "cocreate@localhost"
DEFAULT_FOLDER = Path("instance")
LARGEST_TEXT = 256 * 1024  # bytes of a form as typed: 20,000 letters of any script, and the rest
LARGEST_BODY = 3 * LARGEST_TEXT  # bytes as sent: a browser writes most of them as %E0
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class ConfigError(Exception):
    """A setting that cannot work. Its text is one line: the setting's name and the mend."""


def _setting(kind: Kind, default: Any, needed: str = "") -> Any:
    """A setting; ``needed`` says what to set where a public server (https) cannot do without."""
    return field(default=default, metadata={"kind": kind, "needed": needed})


@dataclass(frozen=True)
class Config:
    """Every setting, checked. Field names are the variables' names in lower case.

    See ``docs/settings.md`` for what each means; a test holds that page against these fields.
    """

    site_url: str = _setting(kinds.SITE_URL, "http://127.0.0.1:8000/")
    data_dir: Path = _setting(kinds.FOLDER, DEFAULT_FOLDER)
    database_url: str = _setting(kinds.DATABASE_URL, "")
    secret_key: tuple[str, ...] = _setting(
        kinds.SECRET.several, (), "set 32 or more random characters"
    )
    seal_key: tuple[str, ...] = _setting(
        kinds.PUBLIC_KEY.several, (), "set the public key that 'cocreate keys new' prints"
    )
    mail_url: str = _setting(
        kinds.MAIL_URL, "", "set the mail server, like smtp://USER:PASSWORD@HOST:587?tls=starttls"
    )
    mail_from: str = _setting(
        kinds.MAILBOX, DEFAULT_ADDRESS, "set the address that mail comes from"
    )
    contact_email: str = _setting(
        kinds.MAILBOX, DEFAULT_ADDRESS, "set the address that visitors can write to"
    )
    trusted_origins: tuple[str, ...] = _setting(kinds.ORIGIN.several, ())
    join_url: str = _setting(kinds.SITE_URL, "")
    trusted_proxies: int = _setting(kinds.NUMBER, 0)
    rate_limit_url: str = _setting(kinds.RATE_LIMIT_URL, "memory://")
    join_limit: str = _setting(kinds.LIMIT, "300 per hour")
    mail_limit: str = _setting(kinds.LIMIT, "3 per day")
    mail_ceiling: str = _setting(kinds.LIMIT, "20000 per hour")
    mail_backoff: int = _setting(kinds.NUMBER, 30)
    bundle_days: int = _setting(kinds.NUMBER, 7)
    retention_days: tuple[int, int] = _setting(kinds.DAYS, (7, 365))
    index: bool = _setting(kinds.SWITCH, default=False)
    metrics: bool = _setting(kinds.SWITCH, default=False)
    log_format: str = _setting(kinds.LOG_FORMAT, "text")
    hsts_subdomains: bool = _setting(kinds.SWITCH, default=False)
    security_expires: str = _setting(kinds.DATE, "2027-11-23")  # a test fails a month before
    operator: str = _setting(kinds.NAME, "")
    source_url: str = _setting(kinds.WEB_ADDRESS, "")

    @property
    def base_path(self) -> str:
        """Path of ``site_url``, beginning and ending in a slash."""
        return urlsplit(self.site_url).path

    @property
    def origin(self) -> str:
        """Scheme, host and port of ``site_url`` (RFC 6454)."""
        parts = urlsplit(self.site_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_https(self) -> bool:
        return self.site_url.startswith("https://")

    @property
    def is_loopback(self) -> bool:
        return urlsplit(self.site_url).hostname in LOOPBACK

    @property
    def is_government(self) -> bool:
        """Only a ``.gov.sg`` host may call itself a Singapore government website."""
        return (urlsplit(self.site_url).hostname or "").endswith(".gov.sg")

    @property
    def run_by(self) -> str:
        """Name of the body that runs the site; empty for a demonstration, which nobody answers for.

        On a government host that is the body whose communities these are, if no other is named.
        """
        return self.operator or (FACTS.body.name if self.is_government else "")

    @property
    def is_demonstration(self) -> bool:
        return not self.run_by

    @property
    def public_contact(self) -> str:
        """The address to show to visitors; empty while nobody has set one."""
        return "" if self.contact_email == DEFAULT_ADDRESS else self.contact_email


SETTINGS = {setting.name: setting for setting in fields(Config)}
KNOWN = {*SETTINGS, "env_file"}


def environment() -> dict[str, str]:
    """The variables of the process, over those of the file of settings.

    That is ``.env``, or the file that ``COCREATE_ENV_FILE`` (``--env-file``) names.

    Raises:
        ConfigError: the named file cannot be read.
    """
    named = os.environ.get(ENV_FILE_VARIABLE, "").strip()
    try:
        with Path(named or ".env").open(encoding="utf-8-sig") as file:
            given = dotenv_values(stream=file, interpolate=False)
    except UnicodeDecodeError:
        raise ConfigError(f"{ENV_FILE_VARIABLE}: {named or '.env'}: not UTF-8 text") from None
    except OSError as error:
        if named:
            raise ConfigError(f"{ENV_FILE_VARIABLE}: {named}: {error.strerror}") from None
        given = {}
    return {name: value for name, value in given.items() if value is not None} | dict(os.environ)


def load_config(env: Mapping[str, str] | None = None, *, serving: bool = False) -> Config:
    """Read and check the settings.

    Args:
        env: variables to read; by default those of :func:`environment`.
        serving: also demand what a public server must not make up for itself.

    Raises:
        ConfigError: naming the first setting that is wrong, and what would be right.
    """
    if env is None:
        env = environment()
    given: dict[str, Any] = {}
    for name, setting in SETTINGS.items():
        variable = PREFIX + name.upper()
        if text := env.get(variable, "").strip():
            try:
                given[name] = setting.metadata["kind"].parse(text)
            except ValueError as error:
                raise ConfigError(f"{variable}: {error}") from None
    for name in sorted(env):
        if name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() not in KNOWN:
            log.warning("%s: no such setting, ignored; docs/settings.md lists them all", name)
    data_dir = Path(given.get("data_dir", Config.data_dir)).absolute()
    given["data_dir"] = data_dir
    given.setdefault("database_url", sqlite_url(data_dir / "cocreate.db"))
    config = Config(**given)
    if serving and config.is_https:
        _require_for_public_server(config)
    return replace(config, mail_url=config.mail_url or f"file:{data_dir / 'mail'}")


def _require_for_public_server(config: Config) -> None:
    """A public server with made-up secrets would lose them with its disk."""
    missing = [
        f"{PREFIX}{name.upper()}: {setting.metadata['needed']}"
        for name, setting in SETTINGS.items()
        if setting.metadata["needed"] and getattr(config, name) == setting.default
    ]
    if missing:
        raise ConfigError(f"{'; '.join(missing)} (needed when SITE_URL is https)")


def sqlite_url(file: Path) -> str:
    """The address of a database in ``file``, whatever that is called."""
    return f"sqlite:///{quote(str(file.absolute()))}"
