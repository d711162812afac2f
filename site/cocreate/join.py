"""The form pages and what follows them."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template

from cocreate.catalogue import Page
from cocreate.languages import Language
from cocreate.urls import use_absolute_links

blueprint = Blueprint("join", __name__)


@blueprint.get("/<language:language>/<formpage:page>/")
def show_form(language: Language, page: Page) -> str:
    use_absolute_links()
    return render_template(f"pages/{page.name}.html", page=page)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
