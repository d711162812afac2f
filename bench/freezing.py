"""How long a freeze takes, how it grows, and what others need for as many pages."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from machine import HERE
from report import Row

COUNTS = (44, 440, 4400)


def timed(command: list[object], cwd: Path) -> float:
    began = time.perf_counter()
    subprocess.run(list(map(str, command)), cwd=cwd, check=True, capture_output=True)
    return time.perf_counter() - began


def grown(folder: Path) -> dict[int, dict[str, float]]:
    """The real freeze of a site of so many pages, in a process of its own each."""
    found = {}
    for count in COUNTS:
        command = [sys.executable, str(HERE / "grown.py"), str(count), str(folder / f"ours{count}")]
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        found[count] = json.loads(done.stdout)
    return found


def page_parts(frozen: Path) -> tuple[str, str, str]:
    """What stands around the words of a real page, and the words: for others to put together."""
    html = (frozen / "en/stack/index.html").read_text()
    head, main, rest = re.split(r"(<main.*?</main>)", html, maxsplit=1, flags=re.DOTALL)
    return head, main, rest


def hugo(folder: Path, frozen: Path, count: int) -> float:
    head, main, rest = page_parts(frozen)
    site = folder / f"hugo{count}"
    (site / "layouts/_default").mkdir(parents=True)
    (site / "content").mkdir()
    (site / "config.toml").write_text(
        'baseURL = "https://example.org/"\ndisableKinds = ["taxonomy", "term", "home", "section"]\n'
        'ignoreErrors = ["error-disable-taxonomy"]\n'
    )
    (site / "layouts/_default/single.html").write_text(head + "{{ .Content }}" + rest)
    for number in range(count):
        (site / f"content/p{number}.html").write_text(f'---\ntitle: "p{number}"\n---\n{main}')
    return timed(["hugo", "--minify"], site)


def eleventy(folder: Path, frozen: Path, count: int) -> float:
    head, main, rest = page_parts(frozen)
    site = folder / f"eleventy{count}"
    (site / "_includes").mkdir(parents=True)
    (site / "_includes/base.njk").write_text(head + "{{ content | safe }}" + rest)
    for number in range(count):
        (site / f"p{number}.njk").write_text(f"---\nlayout: base.njk\n---\n{main}")
    return timed([folder / "node_modules/.bin/eleventy", "--quiet"], site)


def install_eleventy(folder: Path) -> str:
    """Why it could not be installed; empty when it was."""
    if shutil.which("npm") is None:
        return "npm is not installed"
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "@11ty/eleventy@3.1.2"]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, timeout=120)
    return "" if done.returncode == 0 else "npm could not install it"


def plain(folder: Path, frozen: Path, count: int) -> float:
    head, main, rest = page_parts(frozen)
    site = folder / f"plain{count}"
    (site / "templates").mkdir(parents=True)
    raw = "{% raw %}", "{% endraw %}"
    (site / "templates/base.html").write_text(
        raw[0] + head + raw[1] + "{% block main %}{% endblock %}" + raw[0] + rest + raw[1]
    )
    (site / "templates/page.html").write_text(
        '{% extends "base.html" %}{% block main %}' + raw[0] + main + raw[1] + "{% endblock %}"
    )
    return timed([sys.executable, HERE / "plain.py", count], site)


def measure(folder: Path, frozen: Path) -> Iterator[Row]:
    """Ours, then as many pages by others with the words and the frame of a page of ours."""
    found = grown(folder)
    real, many = found[44], found[4400]
    yield {"what": "freeze of the real site, seconds", "is": real["freeze"], "at_most": 3}
    for count, figures in ((44, real), (4400, many)):
        name = f"{count:,} pages"
        rendered = figures["render"] / count * 1000
        yield {"what": f"rendering, ms a page ({name})", "is": rendered, "at_most": 2}
        request = figures["request"] / count * 1000
        yield {"what": f"its whole request, client included, ms ({name})", "is": request}
    yield {
        "what": "rendering 4,400 pages ÷ 44 pages",
        "is": many["render"] / real["render"],
        "at_most": 110,
    }
    for count in COUNTS:
        yield {"what": f"ours, {count:,} pages, seconds", "is": found[count]["process"]}
    yield from peers(folder, frozen, many["process"])


def peers(folder: Path, frozen: Path, ours: float) -> Iterator[Row]:
    """``ours``: seconds that we need for the most pages."""
    lacking = {}
    if not shutil.which("hugo"):
        lacking["Hugo"] = "hugo is not installed"
    if fault := install_eleventy(folder):
        lacking["Eleventy"] = fault
    for name, build in {"plain Frozen-Flask": plain, "Hugo": hugo, "Eleventy": eleventy}.items():
        if name in lacking:
            yield {"what": f"{name}, pages", "lacking": lacking[name]}
            continue
        for count in COUNTS:
            seconds = build(folder, frozen, count)
            yield {"what": f"{name}, {count:,} pages, seconds", "is": seconds}
        yield {"what": f"{COUNTS[-1]:,} pages, ours ÷ {name}", "is": ours / seconds}
