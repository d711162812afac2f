"""People read and join at a site in trouble; then the counts agree, or do not."""

from __future__ import annotations

import http.client
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from cocreate.storage import crypto
from processes import PATIENCE, ask
from sending import STACK
from troubled import RESIDENT, TroubledSite

READERS, JOINERS = 3, 3
PAUSE = 0.05  # seconds between two joins of one joiner: two cores also send the letters
READ_PAUSE = 0.001  # seconds between two pages of one reader
LIVE_SENDERS = 5  # seconds for those who live to send what they have claimed
PATHS = "/en/ /zh/stack/ /ms/privacy/ /ta/join/stack/ /en/?utm_source=soak /healthz".split()
FORM = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
REFUSALS = {503, 429}  # said plainly, with Retry-After, and nothing kept
GATEWAY = {502, 504}  # nginx does not know what became of it


class Soak(TroubledSite):
    """On SQLite: who reads, who joins, and what must have become of it."""

    # Kilobytes, all processes: 160 MB at the start, level within 10 %.
    resident_at_most = 176 * 1024

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.acknowledged: set[str] = set()
        self.unanswered: set[str] = set()  # kept or not: nobody was told
        self.wrong: Counter[str] = Counter()
        self.stop = threading.Event()

    def read(self) -> None:
        """A reader: every page comes, whatever befalls the rest."""
        while not self.stop.is_set():
            wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            try:
                self.read_on(wire)
            except (OSError, http.client.HTTPException):
                self.counts["reads cut off by a kill"] += 1
            finally:
                wire.close()

    def read_on(self, wire: http.client.HTTPConnection) -> None:
        while not self.stop.wait(READ_PAUSE):
            wire.request("GET", random.choice(PATHS))
            answer = wire.getresponse()
            answer.read()
            self.counts["pages read"] += 1
            if answer.status != 200:
                self.wrong[f"a page answered {answer.status}"] += 1

    def join(self, name: int) -> None:
        """A joiner: each time with an address of its own, and no second try."""
        number = 0
        while not self.stop.wait(PAUSE):
            number += 1
            address = f"soak-{name}-{number}@example.com"
            body = urlencode(STACK | {"email": address}, doseq=True)
            try:
                status = ask(self.port, "/en/join/stack/", "POST", FORM, body)[0]
            except (OSError, http.client.HTTPException):
                self.unanswered.add(address)
                continue
            if status == 303:
                self.acknowledged.add(address)
            elif status in GATEWAY:
                self.unanswered.add(address)
            elif status in REFUSALS:
                self.counts[f"joins refused with {status}"] += 1
            else:
                self.wrong[f"a join answered {status}"] += 1

    def run(self, seconds: float) -> bool:
        """Whether all is well after ``seconds`` of trouble."""
        people = [threading.Thread(target=self.read) for _ in range(READERS)]
        people += [threading.Thread(target=self.join, args=(name,)) for name in range(JOINERS)]
        try:
            with self.serving():
                for person in people:
                    person.start()
                try:
                    self.trouble(seconds)
                finally:
                    self.stop.set()
                    for person in people:
                        person.join(PATIENCE)
                self.drain()
        finally:
            self.mail.stop()
        return self.reckon()

    def drain(self) -> None:
        """Until the outbox is empty; the leases of senders that were killed run out at once."""
        if not self.drained(LIVE_SENDERS):
            self.rows("UPDATE outbox SET due_at = 0 RETURNING id")
            self.drained(PATIENCE)

    def drained(self, seconds: float) -> bool:
        """Wait for it; whether nothing waits any more."""
        end = time.monotonic() + seconds
        while (waiting := self.rows("SELECT id FROM outbox")) and time.monotonic() < end:
            time.sleep(0.5)
        return not waiting

    def rows(self, query: str) -> list[Any]:
        file = self.data / "cocreate.db"
        with closing(sqlite3.connect(file, timeout=PATIENCE)) as connection, connection:
            return [row[0] for row in connection.execute(query)]

    def reckon(self) -> bool:
        secret = ((self.data / "secret.key").read_text("utf-8").strip(),)
        sent = self.acknowledged | self.unanswered
        hashes = {crypto.address_hashes(address, secret)[0]: address for address in sent}
        found = {hashes.get(key, "?") for key in self.rows("SELECT email_hash FROM signups")}
        mailed = Counter(str(letter["To"]) for letter in self.mail.received)
        told = self.acknowledged
        differences: dict[str, Collection[Any]] = {
            "acknowledged, not stored": told - found,
            "stored, never asked for": found - told - self.unanswered,
            "stored, not mailed": found - mailed.keys(),
            "mailed, not stored": mailed.keys() - found,
            "half a message stored": self.rows("SELECT id FROM feedback"),
        }
        self.wrong.update({text: len(names) for text, names in differences.items() if names})
        if self.counts[RESIDENT] > self.resident_at_most:
            self.wrong["more memory than allowed (KB)"] = self.counts[RESIDENT]
        self.counts |= {
            "joins acknowledged": len(told),
            "joins cut off, and kept": len(found - told),
            "joins cut off, and not kept": len(self.unanswered - found),
            "sign-ups stored": len(found),
            "mailboxes written to": len(mailed),
            "letters sent twice": sum(number - 1 for number in mailed.values()),
        }
        return not self.wrong and bool(told)

    def table(self) -> str:
        rows = [*sorted(self.counts.items()), *((f"WRONG: {k}", n) for k, n in self.wrong.items())]
        return "\n".join(f"{text:<40} {number:>9,}" for text, number in rows)
