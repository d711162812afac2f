"""A real browser and a real server, one of each for the whole run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from browser.chrome import Browser
from browser.desktop import MissingError
from browser.engine import DESKTOP
from browser.firefox import Firefox
from browser.live import Live, serve_live
from browser.orca import Orca
from browser.states import Visit, scripting
from browser.webkit import WebKit
from cocreate.languages import ENGLISH, LANGUAGES, Language
from cocreate.pages import PAGES, Page

Program = TypeVar("Program", Browser, Firefox, WebKit, Orca)
TOOK_PART = pytest.StashKey[dict[str, str]]()  # each program's version, or why it could not


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark our tests, and let those of the same page follow each other: they share the open page.

    Without a browser a test needs less time to fail, so all others go first.
    """
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.browser)
    order = {id(item): _place(item) for item in ours}
    items.sort(key=lambda item: order.get(id(item), ()))


def _place(item: pytest.Item) -> tuple[Any, ...]:
    """Order among the browser tests: what looks at the live pages comes last, page by page."""
    shown = getattr(item, "callspec", None)
    given = shown.params if shown else {}
    if not {"page", "language"} <= given.keys() or "frozen" in getattr(item, "fixturenames", ()):
        return (0,)
    return 1, PAGES.index(given["page"]), LANGUAGES.index(given["language"])


@pytest.fixture(autouse=True)
def at_a_desk(request: pytest.FixtureRequest) -> None:
    """Whatever the test before showed: a phone, the dark, paper."""
    if "browser" in request.fixturenames:
        request.getfixturevalue("browser").show_in(DESKTOP)


def session(program: Callable[[], Program]) -> Any:
    """A fixture: a program that a machine may lack; the end of the run says so where it does."""

    @pytest.fixture(scope="session")
    def started(pytestconfig: pytest.Config) -> Iterator[Program]:
        took_part = pytestconfig.stash.setdefault(TOOK_PART, {})
        try:
            running = program()
        except MissingError as missing:
            if os.environ.get("CI"):  # the build machine brings it: there, its absence is a fault
                raise
            took_part[program.__name__] = f"NOT RUN: {missing}"
            pytest.skip(f"{missing}")
        took_part[program.__name__] = running.version
        yield running
        running.quit()

    return started


browser, firefox = session(Browser), session(Firefox)
webkit, orca = session(WebKit), session(Orca)


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serve_live(tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest.fixture
def opened(browser: Browser, live: Live, page: Page, language: Language) -> Browser:
    """With the page open, at a desk."""
    browser.look_at(live.at(page, language))
    return browser


@pytest.fixture
def language() -> Language:
    return ENGLISH


@pytest.fixture
def mode() -> str:
    return "with htmx"


@pytest.fixture
def visit(browser: Browser, live: Live, language: Language, mode: str) -> Iterator[Visit]:
    """In English and with htmx, where a test does not say otherwise."""
    with scripting(browser, mode):
        yield Visit(browser, live, language)


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


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The versions that audited.toml tells of, and what did not take part."""
    for program, version in config.stash.get(TOOK_PART, {}).items():
        terminalreporter.line(f"{program} {version}")
