"""What a screen reader says of the open page, read from Chromium's accessibility tree.

One utterance a line, in reading order. Words in another language than the page's are marked, as the
voice would change there: ``link: about [en: GovTech]``. What names or describes something is said
with it, and not once more where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from browser.chrome import Browser

# Roles of the tree in the words of screen readers; any other is said by its own name.
SPOKEN = {
    "RootWebArea": "document",
    "radio": "radio button",
    "textbox": "edit",
    "DisclosureTriangle": "button",
}
CONTAINERS = set("banner complementary contentinfo form main navigation region search".split())
CONTAINERS |= set("alert article figure group list status".split())
WHOLE = {"textbox", "combobox"}  # nothing within them is read
PLAIN = set("LabelText Legend ListMarker listitem paragraph generic none".split())
PLAIN |= set("emphasis mark strong time LineBreak".split())
NAMING = {"LabelText", "Legend", "paragraph", "generic", "none"}  # silent where they name something
INLINE = set("a abbr b bdi code em i mark q s small span strong sub sup time".split())
STATES: dict[str, dict[Any, str]] = {  # in the order in which they are said
    "required": {True: "required"},
    "invalid": {"true": "invalid entry"},
    "checked": {"true": "checked", "false": "not checked", "mixed": "partly checked"},
    "expanded": {True: "expanded", False: "collapsed"},
    "disabled": {True: "unavailable"},
    "focused": {True: "focused"},
}
Run = tuple[str, str]  # a language, and words in it


@dataclass
class Element:
    """The mark-up behind a node: of a text, that of the element around it."""

    tag: str = ""
    language: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


class Node:
    """One node of the accessibility tree, as Chromium tells it, and the mark-up behind it."""

    def __init__(self, raw: dict[str, Any], elements: Mapping[int, Element]) -> None:
        said = ("role", "name", "description", "value")
        words = (str(raw.get(key, {}).get("value", "")) for key in said)
        self.role, self.name, self.description, self.value = words
        self.source: int = raw.get("backendDOMNodeId", 0)  # the DOM node
        self.element = elements.get(self.source, Element())
        self.children: list[Node] = []
        told = {each["name"]: each["value"] for each in raw.get("properties", [])}
        self.states = {name: value.get("value") for name, value in told.items()}
        self.related = {  # the DOM nodes that name and describe it
            name: [each["backendDOMNodeId"] for each in told.get(name, {}).get("relatedNodes", [])]
            for name in ("labelledby", "describedby")
        }

    def all(self) -> Iterator[Node]:
        """The node itself and all within it, in reading order."""
        yield self
        for child in self.children:
            yield from child.all()

    def runs(self) -> list[Run]:
        texts = (node for node in self.all() if node.role == "StaticText")
        return [(node.element.language, node.name) for node in texts]


class Page:
    """The open page as it is heard."""

    def __init__(self, root: Node, language: str) -> None:
        self.root, self.language = root, language
        self.nodes = {node.source: node for node in root.all()}
        self.said = {one for node in root.all() for each in node.related.values() for one in each}

    def transcript(self) -> list[str]:
        return self._lines(self.root.children)

    def focus(self) -> str:
        """What is said where the focus is: innermost, for the document counts as focused too."""
        focused = [node for node in self.root.all() if node.states.get("focused")][-1]
        return self._utterance(focused)

    def live(self) -> dict[int, tuple[str, list[str]]]:
        """The live regions by the DOM node that each is: its role, and what is read in it."""
        regions = [node for node in self.root.all() if node.states.get("live")]
        return {node.source: (node.role, self._lines(node.children)) for node in regions}

    def announced_since(self, before: Page) -> list[str]:
        """What is said unasked: a region that was there and has changed, or a new alert."""
        known, said = before.live(), []
        for source, (role, lines) in self.live().items():
            if (known[source][1] != lines) if source in known else role == "alert":
                said += lines
        return said

    def _lines(self, nodes: Iterable[Node], *, said: bool = False) -> list[str]:
        """Utterances; texts that run on within a block are one."""
        found: list[str] = []
        text: list[Run] = []
        for piece in (*(p for node in nodes for p in self._pieces(node, said=said)), ""):
            if isinstance(piece, str):
                found += [self._marked(text), piece]
                text = []
            else:
                text.append(piece)
        return [line for line in found if line]

    def _pieces(self, node: Node, *, said: bool) -> Iterator[Run | str]:
        """Words that run on, whole utterances, and "" where a block begins or ends."""
        said = said or (node.source in self.said and node.role in NAMING)
        if node.role == "StaticText":
            if not said:
                yield node.element.language, node.name
        elif node.role in CONTAINERS:
            inner = self._lines(node.children, said=said)
            yield from [self._utterance(node), *inner] if inner else ()
        elif node.role not in PLAIN:
            yield self._utterance(node)
            if node.role not in WHOLE:
                yield from self._lines(node.children, said=True)
        else:
            edge = () if node.element.tag in INLINE else ("",)
            yield from edge
            for child in node.children:
                yield from self._pieces(child, said=said)
            yield from edge

    def _utterance(self, node: Node) -> str:
        role = SPOKEN.get(node.role, node.role)
        if node.role == "heading":
            role += f" {node.states['level']}"
        states = [words.get(node.states.get(name)) for name, words in STATES.items()]
        line = ", ".join([role, *filter(None, states)])
        if node.name:
            line += f": {self._named(node)}"
        if node.description:
            line += f" – {self._mark(node.description, self._sources(node, 'describedby'))}"
        return line + (f" = “{node.value}”" if node.value else "")

    def _named(self, node: Node) -> str:
        if "aria-label" in node.element.attributes:
            return self._mark(node.name, [(node.element.language, node.name)])
        return self._mark(node.name, self._sources(node, "labelledby") or node.runs())

    def _sources(self, node: Node, relation: str) -> list[Run]:
        return [run for source in node.related[relation] for run in self.nodes[source].runs()]

    def _mark(self, words: str, runs: Iterable[Run]) -> str:
        """``words`` with the parts that stand among ``runs`` in another language marked."""
        made, rest = "", words
        for language, part in runs:
            if not (said := part.strip()):
                continue
            before, found, after = rest.partition(said)
            if found:
                made, rest = made + before + self._in(language, found), after
        return made + rest

    def _marked(self, runs: Iterable[Run]) -> str:
        joined = [
            self._in(language, "".join(part for _, part in group))
            for language, group in groupby(runs, itemgetter(0))
        ]
        return " ".join("".join(joined).split())

    def _in(self, language: str, words: str) -> str:
        if language == self.language or not (bare := words.strip()):
            return words
        return words.replace(bare, f"[{language}: {bare}]")


def plain(line: str) -> str:
    """``line`` without the marks of other languages."""
    return re.sub(r"\[[\w-]+: ([^\]]*)\]", r"\1", line)


def listen(browser: Browser) -> Page:
    """The accessibility tree of the open page, with the mark-up behind it."""
    document = browser.cdp("DOM.getDocument", depth=-1)["root"]
    elements = dict(_elements(document, Element()))
    browser.cdp("Emulation.setFocusEmulationEnabled", enabled=True)  # a walk may have left the page
    raw = browser.cdp("Accessibility.getFullAXTree")["nodes"]
    browser.cdp("Emulation.setFocusEmulationEnabled", enabled=False)
    nodes = {each["nodeId"]: Node(each, elements) for each in raw}
    for each in raw:
        nodes[each["nodeId"]].children = [nodes[i] for i in each.get("childIds", []) if i in nodes]
    _hand_down(nodes[raw[0]["nodeId"]])
    language = next(element.language for element in elements.values() if element.language)
    return Page(nodes[raw[0]["nodeId"]], language)


def _hand_down(node: Node) -> None:
    """Give what has no mark-up (generated, or newer than our copy) the language around it."""
    for child in node.children:
        if not child.element.language:
            child.element = Element(language=node.element.language)
        _hand_down(child)


def _elements(raw: dict[str, Any], around: Element) -> Iterator[tuple[int, Element]]:
    if raw["nodeName"].startswith("#"):
        element = around
    else:
        pairs = raw.get("attributes", [])
        attributes = dict(zip(pairs[::2], pairs[1::2], strict=True))
        language = attributes.get("lang", around.language)
        element = Element(raw["nodeName"].lower(), language, attributes)
    yield raw["backendNodeId"], element
    for child in raw.get("children", []):
        yield from _elements(child, element)
