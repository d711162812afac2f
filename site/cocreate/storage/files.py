"""Folders and files that only their owner may read; no file is ever written over."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EEXIST
from pathlib import Path
from typing import Any

from cocreate.storage.database import StorageUnavailable

PRIVATE = 0o600


def make_folder(folder: Path) -> None:
    """Make a folder and its parents; one that is there already stays as it is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_new(file: Path, text: str, mode: int = PRIVATE) -> None:
    """Write a small file, to the disk; FileExistsError where it is there already."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        target.write(text)
        target.flush()
        os.fsync(descriptor)


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A path beside ``target`` to write to; at the end it becomes ``target``, if nothing failed."""
    if target.exists():
        raise FileExistsError(EEXIST, "is there already", str(target))
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    write_new(unfinished, "")
    try:
        yield unfinished
        os.link(unfinished, target)  # a rename would go over a file that exists
    finally:
        unfinished.unlink()


def append_line(file: Path, entry: dict[str, Any]) -> None:
    """Add an entry to a file of JSON lines, by one write and one sync: those of several processes
    never mix.
    """
    line = b"\n" + json.dumps(entry).encode() + b"\n"  # after half a line too
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if os.write(descriptor, line) != len(line):
                raise OSError("the disk is full")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StorageUnavailable(f"{file}: {error.strerror or error}") from None


def read_lines(file: Path) -> Iterator[dict[str, Any]]:
    """The entries of such a file, if it is there; half a line, whose write never ended, is none."""
    for line in file.read_text("utf-8").splitlines() if file.exists() else ():
        with suppress(ValueError):
            entry = json.loads(line)
            if isinstance(entry, dict):
                yield entry
