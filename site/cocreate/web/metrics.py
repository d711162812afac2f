"""``/metrics`` for Prometheus, where ``COCREATE_METRICS=1``: figures, and nothing about anybody."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from flask import Flask, Response, abort, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from cocreate import clock
from cocreate.storage import copies, database, marks, outbox, retention
from cocreate.storage.database import StorageUnavailable, table
from cocreate.web.ratelimit import client_ip

NEAR = [  # RFC 1122 3.2.1.3, RFC 1918, RFC 4291 2.5.3, RFC 4193; ipaddress calls far more private
    ipaddress.ip_network(text)
    for text in "127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 ::1/128 fc00::/7".split()
]


class Metrics(Collector):
    """The figures of one process, and of the database behind it."""

    def __init__(self) -> None:
        self._requests = Counter(
            "cocreate_requests", "Answers since the start.", ["status"], registry=None
        )

    def count(self, outcome: str) -> None:
        """One answer; ``outcome`` begins with its status."""
        self._requests.labels(outcome[:3]).inc()

    def collect(self) -> Iterator[Metric]:
        """Of a database that does not answer, only that."""
        yield from self._requests.collect()
        try:
            found = [*_stored()]
        except StorageUnavailable:
            found = []
        yield from found
        yield _gauge("database_up", "Whether the database answers.", int(bool(found)))


def _gauge(name: str, meaning: str, value: float) -> Gauge:
    return Gauge(f"cocreate_{name}", meaning, value=value)


def _stored() -> Iterator[Gauge]:
    signups, letters = table("signups"), outbox.status()
    confirmed = signups.c.confirmed_at.is_not(None).label("confirmed")
    by_state = select(signups.c.community, confirmed, func.count())
    with database.reading() as connection:
        rows = connection.execute(by_state.group_by(signups.c.community, confirmed)).all()
        known = marks.read(connection)
    family = Gauge("cocreate_signups", "Sign-ups kept.", labels=["community", "state"])
    for community, is_member, number in rows:
        family.add_metric([community, "confirmed" if is_member else "waiting"], number)
    yield family
    yield _gauge("outbox_letters", "Letters that wait to go out.", letters.waiting)
    age = max(0, clock.now() - letters.oldest) if letters.oldest else 0
    yield _gauge("outbox_oldest_seconds", "How long the oldest of them has waited.", age)
    for what, mark in (("purge", retention.PURGE_MARK), ("backup", copies.BACKUP_MARK)):
        if mark in known:
            name, meaning = f"last_{what}_timestamp_seconds", f"When the last {what} ended."
            yield _gauge(name, meaning, known[mark][1])


def is_near() -> bool:
    """Whether the real client is this machine or one of a private network.

    A chain of proxies longer than ``TRUSTED_PROXIES`` hides who asks: then it is nobody near.
    """
    chain = ",".join(request.headers.getlist("X-Forwarded-For"))
    if len(list(filter(str.strip, chain.split(",")))) > database.settings().trusted_proxies:
        return False
    address = client_ip()
    return address is not None and any(address in network for network in NEAR)


def show() -> Response:
    """The figures; for anybody else this page does not exist."""
    if not is_near():
        abort(404)
    figures = generate_latest(current_app.extensions["cocreate.metrics"])
    return Response(figures, 200, {"Cache-Control": "no-store"}, content_type=CONTENT_TYPE_LATEST)


def init_app(app: Flask) -> None:
    app.extensions["cocreate.metrics"] = Metrics()
    app.add_url_rule("/metrics", "metrics", show)
