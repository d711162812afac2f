"""What a first visit weighs, as the front sends it: product.md's budgets, in every language."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import Client

from cocreate.languages import Language
from cocreate.pages import Page
from cocreate.serve.prerendered import Front
from cocreate.urls import page_path
from documents import Document
from matrix import every_page

PAGE = 14 * 1024  # bytes of HTML and CSS, brotli
STYLE = 7 * 1024
SCRIPT = 20 * 1024
FORM_PAGE = 40 * 1024  # everything
BROTLI = {"Accept-Encoding": "br"}


@pytest.fixture(scope="module")
def front(site: Flask) -> Client:
    return Client(Front(site))


def weight(front: Client, path: str) -> int:
    answer = front.get(path, headers=BROTLI)
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == "br" or not path.endswith((".css", ".js", "/"))
    return len(answer.data)


@every_page
def test_a_page_is_light(front: Client, page: Page, language: Language) -> None:
    path = "/" + page_path(page, language)
    html = front.get(path).text
    loaded = {a for a in Document(html).references(path) if a.startswith("/static/")}
    style = sum(weight(front, address) for address in loaded if address.endswith(".css"))
    script = sum(weight(front, address) for address in loaded if address.endswith(".js"))
    whole = weight(front, path) + sum(weight(front, address) for address in loaded)
    assert weight(front, path) + style <= PAGE
    assert style <= STYLE
    assert script <= (SCRIPT if page.form else 0)
    assert whole <= (FORM_PAGE if page.form else 20 * 1024)


def test_there_is_one_style_sheet_and_no_font(front: Client) -> None:
    html = front.get("/ta/").text
    assert len(re.findall(r"rel=[\"']?stylesheet", html)) == 1
    css = next(a for a in Document(html).references("/ta/") if a.endswith(".css"))
    assert b"@font-face" not in front.get(css).data
    assert b"@import" not in front.get(css).data
