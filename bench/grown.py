"""Freeze our site grown to ``COUNT`` pages (11 for each four) into ``FOLDER``; figures as JSON.

The new pages are rows of the registry of pages with a template each, as an editor would add them.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

began = time.perf_counter()

from flask import Flask, before_render_template, template_rendered  # noqa: E402  # clock first
from jinja2 import ChoiceLoader, FileSystemBytecodeCache, FunctionLoader  # noqa: E402

from cocreate import pages as registry  # noqa: E402


def grow(count: int) -> None:
    """Add rows, or leave some out, before anything else reads the registry of pages."""
    wanted = count // 4
    pages = list(registry.PAGES)
    model = next(page for page in pages if page.path == "stack/")
    pages += [
        replace(model, path=f"grown-{number}/", place="") for number in range(wanted - len(pages))
    ]
    registry.PAGES = tuple(pages)
    registry.BY_PATH = {page.path: page for page in pages}
    registry.BY_NAME = {page.name: page for page in pages}


def rendering(app: Flask, pages: list[str], count: int) -> dict[str, float]:
    """Processor time of ``count`` pages: their templates alone, and the requests around them."""
    client, spent = app.test_client(), [0.0]

    def begin(*_: Any, **__: Any) -> None:
        spent[0] -= time.process_time()

    def end(*_: Any, **__: Any) -> None:
        spent[0] += time.process_time()

    with before_render_template.connected_to(begin), template_rendered.connected_to(end):
        for _ in range(2):  # the second time, every template is compiled
            spent[0], start = 0.0, time.process_time()  # rendering waits for nothing
            for page in pages:
                client.get(page)
            requests = time.process_time() - start
    return {"render": spent[0] / len(pages) * count, "request": requests / len(pages) * count}


def main(count: int, folder: Path) -> None:
    grow(count)
    from cocreate.config import ROOT, load_config
    from cocreate.freeze import freeze

    source = (ROOT / "templates/pages/stack.html").read_text()
    create_app = freeze.create_app

    def create_grown_app(*args: Any, **options: Any) -> Any:
        app = create_app(*args, **options)
        grown = FunctionLoader(lambda name: source if name.startswith("pages/grown-") else None)
        app.jinja_env.loader = ChoiceLoader([app.jinja_env.loader, grown])
        preview, known = app.jinja_env.globals["preview_url"], registry.HOME
        app.jinja_env.globals["preview_url"] = lambda page: preview(
            known if page.path.startswith("grown-") else page
        )
        return app

    freeze.create_app = create_grown_app
    FileSystemBytecodeCache.dump_bytecode = lambda *_: None  # no thousands of files
    report = freeze.freeze(load_config({}), folder)
    process = time.perf_counter() - began
    app = create_grown_app(load_config({}), static=True)
    figures = rendering(app, [one for one in freeze.addresses(app) if one.endswith("/")], count)
    print(json.dumps({"freeze": report.seconds, "process": process, **figures}))


main(int(sys.argv[1]), Path(sys.argv[2]))
