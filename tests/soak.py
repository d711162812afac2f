"""``make soak``: people read and join while everything around them breaks; then the counts agree.

Whoever was told that a join is kept is in the database, and whoever is there got a letter.
Run as ``python tests/soak.py SECONDS`` (600 at most); prints a table; exit code 1 where the counts
do not agree or an answer came that should not.
"""

from __future__ import annotations

import http.client
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "site")]

from cocreate.config import ROOT  # noqa: E402
from cocreate.storage import crypto  # noqa: E402
from fixtures.mailserver import MailServer  # noqa: E402
from processes import COCREATE, PATIENCE, ask, free_port, running, wait_until  # noqa: E402

LONGEST = 600  # seconds
READERS, JOINERS = 2, 3
PAUSE = 0.05  # seconds between two joins of one joiner: two cores also send the letters
DRAINED_WITHIN = 180  # seconds for the last letters, once all is well again
PATHS = (
    "/en/",
    "/zh/stack/",
    "/ms/privacy/",
    "/ta/join/stack/",
    "/en/?utm_source=soak",
    "/healthz",
)
FORM = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
ANSWERS = {
    "name": "Ann",
    "role": "developer",
    "interests": "events",
    "mail_language": "en",
    "consent": "yes",
}
REFUSALS = {503, 429}  # said plainly, with Retry-After, and nothing kept


class Soak:
    """One server in ``folder``, with people in front of it and trouble around it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.port = folder, folder / "data", free_port()
        self.acknowledged: set[str] = set()
        self.unanswered: set[str] = set()  # kept or not: nobody was told
        self.counts: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.mail = MailServer().start()
        self.stop = threading.Event()
        self.template = folder / "tree/templates/pages/stack.html"
        for name in ("site", "templates", "static", "translations"):
            skipped = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / "tree" / name, ignore=skipped)
        self.good = self.template.read_text("utf-8")

    @contextmanager
    def serving(self) -> Iterator[None]:
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self.folder / "tree/site"),
            "COCREATE_DATA_DIR": str(self.data),
            "COCREATE_MAIL_URL": f"smtp://127.0.0.1:{self.mail.port}",
            "COCREATE_MAIL_BACKOFF": "1",
            "COCREATE_JOIN_LIMIT": "1000000 per hour",
            "COCREATE_MAIL_CEILING": "1000000 per hour",
        }
        command = [COCREATE, "serve", "--port", self.port]
        with running(command, self.port, self.folder / "log", env) as self.server:
            wait_until(self.answers)  # it listens before it has loaded
            yield

    # People

    def read(self) -> None:
        """A reader: every page comes, whatever befalls the rest."""
        while not self.stop.is_set():
            try:
                status = ask(self.port, random.choice(PATHS))[0]
            except (OSError, http.client.HTTPException):
                self.counts["reads cut off by a kill"] += 1
                continue
            self.counts["pages read"] += 1
            if status != 200:
                self.wrong[f"a page answered {status}"] += 1

    def join(self, name: int) -> None:
        """A joiner: each time with an address of its own, and no second try."""
        number = 0
        while not self.stop.wait(PAUSE):
            number += 1
            address = f"soak-{name}-{number}@example.com"
            body = urlencode(ANSWERS | {"email": address})
            try:
                status = ask(self.port, "/en/join/stack/", "POST", FORM, body)[0]
            except (OSError, http.client.HTTPException):
                self.unanswered.add(address)
                continue
            if status == 303:
                self.acknowledged.add(address)
            elif status in REFUSALS:
                self.counts[f"joins refused with {status}"] += 1
            else:
                self.wrong[f"a join answered {status}"] += 1

    # Trouble

    def kill(self) -> None:
        """SIGKILL for the worker."""
        pid = self.server.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with suppress(ProcessLookupError):  # replaced meanwhile
                os.kill(int(child), signal.SIGKILL)
        wait_until(self.answers)

    def reload_good(self) -> None:
        """A storm of SIGHUPs, with a template that changes."""
        self.template.write_text(self.good + f"{{# {time.time()} #}}", encoding="utf-8")
        self.hang_up(5)

    def reload_bad(self) -> None:
        """The same with a template that cannot be rendered; then with the good one again."""
        broken = self.good.replace("{% block main %}", "{% block main %}{{ nothing_of_this }}")
        self.template.write_text(broken, encoding="utf-8")
        self.hang_up(3)
        self.template.write_text(self.good, encoding="utf-8")
        self.hang_up(1)

    def hang_up(self, times: int) -> None:
        for _ in range(times):
            self.server.send_signal(signal.SIGHUP)
            time.sleep(0.3)

    def lock(self) -> None:
        """Another program holds the database's write lock."""
        with closing(sqlite3.connect(self.data / "cocreate.db", isolation_level=None)) as other:
            other.execute("PRAGMA busy_timeout = 10000")
            other.execute("BEGIN IMMEDIATE")
            time.sleep(random.uniform(0.5, 7))  # the site waits for 5

    def refuse_mail(self) -> None:
        """The mail server takes nothing for now."""
        self.mail.answers["DATA"] = "451 later"
        time.sleep(2)
        self.mail.answers.clear()

    def lose_mail(self) -> None:
        """The mail server is gone, and comes back."""
        self.mail.stop()
        time.sleep(1)
        self.mail.start()

    def trouble(self, seconds: float) -> None:
        """One after the other, in any order, none left out."""
        kinds: list[Callable[[], None]] = [
            self.kill,
            self.reload_good,
            self.reload_bad,
            self.lock,
            self.refuse_mail,
            self.lose_mail,
        ]
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for kind in random.sample(kinds, len(kinds)):
                kind()
                self.counts[f"times: {kind.__name__.replace('_', ' ')}"] += 1
                if time.monotonic() > until and all(
                    self.counts[f"times: {one.__name__.replace('_', ' ')}"] for one in kinds
                ):
                    return

    def answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return ask(self.port, "/healthz")[0] == 200
        return False

    # Reckoning

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
        """Until the outbox is empty."""
        until = time.monotonic() + DRAINED_WITHIN
        while self.rows("SELECT 1 FROM outbox LIMIT 1") and time.monotonic() < until:
            time.sleep(0.5)

    def rows(self, query: str) -> list[bytes]:
        with closing(sqlite3.connect(self.data / "cocreate.db", timeout=PATIENCE)) as connection:
            return [row[0] for row in connection.execute(query)]

    def reckon(self) -> bool:
        secret = ((self.data / "secret.key").read_text("utf-8").strip(),)
        hashes = {
            crypto.address_hashes(address, secret)[0]: address
            for address in self.acknowledged | self.unanswered
        }
        found = {hashes.get(key, "?") for key in self.rows("SELECT email_hash FROM signups")}
        mailed = Counter(str(letter["To"]) for letter in self.mail.received)
        told = self.acknowledged
        differences = {
            "acknowledged, not stored": told - found,
            "stored, never asked for": found - told - self.unanswered,
            "stored, not mailed": found - mailed.keys(),
            "mailed, not stored": mailed.keys() - found,
        }
        self.wrong.update({text: len(names) for text, names in differences.items() if names})
        self.counts |= {
            "joins acknowledged": len(told),
            "joins cut off, and kept": len(found - told),
            "joins cut off, and not kept": len(self.unanswered - found),
            "sign-ups stored": len(found),
            "mailboxes written to": len(mailed),
            "letters sent twice after a kill": sum(number - 1 for number in mailed.values()),
        }
        return not self.wrong and bool(told)

    def table(self) -> str:
        rows = [*sorted(self.counts.items()), *((f"WRONG: {k}", n) for k, n in self.wrong.items())]
        return "\n".join(f"{text:<40} {number:>9,}" for text, number in rows)


def main() -> int:
    asked = sys.argv[1] if len(sys.argv) > 1 else "300"
    if not asked.isdecimal() or not 1 <= int(asked) <= LONGEST:
        sys.exit(f"make soak: SECONDS is a number from 1 to {LONGEST}")
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        soak = Soak(Path(folder))
        well = soak.run(int(asked))
        print(soak.table())
        print("acknowledged = stored = mailed" if well else "The counts do not agree.")
        if not well:
            print((Path(folder) / "log").read_text("utf-8")[-3000:], file=sys.stderr)
    return int(not well)


if __name__ == "__main__":
    sys.exit(main())
