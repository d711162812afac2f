"""Where mail goes, by ``MAIL_URL``: a mail server, a folder of files, or the terminal."""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import click

from cocreate.config import LOOPBACK
from cocreate.storage.files import make_folder, write_new

TIMEOUT = 20.0  # seconds for each step of a conversation; MAIL_URL may say ?timeout=5
LONGEST_DELIVERY = 40.0  # seconds, calling the server included: shorter than a letter's lease
UNSPEAKABLE = "MAIL_URL: its host, user name or password cannot be sent as ASCII"
ABOUT_RECIPIENT = "recipient refused"  # how a reason begins that is about one address
UNAVAILABLE = 421  # RFC 5321 section 4.2.3: the server as a whole, at any step


@dataclass(eq=False)
class MailError(Exception):
    """A message could not be handed over."""

    reason: str  # a few words for the log and for ``mail status``, without an address
    final: bool = False  # trying again is of no use
    broken: bool = False  # no answer, or none about this message: the next one may fare the same
    server_down: bool = False  # no message would have gone out
    in_doubt: bool = False  # all of it was sent and nobody answered: it may have been taken

    def __str__(self) -> str:
        return self.reason


class Transport(Protocol):
    def deliver(self, message: EmailMessage) -> None:
        """Hand over one message; MailError where that fails."""


@contextmanager
def open_transport(url: str) -> Iterator[Transport]:
    """The way out that ``url`` names. A mail server is only called for the first message."""
    parts = urlsplit(url)
    if parts.scheme == "console":
        yield Console()
    elif parts.scheme == "file":
        yield Folder(Path(url.removeprefix("file:")))
    else:
        server = Server(parts)
        try:
            yield server
        finally:
            server.close()


def _text(message: EmailMessage) -> str:
    return message.as_bytes(policy=message.policy.clone(linesep="\n")).decode()


class Console:
    """Prints each message: for a developer's terminal."""

    def deliver(self, message: EmailMessage) -> None:
        click.echo(_text(message))


class Folder:
    """Writes each message to ``<Message-ID>.eml``; names sort by time. Sent again, it is the same
    file again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, message: EmailMessage) -> None:
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        partial = self._folder / f"{name}.{os.getpid()}.part"
        try:
            make_folder(self._folder)
            partial.unlink(missing_ok=True)  # of an earlier process of this number
            write_new(partial, _text(message))
            partial.replace(self._folder / f"{name}.eml")
        except OSError as error:
            raise MailError(f"mail folder: {error.strerror}", server_down=True) from None


class _Known(smtplib.SMTP):
    """A connection that ``server`` knows of before it is made, and can cut off while it is."""

    in_doubt = False  # the end of a message was the last that was said

    def __init__(self, server: Server, *address: Any, **options: Any) -> None:
        server.connection = self
        super().__init__(*address, **options)

    def send(self, s: Any) -> None:
        self.in_doubt = isinstance(s, bytes) and s.endswith(b"\r\n.\r\n")
        super().send(s)


class _KnownSecure(_Known, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


@cache
def _trusted(_certificates: str) -> ssl.SSLContext:
    """Python's default authorities, read once for each ``SSL_CERT_FILE``: it takes 0.1 s."""
    return ssl.create_default_context()


class Server:
    """A mail server by SMTP: one connection for a run of messages, a fresh one after trouble."""

    def __init__(self, parts: SplitResult) -> None:
        self._parts = parts
        options = dict(parse_qsl(parts.query))
        self._timeout = float(options.get("timeout", TIMEOUT))
        # Beyond this machine STARTTLS is the default, and its absence has to be said.
        otherwise = "none" if parts.hostname in LOOPBACK else "starttls"
        self._starttls = options.get("tls", otherwise) != "none"
        self.connection: _Known | None = None
        self._is_late = False

    def deliver(self, message: EmailMessage) -> None:
        with self._in_time():
            connection = self.connection or self._connect()
            try:
                if not connection.has_extn("8bitmime"):
                    _make_seven_bit(message)
                connection.send_message(message)
            except Exception as error:
                verdict = self._verdict(error)
                answered = isinstance(error, smtplib.SMTPResponseException)
                verdict.in_doubt = connection.in_doubt and not answered
                self._hang_up()
                raise verdict from error

    def close(self) -> None:
        """End the conversation as is proper."""
        if self.connection:
            with self._in_time(), suppress(smtplib.SMTPException, OSError):
                self.connection.quit()
        self._hang_up()

    def _connect(self) -> _Known:
        parts, host = self._parts, self._parts.hostname or ""
        timeout, certificates = self._timeout, os.environ.get("SSL_CERT_FILE", "")
        made: _Known
        try:
            if parts.scheme == "smtps":
                options = {"timeout": timeout, "context": _trusted(certificates)}
                made = _KnownSecure(self, host, parts.port or 465, **options)
            else:
                made = _Known(self, host, parts.port or 587, timeout=timeout)
                if self._starttls:
                    made.starttls(context=_trusted(certificates))
            made.ehlo_or_helo_if_needed()  # what the server can do is asked before the first letter
            if parts.username:
                made.login(unquote(parts.username), unquote(parts.password or ""))
        except Exception as error:  # whatever it is: a host, a name or a password that cannot be
            reason = UNSPEAKABLE if isinstance(error, UnicodeError) else self._reason(error)
            self._hang_up()
            raise MailError(reason, server_down=True) from error
        return made

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """Cut the connection off at the end of a letter's time, whatever it is doing.

        A server that sends a byte now and then keeps each single wait short, and never ends.
        """
        self._is_late = False
        done = threading.Event()
        threading.Thread(target=self._cut_off_unless, args=(done,), daemon=True).start()
        try:
            yield
        finally:
            done.set()

    def _cut_off_unless(self, done: threading.Event) -> None:
        pause = min(LONGEST_DELIVERY, 2 * self._timeout)
        while not done.wait(pause):
            self._is_late, pause = True, 0.1  # again: its socket may just be made, or turn to TLS
            line = getattr(self.connection, "sock", None)
            if line:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def _hang_up(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None

    def _verdict(self, error: Exception) -> MailError:
        """What a failure after the greeting means for this message and for others."""
        reason = self._reason(error)
        if self._is_late:
            return MailError(reason, broken=True)
        if isinstance(error, smtplib.SMTPSenderRefused):
            return MailError(f"sender refused, {reason}", server_down=True)
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return MailError("the mail server cannot write to such an address", final=True)
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            code = next(iter(error.recipients.values()))[0]
            reason = f"{ABOUT_RECIPIENT}, SMTP {code}"
        elif isinstance(error, smtplib.SMTPDataError):
            code = error.smtp_code
        else:
            return MailError(reason, broken=isinstance(error, smtplib.SMTPException | OSError))
        return MailError(reason, final=500 <= code < 600, broken=code == UNAVAILABLE)

    def _reason(self, error: Exception) -> str:
        """The kind of failure and the server's code, never its words: they may quote an address."""
        if self._is_late:
            return "the mail server took too long"
        code = getattr(error, "smtp_code", None)
        return f"SMTP {code}" if code else type(error).__name__


def _make_seven_bit(message: EmailMessage) -> None:
    for part in message.iter_parts():
        assert isinstance(part, EmailMessage)
        part.set_content(
            part.get_content(), subtype=part.get_content_subtype(), cte="quoted-printable"
        )
