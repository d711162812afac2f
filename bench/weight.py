"""What a first visit costs in bytes and requests, page by page."""

from __future__ import annotations

import re
from pathlib import Path

from machine import Row


def measure(frozen: Path) -> list[Row]:
    """The heaviest page of each kind, as Brotli sends it."""
    (style,) = (frozen / "static").glob("site.*.css.br")
    scripts = sum(file.stat().st_size for file in (frozen / "static").glob("*.js.br"))
    reading: dict[str, int] = {}
    joining: dict[str, int] = {}
    for page in frozen.glob("*/**/index.html"):
        name = str(page.parent.relative_to(frozen))
        packed = Path(f"{page}.br").stat().st_size + style.stat().st_size
        is_form = re.search(r"/(join/|feedback)", name)
        (joining if is_form else reading)[name] = packed
        assert is_form or "<script" not in page.read_text(), name
    heaviest = max(reading, key=lambda name: reading[name])
    form = max(joining, key=lambda name: joining[name])
    return [
        {"what": "style sheet, bytes", "is": style.stat().st_size, "at_most": 7 * 1024},
        {
            "what": f"heaviest reading page ({heaviest}), HTML + CSS",
            "is": reading[heaviest],
            "at_most": 14 * 1024,
        },
        {
            "what": f"heaviest form page ({form}), everything",
            "is": joining[form] + scripts,
            "at_most": 40 * 1024,
        },
        {"what": "scripts of a form page, bytes", "is": scripts, "at_most": 20 * 1024},
    ]
