"""The little Markdown that a letter is written in: to HTML, to plain text, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from cocreate.languages import BY_SLUG
from cocreate.pages import BY_PATH

TAGS = {"p", "h2", "ul", "ol", "li", "strong", "em", "a", "br"}
CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes={"a": {"href", "class"}},
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)
PARSER = MarkdownIt("zero").enable(["heading", "list", "emphasis", "link", "escape", "newline"])
GAP = re.compile(r"\{(?!name\})[^{}]*\}")
LINK = re.compile(r"\]\(([^)\s]*)[^)]*\)")
ODD = {
    r"!\[": "no pictures: say it in words",
    r"<[A-Za-z/!]": "HTML is not understood: it would be shown as it stands",
    r"#{3,} ": "use # or ## before a heading",
}


def html(source: str) -> Markup:
    """``source`` as HTML; nothing but :data:`TAGS` stands in it."""
    tokens = PARSER.parse(source)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "h2"  # the subject is the one above them
        parts = [child.type for child in token.children or ()]
        if parts[:1] == ["link_open"] and parts.index("link_close") == len(parts) - 1:
            (token.children or [])[0].attrSet("class", "alone")  # large enough for a finger
    page = PARSER.renderer.render(tokens, PARSER.options, {})
    return Markup(CLEANER.clean(page))  # noqa: S704  # cleaned


def text(source: str) -> str:
    """``source`` as plain text, each address behind its words."""
    said, first, in_list = "", "", False
    marks: list[str] = []  # of the lists that are open
    for token in PARSER.parse(source):
        if token.type.endswith("_list_open"):
            marks.append("- ")
        elif token.type.endswith("_list_close"):
            marks.pop()
        elif token.type == "list_item_open":
            first = "  " * (len(marks) - 1) + (f"{token.info}. " if token.info else marks[-1])
        elif token.type == "inline":
            gap = "\n" if first and in_list else "\n\n"
            said += (gap if said else "") + first + _spoken(token.children or [])
            in_list, first = bool(marks), ""
    return said


def _spoken(tokens: list[Token]) -> str:
    said, href, words = "", "", ""
    for token in tokens:
        if token.type == "link_open":
            href, words = str(token.attrGet("href") or ""), said
        elif token.type == "link_close":
            said += "" if said.removeprefix(words) == href else f" <{href}>"
        elif token.type in {"softbreak", "hardbreak"}:
            said += "\n"
        else:
            said += token.content
    return said


def faults(source: str, site: str) -> Iterator[tuple[int, str]]:
    """What is wrong, each with its line: gaps, what would not be shown, links that lead nowhere."""
    for number, line in enumerate(source.splitlines(), 1):
        yield from ((number, f"still to be written: {gap}") for gap in GAP.findall(line))
        yield from ((number, words) for pattern, words in ODD.items() if re.search(pattern, line))
        for href in LINK.findall(line):
            if not _leads_somewhere(href, site):
                yield number, f"this link leads nowhere: {href}"


def _leads_somewhere(href: str, site: str) -> bool:
    """A full address; of this site, one of its pages."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return "@" in parts.path
    if site and href.startswith(site):
        slug, _, path = href.removeprefix(site).partition("#")[0].partition("?")[0].partition("/")
        return slug in {"", *BY_SLUG} and (path == "" or path in BY_PATH)
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "")
