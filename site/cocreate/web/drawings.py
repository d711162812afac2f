"""Drawings are made once: the same macro with the same arguments always prints the same picture."""

from __future__ import annotations

from functools import lru_cache

from flask import Flask
from jinja2.runtime import Macro


def init_app(app: Flask) -> None:
    """Let every public macro of ``components/art.html`` remember what it drew.

    Half the time of rendering a page went into drawing the same leaves anew. Templates import the
    file without context, so that all of them share this one module.
    """
    module = app.jinja_env.get_template("components/art.html").module
    for name, macro in list(vars(module).items()):
        if isinstance(macro, Macro) and not name.startswith("_"):
            setattr(module, name, lru_cache(maxsize=None)(macro))
