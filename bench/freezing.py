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


def grown(folder: Path) -> dict[int, dict[str, float]]:
    """The real freeze of a site of so many pages, in a process of its own each."""
    found = {}
    for count in COUNTS:
        command = [sys.executable, str(HERE / "grown.py"), str(count), str(folder / f"ours{count}")]
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        found[count] = json.loads(done.stdout)
    return found


def page_parts(frozen: Path) -> list[str]:
    """What stands around the words of a real page, and the words: for others to put together."""
    html = (frozen / "en/stack/index.html").read_text()
    return re.split(r"(<main.*?</main>)", html, maxsplit=1, flags=re.DOTALL)


def hugo(head: str, main: str, rest: str, count: int) -> dict[str, str]:
    """The files of a site of ``count`` pages, by name."""
    config = (
        'baseURL = "https://example.org/"\ndisableKinds = ["taxonomy", "term", "home", "section"]\n'
        'ignoreErrors = ["error-disable-taxonomy"]\n'
    )
    frame = {"config.toml": config, "layouts/_default/single.html": head + "{{ .Content }}" + rest}
    return frame | {
        f"content/p{number}.html": f'---\ntitle: "p{number}"\n---\n{main}'
        for number in range(count)
    }


def eleventy(head: str, main: str, rest: str, count: int) -> dict[str, str]:
    frame = {"_includes/base.njk": head + "{{ content | safe }}" + rest}
    page = f"---\nlayout: base.njk\n---\n{main}"
    return frame | {f"p{number}.njk": page for number in range(count)}


def plain(head: str, main: str, rest: str, _count: int) -> dict[str, str]:
    head, main, rest = (f"{{% raw %}}{part}{{% endraw %}}" for part in (head, main, rest))
    return {
        "templates/base.html": head + "{% block main %}{% endblock %}" + rest,
        "templates/page.html": '{% extends "base.html" %}{% block main %}'
        + main
        + "{% endblock %}",
    }


def timed(command: list[object], site: Path, files: dict[str, str]) -> float:
    """Seconds that ``command`` takes in a new folder ``site`` with these files."""
    for name, text in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
    began = time.perf_counter()
    subprocess.run(list(map(str, command)), cwd=site, check=True, capture_output=True)
    return time.perf_counter() - began


def install_eleventy(folder: Path) -> str:
    """Why it could not be installed; empty when it was."""
    if shutil.which("npm") is None:
        return "npm is not installed"
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "@11ty/eleventy@3.1.2"]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, timeout=120)
    return "" if done.returncode == 0 else "npm could not install it"


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
    ratio = many["render"] / real["render"]
    yield {"what": "rendering 4,400 pages ÷ 44 pages", "is": ratio, "at_most": 110}
    for count in COUNTS:
        yield {"what": f"ours, {count:,} pages, seconds", "is": found[count]["process"]}
    yield from peers(folder, frozen, many["process"])


def peers(folder: Path, frozen: Path, ours: float) -> Iterator[Row]:
    """``ours``: seconds that we need for the most pages."""
    no_hugo = "" if shutil.which("hugo") else "hugo is not installed"
    ready_eleventy = [folder / "node_modules/.bin/eleventy", "--quiet"]
    parts = page_parts(frozen)
    for name, files_of, command, lacking in (
        ("plain Frozen-Flask", plain, [sys.executable, HERE / "apps.py", "freeze"], ""),
        ("Hugo", hugo, ["hugo", "--minify"], no_hugo),
        ("Eleventy", eleventy, ready_eleventy, install_eleventy(folder)),
    ):
        if lacking:
            yield {"what": f"{name}, pages", "lacking": lacking}
            continue
        for count in COUNTS:
            counted = [*command, count] if files_of is plain else command
            site = folder / f"{files_of.__name__}{count}"
            seconds = timed(counted, site, files_of(*parts, count))
            yield {"what": f"{name}, {count:,} pages, seconds", "is": seconds}
        yield {"what": f"{COUNTS[-1]:,} pages, ours ÷ {name}", "is": ours / seconds}
