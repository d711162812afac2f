"""Templates: strict, tidy, with drawings that are made once."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from flask import Flask
from jinja2 import StrictUndefined
from jinja2.runtime import Macro
from markupsafe import Markup

# What a shape is painted with where no style sheet arrives: the light scheme of site.css.
INKS = {
    "c0": ' fill="#fbf6ec"',
    "c1": ' fill="#0b4f52"',
    "c2": ' fill="#0f7277"',
    "c3": ' fill="#8fc1c9"',
    "c4": ' fill="#d9573a"',
    "c5": ' fill="#efb6a6"',
    "c6": ' fill="#e5a82e"',
    "c7": ' fill="#7a9a4a"',
    "v": ' fill="#0002"',
    "y": ' fill="#f8dd97"',
    "dash": ' fill="none" stroke="#1c1a17"',
    "o": ' opacity=".35"',
}
SHAPE = re.compile(r'class="((?:c\d|v|y|dash)(?: [ogp])*)"')


def init_app(app: Flask) -> None:
    """Before anything else asks for the environment."""
    # Every template is kept: there are as many as pages, and the site is rendered all at once.
    app.jinja_options = {"cache_size": -1}
    env = app.jinja_env
    env.undefined = StrictUndefined  # a misspelt variable fails the page rather than print nothing
    env.trim_blocks = env.lstrip_blocks = True


def painted(macro: Macro) -> Callable[..., Markup]:
    """``macro``, drawing each picture once; its colours are attributes too: any style overrules."""

    def ink(shape: re.Match[str]) -> str:
        return shape[0] + "".join(INKS.get(key, "") for key in shape[1].split())

    @cache
    def draw(*args: str | int, **kwargs: str | int) -> Markup:
        return Markup(SHAPE.sub(ink, macro(*args, **kwargs)))  # noqa: S704  # as our macro made it

    return draw


def add_drawings(app: Flask) -> None:
    """``art`` in templates: the macros of ``components/art.html``, which remember what they drew.

    The same macro with the same arguments prints the same picture, without words: to draw them
    anew was three fifths of the time of a page.
    """
    art = app.jinja_env.globals["art"] = app.jinja_env.get_template("components/art.html").module
    for name, macro in list(vars(art).items()):
        if isinstance(macro, Macro) and not name.startswith("_"):
            setattr(art, name, painted(macro))
