"""What a first visit costs in bytes and requests, page by page."""

from __future__ import annotations

import re
from pathlib import Path

from report import Row

KILOBYTE = 1024
FORM = re.compile(r"/(join/|feedback)")


def weights(frozen: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Page → bytes of its HTML and the style sheet as Brotli sends them; reading and form pages."""
    (style,) = (frozen / "static").glob("site.*.css.br")
    reading: dict[str, int] = {}
    forms: dict[str, int] = {}
    for page in frozen.glob("*/**/index.html"):
        name = page.parent.relative_to(frozen).as_posix()
        packed = Path(f"{page}.br").stat().st_size + style.stat().st_size
        (forms if FORM.search(name) else reading)[name] = packed
    return reading, forms


def heaviest_by_language(frozen: Path) -> list[str]:
    """Each language's heaviest reading page and heaviest form page."""
    chosen = []
    for kind in weights(frozen):
        for language in sorted({name.partition("/")[0] for name in kind}):
            mine = [name for name in kind if name.partition("/")[0] == language]
            chosen.append(max(mine, key=lambda name: kind[name]))
    return chosen


def measure(frozen: Path) -> list[Row]:
    """The heaviest page of each kind and language."""
    (style,) = (frozen / "static").glob("site.*.css.br")
    script_files = list((frozen / "static").glob("*.js.br"))
    scripts = sum(file.stat().st_size for file in script_files)
    reading, forms = weights(frozen)
    html = {name: (frozen / name / "index.html").read_text() for name in reading}
    rows: list[Row] = [
        {"what": "style sheet, bytes", "is": style.stat().st_size, "at_most": 7 * KILOBYTE},
        {"what": "scripts of a form page, bytes", "is": scripts, "at_most": 20 * KILOBYTE},
        {
            "what": "scripts of all reading pages",
            "is": sum("<script" in text for text in html.values()),
            "at_most": 0,
        },
    ]
    for name in heaviest_by_language(frozen):
        if name in reading:
            what = f"heaviest reading page ({name}), HTML + CSS, bytes"
            rows.append({"what": what, "is": reading[name], "at_most": 14 * KILOBYTE})
        else:
            what = f"heaviest form page ({name}), everything, bytes"
            rows.append({"what": what, "is": forms[name] + scripts, "at_most": 40 * KILOBYTE})
    return rows
