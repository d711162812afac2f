"""How often one client may post: counted in memory, or in Redis where several processes run."""

from __future__ import annotations

import ipaddress
import logging
import math
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from flask import Flask, current_app, request
from limits import parse_many
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter
from werkzeug.middleware.proxy_fix import ProxyFix

from cocreate.config import Config
from cocreate.gettext import N_

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

WIDE = 10  # times as much from an IPv6 /48, all of which one customer may have (RFC 6177)
PAUSE = 30  # seconds without asking a Redis that did not answer
# What a form says beyond the limit.
TOO_MANY = (
    N_("Too many tries from your connection"),
    N_("What you typed is still here. Please wait a while, then send it again."),
)


class Limiter:
    """Counts hits of a key; never a reason to lose a join: without Redis, memory counts."""

    def __init__(self, url: str, limit: str, times: int = 1) -> None:
        self._limits = [type(one)(one.amount * times, one.multiples) for one in parse_many(limit)]
        self._memory = MovingWindowRateLimiter(MemoryStorage())
        self._shared = self._memory
        if not url.startswith("memory:"):
            options: Any = {"socket_timeout": 1, "socket_connect_timeout": 1}
            self._shared = MovingWindowRateLimiter(storage_from_string(url, **options))
        self._asleep_until = 0.0

    def seconds_to_wait(self, *key: str) -> int | None:
        """Seconds until one more is allowed; None if it is now. Counts nothing."""

        def seconds(counter: MovingWindowRateLimiter) -> int | None:
            full = [limit for limit in self._limits if not counter.test(limit, *key)]
            resets = [counter.get_window_stats(limit, *key).reset_time for limit in full]
            return max(1, math.ceil(max(resets) - time.time())) if resets else None

        return self._ask(seconds)

    def count(self, *key: str) -> None:
        """Count one."""
        self._ask(lambda counter: [counter.hit(limit, *key) for limit in self._limits])

    def _ask(self, question: Callable[[MovingWindowRateLimiter], Answer]) -> Answer:
        if self._shared is not self._memory and time.monotonic() >= self._asleep_until:
            try:
                return question(self._shared)
            except Exception as error:  # noqa: BLE001  # whatever it is, the join goes on
                self._asleep_until = time.monotonic() + PAUSE
                log.error("limits: %s from Redis; counting in memory", type(error).__name__)
        return question(self._memory)


def client_ip() -> Address | None:
    """The address of the client; None where the server gives none that can be read."""
    raw = request.remote_addr or ""
    found = re.fullmatch(r"\[(.+)\](?::\d+)?|(\d+(?:\.\d+){3})(?::\d+)?", raw)
    try:
        address = ipaddress.ip_address((found[1] or found[2]) if found else raw)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def seconds_to_wait(kind: str) -> int | None:
    """Seconds until this client may have another form stored; None if it may now."""
    waits = [limiter.seconds_to_wait(kind, client) for limiter, client in _counted()]
    return max((seconds for seconds in waits if seconds is not None), default=None)


def count(kind: str) -> None:
    """Count a form of this client that was stored.

    What is refused costs no more than reading a page, and is not counted: a hall full of people
    shares one address, and each of them may forget a box.
    """
    for limiter, client in _counted():
        limiter.count(kind, client)


def _counted() -> Iterator[tuple[Limiter, str]]:
    """Each counter of this client, and its name there. Of IPv6 a /64 is one household."""
    limits, wide_limits = current_app.extensions["cocreate.limits"]
    address = client_ip()
    if isinstance(address, ipaddress.IPv6Address):
        yield limits, str(ipaddress.ip_network((address, 64), strict=False))
        yield wide_limits, str(ipaddress.ip_network((address, 48), strict=False))
    else:
        yield limits, str(address)  # "None" where it cannot be read: one count for all of them


def init_app(app: Flask) -> None:
    """Count by the real client address: as many steps back as there are proxies of our own."""
    config: Config = app.config["COCREATE"]
    url, limit = config.rate_limit_url, config.join_limit
    app.extensions["cocreate.limits"] = Limiter(url, limit), Limiter(url, limit, WIDE)
    if config.trusted_proxies:
        # X-Forwarded-For only: the leftmost entries, scheme and host are the client's to invent.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.trusted_proxies, x_proto=0, x_host=0
        )
