"""Sends a letter, from the manager's own machine: one by one, each once, as the server allows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from threading import Event
from typing import Any

from cocreate import clock
from cocreate.languages import BY_SLUG, ENGLISH
from cocreate.letters.bundle import Bundle, Recipient
from cocreate.letters.journal import HANDED, PUT_OFF, REFUSED, SENT, SETTLED, WITHDRAWN, Journal
from cocreate.letters.rendering import Renderer
from cocreate.mail.transport import ABOUT_RECIPIENT, MailError, Transport
from cocreate.storage.letters import PAGE

LONGEST_PAUSE = 60.0  # seconds between two letters, while the server puts them off
SUSPICIOUS = 20  # letters refused for good in a row: it is us, not the addresses


class Halted(Exception):  # noqa: N818  # a state of the mail server
    """It makes no sense to go on now. Its text is one line that says what to do."""


@dataclass
class Pace:
    """When the next letter may go."""

    per_minute: int = 60  # at most; 0: as fast as the server takes them
    first: float = 1.0  # seconds to wait after a failure; twice as long after each further one
    patience: float = 900.0  # seconds without an answer about any letter, after which to halt
    stop: Event = field(default_factory=Event)  # set, it ends every wait and the run
    _next: float = 0.0
    _pause: float = 0.0
    _failing_since: float | None = None

    def wait(self) -> bool:
        """Until the next letter may go; False where it shall not."""
        self.stop.wait(max(0.0, self._next - time.monotonic()))
        self._next = time.monotonic() + (60 / self.per_minute if self.per_minute else 0)
        return not self.stop.is_set()

    def taken(self) -> None:
        self._failing_since = None
        self._pause = self._pause / 2 if self._pause > self.first else 0.0
        self._next += self._pause

    def failed(self) -> bool:
        """Slow down; False once patience is over."""
        now = time.monotonic()
        self._failing_since = self._failing_since or now
        self._pause = min(LONGEST_PAUSE, max(self.first, 2 * self._pause))
        self._next = now + self._pause
        return now - self._failing_since < self.patience


@dataclass
class Sender:
    """One run over a bundle."""

    bundle: Bundle
    journal: Journal
    renderer: Renderer
    transport: Transport
    pace: Pace
    _refused: list[str] = field(default_factory=list)  # in a row
    _has_sent: bool = False

    def run(self, recipients: Sequence[Recipient], show: Callable[[int], Any]) -> None:
        """Send to everybody in ``recipients``, until each letter is sent, refused, in doubt or its
        member has withdrawn; ``show`` is told of each that is done.

        Raises:
            Halted: the mail server does not take letters now.
            BundleFault: the site does not answer.
            StorageUnavailable: the journal cannot be written.
        """
        waiting = list(recipients)
        while waiting:
            batch, waiting = waiting[:PAGE], waiting[PAGE:]
            standing = self.bundle.ask(recipient.token_hash for recipient in batch)
            for recipient in batch:
                if recipient.token_hash not in standing:
                    self.journal.note(self.journal.who(recipient.address), WITHDRAWN)
                elif not self.pace.wait():
                    return
                elif not self._send(recipient):
                    waiting.append(recipient)
                    continue
                show(1)

    def _send(self, recipient: Recipient) -> bool:
        """Whether it is done with, one way or another."""
        who = self.journal.who(recipient.address)
        try:
            message = message_for(self.renderer, recipient, who)
            self.journal.note(who, HANDED)
            self.transport.deliver(message)
        except MailError as error:
            return self._failed(who, recipient, error)
        self.journal.note(who, SENT)
        self.pace.taken()
        self._refused.clear()
        self._has_sent = True
        return True

    def _failed(self, who: str, recipient: Recipient, error: MailError) -> bool:
        if error.final:
            self.journal.note(who, REFUSED, why=str(error), link=recipient.token_hash)
            self._refused.append(who)
            self.pace.taken()
            if len(self._refused) >= SUSPICIOUS:
                for one in self._refused:
                    self.journal.note(one, PUT_OFF)
                raise Halted(
                    f"the last {SUSPICIOUS} letters were refused for good ({error}): that is the"
                    " sender or the server, not the addresses; mend it and run the same again"
                )
            return True
        if not error.in_doubt:
            self.journal.note(who, PUT_OFF, why=str(error))
        if error.server_down and not self._has_sent:
            raise Halted(f"the mail server takes no letters ({error}); check --via. None was sent")
        if not self.pace.failed():
            raise Halted(f"the mail server takes no letters ({error}); run the same again later")
        return error.in_doubt


def message_for(renderer: Renderer, recipient: Recipient, who: str) -> EmailMessage:
    """The message for one member; a second copy of it has the same Message-ID.

    Raises:
        MailError: this member cannot be written to, which must not hold up the others.
        Halted: nobody can be written to in this language, which says nothing of the address.
    """
    language = BY_SLUG.get(recipient.language, ENGLISH)
    message_id = f"{renderer.letter.name}.{who[:24]}"
    try:
        made = renderer.in_language(language, recipient.communities)
    except Exception as error:
        name = type(error).__name__
        raise Halted(f"the letter cannot be written in {language.own_name} ({name})") from error
    try:
        return made.to(recipient.address, recipient.name, recipient.token, message_id, clock.now())
    except Exception as error:
        reason = f"{ABOUT_RECIPIENT}: cannot be written to ({type(error).__name__})"
        raise MailError(reason, final=True) from error


def to_send(recipients: Iterable[Recipient], journal: Journal, *, again: bool) -> list[Recipient]:
    """Who gets the letter now, each address once; ``again``: also those in doubt."""
    done = SETTLED if again else {HANDED, *SETTLED}
    found = {journal.who(recipient.address): recipient for recipient in recipients}
    return [recipient for who, recipient in found.items() if journal.state(who) not in done]
