"""What was typed, for half an hour on its way: from a sent form to the page after it, and back.

It stands in that page's address, so that a reload shows the page again and no server has to keep
it. So it is encrypted with ``SECRET_KEY`` and says nothing to a log, a proxy or the next visitor.
AES-SIV (RFC 5297) gives the same value for the same form: two presses of a button lead to one page.
"""

from __future__ import annotations

import base64
import hmac
import json
import zlib
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from werkzeug.datastructures import MultiDict

from cocreate import clock
from cocreate.storage import database

LASTS = 30 * 60  # seconds, and up to TICK more
TICK = 10 * 60  # seconds: the clock is read no finer
LONGEST = 4000  # characters: proxies take addresses of 8 KB
LONG = 200  # characters of an answer that is left out where all of it is too long


def pack(answers: MultiDict[str, str], **notes: Any) -> str:
    """``answers`` and ``notes`` as a value for a URL; empty without a key of ours.

    Where all of it is too long, long answers are left out.
    """
    boxes = _boxes()
    pairs = list(answers.items(multi=True))
    for kept in (pairs, [pair for pair in pairs if len(pair[1]) <= LONG], []):
        content = json.dumps([int(clock.precise() / TICK), kept, notes], separators=(",", ":"))
        packed = zlib.compress(content.encode("utf-8", "replace"), 9)
        value = base64.urlsafe_b64encode(boxes[0].encrypt(packed, None)) if boxes else b""
        if len(value) <= LONGEST:
            break
    return value.decode().rstrip("=")


def unpack(value: str) -> tuple[MultiDict[str, str], dict[str, Any]]:
    """What was given to :func:`pack`; nothing of a value that is too old or not ours."""
    for box in _boxes():
        try:
            packed = box.decrypt(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)), None)
        except (InvalidTag, ValueError):
            continue
        tick, pairs, notes = json.loads(zlib.decompress(packed))
        if clock.precise() / TICK - tick <= (LASTS + TICK) / TICK:
            return MultiDict(map(tuple, pairs)), notes
    return MultiDict(), {}


def _boxes() -> list[AESSIV]:
    keys = database.settings().secret_key
    return [AESSIV(hmac.digest(key.encode(), b"cocreate draft", "sha256")) for key in keys]
