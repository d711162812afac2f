"""What every test may ask for. Each fixture is one thing; data live in a folder of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from werkzeug.test import Client

from cocreate.app import create_app
from cocreate.config import Config, load_config
from cocreate.serve.prerendered import Front
from cocreate.storage import keys

pytest_plugins = ["fixtures.backend", "fixtures.server"]
settings.register_profile(
    "ours",  # the same cases each time, however slow the machine; ``make fuzz`` draws others
    deadline=None,
    database=None,
    derandomize="FUZZ" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ours")


@pytest.fixture(scope="session")
def site_config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The default settings, with a data folder that goes with the tests."""
    folder = tmp_path_factory.mktemp("data")
    return keys.prepare(load_config({"COCREATE_DATA_DIR": str(folder)}))


@pytest.fixture(scope="session")
def site(site_config: Config) -> Flask:
    """The site as it runs: one for all tests that only read."""
    return create_app(site_config)


@pytest.fixture(scope="session")
def front(site: Flask) -> Client:
    """A reader of the same site through the front that answers from memory."""
    return Client(Front(site))


@pytest.fixture
def visitor(site: Flask) -> Iterator[FlaskClient]:
    with site.test_client() as client:
        yield client
