"""Putting a finished folder in the place of another, with no moment in between."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

AT_FDCWD = -100
RENAME_EXCHANGE = 2


def swap(new: Path, old: Path) -> None:
    """Make ``new`` stand at ``old``; what stood there, if anything, is left at ``new``.

    Linux exchanges two folders in one step (renameat2, since 3.15). Elsewhere, and on the few file
    systems that cannot, two renames leave ``old`` absent for an instant.

    Raises:
        OSError: when neither works; both folders are then as before.
    """
    if not old.exists():
        new.rename(old)
    elif not _exchange(new, old):
        aside = new.with_name(new.name + ".old")
        old.rename(aside)
        try:
            new.rename(old)
        except OSError:
            aside.rename(old)
            raise
        aside.rename(new)


def _exchange(one: Path, other: Path) -> bool:
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    if renameat2 is None:
        return False
    paths = os.fsencode(one), os.fsencode(other)
    done: int = renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE)
    return done == 0
