"""What holds in the markup so that it is heard whole, once and in the right voice: every page.

Tried with Orca and Firefox (``tests/browser/test_orca.py`` hears some of it); here all is seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from flask.testing import FlaskClient

from cocreate.config import ROOT
from cocreate.languages import Language
from cocreate.pages import BY_NAME, Page
from cocreate.urls import page_path
from documents import Document, text_of
from matrix import every_language, every_page

CONTROLS = ("a", "button", "summary", "label", "option")
SHEET = ROOT / "static" / "css" / "site.css"
JUMPS = {"header", "nav", "main", "footer", "form"}


def shown(visitor: FlaskClient, page: Page, language: Language) -> Document:
    return Document(visitor.get(f"/{page_path(page, language)}").get_data(as_text=True))


def languages_in(d: Document, element: Element) -> Iterator[str]:
    """Of each run of words within ``element``."""
    for e in element.iter():
        if (e.text or "").strip():
            yield d.language_of(e)
        if e is not element and (e.tail or "").strip():
            yield d.language_of(d.parents[e])


@every_page
def test_a_control_is_heard_in_the_language_of_its_name(
    visitor: FlaskClient, page: Page, language: Language
) -> None:
    """A name that is in another language as a whole: its control says so, not a part within it."""
    d = shown(visitor, page, language)
    inputs = {e.attrib.get("id"): e for e in d.all("input")}
    for e in d.all(*CONTROLS):
        found = {language.tag} if "aria-label" in e.attrib else set(languages_in(d, e))
        if len(found) == 1:
            assert d.language_of(e) in found, text_of(e)
            box = inputs.get(e.attrib.get("for", ""))
            if box is not None and "choice" in e.attrib.get("class", ""):
                assert d.language_of(box) in found, text_of(e)


@every_page
def test_nothing_is_heard_in_pieces_or_twice(
    visitor: FlaskClient, page: Page, language: Language
) -> None:
    """Words that only ears meet stand in a box of their own: in a heading, a link, a button or a
    label they would be one more utterance. A choice has its words in the label itself.
    """
    d = shown(visitor, page, language)
    for e in d.all("h1", "h2", "h3", "h4", "a", "button", "summary", "label", "legend"):
        inside = [
            x for x in e.iter() if x is not e and "unseen" in x.attrib.get("class", "").split()
        ]
        assert not inside, text_of(e)
    for label in (e for e in d.all("label") if "choice" in e.attrib.get("class", "")):
        assert {x.tag for x in label.iter()} <= {"label", "input", "i", "span"}, text_of(label)


@every_page
def test_landmarks_are_where_one_would_jump(
    visitor: FlaskClient, page: Page, language: Language
) -> None:
    """A section that has a heading needs no second name, which would be said before it."""
    d = shown(visitor, page, language)
    named = [e for e in d.elements if {"aria-label", "aria-labelledby"} & e.attrib.keys()]
    places = [e for e in named if e.tag in {"section", "article", "aside", "div"}]
    assert not [e for e in places if e.attrib.get("role") not in {"alert", "img"}]
    assert not d.all("aside")
    assert not [e for e in d.elements if e.attrib.get("role") == "status" and not text_of(e)]
    menus = [e.attrib.get("aria-label") for e in d.all("nav")]
    assert len(set(menus)) == len(menus) == 3


@every_language
@pytest.mark.parametrize("name", ["join-stack", "join-tech-kaki", "feedback"])
def test_what_is_required_is_said_and_nothing_is_invalid(
    visitor: FlaskClient, name: str, language: Language
) -> None:
    """Firefox calls an empty field with the attribute ``required`` invalid, untouched as it is."""
    page = BY_NAME[name]
    d = shown(visitor, page, language)
    assert not [e for e in d.elements if {"required", "aria-invalid"} & e.attrib.keys()]
    required = {e.attrib["name"] for e in d.elements if e.attrib.get("aria-required") == "true"}
    wanted = {"message"} if name == "feedback" else {"name", "email", "consent"}
    assert required == wanted
    if "consent" in wanted:
        (box,) = [e for e in d.elements if e.attrib.get("name") == "consent"]
        (told,) = [e for e in d.elements if e.attrib.get("id") == box.attrib["aria-describedby"]]
        assert len(told.findall("p")) == 3


@every_language
def test_a_summary_is_made_of_sentences(visitor: FlaskClient, language: Language) -> None:
    """Run together they are still told apart; an offer is among them."""
    address = f"/{page_path(BY_NAME['join-stack'], language)}"
    answer = visitor.post(
        address, data={"email": "kai@gmial.com"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    d = Document(answer.get_data(as_text=True))
    (summary,) = [
        e for e in d.elements if e.attrib.get("role") == "alert" and "autofocus" in e.attrib
    ]
    lines = [text_of(e) for e in summary.iter() if e.tag in {"h2", "li"}]
    assert len(lines) > 3
    assert all(line.endswith(language.full_stop) for line in lines)
    assert "kai@gmail.com" in " ".join(text_of(e) for e in summary.findall("p"))


def test_no_text_is_torn_by_its_style() -> None:
    """``::first-letter`` tears the first letter off what is heard."""
    assert not re.findall(r"::?first-letter", Path(SHEET).read_text(encoding="utf-8"))
