"""Kinds of settings: what a text must look like, what becomes of it, what to say of any other."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import idna


@dataclass(frozen=True)
class Kind:
    """A kind of setting."""

    pattern: str  # the regular expression that the whole text must match
    advice: str  # what to say where it does not
    make: Callable[[str], Any] = str  # its ValueError means the same as no match

    def parse(self, text: str) -> Any:
        """The value of ``text``; ValueError with the advice where it has none."""
        with suppress(ValueError):
            if re.fullmatch(self.pattern, text):
                return self.make(text)
        raise ValueError(self.advice)

    @property
    def several(self) -> Kind:
        """The same, separated by commas; the value is a tuple."""
        return Kind(
            ".*",
            self.advice,
            lambda text: tuple(self.parse(one.strip()) for one in text.split(",") if one.strip()),
        )


def _parts(address: str) -> SplitResult:
    """With an international host in its ASCII form (IDNA 2008), as browsers send it."""
    parts = urlsplit(address)
    host, _ = parts.hostname, parts.port
    if not host:
        raise ValueError
    if host.isascii():
        return parts
    in_ascii = idna.encode(host, uts46=True).decode()
    return parts._replace(netloc=parts.netloc.lower().replace(host, in_ascii))


def _site_url(text: str) -> str:
    return _parts(text).geturl().rstrip("/") + "/"


def _origin(text: str) -> str:
    parts = _parts(text)
    return f"{parts.scheme}://{parts.netloc}"


def _with_host(text: str) -> str:
    if not text.startswith(("file:", "console:")):
        _parts(text)
    return text


def _database_url(text: str) -> str:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        make_url(text)
    except ArgumentError:
        raise ValueError from None
    return text


def _public_key(text: str) -> str:
    import pyrage

    try:
        pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise ValueError from None
    return text


def _mailbox(text: str) -> str:
    if "@" not in parseaddr(text)[1]:
        raise ValueError
    return text


def _limit(text: str) -> str:
    from limits import parse_many

    parse_many(text)
    return text


def text_of(value: Any) -> str:
    """The text that a setting may have for ``value``: its kind makes the same of it again."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(int(value) if isinstance(value, bool) else value)


FOLDER = Kind("(?s).+", "use the name of a folder", Path)
SITE_URL = Kind(
    r"(?i:https?)://[^\s/?#]+(/[A-Za-z0-9._~-]+)*/?",
    "use an address like https://example.org/ or https://example.org/sub/,"
    " with only letters, digits and . _ ~ - in its path",
    _site_url,
)
ORIGIN = Kind(
    r"(?i:https?)://[^\s/?#]+/?",
    "use origins like https://example.org, separated by commas",
    _origin,
)
WEB_ADDRESS = Kind(
    r'(?i:https?)://[^\s"]+', "use an address like https://example.org/our/code", _with_host
)
DATABASE_URL = Kind(
    r"(sqlite|postgresql\+psycopg):.*",
    "use sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME",
    _database_url,
)
MAIL_URL = Kind(
    r"file:.+|console:|(?i:smtps?)://\S+",
    "use smtp://USER:PASSWORD@HOST:587?tls=starttls, smtps://…, file:DIR or console:",
    _with_host,
)
RATE_LIMIT_URL = Kind(r"(?i:memory|rediss?):.*", "use memory:// or redis://HOST:6379/0")
SECRET = Kind(
    r"\S{32,}",
    "use 32 or more random characters, no spaces (the first of several is used to write)",
)
PUBLIC_KEY = Kind(
    "age1.*", "use public keys (age1…) as 'cocreate keys new' prints them", _public_key
)
MAILBOX = Kind(r"[^\r\n]+", "use an e-mail address like team@example.org", _mailbox)
NUMBER = Kind(r"\d+", "use a whole number, 0 or more", int)
LIMIT = Kind(".+", "use a limit like '300 per hour' or '3 per day'", _limit)
DAYS = Kind(
    r"\D*[1-9]\d{0,3}\D+[1-9]\d{0,3}\D*",
    "use two numbers of days, like '7 unconfirmed, 365 feedback'",
    lambda text: tuple(map(int, re.findall(r"\d+", text))),
)
NAME = Kind(
    r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,100}", "use a name of up to 100 characters in one line"
)
SWITCH = Kind("[01]", "use 1 or 0", lambda text: text == "1")
LOG_FORMAT = Kind("text|json", "use text or json")
DATE = Kind(".+", "use a day like 2027-11-23", lambda text: date.fromisoformat(text).isoformat())
