"""The figures of the accessibility statement: compared, written, left alone by part of a run."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest

from browser.audited import as_toml, behind, is_whole

SEEN: dict[str, Any] = {"date": date(2026, 11, 25), "states": 169, "axe": "4.14.1", "chromium": "1"}


def test_what_is_written_is_read_back() -> None:
    assert tomllib.loads(as_toml(SEEN)) == SEEN


@pytest.mark.parametrize("key", ["states", "axe"])
def test_another_figure_is_told_in_one_line(key: str) -> None:
    wrong = behind(SEEN | {key: "other"}, SEEN)
    assert wrong == [f"{key} is other in audited.toml, {SEEN[key]} in this run"]


def test_the_day_and_the_browser_are_those_of_another_run() -> None:
    assert behind(SEEN | {"date": date(2020, 1, 1), "chromium": "2"}, SEEN) == []


@pytest.mark.parametrize(
    ("arguments", "whole"),
    [
        ([], True),
        (["tests/browser"], True),
        (["tests/http"], False),
        (["tests/browser/test_axe.py"], False),
        (["-k", "axe"], False),
        (["-m", "not browser"], False),
    ],
)
def test_only_a_whole_run_is_compared(
    pytestconfig: pytest.Config, arguments: list[str], whole: bool
) -> None:
    config = pytest.Config.fromdictargs({}, [])
    asked = pytestconfig._parser.parse_known_args(arguments)
    config.option, config.args = asked, asked.file_or_dir or ["tests"]
    assert is_whole(config) is whole
