"""A real browser and a real server, one of each for the whole run."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from browser.audit import Tally
from browser.chrome import Browser
from cocreate import keyring
from cocreate.app import create_app
from cocreate.catalogue import Page
from cocreate.config import load_config
from cocreate.front import Front
from cocreate.languages import Language
from cocreate.urls import page_path

TALLY = pytest.StashKey[Tally]()


@dataclass
class Live:
    """A running site: its address, and every request that reached it."""

    url: str
    requests: list[str] = field(default_factory=list)

    def at(self, page: Page, language: Language) -> str:
        return self.url + page_path(page, language)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = Browser()
    yield chromium
    chromium.quit()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The site behind a server of its own, on a free port, with a database of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    running = Live(f"http://127.0.0.1:{server.port}/")
    env = {"SITE_URL": running.url, "DATA_DIR": str(tmp_path_factory.mktemp("live"))}
    config = load_config({f"COCREATE_{key}": value for key, value in env.items()})
    front = Front(create_app(keyring.prepare(config)))

    def recorded(environ: dict[str, Any], start: Any) -> Any:
        running.requests.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        return front(environ, start)

    server.app = recorded
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield running
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def faults() -> list[str]:
    """Collect faults here; the test fails at its end with all of them, a line each."""
    return []


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[Any]:
    result = yield
    found: Any = pyfuncitem.funcargs.get("faults")
    if found:
        pytest.fail("\n".join(found), pytrace=False)
    return result


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    return request.config.stash.setdefault(TALLY, Tally())


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if tally := config.stash.get(TALLY, None):
        terminalreporter.section("accessibility")
        terminalreporter.line(
            f"{tally.states} page states audited with axe-core 4.14.1:"
            f" {tally.violations} violations ({tally.by_pixels} contrasts decided by pixels)"
        )
