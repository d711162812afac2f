"""The picture of each page where it is shared carries the page's title."""

from __future__ import annotations

import json

import pytest

import previews
from cocreate.app import create_app
from cocreate.config import load_config


@pytest.mark.browser  # which the mend needs: 'make check' must pass without one
def test_each_preview_carries_its_page_s_title() -> None:
    drawn = json.loads((previews.FOLDER / "titles.json").read_text("utf-8"))
    wanted = previews.titles(create_app(load_config({}), static=True))
    behind = [name for name, title in wanted.items() if drawn.get(name) != title]
    assert behind == [], "run 'make renew'"
    assert all((previews.FOLDER / f"{name}.png").is_file() for name in wanted)
