"""The living style guide: every component in every state, in each language (docs/design.md)."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, render_template
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.datastructures import MultiDict

from cocreate.languages import Language
from cocreate.pages import BY_NAME, HOME
from cocreate.web.formbase import HouseForm
from cocreate.web.forms import FORMS
from cocreate.web.join import NOT_STORED


def show_guide(language: Language) -> str:
    wrong, offer = _form(name="", email="ann@"), _form(email="ann@gmial.com")
    wrong.validate()
    offer.trouble = NOT_STORED
    forms = {"empty": _form(), "in error": wrong, "with an offer, after a failure": offer}
    return render_template(
        "guide.html",
        page=HOME,
        family=BY_NAME["tech-kaki"],
        layout="layouts/base.html",
        forms=forms,
    )


def _form(**values: str) -> HouseForm:
    return FORMS["tech-kaki"](MultiDict(values) if values else None)


def init_app(app: Flask) -> None:
    """Add the guide at ``/LANG/_guide/``."""
    assert app.jinja_loader
    app.jinja_loader = ChoiceLoader([app.jinja_loader, FileSystemLoader(Path(__file__).parent)])
    app.add_url_rule("/<language:language>/_guide/", "guide", show_guide)
