"""Settings: environment variables (or ``.env``) turned into one checked object at start."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

import idna
from dotenv import dotenv_values

from cocreate.facts import FACTS

HERE = Path(__file__).parent
# In a wheel the data lies inside the package, in a checkout two folders up.
ROOT = HERE if (HERE / "templates").is_dir() else HERE.parents[1]

log = logging.getLogger(__name__)

PREFIX = "COCREATE_"
ENV_FILE = PREFIX + "ENV_FILE"
DEFAULT_ADDRESS = "cocreate@localhost"
LARGEST_TEXT = 256 * 1024  # bytes of a form as typed: 20,000 letters of any script, and the rest
LARGEST_BODY = 3 * LARGEST_TEXT  # bytes as sent: a browser writes most of them as %E0
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class ConfigError(Exception):
    """A setting that cannot work. Its text is one line: the setting's name and the mend."""


@dataclass(frozen=True)
class Config:
    """Every setting, checked. Field names are the variables' names in lower case.

    See ``docs/settings.md`` for what each means; a test holds that page against these fields.
    """

    site_url: str = "http://127.0.0.1:8000/"
    data_dir: Path = Path("instance")
    database_url: str = ""
    secret_key: tuple[str, ...] = ()
    seal_key: tuple[str, ...] = ()
    mail_url: str = ""
    mail_from: str = DEFAULT_ADDRESS
    contact_email: str = DEFAULT_ADDRESS
    trusted_origins: tuple[str, ...] = ()
    join_url: str = ""
    trusted_proxies: int = 0
    rate_limit_url: str = "memory://"
    join_limit: str = "300 per hour"
    mail_limit: str = "3 per day"
    mail_ceiling: str = "20000 per hour"
    mail_backoff: int = 30
    bundle_days: int = 7
    retention_days: tuple[int, int] = (7, 365)
    index: bool = False
    metrics: bool = False
    log_format: str = "text"
    hsts_subdomains: bool = False
    security_expires: str = "2027-11-23"  # a test fails a month before
    operator: str = ""
    source_url: str = ""
    testing: bool = field(default=False, metadata={"internal": True})

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


def environment() -> dict[str, str]:
    """The variables of the process, over those of the file of settings.

    That is ``.env``, or the file that ``COCREATE_ENV_FILE`` (``--env-file``) names.

    Raises:
        ConfigError: the named file cannot be read.
    """
    named = os.environ.get(ENV_FILE, "").strip()
    try:
        with Path(named or ".env").open(encoding="utf-8-sig") as file:
            given = dotenv_values(stream=file, interpolate=False)
    except UnicodeDecodeError:
        raise ConfigError(f"{ENV_FILE}: {named or '.env'}: not UTF-8 text") from None
    except OSError as error:
        if named:
            raise ConfigError(f"{ENV_FILE}: {named}: {error.strerror}") from None
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
    for name, parse in PARSERS.items():
        raw = env.get(PREFIX + name.upper(), "").strip()
        if raw:
            given[name] = _parse(name, raw, parse)
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


def sqlite_url(file: Path) -> str:
    """The address of a database in ``file``, whatever that is called."""
    return f"sqlite:///{quote(str(file.absolute()))}"


def _parse(name: str, raw: str, parse: Callable[[str], Any]) -> Any:
    try:
        return parse(raw)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{PREFIX}{name.upper()}: {error}") from None


def _require_for_public_server(config: Config) -> None:
    """A public server with made-up secrets would lose them with its disk."""
    mends = {
        "secret_key": "set 32 or more random characters",
        "seal_key": "set the public key that 'cocreate keys new' prints",
        "mail_from": "set the address that mail comes from",
        "contact_email": "set the address that visitors can write to",
        "mail_url": "set the mail server, like smtp://USER:PASSWORD@HOST:587?tls=starttls",
    }
    missing = [name for name in mends if getattr(config, name) == getattr(Config, name)]
    if missing:
        needed = "; ".join(f"{PREFIX}{name.upper()}: {mends[name]}" for name in missing)
        raise ConfigError(f"{needed} (needed when SITE_URL is https)")


def _split(raw: str, mend: str) -> SplitResult:
    """``raw`` in its parts; ValueError with ``mend`` where its host or port can be none.

    An international host name comes back in its ASCII form (IDNA 2008), as browsers send it.
    """
    if any(character.isspace() for character in raw):
        raise ValueError(mend)
    try:
        parts = urlsplit(raw)
        _ = parts.port
        if parts.hostname and not parts.hostname.isascii():
            ascii_host = idna.encode(parts.hostname, uts46=True).decode()
            return parts._replace(netloc=parts.netloc.replace(_host_in(parts), ascii_host))
    except (ValueError, idna.IDNAError):
        raise ValueError(mend) from None
    return parts


def _host_in(parts: SplitResult) -> str:
    """The host as it is written: ``hostname`` is in lower case."""
    return parts.netloc.rpartition("@")[2].partition(":")[0]


def _site_url(raw: str) -> str:
    mend = "use an address like https://example.org/ or https://example.org/sub/"
    parts = _split(raw, mend)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(mend)
    if not re.fullmatch(r"[A-Za-z0-9._~/-]*", parts.path) or "//" in parts.path:
        raise ValueError("use only letters, digits and . _ ~ - in its path")
    return parts.geturl().rstrip("/") + "/"


def _origin(raw: str) -> str:
    mend = "use origins like https://example.org, separated by commas"
    parts = _split(raw, mend)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise ValueError(mend)
    return f"{parts.scheme}://{parts.netloc}"


def _list(item: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    return lambda raw: tuple(item(part.strip()) for part in raw.split(",") if part.strip())


def _secret(raw: str) -> str:
    if len(raw) < 32 or any(map(str.isspace, raw)):
        raise ValueError(
            "use 32 or more random characters, no spaces (the first of several is used to write)"
        )
    return raw


def _recipient(raw: str) -> str:
    import pyrage

    try:
        pyrage.x25519.Recipient.from_str(raw)
    except pyrage.RecipientError:
        raise ValueError("use public keys (age1…) as 'cocreate keys new' prints them") from None
    return raw


def _database_url(raw: str) -> str:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        backend = make_url(raw).drivername
    except ArgumentError:
        backend = ""
    if backend not in ("sqlite", "postgresql+psycopg"):
        raise ValueError("use sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME")
    return raw


def _mail_url(raw: str) -> str:
    mend = "use smtp://USER:PASSWORD@HOST:587?tls=starttls, smtps://…, file:DIR or console:"
    if raw.startswith("file:") and len(raw) > len("file:"):
        return raw  # a folder's name may hold anything
    parts = _split(raw, mend)
    if raw != "console:" and not (parts.scheme in ("smtp", "smtps") and parts.hostname):
        raise ValueError(mend)
    return raw


def _address(raw: str) -> str:
    address = parseaddr(raw)[1]
    if "@" not in address or any(c in raw for c in "\r\n"):
        raise ValueError("use an e-mail address like team@example.org")
    return raw


def _whole(raw: str) -> int:
    if not raw.isdecimal():
        raise ValueError("use a whole number, 0 or more")
    return int(raw)


def _limit(raw: str) -> str:
    from limits import parse_many

    try:
        parse_many(raw)
    except ValueError:
        raise ValueError("use a limit like '300 per hour' or '3 per day'") from None
    return raw


def _rate_limit_url(raw: str) -> str:
    if urlsplit(raw).scheme not in ("memory", "redis", "rediss"):
        raise ValueError("use memory:// or redis://HOST:6379/0")
    return raw


def _retention(raw: str) -> tuple[int, int]:
    days = re.findall(r"\d+", raw)
    if len(days) != 2 or not all(1 <= int(day) <= 3650 for day in days):
        raise ValueError("use two numbers of days, like '7 unconfirmed, 365 feedback'")
    return int(days[0]), int(days[1])


def _name(raw: str) -> str:
    if len(raw) > 100 or not raw.isprintable():
        raise ValueError("use a name of up to 100 characters in one line")
    return raw


def _web_address(raw: str) -> str:
    mend = "use an address like https://example.org/our/code"
    parts = _split(raw, mend)
    if parts.scheme not in ("http", "https") or not parts.hostname or '"' in raw:
        raise ValueError(mend)
    return raw


def _switch(raw: str) -> bool:
    if raw not in ("0", "1"):
        raise ValueError("use 1 or 0")
    return raw == "1"


def _log_format(raw: str) -> str:
    if raw not in ("text", "json"):
        raise ValueError("use text or json")
    return raw


def _day(raw: str) -> str:
    try:
        return date.fromisoformat(raw).isoformat()
    except ValueError:
        raise ValueError("use a day like 2027-11-23") from None


PARSERS: dict[str, Callable[[str], Any]] = {
    "site_url": _site_url,
    "data_dir": Path,
    "database_url": _database_url,
    "secret_key": _list(_secret),
    "seal_key": _list(_recipient),
    "mail_url": _mail_url,
    "mail_from": _address,
    "contact_email": _address,
    "trusted_origins": _list(_origin),
    "join_url": _site_url,
    "trusted_proxies": _whole,
    "rate_limit_url": _rate_limit_url,
    "join_limit": _limit,
    "mail_limit": _limit,
    "mail_ceiling": _limit,
    "mail_backoff": _whole,
    "bundle_days": _whole,
    "retention_days": _retention,
    "index": _switch,
    "metrics": _switch,
    "log_format": _log_format,
    "hsts_subdomains": _switch,
    "security_expires": _day,
    "operator": _name,
    "source_url": _web_address,
}
KNOWN = {*PARSERS, "env_file"}
