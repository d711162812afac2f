"""What became of each letter: noted before it is handed over and after, on disk each time.

A file of JSON lines in the letter's folder. It names nobody: an address stands there as its keyed
hash, and the key is sealed for the managers. It is what keeps a letter from going out twice, in a
second run or a second bundle, so it stays when the bundle goes.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from cocreate import clock
from cocreate.letters.bundle import BundleFault
from cocreate.mail.transport import ABOUT_RECIPIENT
from cocreate.storage import crypto
from cocreate.storage.files import append_line, read_lines

NAME = "sent.journal"
# The last of these that stands for an address counts. Where it is HANDED, the server may have it.
HANDED, SENT, REFUSED, PUT_OFF, WITHDRAWN = "handed", "sent", "refused", "waiting", "withdrawn"
SETTLED = {SENT, REFUSED}
SHOWN = {HANDED: "in doubt", PUT_OFF: "put off by the mail server"}


class Journal:
    """The journal of the letter in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / NAME
        self.states: dict[str, dict[str, Any]] = {}
        self._sealed = ""
        self._key = b""
        self._read()

    def _read(self) -> None:
        for entry in read_lines(self.file):
            if "key" in entry:
                self._sealed = entry["key"]
            else:
                self.states[entry["who"]] = entry

    @contextmanager
    def open_for_writing(self, keys: tuple[str, ...], identities: list[Any]) -> Iterator[None]:
        """Open for writing, by one process at a time; a new one is sealed for the public ``keys``.

        Raises:
            BundleFault: it is sealed for other keys, or another process writes in it.
        """
        self.file.touch(mode=0o600)
        with self.file.open("a") as file:
            _hold(file)
            self._read()
            if not self._sealed:
                key = base64.b64encode(secrets.token_bytes(32)).decode()
                self._sealed = base64.b64encode(crypto.seal({"key": key}, keys)).decode()
                append_line(self.file, {"key": self._sealed})
            try:
                opened = crypto.unseal(base64.b64decode(self._sealed), identities)
            except crypto.KeyFault:
                raise BundleFault(
                    f"{self.file}: begun with another key; give that one too, with --key"
                ) from None
            self._key = base64.b64decode(opened["key"])
            yield

    def who(self, address: str) -> str:
        """What stands for an address."""
        return hmac.digest(self._key, crypto.normal_address(address).encode(), "sha256").hex()

    def state(self, who: str) -> str:
        return str(self.states.get(who, {}).get("state", ""))

    def note(self, who: str, state: str, **more: str) -> None:
        """Write it down; once this returns, it is on disk.

        Raises:
            StorageUnavailable: it is not.
        """
        entry = {"who": who, "state": state, "at": clock.now(), **more}
        append_line(self.file, entry)
        self.states[who] = entry

    def refused(self) -> list[dict[str, Any]]:
        """Those refused for good, with reason and the hash of their link."""
        return [entry for entry in self.states.values() if entry["state"] == REFUSED]

    def summary(self) -> Iterator[str]:
        """In lines: how many letters are in which state, and why some were refused."""
        states = Counter(entry["state"] for entry in self.states.values())
        yield from (f"{SHOWN.get(one, one)}: {count:,}" for one, count in sorted(states.items()))
        reasons = Counter(entry["why"] for entry in self.refused())
        yield from (f"  {count:,} × {why}" for why, count in sorted(reasons.items()))

    def write_gone(self, target: Path) -> int:
        """Write down for the host the links, by their hashes, of whoever was refused; how many.

        Raises:
            FileExistsError: ``target`` is there already.
        """
        gone = [one for one in self.refused() if one["why"].startswith(ABOUT_RECIPIENT)]
        with target.open("x", encoding="utf-8") as file:
            for one in gone:
                file.write(json.dumps({"link": one["link"], "why": one["why"]}) + "\n")
        return len(gone)


def _hold(file: TextIO) -> None:
    try:
        import fcntl
    except ImportError:  # Windows has none
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise BundleFault(f"{file.name}: another 'letters send' is at this letter") from None
