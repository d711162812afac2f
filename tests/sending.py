"""Forms filled in as people do, and sent as a browser on our own pages sends them."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cocreate.languages import ENGLISH, Language
from cocreate.pages import Page
from cocreate.urls import page_path
from documents import Document, text_of
from matrix import FORM_PAGES

OURS = {"Origin": "http://127.0.0.1:8000"}
POSTED = {  # of a form, over a connection of one's own
    "Sec-Fetch-Site": "same-origin",
    "Content-Type": "application/x-www-form-urlencoded",
}
HTMX = OURS | {"HX-Request": "true"}
STACK = {
    "name": "Ann Tan",
    "email": "ann@example.com",
    "role": "data",
    "interests": ["events", "conference"],
    "mail_language": "en",
    "consent": "yes",
}
KAKI = {
    "name": "Bala s/o Kumar",
    "email": "bala@example.com",
    "sessions": ["user-testing"],
    "spoken": ["ta", "en"],
    "age_band": "65-over",
    "access_needs": "Large print, please",
    "consent": "yes",
}
FORM_PATHS = tuple(f"/en/{page.path}" for page in FORM_PAGES)
FEEDBACK = {"page": "stack", "message": "The date is wrong", "email": ""}


def send(app: Flask, path: str, data: Any = None, headers: Any = OURS, **more: Any) -> TestResponse:
    return app.test_client().post(path, data=data, headers=headers, **more)


def opened(visitor: FlaskClient, page: Page, language: Language = ENGLISH) -> Document:
    """A page of the catalogue, as it is read."""
    return Document(visitor.get("/" + page_path(page, language)).text)


def listed(value: Any) -> list[str]:
    """An answer as :func:`filled_in` has it."""
    return [value] if isinstance(value, str) else value


def heading(response: TestResponse) -> str:
    return text_of(Document(response.text).all("h1")[0])


def faults(response: TestResponse) -> dict[str, str]:
    """Messages at the fields, by field."""
    found = [e for e in Document(response.text).elements if "field__error" in e.get("class", "")]
    return {e.attrib["id"].removesuffix("-error"): text_of(e) for e in found}


def filled_in(response: TestResponse) -> dict[str, list[str]]:
    """What is filled in and ticked on a page, where a person sees it."""
    found: dict[str, list[str]] = {}
    page = Document(response.text)
    for control in page.all("input"):
        values = control.attrib
        if values.get("type") in {"radio", "checkbox"} and "checked" not in values:
            continue
        if "name" in values and values.get("type") != "hidden":
            found.setdefault(values["name"], []).append(values.get("value", "on"))
    return found | {e.attrib["name"]: [text_of(e)] for e in page.all("textarea")}
