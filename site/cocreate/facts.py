"""Figures, years and links of the site, read once from ``facts.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def _object(value: Any) -> Any:
    if isinstance(value, dict):
        return SimpleNamespace(**{key: _object(item) for key, item in value.items()})
    return value


_raw = tomllib.loads((Path(__file__).parent / "facts.toml").read_text(encoding="utf-8"))
FACTS = _object(_raw)
NAMES: tuple[str, ...] = tuple(_raw["names"])
