"""The living style guide: every component in every state, in each language. Development only."""

from __future__ import annotations

from flask import Flask, render_template
from werkzeug.datastructures import MultiDict

from cocreate.gettext import N_
from cocreate.languages import Language
from cocreate.pages import BY_NAME, HOME
from cocreate.urls import use_absolute_links
from cocreate.web.forms import FORMS, HouseForm

TROUBLE = (
    N_("We could not store that just now"),
    N_("What you typed is still here. Please wait a moment, then send it again."),
)


def show_guide(language: Language) -> str:
    use_absolute_links()
    empty, wrong, slip = _form({}), _form({"name": "", "email": "ann@"}), _form({})
    wrong.validate()
    slip.email_suggestion, slip.trouble = "ann@gmail.com", TROUBLE
    forms = {"empty": empty, "in error": wrong, "with an offer, after a failure": slip}
    return render_template(
        "guide.html",
        page=HOME,
        family=BY_NAME["tech-kaki"],
        layout="layouts/base.html",
        forms=forms,
    )


def _form(values: dict[str, str]) -> HouseForm:
    form = FORMS["tech-kaki"](MultiDict(values) if values else None)
    form.is_live = False
    return form


def init_app(app: Flask) -> None:
    """Add the guide. Only ``cocreate.dev`` and the tests call this."""
    app.add_url_rule("/<language:language>/_guide/", "guide", show_guide)
