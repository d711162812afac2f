"""Where mail goes, by ``MAIL_URL``: a mail server, a folder of files, or the terminal."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import click

from cocreate.config import LOOPBACK, Config

TIMEOUT = 20.0  # seconds for each step of a conversation; MAIL_URL may say ?timeout=5


@cache
def _trusting(_file: str) -> ssl.SSLContext:
    """Python's defaults, read once: to parse all authorities holds everybody up for 0.1 s.

    Args:
        _file: ``SSL_CERT_FILE``, which Python reads itself; another one is another context.
    """
    return ssl.create_default_context()


class MailError(Exception):
    """A message could not be handed over. Its text holds no address.

    Args:
        reason: a few words for the log and for ``mail status``.
        nobody: True where the server as a whole is out of reach, whatever the message.
    """

    def __init__(self, reason: str, *, nobody: bool = False) -> None:
        super().__init__(reason)
        self.nobody = nobody


class Transport(Protocol):
    def deliver(self, message: EmailMessage) -> None:
        """Hand over one message; MailError where that fails."""


@contextmanager
def open_transport(config: Config) -> Iterator[Transport]:
    """The way out that the settings name. A mail server is only called for the first message."""
    parts = urlsplit(config.mail_url)
    if parts.scheme == "console":
        yield Console()
    elif parts.scheme == "file":
        yield Folder(Path(config.mail_url.removeprefix("file:")))
    else:
        server = Server(parts)
        try:
            yield server
        finally:
            server.close()


def _as_file(message: EmailMessage) -> bytes:
    return message.as_bytes(policy=message.policy.clone(linesep="\n"))


class Console:
    """Prints each message: for a developer's terminal."""

    def deliver(self, message: EmailMessage) -> None:
        click.echo(_as_file(message).decode())


class Folder:
    """Writes each message to ``<Message-ID>.eml``; names sort by time. Sent again, it is the same
    file again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, message: EmailMessage) -> None:
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        target = self._folder / f"{name}.eml"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(target, _as_file(message))
        except OSError as error:
            raise MailError(f"mail folder: {error.strerror}", nobody=True) from None

    def _write(self, target: Path, content: bytes) -> None:
        partial = target.with_suffix(f".{os.getpid()}.part")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        partial.replace(target)


class Server:
    """A mail server by SMTP: one connection for a run of messages, a fresh one after trouble."""

    def __init__(self, parts: SplitResult) -> None:
        self._parts = parts
        options = parse_qs(parts.query)
        self._timeout = float(options.get("timeout", [str(TIMEOUT)])[0])
        # Beyond this machine STARTTLS is the default, and its absence has to be said.
        otherwise = "none" if parts.hostname in LOOPBACK else "starttls"
        self._starttls = options.get("tls", [otherwise])[0] != "none"
        self._connection: smtplib.SMTP | None = None

    def deliver(self, message: EmailMessage) -> None:
        connection = self._connection = self._connection or self._connect()
        try:
            if not connection.has_extn("8bitmime"):
                _make_seven_bit(message)
            connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            self.close()
            raise MailError(f"recipient refused, SMTP {code}") from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self.close()
            raise MailError(_reason(error)) from None

    def _connect(self) -> smtplib.SMTP:
        try:
            connection = self._greet()
        except (smtplib.SMTPException, OSError) as error:
            raise MailError(_reason(error), nobody=True) from None
        return connection

    def _greet(self) -> smtplib.SMTP:
        parts, trusted = self._parts, os.environ.get("SSL_CERT_FILE", "")
        host = parts.hostname or ""
        if parts.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                host, parts.port or 465, timeout=self._timeout, context=_trusting(trusted)
            )
        else:
            connection = smtplib.SMTP(host, parts.port or 587, timeout=self._timeout)
        try:
            if parts.scheme == "smtp" and self._starttls:
                connection.starttls(context=_trusting(trusted))
            if parts.username:
                connection.login(unquote(parts.username), unquote(parts.password or ""))
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
            connection.close()


def _make_seven_bit(message: EmailMessage) -> None:
    for part in message.iter_parts():
        assert isinstance(part, EmailMessage)
        part.set_content(
            part.get_content(), subtype=part.get_content_subtype(), cte="quoted-printable"
        )


def _reason(error: Exception) -> str:
    """The kind of failure and the server's code, never its words: they may quote an address."""
    code = getattr(error, "smtp_code", None)
    return f"SMTP {code}" if code else type(error).__name__
