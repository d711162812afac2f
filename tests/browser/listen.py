"""What a screen reader says of the open page, read from Chromium's accessibility tree.

What a whole page sounds like, Orca tells: ``spoken.py``. Here one asks what is said unasked after a
swap, and what where the focus is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from browser.chrome import Browser

# Roles of the tree in the words of screen readers; any other is said by its own name.
SPOKEN = {
    "RootWebArea": "document",
    "radio": "radio button",
    "textbox": "edit",
    "DisclosureTriangle": "button",
}
STATES: dict[str, dict[Any, str]] = {  # in the order in which they are said
    "required": {True: "required"},
    "invalid": {"true": "invalid entry"},
    "checked": {"true": "checked", "false": "not checked", "mixed": "partly checked"},
    "expanded": {True: "expanded", False: "collapsed"},
    "disabled": {True: "unavailable"},
    "focused": {True: "focused"},
}


class Node:
    """One node of the accessibility tree, as Chromium tells it."""

    def __init__(self, raw: dict[str, Any]) -> None:
        said = ("role", "name", "description", "value")
        words = (str(raw.get(key, {}).get("value", "")) for key in said)
        self.role, self.name, self.description, self.value = words
        self.source: int = raw.get("backendDOMNodeId", 0)  # the DOM node
        self.children: list[Node] = []
        told = raw.get("properties", [])
        self.states = {each["name"]: each["value"].get("value") for each in told}

    def all(self) -> Iterator[Node]:
        """The node itself and all within it, in reading order."""
        yield self
        for child in self.children:
            yield from child.all()

    def text(self) -> str:
        return "".join(node.name for node in self.all() if node.role == "StaticText")

    def utterance(self) -> str:
        role = SPOKEN.get(self.role, self.role)
        if self.role == "heading":
            role += f" {self.states['level']}"
        states = [words.get(self.states.get(name)) for name, words in STATES.items()]
        line = ", ".join([role, *filter(None, states)])
        line += f": {self.name}" if self.name else ""
        line += f" – {self.description}" if self.description else ""
        return line + (f" = “{self.value}”" if self.value else "")


@dataclass
class Page:
    """The open page as it is heard."""

    root: Node
    language: str

    def transcript(self) -> list[str]:
        return [node.utterance() for node in self.root.all()]

    def focus(self) -> str:
        """What is said where the focus is: innermost, for the document counts as focused too."""
        return [node for node in self.root.all() if node.states.get("focused")][-1].utterance()

    def live(self) -> dict[int, tuple[str, str]]:
        """The live regions by the DOM node that each is: its role, and what is read in it."""
        regions = [node for node in self.root.all() if node.states.get("live")]
        return {node.source: (node.role, node.text()) for node in regions}

    def announced_since(self, before: Page) -> list[str]:
        """What is said unasked: a region that was there and has changed, or a new alert."""
        known, said = before.live(), []
        for source, (role, text) in self.live().items():
            if (known[source][1] != text) if source in known else role == "alert":
                said += [text] if text else []
        return said


def plain(line: str) -> str:
    """``line`` with a space for each run of white space, as it is in the tree."""
    return " ".join(line.split())


def listen(browser: Browser) -> Page:
    """The accessibility tree of the open page."""
    language = browser.look("return document.documentElement.lang")
    browser.cdp("Emulation.setFocusEmulationEnabled", enabled=True)  # a walk may have left the page
    raw = browser.cdp("Accessibility.getFullAXTree")["nodes"]
    browser.cdp("Emulation.setFocusEmulationEnabled", enabled=False)
    nodes = {each["nodeId"]: Node(each) for each in raw}
    for each in raw:
        nodes[each["nodeId"]].children = [nodes[i] for i in each.get("childIds", []) if i in nodes]
    return Page(nodes[raw[0]["nodeId"]], language)
