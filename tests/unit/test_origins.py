"""Which POSTs come from our own pages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask, request

from cocreate.config import Config
from cocreate.web import security

OWN, COPY, EVIL = "https://co.example", "https://copy.example", "https://evil.example"
LIVE = Config(site_url=f"{OWN}/sub/", trusted_origins=(COPY,))
DEVELOPMENT = Config(site_url="http://127.0.0.1:8000/")


def verdict(config: Config, headers: dict[str, str], host: str = OWN) -> bool:
    app = Flask("origins")
    app.config["COCREATE"] = config
    with app.test_request_context("/", base_url=host, method="POST", headers=headers):
        return security.is_ours(request)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": EVIL}, False),
        ({"Sec-Fetch-Site": "none", "Origin": OWN}, False),
        ({"Sec-Fetch-Site": "cross-site", "Referer": f"{OWN}/en/"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": COPY}, True),
        ({"Origin": OWN}, True),
        ({"Origin": "https://CO.example:443"}, True),
        ({"Origin": COPY}, True),
        ({"Origin": EVIL}, False),
        ({"Origin": "null", "Referer": f"{OWN}/en/"}, False),
        ({"Origin": "http://co.example"}, False),
        ({"Origin": "https://co.example:8443"}, False),
        ({"Origin": f"{OWN}.evil.example"}, False),
        ({"Origin": "https://[bad"}, False),
        ({"Origin": "https://co.example:99999"}, False),
        ({"Origin": EVIL, "Referer": f"{OWN}/en/"}, False),
        ({"Referer": f"{OWN}/sub/en/join/stack/"}, True),
        ({"Referer": f"{EVIL}/?{OWN}"}, False),
        ({"Referer": f"https://co.example@{EVIL[8:]}/"}, False),
        ({"Referer": "/en/join/stack/"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_a_post_is_ours_only_if_its_headers_say_so(headers: dict[str, str], expected: bool) -> None:
    assert verdict(LIVE, headers) is expected


def test_in_development_any_name_of_this_machine_is_ours_and_no_other() -> None:
    for host in ("http://localhost:8000", "http://[::1]:9000"):
        assert verdict(DEVELOPMENT, {"Origin": host}, host)
    rebound = "http://evil.example:8000"  # DNS rebinding: the attacker's name leads to 127.0.0.1
    assert not verdict(DEVELOPMENT, {"Origin": rebound}, rebound)


def test_on_a_public_site_the_host_header_is_never_believed() -> None:
    assert not verdict(LIVE, {"Origin": "http://localhost"}, "http://localhost")


def test_an_unlisted_copy_is_refused() -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": COPY}
    assert not verdict(replace(LIVE, trusted_origins=()), headers)
