"""A page as a strict HTML5 parser sees it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urldefrag, urljoin
from xml.etree.ElementTree import Element

import html5lib

HIDDEN = {"script", "style", "template", "head"}


class Document:
    """A parsed page: its elements in order, each with its parents and its language."""

    def __init__(self, html: str, *, part: bool = False) -> None:
        parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
        self.html = html
        self.root: Element = parser.parseFragment(html) if part else parser.parse(html)
        self.errors = [f"{where}: {code} {data or ''}" for where, code, data in parser.errors]
        self.parents = {child: parent for parent in self.root.iter() for child in parent}
        self.elements = [e for e in self.root.iter() if isinstance(e.tag, str)]
        self.ids = [e.attrib["id"] for e in self.elements if "id" in e.attrib]

    def all(self, *tags: str) -> list[Element]:
        return [e for e in self.elements if e.tag in tags]

    def named_meta(self, name: str) -> list[Element]:
        return [
            e for e in self.all("meta") if e.attrib.get("name", e.attrib.get("property")) == name
        ]

    def references(self, base: str) -> set[str]:
        """Paths on this site that the page at ``base`` leads to or loads, without fragments."""
        loaded = {
            e.attrib[key]
            for e in self.elements
            for key in ("href", "src", "action")
            if key in e.attrib
        }
        absolute = {urldefrag(urljoin(base, address)).url for address in loaded}
        return {address for address in absolute if address.startswith("/")}

    def lineage(self, element: Element) -> Iterator[Element]:
        """``element`` and its parents, inside out."""
        found: Element | None = element
        while found is not None:
            yield found
            found = self.parents.get(found)

    def language_of(self, element: Element) -> str:
        return next((e.attrib["lang"] for e in self.lineage(element) if "lang" in e.attrib), "")

    def passages(self, *skipped: str) -> Iterator[tuple[str, str]]:
        """Every run of text that is read, with its language; but not inside ``skipped`` tags."""
        hidden = HIDDEN.union(skipped)
        for element in self.elements:
            own = {e.tag for e in self.lineage(element)}
            if element.text and not own & hidden:
                yield element.text, self.language_of(element)
            if element.tail and not (own - {element.tag}) & hidden:
                yield element.tail, self.language_of(self.parents[element])


def text_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def name_of(element: Element) -> str:
    """What a link is called: its label, else its words and the names of its pictures."""
    inside = [e.attrib.get("aria-label") or e.attrib.get("alt", "") for e in element.iter()]
    return (text_of(element) + " " + " ".join(inside)).strip()
