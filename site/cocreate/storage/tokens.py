"""What stands for an address or a permission without saying it: hashes, links, encrypted letters.

Everything here is keyed from ``SECRET_KEY``. Of several keys the first writes and all read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import unicodedata
from functools import lru_cache
from typing import Any

import idna
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

TOKEN = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)


def new_token() -> str:
    """192 random bits for the path of a link (ASVS 5, 11.5.1 asks for 128)."""
    return secrets.token_urlsafe(24)


def token_hash(raw: object) -> bytes | None:
    """What is stored of a token; None for what can be none, whatever it is."""
    if not isinstance(raw, str) or not TOKEN.fullmatch(raw):
        return None
    return hashlib.sha256(raw.encode()).digest()


def address_hashes(email: str, keys: tuple[str, ...]) -> list[bytes]:
    """HMAC-SHA256 of an address under each key, the writing one first.

    Letter case, Unicode form and the two spellings of an international domain make no difference:
    practically no mailbox tells them apart.
    """
    address = normal_address(email).encode()
    return [hmac.digest(_derive(key, "address"), address, "sha256") for key in keys]


def normal_address(email: str) -> str:
    local, _, domain = unicodedata.normalize("NFC", email.strip()).rpartition("@")
    return f"{local.casefold()}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """The domain as mail servers know it (IDNA 2008), lower case."""
    try:
        return idna.encode(domain.rstrip("."), uts46=True).decode().lower()
    except idna.IDNAError:
        return domain.casefold()


def _derive(key: str, use: str) -> bytes:
    """A key for one use: what leaks of one says nothing of another."""
    return hmac.digest(key.encode(), f"cocreate {use}".encode(), "sha256")


@lru_cache(maxsize=8)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    derived = [base64.urlsafe_b64encode(_derive(key, "outbox")) for key in keys]
    return MultiFernet([Fernet(key) for key in derived])


def encrypt(values: dict[str, Any], keys: tuple[str, ...]) -> bytes:
    return _box(keys).encrypt(json.dumps(values).encode())


def decrypt(encrypted: bytes, keys: tuple[str, ...]) -> dict[str, Any] | None:
    """What was given to :func:`encrypt`; None where no key of ours opens it."""
    try:
        values: dict[str, Any] = json.loads(_box(keys).decrypt(encrypted))
    except InvalidToken:
        return None
    return values
