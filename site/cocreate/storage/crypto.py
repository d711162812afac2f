"""Sealing, hashing and encrypting.

Sealed values are for the community managers: age files (age-encryption.org/v1) to their public
keys, which whoever holds a private key opens with ``cocreate members export`` or with the ``age``
tool. This host holds public keys only.

All else is keyed from ``SECRET_KEY``: hashes that stand for an address or a form, and letters while
they wait. Of several keys the first writes and all read.
"""

from __future__ import annotations

import base64
import codecs
import hashlib
import hmac
import json
import re
import secrets
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import idna
import pyrage
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

TOKEN = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)
NO_KEY = {  # what was given instead of a private key, by its first bytes
    b"age1": "a public key; the private one (AGE-SECRET-KEY-1…) is needed",
    b"age-encryption.org": "an encrypted file; open it with the age tool first",
    b"-----BEGIN AGE": "an encrypted file; open it with the age tool first",
    b"-----BEGIN OPENSSH": "an SSH key; a key of 'cocreate keys new' is needed",
    b"SQLite format 3": "a database; the private key is needed",
}


class KeyFault(Exception):  # noqa: N818
    """A private key that is unreadable or does not fit. Its text is one line."""


def seal(values: dict[str, Any], keys: tuple[str, ...]) -> bytes:
    """``values`` as JSON, readable by the holder of any one of the private halves of ``keys``."""
    recipients = [pyrage.x25519.Recipient.from_str(key) for key in keys]
    sealed: bytes = pyrage.encrypt(json.dumps(values, ensure_ascii=False).encode(), recipients)
    return sealed


def unseal(sealed: bytes, identities: list[Any]) -> dict[str, Any]:
    """What was given to :func:`seal`; KeyFault where no key fits, or the value is damaged."""
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
    """The private keys of age identity files; KeyFault where one cannot be read or has none."""
    found: list[Any] = []
    for file in files:
        try:
            content = file.read_bytes()
            found += _identities(_text(content))
        except OSError as error:
            raise KeyFault(f"{file}: {error.strerror}") from None
        except (UnicodeDecodeError, pyrage.IdentityError):
            named = (words for first, words in NO_KEY.items() if content.lstrip().startswith(first))
            raise KeyFault(f"{file}: {next(named, 'not an age identity file')}") from None
    return found


def _text(content: bytes) -> str:
    """As an editor saved it: with or without a byte order mark, UTF-16 where that says so."""
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if is_wide else "utf-8-sig")


def _identities(text: str) -> list[Any]:
    lines = [line.strip() for line in text.splitlines()]
    secret = [line for line in lines if line and not line.startswith("#")]
    if not secret:
        raise pyrage.IdentityError("no key in it")
    return [pyrage.x25519.Identity.from_str(line) for line in secret]


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
    return [_keyed_hash(key, "address", normal_address(email).encode()) for key in keys]


def mailbox_hashes(email: str, keys: tuple[str, ...]) -> list[bytes]:
    """The same for the mailbox that an address leads to: ``ann+news@`` is read where ``ann@`` is
    (RFC 5233).
    """
    local, _, domain = email.strip().rpartition("@")
    return address_hashes(f"{local.partition('+')[0] or local}@{domain}", keys)


def form_hash(keys: tuple[str, ...], *parts: object) -> bytes:
    """HMAC-SHA256 of what somebody sent, to know the same form when it comes again."""
    return _keyed_hash(keys[0], "form", json.dumps(parts, sort_keys=True).encode())


def sign(keys: tuple[str, ...], values: dict[str, Any]) -> str:
    """Proof that ``values`` come from here."""
    return _keyed_hash(keys[0], "letters", json.dumps(values, sort_keys=True).encode()).hex()


def is_signed(keys: tuple[str, ...], values: dict[str, Any], signature: str) -> bool:
    """Whether one of ``keys`` made ``signature`` for ``values``."""
    given = signature.encode()
    return any(hmac.compare_digest(sign((key,), values).encode(), given) for key in keys)


def fingerprint(key: str) -> str:
    """What may be kept of a key, to know it again."""
    return _derive(key, "fingerprint").hex()


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


def _keyed_hash(key: str, use: str, what: bytes) -> bytes:
    return hmac.digest(_derive(key, use), what, "sha256")


def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derive(key, "outbox"))) for key in keys])


def encrypt(values: dict[str, Any], keys: tuple[str, ...]) -> bytes:
    return _box(keys).encrypt(json.dumps(values).encode())


def decrypt(encrypted: bytes, keys: tuple[str, ...]) -> dict[str, Any] | None:
    """What was given to :func:`encrypt`; None where no key of ours opens it."""
    try:
        values: dict[str, Any] = json.loads(_box(keys).decrypt(encrypted))
    except InvalidToken:
        return None
    return values
