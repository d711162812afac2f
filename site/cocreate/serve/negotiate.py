"""Which of several codings a browser wants, and whether it has that one already (RFC 9110)."""

from __future__ import annotations

import re
from functools import lru_cache

CODINGS = ("br", "gzip", "identity")  # ours, best first: it decides between equal weights
WEIGHT = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
TAG = re.compile(r'"[^"]*"')
LONGEST = 500  # browsers send 20 characters; more is not worth remembering, or reading


@lru_cache(maxsize=256)
def choose_coding(accepted: str) -> str:
    """The coding to send for an ``Accept-Encoding`` header (RFC 9110 section 12.5.3).

    The highest weight wins. ``identity`` unnamed is the last resort; refused along with all others
    it is sent all the same, as section 12.5.3 advises, since a page helps more than a 406.
    """
    if len(accepted) > LONGEST:
        return "identity"
    weights = _weights(accepted)
    rest = weights.get("*", 0.0)
    offered = {"br": rest, "gzip": weights.get("x-gzip", rest), "identity": rest or 0.0001}
    offered |= {coding: weights[coding] for coding in CODINGS if coding in weights}
    best = max(CODINGS, key=lambda coding: offered[coding])  # max keeps the first of equals
    return best if offered[best] > 0 else "identity"


def _weights(accepted: str) -> dict[str, float]:
    """Coding → weight; what is no weight counts as a refusal."""
    weights = {}
    for item in accepted.lower().split(","):
        coding, _, parameter = (part.strip() for part in item.partition(";"))
        name, _, value = (part.strip() for part in parameter.partition("="))
        if not parameter:
            weights[coding] = 1.0
        elif name == "q":
            weights[coding] = float(value) if WEIGHT.fullmatch(value) else 0.0
    return weights


def is_known(tags: str, etag: str) -> bool:
    """Whether an ``If-None-Match`` header names ``etag`` (weak comparison, section 13.1.2)."""
    return tags.strip() == "*" or etag in TAG.findall(tags)
