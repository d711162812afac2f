"""Sealing what only the community managers may read: age files to their public keys.

The format is age v1 (age-encryption.org/v1): whoever holds a private key opens a sealed value
with ``cocreate members export`` or with the ``age`` tool. This host holds public keys only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyrage


class KeyFault(Exception):  # noqa: N818
    """A private key that is unreadable or does not fit. Its text is one line."""


@lru_cache(maxsize=8)
def _recipients(keys: tuple[str, ...]) -> list[Any]:
    return [pyrage.x25519.Recipient.from_str(key) for key in keys]


def seal(values: dict[str, Any], keys: tuple[str, ...]) -> bytes:
    """``values`` as JSON, readable by the holder of any one of the private halves of ``keys``."""
    sealed: bytes = pyrage.encrypt(
        json.dumps(values, ensure_ascii=False).encode(), _recipients(keys)
    )
    return sealed


def unseal(sealed: bytes, identities: list[Any]) -> dict[str, Any]:
    """What was given to :func:`seal`.

    Raises:
        KeyFault: none of ``identities`` fits, or the value is damaged.
    """
    try:
        values: dict[str, Any] = json.loads(pyrage.decrypt(sealed, identities))
    except (pyrage.DecryptError, ValueError):
        raise KeyFault("sealed for another key") from None
    return values


def new_identity() -> tuple[str, str]:
    """A fresh pair: the private key (text of an age identity file) and the public key."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    return f"# public key: {public}\n{identity}\n", public


def public_keys(identity_file: str) -> tuple[str, ...]:
    """The public halves of the private keys in the text of an identity file."""
    return tuple(str(identity.to_public()) for identity in _identities(identity_file))


def read_identities(files: Iterable[Path]) -> list[Any]:
    """The private keys of age identity files.

    Raises:
        KeyFault: a file is missing, unreadable or has no private key.
    """
    found: list[Any] = []
    for file in files:
        try:
            found += _identities(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not an age identity file"
            raise KeyFault(f"{file}: {reason}") from None
    return found


def _identities(text: str) -> list[Any]:
    lines = [line.strip() for line in text.splitlines()]
    secret = [line for line in lines if line and not line.startswith("#")]
    if not secret:
        raise pyrage.IdentityError("no key in it")
    return [pyrage.x25519.Identity.from_str(line) for line in secret]
