"""The folder of ``file:`` mail: what lies there in the clear is erased like everything else.

Only files that we named ourselves are touched; see :class:`cocreate.mail.transport.Folder`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from flask import current_app

from cocreate import clock
from cocreate.config import Config
from cocreate.storage import crypto

OURS = re.compile(r"\d{8}T\d{6}\.\d+\.[0-9a-f]{12}\.(eml|\d+\.part)")
DAY = 24 * 3600  # seconds


def forget(address: bytes) -> int:
    """Erase the letters to an address, given by its keyed hash under any of our keys."""
    config: Config = current_app.config["COCREATE"]
    theirs = [
        file
        for file in _files(config)
        if address in crypto.address_hashes(_recipient(file), config.secret_key)
    ]
    return _erase(theirs)


def purge() -> int:
    """Erase letters that are older than an unconfirmed sign-up may get."""
    config: Config = current_app.config["COCREATE"]
    oldest = clock.now() - config.retention_days[0] * DAY
    return _erase([file for file in _files(config) if file.stat().st_mtime < oldest])


def _files(config: Config) -> Iterator[Path]:
    folder = Path(config.mail_url.removeprefix("file:"))
    if config.mail_url.startswith("file:") and folder.is_dir():
        yield from (file for file in folder.iterdir() if OURS.fullmatch(file.name))


def _recipient(file: Path) -> str:
    """What stands after ``To:``: one bare address, as we write it."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon:
                return ""
            if name.lower() == "to":
                return value.strip()
    return ""


def _erase(files: list[Path]) -> int:
    for file in files:
        file.unlink(missing_ok=True)
    return len(files)
