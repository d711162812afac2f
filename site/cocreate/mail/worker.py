"""Sends the letters of the outbox, as many processes side by side as there are.

Each takes a few letters under a lease (:mod:`cocreate.storage.outbox`), hands them over one by one
and deletes them. What cannot be sent is tried again; what is refused for good is not. Erasing what
is past its time has a turn of its own: neither waits for the other.
"""

from __future__ import annotations

import logging
import random
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import click
from flask import Flask
from limits import parse_many

from cocreate import clock
from cocreate.config import Config
from cocreate.mail import message
from cocreate.mail.transport import LONGEST_DELIVERY, MailError, Transport, open_transport
from cocreate.storage import crypto, database, links, mailfolder, outbox, processes, retention
from cocreate.storage.database import StorageUnavailable

log = logging.getLogger(__name__)

LONGEST_WAIT = 600  # seconds between two tries of a letter
LONGEST_OUTAGE = 60  # seconds between two tries while the mail server does not answer
LATE = 600  # seconds: from then on, a letter's link counts its hours anew
POLL = 1.0  # seconds
BATCH = 10  # letters that one sender takes at once
MOST_BROKEN = 3  # conversations that break off in a row: it is the server, not the letters
MOST_FAILURES = 1000  # in a round: a statement can name only so many to leave alone
HOUSEKEEPING = 6 * 3600  # seconds between two purges


def send_due(app: Flask) -> int:
    """Send what is due, each letter tried once; the number that went out."""
    return run_round(app, threading.Event()).sent


def run_round(app: Flask, stop: threading.Event) -> Round:
    """One run over the letters that are due, until ``stop`` is set."""
    with app.app_context(), open_transport(database.settings().mail_url) as transport:
        made = Round(app, transport, stop)
        while not made.is_over:
            batch = outbox.claim(min(BATCH, outbox.room(_ceilings())), made.failed)
            if not batch:
                break
            made.send(batch)
    return made


def _ceilings() -> list[tuple[int, int]]:
    limits = parse_many(database.settings().mail_ceiling)
    return [(limit.amount, limit.get_expiry()) for limit in limits]


@dataclass
class Round:
    """One run over the letters that are due, and what it has come to so far."""

    app: Flask
    transport: Transport
    stop: threading.Event
    sent: int = 0
    failed: set[int] = field(default_factory=set)
    broken_in_a_row: int = 0  # conversations that broke off
    server_down: bool = False

    @property
    def is_over(self) -> bool:
        return self.server_down or len(self.failed) >= MOST_FAILURES or self.stop.is_set()

    def send(self, batch: list[outbox.ClaimedLetter]) -> None:
        """Send these one by one; what there was no time for goes back at once."""
        until = time.monotonic() + outbox.LEASE - LONGEST_DELIVERY
        rest = list(batch)
        try:
            while rest and not self.is_over and time.monotonic() < until:
                self._try(rest[0])
                del rest[0]
        finally:
            with suppress(StorageUnavailable):  # logged where it happened; the lease runs out
                outbox.release(rest)

    def _try(self, letter: outbox.ClaimedLetter) -> None:
        """Send a letter, or put it off; where trying again is of no use, for good."""
        try:
            self._send(letter)
            self.broken_in_a_row = 0
        except MailError as failure:
            self.failed.add(letter.id)
            self.broken_in_a_row = self.broken_in_a_row + 1 if failure.broken else 0
            self.server_down = failure.server_down or self.broken_in_a_row >= MOST_BROKEN
            wait = wait_after(letter.attempts, database.settings().mail_backoff)
            if failure.broken or failure.server_down:
                wait = min(wait, LONGEST_OUTAGE)
            too_old = clock.now() - letter.created_at > outbox.GIVE_UP_AFTER
            outbox.postpone(letter, str(failure), wait=wait, give_up=failure.final or too_old)
            log.warning(
                "mail: letter %s not sent: %s; see 'cocreate mail status'", letter.id, failure
            )

    def _send(self, letter: outbox.ClaimedLetter) -> None:
        """Send one letter and delete it, unless it is no longer ours to send."""
        if not outbox.is_ours(letter):
            return
        config = database.settings()
        if clock.now() - letter.created_at > LATE:
            links.renew(letter.token_id)
        words = _opened(letter, config)
        handed_over: set[str] = self.app.extensions.setdefault("cocreate.handed_over", set())
        if letter.message_id not in handed_over:
            self._hand_over(words, letter)
            handed_over.add(letter.message_id)  # if deleting it fails now, it is not sent again
        outbox.remove(letter)
        handed_over.discard(letter.message_id)
        self.sent += 1
        if config.mail_url.startswith("file:") and config.is_loopback:
            found = words.links(config)
            click.echo(f"mail: {found['confirm'] or found['manage']}")

    def _hand_over(self, words: message.Letter, letter: outbox.ClaimedLetter) -> None:
        try:
            written = message.write(self.app, words, letter.message_id, letter.created_at)
            self.transport.deliver(written)
        except MailError:
            raise
        except Exception as error:  # one letter that cannot be written must not hold up the others
            name = type(error).__name__
            where = "".join(traceback.format_tb(error.__traceback__))  # not its words: an address
            log.error("mail: letter %s: %s\n%s", letter.id, name, where)
            raise MailError(f"cannot be written: {name}") from error


def _opened(letter: outbox.ClaimedLetter, config: Config) -> message.Letter:
    values = crypto.decrypt(letter.encrypted, config.secret_key)
    if values is None:
        raise MailError("encrypted with a SECRET_KEY that is no longer set")
    try:
        return message.Letter(**values | {"communities": tuple(values["communities"])})
    except (TypeError, KeyError):
        raise MailError("written by another version of cocreate") from None


def wait_after(attempts: int, first: int) -> int:
    """Seconds to the next try: doubling from ``first``, capped, 50 to 100 % of that at random."""
    longest: int = min(LONGEST_WAIT, first * 2 ** min(attempts, 20))
    return round(longest * random.uniform(0.5, 1))  # noqa: S311  # spreads load, guards nothing


def run_worker(app: Flask, stop: threading.Event) -> None:
    """Send mail, and erase what is past its time, until ``stop`` is set. Outlives any failure."""
    purging = ("purge", lambda: _purge_turn(app, stop), stop)
    beside = [
        threading.Thread(target=processes.stay_registered, args=(app, stop), daemon=True),
        threading.Thread(target=_repeat, args=purging, name="purge", daemon=True),
    ]
    for thread in beside:
        thread.start()
    _repeat("mail", OutboxLoop(app, stop).turn, stop)
    for thread in beside:
        thread.join(10 * POLL)


def start_worker(app: Flask, stop: threading.Event | None = None) -> threading.Thread:
    """:func:`run_worker` in a thread of its own."""
    arguments = (app, stop or threading.Event())
    thread = threading.Thread(target=run_worker, args=arguments, name="mail", daemon=True)
    thread.start()
    return thread


def _repeat(what: str, turn: Callable[[], float], stop: threading.Event) -> None:
    """Take turns until ``stop``; each says how many seconds to wait for the next."""
    while not stop.is_set():
        pause = 10 * POLL
        try:
            pause = turn()
        except StorageUnavailable:
            pass  # logged where it happened
        except Exception:
            log.exception("%s: this turn failed", what)
        stop.wait(pause)


@dataclass
class OutboxLoop:
    """Sends what is due; in the first second without mail, empties SQLite's log of what left."""

    app: Flask
    stop: threading.Event
    _has_traces: bool = True  # of the life before, maybe

    def turn(self) -> float:
        """Seconds to wait for the next one."""
        done = run_round(self.app, self.stop)
        with self.app.app_context():
            if done.sent:
                self._has_traces = True
            elif self._has_traces:
                self._has_traces = not database.truncate_wal(patience=0)
            if done.server_down:  # whichever letter comes next, it would fare the same
                return max(
                    POLL, min(LONGEST_OUTAGE, wait_after(0, database.settings().mail_backoff))
                )
        return POLL


def _purge_turn(app: Flask, stop: threading.Event) -> float:
    with app.app_context():
        try:
            retention.check_clock()
            purge(stop)
        except retention.ClockDoubt as doubt:
            log.error("purge: %s", doubt)
    return HOUSEKEEPING


def purge(stop: threading.Event | None = None) -> Counter[str]:
    """Erase what is past its time, in the database and in a folder of mail: how much, by kind."""
    gone = retention.purge(stop)
    outbox.forget_sent(max(seconds for _, seconds in _ceilings()))
    gone["files"] = mailfolder.purge()
    return gone


def is_full() -> bool:
    """Whether the ceiling on all mail holds letters back."""
    return outbox.room(_ceilings()) < 1
