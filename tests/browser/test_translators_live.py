"""A translator at work: a saved ``.po`` shows in the open page; marks lead back to its lines."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium.common.exceptions import WebDriverException

from browser.chrome import Browser
from browser.states import soon
from cocreate.catalogues import read_catalogue
from cocreate.config import ROOT
from cocreate.l10n.extract import catalogue_path
from cocreate.languages import BY_SLUG
from processes import free_port, running

HEADING = "return document.querySelector('h1').textContent"
MARK = """const marks = [...document.querySelectorAll('.message')]
const found = marks.find(mark => mark.title.includes(arguments[0]))
return [found.dataset.line, getComputedStyle(found).outlineStyle,
        getComputedStyle(found, '::after').content]"""
MESSAGE = "STACK: build for the public good, together"


@dataclass
class Desk:
    """``make dev`` running on a copy of the site, which a test may edit."""

    url: str
    po: Path
    template: Path

    def save(self, translation: str) -> None:
        catalogue = read_catalogue(self.po)
        entry = catalogue.find(MESSAGE)
        assert entry is not None
        entry.msgstr = translation
        catalogue.save()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    root, port = tmp_path_factory.mktemp("desk"), free_port()
    for name in ("site", "templates", "static", "translations"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    env = {k: v for k, v in os.environ.items() if not k.startswith("COCREATE_")}
    env |= {"PYTHONPATH": str(root / "site"), "COCREATE_DATA_DIR": str(root / "data")}
    command = [sys.executable, "-m", "cocreate.dev", "--port", port]
    with running(command, port, root / "log", env):
        po = catalogue_path(BY_SLUG["ta"], root / "translations")
        template = root / "templates/pages/stack.html"
        yield Desk(f"http://127.0.0.1:{port}/ta/stack/", po, template)


def shows(browser: Browser, heading: str) -> None:
    """The open page comes to show ``heading`` by itself."""
    soon(browser, lambda: browser.run(HEADING) == heading, WebDriverException)


def test_a_saved_sentence_or_template_shows_by_itself(desk: Desk, browser: Browser) -> None:
    browser.open(desk.url)
    for number in range(3):
        desk.save(f"STACK சமூகம் {number}")
        shows(browser, f"STACK சமூகம் {number}")
    text = desk.template.read_text(encoding="utf-8")
    for heading in ("<h1>1</h1>", ""):
        saved = text.replace("{% block main %}", "{% block main %}" + heading)
        desk.template.write_text(saved, encoding="utf-8")
        shows(browser, heading[4:5] or "STACK சமூகம் 2")


def test_a_mark_leads_to_the_line_and_its_style_is_let_in(desk: Desk, browser: Browser) -> None:
    browser.console()
    browser.open(f"{desk.url}?show=messages")
    line, outline, after = browser.run(MARK, MESSAGE)
    lines = desk.po.read_text(encoding="utf-8").split("\n")
    assert lines[int(line) - 2] == f'msgid "{MESSAGE}"'
    assert (outline, after) == ("dotted", f'" {line}"')
    assert browser.console() == []


def test_the_open_page_survives_a_broken_save(desk: Desk, browser: Browser) -> None:
    """Half a line is saved: the earlier words stay. Mended, the new ones come by themselves."""
    browser.open(desk.url)
    text = desk.po.read_text(encoding="utf-8")
    desk.po.write_text(text.replace('msgstr "', "msgstr ", 1), encoding="utf-8")
    browser.driver.refresh()
    assert browser.run(HEADING) in text
    desk.po.write_text(text, encoding="utf-8")
    desk.save("STACK சமூகம் மீண்டும்")
    shows(browser, "STACK சமூகம் மீண்டும்")
