"""A bundle: what the host hands out, sealed, and the manager's machine opens.

JSON lines: one for each member, and at the end one that names the site, the keys and the day on
which all of it expires, counts and hashes the lines before, and is signed by the host.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cocreate import clock
from cocreate.clock import DAY
from cocreate.config import Config
from cocreate.letters.letter import Letter
from cocreate.storage import crypto, letters
from cocreate.storage.addresses import secret_keys
from cocreate.storage.files import new_file

TIMEOUT = 20  # seconds for the site to answer
REFUSALS = {
    403: "the bundle is not signed by this site; make a new one on the host",
    410: "the bundle is past its time; make a new one on the host",
    429: "asked too often; run the same command again in an hour",
    503: "busy; run the same command again in a minute",
}


class BundleFault(Exception):  # noqa: N818  # a file or a site, not a mistake of ours
    """A bundle cannot be used, or not now. Its text is one line that says what to do."""


@dataclass(frozen=True)
class Recipient:
    """A member's letter: whose, in which language, with which link."""

    address: str
    name: str
    language: str
    communities: tuple[str, ...]
    token: str

    @property
    def token_hash(self) -> str:
        hashed = crypto.token_hash(self.token)
        assert hashed
        return hashed.hex()


def write_bundle(letter: Letter, config: Config, target: Path) -> int:
    """Make a bundle on the host, and its links; how many members are in it.

    Raises:
        FileExistsError: ``target`` is there already; no link was made.
        BundleFault: the letter is another site's.
        QuestionHasAnswers: see there.
    """
    if (letter.site, letter.operator) != (config.site_url, config.operator):
        raise BundleFault(
            f"letter.toml: names site {letter.site} and operator {letter.operator!r}, and here they"
            f" are {config.site_url} and {config.operator!r}; write these"
        )
    letter_id = letters.register(letter.name, letter.question)
    until = clock.now() + config.bundle_days * DAY
    digest, count = hashlib.sha256(), 0
    with new_file(target) as unfinished, unfinished.open("wb") as file:
        for page in letters.mint(letter_id, letter.audience, until):
            lines = b"".join(json.dumps(member).encode() + b"\n" for member in page)
            digest.update(lines)
            file.write(lines)
            count += len(page)
        manifest = {
            "site": config.site_url,
            "keys": list(config.seal_key),
            "letter": letter.name,
            "letter_id": letter_id,
            "expires": until,
            "number": count,
            "sha256": digest.hexdigest(),
        }
        signature = crypto.sign(secret_keys(), manifest)
        file.write(json.dumps(manifest | {"signature": signature}).encode() + b"\n")
    return count


class Bundle:
    """A bundle on the manager's machine; BundleFault where it is cut or changed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            *self._lines, last = file.read_bytes().splitlines(keepends=True)
            self.manifest: dict[str, Any] = json.loads(last)
            self._signature = self.manifest.pop("signature")
            found = len(self._lines), hashlib.sha256(b"".join(self._lines)).hexdigest()
            whole = found == (self.manifest["number"], self.manifest["sha256"])
            whole = whole and self.manifest.keys() >= {"letter", "site", "expires", "keys"}
        except OSError as error:
            raise BundleFault(f"{file}: {error.strerror}") from None
        except (ValueError, LookupError, TypeError, AttributeError):
            whole = False
        if not whole:
            raise BundleFault(f"{file}: cut or changed on its way; copy it from the host again")

    def check(self, letter: Letter, identities: Sequence[Any]) -> None:
        """BundleFault where it is of another letter or site, past its time, or for other keys."""
        said, file = self.manifest, self._file
        if said["letter"] != letter.name or said["site"] != letter.site:
            raise BundleFault(
                f"{file}: made for letter {said['letter']} of {said['site']}, and this is"
                f" {letter.name} of {letter.site}; make one with 'cocreate letters bundle'"
            )
        if said["expires"] <= clock.now():
            raise BundleFault(f"{file}: past its time; make a new one on the host")
        if not {str(one.to_public()) for one in identities} & set(said["keys"]):
            names = ", ".join(f"{key[:12]}…" for key in said["keys"])
            raise BundleFault(f"{file}: sealed for {names}, and --key is none of these")

    def recipients(self, identities: list[Any]) -> Iterator[Recipient]:
        """Each member, opened; BundleFault at the end where some did not open."""
        closed = 0
        for line in self._lines:
            found = json.loads(line)
            values: dict[str, Any] = {}
            try:
                for sealed in found["sealed"]:
                    values |= crypto.unseal(base64.b64decode(sealed), identities)
            except crypto.KeyFault:
                closed += 1
                continue
            communities = tuple(found["communities"].split(","))
            yield Recipient(
                values["email"], values["name"], found["language"], communities, values["token"]
            )
        if closed:
            raise BundleFault(
                f"{self._file}: {closed} of {len(self._lines)} are sealed for another key; give"
                " that one too, with --key"
            )

    def ask(self, links: Iterable[str] = (), *, unsent: Iterable[str] = ()) -> set[str]:
        """Which of ``links`` still stand, by the site; those ``unsent`` are given back.

        Raises:
            BundleFault: the site does not answer, or not to this bundle.
        """
        asked = self.manifest | {"signature": self._signature}
        body = json.dumps({"bundle": asked, "links": list(links), "unsent": list(unsent)})
        site = urlsplit(self.manifest["site"])
        kind = HTTPSConnection if site.scheme == "https" else HTTPConnection
        try:
            with closing(kind(site.hostname or "", site.port, timeout=TIMEOUT)) as connection:
                headers = {"Content-Type": "application/json"}
                connection.request("POST", f"{site.path}letters/standing/", body, headers)
                answer = connection.getresponse()
                said = answer.read()
            if answer.status == 200:
                return set(json.loads(said)["stand"])
        except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
            raise BundleFault(
                f"{self.manifest['site']} does not answer ({type(error).__name__}); nothing is"
                " lost: run the same command again later"
            ) from None
        raise BundleFault(f"{self.manifest['site']}: {REFUSALS.get(answer.status, answer.status)}")
