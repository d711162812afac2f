"""A real browser and a real server, one of each for the whole run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from browser.audit import Tally
from browser.audited import is_whole
from browser.chrome import Browser
from browser.desktop import MissingError
from browser.engine import DESKTOP
from browser.firefox import Firefox
from browser.live import Live, serve_live
from browser.orca import Orca
from browser.webkit import WebKit
from cocreate.languages import LANGUAGES
from cocreate.pages import PAGES

Program = TypeVar("Program", Firefox, WebKit, Orca)
TALLY = pytest.StashKey[Tally]()
SECOND = pytest.StashKey[Tally]()  # what the second engine saw
THIRD = pytest.StashKey[Tally]()
VERSIONS = pytest.StashKey[dict[str, str]]()  # of what took part beside Chromium
MISSING = pytest.StashKey[dict[str, str]]()  # what could not take part, and why


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark our tests, and let those of the same page follow each other: they share the open page.

    Without a browser a test needs less time to fail, so all others go first.
    """
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.browser)
    order = {id(item): _place(item) for item in ours}
    items.sort(key=lambda item: order.get(id(item), ()))
    if not is_whole(config):  # then there is nothing to compare with the statement
        left_out = [item for item in ours if item.path.stem == "test_statement"]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _place(item: pytest.Item) -> tuple[Any, ...]:
    """Order among the browser tests: what looks at the live pages comes last, page by page."""
    if item.path.stem == "test_statement":
        return (2,)
    shown = getattr(item, "callspec", None)
    given = shown.params if shown else {}
    if not {"page", "language"} <= given.keys() or "frozen" in getattr(item, "fixturenames", ()):
        return (0,)
    return 1, PAGES.index(given["page"]), LANGUAGES.index(given["language"])


def _is_ours(report: Any) -> bool:
    return isinstance(report, pytest.TestReport) and "browser" in report.keywords


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = Browser()
    yield chromium
    chromium.quit()


@pytest.fixture(autouse=True)
def at_a_desk(request: pytest.FixtureRequest) -> None:
    """Whatever the test before showed: a phone, the dark, paper."""
    if "browser" in request.fixturenames:
        request.getfixturevalue("browser").show_in(DESKTOP)


def start(config: pytest.Config, program: Callable[[], Program]) -> Iterator[Program]:
    """A program that a machine may lack; the end of the run says so where it does."""
    try:
        started = program()
    except MissingError as missing:
        if os.environ.get("CI"):  # the build machine brings it: there, its absence is a fault
            raise
        config.stash.setdefault(MISSING, {})[program.__name__] = str(missing)
        pytest.skip(f"{missing}")
    config.stash.setdefault(VERSIONS, {})[program.__name__.lower()] = started.version
    yield started
    started.quit()


@pytest.fixture(scope="session")
def firefox(pytestconfig: pytest.Config) -> Iterator[Firefox]:
    yield from start(pytestconfig, Firefox)


@pytest.fixture(scope="session")
def webkit(pytestconfig: pytest.Config) -> Iterator[WebKit]:
    yield from start(pytestconfig, WebKit)


@pytest.fixture(scope="session")
def orca(pytestconfig: pytest.Config) -> Iterator[Orca]:
    yield from start(pytestconfig, Orca)


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


@pytest.fixture
def second(request: pytest.FixtureRequest) -> Tally:
    return request.config.stash.setdefault(SECOND, Tally())


@pytest.fixture
def versions(request: pytest.FixtureRequest) -> dict[str, str]:
    return request.config.stash.setdefault(VERSIONS, {})


@pytest.fixture
def third(request: pytest.FixtureRequest) -> Tally:
    return request.config.stash.setdefault(THIRD, Tally())


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    reports = [r for each in terminalreporter.stats.values() for r in each if _is_ours(r)]
    took = sum(report.duration for report in reports) / 60
    lines = [f"{took:.1f} minutes"] if reports else []
    for engine, key in (("Chromium", TALLY), ("Firefox", SECOND), ("WebKit", THIRD)):
        if tally := config.stash.get(key, None):
            lines.append(
                f"{len(tally.states)} page states audited with axe-core {tally.axe} in {engine}:"
                f" {tally.violations} violations ({tally.by_pixels} contrasts decided by pixels)"
            )
    for program, missing in config.stash.get(MISSING, {}).items():
        lines.append(f"NOT RUN with {program}: {missing}")
    if lines:
        terminalreporter.section("in browsers")
    for line in lines:
        terminalreporter.line(line)
