"""Figures, years and links of the site, read once from ``facts.toml``.

What the accessibility statement says of its tests stands in ``audited.toml``.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def _object(value: Any) -> Any:
    if isinstance(value, dict):
        return SimpleNamespace(**{key: _object(item) for key, item in value.items()})
    return value


def _read(name: str) -> Any:
    return _object(tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8")))


FACTS = _read("facts.toml")
AUDITED = _read("audited.toml")
NAMES: tuple[str, ...] = tuple(FACTS.names)
