"""Templates: strict, tidy, with drawings that are made once."""

from __future__ import annotations

from functools import lru_cache

from flask import Flask
from jinja2 import StrictUndefined
from jinja2.runtime import Macro


def init_app(app: Flask) -> None:
    """Before anything else asks for the environment."""
    # Every template is kept: there are as many as pages, and the site is rendered all at once.
    app.jinja_options = {"cache_size": -1}
    env = app.jinja_env
    env.undefined = StrictUndefined  # a misspelt variable fails the page rather than print nothing
    env.trim_blocks = env.lstrip_blocks = True


def add_drawings(app: Flask) -> None:
    """``art`` in templates: the macros of ``components/art.html``, which remember what they drew.

    The same macro with the same arguments prints the same picture, without words: to draw them
    anew was three fifths of the time of a page.
    """
    art = app.jinja_env.globals["art"] = app.jinja_env.get_template("components/art.html").module
    for name, macro in list(vars(art).items()):
        if isinstance(macro, Macro) and not name.startswith("_"):
            setattr(art, name, lru_cache(maxsize=None)(macro))
