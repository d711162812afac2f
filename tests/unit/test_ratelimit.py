"""How often one client may post."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, Response, jsonify

from cocreate.config import Config
from cocreate.web import ratelimit
from processes import free_port

Client = Callable[..., int | None]


def counted(config: Config) -> Client:
    """``post(address, forwarded=…, kind=…)``: sends a form; None if it may be stored, else how
    long to wait.
    """
    app = Flask("limits")
    app.config["COCREATE"] = config
    ratelimit.init_app(app)

    @app.get("/<kind>")
    def take(kind: str) -> Response:
        wait = ratelimit.seconds_to_wait(kind)
        if wait is None:
            ratelimit.count(kind)
        return jsonify(wait)

    def post(address: str, forwarded: str = "", kind: str = "join") -> int | None:
        environ = {"REMOTE_ADDR": address, "HTTP_X_FORWARDED_FOR": forwarded}
        answer: int | None = app.test_client().get(f"/{kind}", environ_base=environ).json
        return answer

    return post


def test_asking_counts_nothing() -> None:
    limiter = ratelimit.Limiter("memory://", "1 per hour")
    assert [limiter.seconds_to_wait("a") for _ in range(5)] == [None] * 5
    limiter.count("a")
    assert limiter.seconds_to_wait("a") is not None
    assert limiter.seconds_to_wait("b") is None


def test_the_post_beyond_the_limit_is_told_how_long_to_wait() -> None:
    post = counted(Config(join_limit="3 per hour"))
    assert [post("192.0.2.1") for _ in range(3)] == [None] * 3
    assert 3500 <= (post("192.0.2.1") or 0) <= 3600


def test_of_several_limits_the_longest_wait_counts() -> None:
    post = counted(Config(join_limit="1 per minute; 1 per day"))
    assert post("192.0.2.1") is None
    assert (post("192.0.2.1") or 0) > 86_000


def test_clients_and_kinds_are_counted_apart() -> None:
    post = counted(Config(join_limit="1 per hour"))
    assert post("192.0.2.1") is None
    assert post("192.0.2.2") is None
    assert post("192.0.2.1", kind="feedback") is None
    assert post("192.0.2.1") is not None


def test_an_ipv6_household_is_one_client_and_a_customer_s_many_are_counted_together_too() -> None:
    post = counted(Config(join_limit="1 per hour"))
    waits = [post(f"2001:db8:1:{household:x}::1") for household in range(ratelimit.WIDE + 1)]
    assert waits[:-1] == [None] * ratelimit.WIDE
    assert waits[-1] is not None
    assert post("2001:db8:2::1") is None
    assert post("2001:db8:2:0:ffff::9") is not None


def test_an_ipv4_address_is_one_client_in_either_spelling() -> None:
    post = counted(Config(join_limit="1 per hour"))
    assert post("192.0.2.7") is None
    assert post("::ffff:192.0.2.7") is not None


def test_without_a_proxy_the_forwarded_header_is_not_believed() -> None:
    post = counted(Config(join_limit="1 per hour"))
    assert post("192.0.2.1", forwarded="203.0.113.1") is None
    assert post("192.0.2.1", forwarded="203.0.113.2") is not None


def test_behind_a_proxy_only_its_own_entry_counts() -> None:
    post = counted(Config(join_limit="1 per hour", trusted_proxies=1))
    assert post("10.0.0.1", forwarded="198.51.100.1, 203.0.113.1") is None
    assert post("10.0.0.1", forwarded="198.51.100.99, 203.0.113.1") is not None  # forged first part
    assert post("10.0.0.1", forwarded="203.0.113.2") is None


@pytest.mark.parametrize("address", ["", "unix:", "not an address"])
def test_an_odd_client_address_is_counted_too(address: str) -> None:
    post = counted(Config(join_limit="1 per hour"))
    assert post(address) is None
    assert post(address) is not None


def test_a_redis_that_is_gone_does_not_stop_a_join_nor_the_counting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    post = counted(Config(join_limit="2 per hour", rate_limit_url=url))
    assert [post("192.0.2.1") is None for _ in range(3)] == [True, True, False]
    assert caplog.text.count("counting in memory") == 1  # asked once, then left alone for a while
