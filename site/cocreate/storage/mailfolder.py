"""The folder of ``file:`` mail: what lies there in the clear is erased like everything else.

Only files that we named ourselves are touched; see :class:`cocreate.mail.transport.Folder`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.parser import BytesHeaderParser
from pathlib import Path

from cocreate import clock
from cocreate.storage import crypto, database

OURS = re.compile(r"\d{8}T\d{6}\.\d+\.[0-9a-f]{12}\.(eml|\d+\.part)")


def forget(address: bytes) -> int:
    """Erase the letters to an address, given by its keyed hash under any of our keys."""
    keys = database.settings().secret_key
    return _erase(
        file for file in _files() if address in crypto.address_hashes(_recipient(file), keys)
    )


def purge() -> int:
    """Erase letters that are older than an unconfirmed sign-up may get."""
    oldest = clock.now() - database.settings().retention_days[0] * clock.DAY
    return _erase(file for file in _files() if file.stat().st_mtime < oldest)


def _files() -> Iterator[Path]:
    scheme, _, name = database.settings().mail_url.partition(":")
    folder = Path(name)
    if scheme == "file" and folder.is_dir():
        yield from (file for file in folder.iterdir() if OURS.fullmatch(file.name))


def _recipient(file: Path) -> str:
    with file.open("rb") as letter:
        return str(BytesHeaderParser().parse(letter)["To"] or "")


def _erase(files: Iterable[Path]) -> int:
    erased = list(files)
    for file in erased:
        file.unlink(missing_ok=True)
    return len(erased)
