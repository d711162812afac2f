"""Frozen-Flask as its manual begins: ``plain.py COUNT`` in a folder with ``templates/``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask, render_template
from flask_frozen import Freezer

app = Flask("plain", root_path=str(Path.cwd()))


@app.get("/<int:number>/")
def page(number: int) -> str:
    return render_template("page.html", number=number)


freezer = Freezer(app)


@freezer.register_generator
def pages() -> Iterator[tuple[str, dict[str, Any]]]:
    for number in range(int(sys.argv[1])):
        yield "page", {"number": number}


freezer.freeze()
