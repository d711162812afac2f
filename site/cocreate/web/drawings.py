"""Drawings are made once: the same macro with the same arguments always prints the same picture."""

from __future__ import annotations

from functools import lru_cache

from flask import Flask
from jinja2.runtime import Macro


def init_app(app: Flask) -> None:
    """``art`` in templates: the macros of ``components/art.html``, which remember what they drew.

    Half the time of rendering a page went into drawing the same leaves anew. They hold no words,
    so that all languages share them.
    """
    art = app.jinja_env.globals["art"] = app.jinja_env.get_template("components/art.html").module
    for name, macro in list(vars(art).items()):
        if isinstance(macro, Macro) and not name.startswith("_"):
            setattr(art, name, lru_cache(maxsize=None)(macro))
