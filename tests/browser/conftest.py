"""A real browser and a real server, one of each for the whole run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser.audit import Tally
from browser.chrome import Browser
from browser.firefox import Firefox, MissingError
from browser.live import Live, serve_live

TALLY = pytest.StashKey[Tally]()
MISSING = pytest.StashKey[str]()


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
def firefox(pytestconfig: pytest.Config) -> Iterator[Firefox]:
    """The second engine; the end of the run says so where there is none."""
    try:
        started = Firefox()
    except MissingError as missing:
        pytestconfig.stash[MISSING] = str(missing)
        pytest.skip(f"no second engine: {missing}")
    yield started
    started.quit()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serve_live(tmp_path_factory.mktemp("live")) as running:
        yield running


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
    tally, missing = config.stash.get(TALLY, None), config.stash.get(MISSING, None)
    if tally or missing:
        terminalreporter.section("accessibility")
    if tally:
        engines = ", ".join(f"{number} in {name}" for name, number in tally.states.items())
        terminalreporter.line(
            f"{tally.states.total()} page states audited with axe-core 4.14.1 ({engines}):"
            f" {tally.violations} violations ({tally.by_pixels} contrasts decided by pixels)"
        )
    if missing:
        terminalreporter.line(f"NOT RUN in a second engine: {missing}", yellow=True)
