"""Forms filled in as people do, and sent as a browser on our own pages sends them."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from documents import Document, text_of

OURS = {"Origin": "http://127.0.0.1:8000"}
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
FEEDBACK = {"page": "stack", "message": "The date is wrong", "email": ""}


def send(app: Flask, path: str, data: Any = None, headers: Any = OURS, **more: Any) -> TestResponse:
    return app.test_client().post(path, data=data, headers=headers, **more)


def heading(response: TestResponse) -> str:
    return text_of(Document(response.text).all("h1")[0])
