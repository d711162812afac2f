"""Does every reference of a frozen folder lead somewhere? Pages, fragments, pictures, ids."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cocreate.config import Config
from cocreate.freeze.hosting import FOLDER

REFERENCES = {"href", "src", "action", "formaction", "poster", "xlink:href", "hx-get", "hx-post"}
IDREFS = {"for", "headers", "list", "form", "aria-labelledby", "aria-describedby", "aria-controls"}
CSS_URL = re.compile(r"""url\(\s*["']?([^"')]+)""")
OUTSIDE = {"http", "https", "mailto", "tel", "data"}


class Document(HTMLParser):
    """What one file offers (ids) and asks for (references, ids), for the site at ``site_url``."""

    def __init__(self, site_url: str) -> None:
        super().__init__()
        self._site_url = site_url
        self.ids: list[str] = []
        self.references: list[str] = []
        self.idrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            self._note(name.removeprefix("data-"), value or "")

    def _note(self, name: str, value: str) -> None:
        if name == "id":
            self.ids.append(value)
        elif name in REFERENCES or value.startswith(self._site_url):
            self.references.append(value)
        elif name in IDREFS:
            self.idrefs += value.split()
        elif name == "srcset":
            self.references += [part.split()[0] for part in value.split(",")]
        else:
            self.references += CSS_URL.findall(value)


class Folder:
    """A frozen folder and the questions asked of it.

    The settings' ``site_url`` says which absolute addresses are its own, ``join_url`` which of
    these are answered by the live site instead.
    """

    def __init__(self, path: Path, config: Config) -> None:
        self._config = config
        names = (file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
        self._names = {name for name in names if not name.startswith(FOLDER)}
        self._documents = {
            name: self._read(path / name)
            for name in sorted(self._names)
            if name.endswith((".html", ".svg", ".css", ".xml", ".txt", ".webmanifest"))
        }

    def faults(self) -> list[str]:
        """One line for each reference that leads nowhere, naming file and reference."""
        return [
            f"{name}: {fault}"
            for name, document in self._documents.items()
            for fault in self._faults_of(name, document)
        ]

    def _read(self, file: Path) -> Document:
        text, site_url = file.read_text(encoding="utf-8"), self._config.site_url
        document = Document(site_url)
        if file.suffix in (".html", ".svg"):
            document.feed(text)
            document.close()
        elif file.suffix == ".css":
            document.references += CSS_URL.findall(text)
        elif file.suffix == ".webmanifest":
            manifest = json.loads(text)
            icons = [icon["src"] for icon in manifest.get("icons", [])]
            document.references += [manifest.get("start_url", "./"), *icons]
        else:
            document.references += re.findall(re.escape(site_url) + r"[^\s<\"']*", text)
        return document

    def _faults_of(self, name: str, document: Document) -> Iterator[str]:
        known = set(document.ids)
        if len(known) < len(document.ids):
            twice = next(one for one in document.ids if document.ids.count(one) > 1)
            yield f"id {twice!r} is given twice"
        for idref in document.idrefs:
            if idref not in known:
                yield f"no element has the id {idref!r}"
        for reference in dict.fromkeys(document.references):
            if fault := self._fault(name, reference):
                yield f"{reference!r} {fault}"

    def _fault(self, name: str, reference: str) -> str:
        """What is wrong with ``reference`` in the file ``name``; empty when nothing is."""
        parts = urlsplit(reference)
        folder, path = posixpath.dirname(name), unquote(parts.path)
        if self._is_own(reference):
            folder, path = "", path.removeprefix(self._config.base_path)
        elif parts.scheme or parts.netloc:
            return "" if parts.scheme in OUTSIDE else "is an address that pages must not use"
        elif path.startswith("/"):
            if posixpath.basename(name) != "404.html":
                return "is absolute: the folder would not work below another path"
            if not path.startswith(self._config.base_path):
                return f"does not begin with {self._config.base_path}"
            folder, path = "", path.removeprefix(self._config.base_path)
        elif not path:
            return self._fragment_fault(name, parts.fragment)
        target = posixpath.normpath(posixpath.join(folder, path))
        if path.endswith(("/", ".")) or not path:
            target = posixpath.normpath(posixpath.join(target, "index.html"))
        return self._fragment_fault(target, parts.fragment)

    def _is_own(self, reference: str) -> bool:
        """Below ``site_url``, and not below a live site that lies deeper."""
        site_url, join_url = self._config.site_url, self._config.join_url
        is_live = len(join_url) > len(site_url) and reference.startswith(join_url)
        return reference.startswith(site_url) and not is_live

    def _fragment_fault(self, target: str, fragment: str) -> str:
        if target not in self._names:
            return "leads nowhere"
        if fragment and unquote(fragment) not in self._documents[target].ids:
            return "names an element that is not there"
        return ""
