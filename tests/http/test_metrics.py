"""``/metrics``: figures for whoever watches the site from near by, and for nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client

from cocreate.config import Config
from cocreate.serve.prerendered import Front
from cocreate.storage import copies, database, marks, retention, signups
from fixtures.backend import confirmed, no_database, signup

Make = Callable[[Config], Flask]
on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def watched(make_site: Make, backend_config: Config) -> Flask:
    return make_site(replace(backend_config, metrics=True))


def ask(app: Any, address: str = "127.0.0.1", **headers: str) -> Any:
    return Client(app).get("/metrics", environ_base={"REMOTE_ADDR": address}, headers=headers)


def figures(app: Any) -> dict[tuple[str, ...], float]:
    answer = ask(app)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Cache-Control"] == "no-store"
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.get_data(as_text=True))
        for sample in family.samples
    }


def test_it_tells_what_is_worth_watching(watched: Flask) -> None:
    with watched.app_context():
        confirmed(watched)
        signups.join(signup("waiting@example.com"))
        before = figures(watched)
        retention.purge()
        with database.writing() as connection:
            marks.put(connection, copies.BACKUP_MARK)
    found = figures(watched)
    assert found["cocreate_signups", "stack", "confirmed"] == 1
    assert found["cocreate_signups", "stack", "waiting"] == 1
    assert found["cocreate_outbox_letters",] >= 1
    assert 0 <= found["cocreate_outbox_oldest_seconds",] < 100
    assert found["cocreate_database_up",] == 1
    for what in ("purge", "backup"):
        assert (f"cocreate_last_{what}_timestamp_seconds",) not in before
        assert found[f"cocreate_last_{what}_timestamp_seconds",] > 1_700_000_000


def test_it_counts_every_answer_of_the_front(watched: Flask) -> None:
    front = Front(watched)
    for path in ("/en/", "/en/", "/en/nowhere/"):
        Client(front).get(path)
    found = figures(front)
    assert found["cocreate_requests_total", "200"] == 2
    assert found["cocreate_requests_total", "404"] == 1


def test_without_the_setting_there_is_no_such_page(site: Flask) -> None:
    assert ask(site).status_code == 404


NEAR = ("127.0.0.1", "::1", "10.1.2.3", "172.31.0.9", "192.168.1.1", "fd00::5", "::ffff:10.0.0.1")
FAR = ("8.8.8.8", "203.0.113.7", "172.32.0.1", "2001:db8::1", "::ffff:8.8.8.8", "", "nonsense")


@on_sqlite
def test_only_callers_from_near_by_see_it(watched: Flask) -> None:
    for addresses, status in ((NEAR, 200), (FAR, 404)):
        found = {address: ask(watched, address).status_code for address in addresses}
        assert found == dict.fromkeys(addresses, status)


@on_sqlite
@pytest.mark.parametrize(
    ("proxies", "chain", "status"),
    [
        (0, "127.0.0.1", 404),  # a proxy that nobody told us of
        (1, "127.0.0.1, 8.8.8.8", 404),  # made up by the caller
        (1, "8.8.8.8, 10.0.0.1", 404),  # a second proxy that nobody told us of
        (1, "10.0.0.7", 200),
        (2, "10.0.0.7, 10.0.0.1", 200),
    ],
)
def test_behind_proxies_the_real_client_counts(
    make_site: Make, backend_config: Config, proxies: int, chain: str, status: int
) -> None:
    app = make_site(replace(backend_config, metrics=True, trusted_proxies=proxies))
    assert ask(app, **{"X-Forwarded-For": chain}).status_code == status


@on_sqlite
def test_a_database_that_is_gone_is_a_figure(watched: Flask) -> None:
    with watched.app_context(), no_database():
        assert figures(watched)["cocreate_database_up",] == 0
