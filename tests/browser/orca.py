"""Orca, a real screen reader, with Firefox: keys go in as from a keyboard, words come out as text.

Both run as an ordinary user on a desktop of their own. What Orca says, ``orca_voice.py`` (inside
Orca) writes into a file, which is read here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.firefox.service import Service

from browser.desktop import Desktop, MissingError, find
from browser.firefox import JAVASCRIPT, firefox, geckodriver
from processes import PATIENCE

VOICE = Path(__file__).with_name("orca_voice.py")
# Comes sooner or later than what is told with it: modes of reading, and how loading goes on (while
# it is slow, the document before it has its title).
NOISE = re.compile(
    r"(Browse|Focus) mode|leaving banner|Loading\.|Finished loading|Page has |Text unselected"
    r"|(document web\.)?$"
)
MODES = ("Browse mode", "Focus mode")


class Orca:
    """A person who listens: opens pages, presses keys, hears."""

    def __init__(self) -> None:
        if os.getuid() != 0:
            raise MissingError("Orca is run as a user of its own, which only root can do")
        orca, openbox = find("orca", "orca"), find("openbox", "openbox")
        launcher = find("at-spi-bus-launcher", "at-spi2-core")
        self._xdotool = find("xdotool", "xdotool")
        self._read, self._typed = 0, ""
        with ExitStack() as ends:
            self.home = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="heard-")))
            self.desktop = Desktop(self.home, user="nobody")
            ends.callback(self.desktop.close)
            self.desktop.start(openbox)
            self.desktop.start(launcher, "--launch-immediately", "--a11y=1", "--screen-reader=1")
            self.said = self._with_our_voice()
            self.desktop.start(orca, HEARD_IN=str(self.said))
            self.hear("Screen reader on")
            self.driver = self._firefox()
            ends.callback(self.driver.quit)
            self.hear("New Tab")
            self._ends = ends.pop_all()

    def _with_our_voice(self) -> Path:
        """Orca's folder, with what makes it write; the file that it will write."""
        folder, said = self.home / ".local" / "share" / "orca", self.home / "said.jsonl"
        folder.mkdir(parents=True)
        shutil.copy(VOICE, folder / "orca-customizations.py")
        said.touch()
        self.desktop.give(said, folder, *folder.parents[:2], *folder.iterdir())
        return said

    def _firefox(self) -> webdriver.Firefox:
        driver = self.home / "geckodriver"
        shutil.copy(geckodriver(), driver)  # where the user can read it
        driver.chmod(0o755)
        options = webdriver.FirefoxOptions()
        options.binary_location = firefox()
        options.add_argument("-remote-allow-system-access")
        options.set_preference("accessibility.force_disabled", -1)
        options.set_preference("network.dns.disabled", True)  # nothing leaves the machine
        log = str(self.home / "geckodriver.log")
        user = self.desktop.as_user()
        service = Service(str(driver), env=self.desktop.env, popen_kw=user, log_output=log)
        started = webdriver.Firefox(options=options, service=service)
        started.fullscreen_window()
        return started

    @property
    def version(self) -> str:
        shown = subprocess.run(
            [find("orca", "orca"), "--version"],
            env=self.desktop.env, capture_output=True, text=True, check=True,
            **self.desktop.as_user(),
        )  # fmt: skip
        return str(shown.stdout.split()[-1])

    def scripts(self, allowed: bool) -> None:
        """Switch the pages' scripts on or off, from the next page on."""
        with self.driver.context(self.driver.CONTEXT_CHROME):
            self.driver.execute_script(JAVASCRIPT, allowed)

    def hear(self, *words: str) -> list[str]:
        """What was said until ``words`` were, in their order. A line an utterance.

        Raises:
            AssertionError: with all that was said instead.
        """
        end = time.monotonic() + PATIENCE
        while True:
            lines = self._lines()
            rest = iter(lines)
            if all(any(word == line or word in line for line in rest) for word in words):
                return self._taken(lines)
            assert time.monotonic() < end, f"not said: {words}, but\n" + "\n".join(lines)
            time.sleep(0.05)

    def hear_out(self, quiet: float = 2) -> list[str]:
        """What is said until nothing was for ``quiet`` seconds: to write a transcript with."""
        lines, last = self._lines(), time.monotonic()
        while time.monotonic() < last + quiet:
            time.sleep(0.1)
            if (now := self._lines()) != lines:
                lines, last = now, time.monotonic()
        return self._taken(lines)

    def _taken(self, lines: list[str]) -> list[str]:
        self._read += len(lines)
        return [line for line in lines if not NOISE.match(line) and line not in self._typed]

    def _all(self) -> list[str]:
        return self.said.read_text(encoding="utf-8").split("\n")[:-1]

    def _lines(self) -> list[str]:
        pairs = [json.loads(line) for line in self._all()[self._read :]]
        heard = [
            (lang, " ".join(words.split()).replace("visited link", "link")) for lang, words in pairs
        ]
        return [f"[{lang}] {words}" if lang else words for lang, words in heard]

    def press(self, *keys: str) -> None:
        """Keys by their X names: Tab, Return, space, Down, h …"""
        self.desktop.run(self._xdotool, "key", *keys)

    def type(self, text: str) -> None:
        """Into the field that has the focus; after a jump, Orca must be told to pass letters on."""
        self._typed = text  # Orca may repeat parts of it, as they come
        for _ in range(2):  # Insert+a goes from either mode to the other, and says which
            known = len(self._modes())
            self.press("Insert+a")
            self._wait_for_mode(known)
            if self._modes()[-1] == "Focus mode":
                break
            time.sleep(1)  # twice at once would mean another thing to Orca
        self.desktop.run(self._xdotool, "type", "--delay", "40", text)

    def _wait_for_mode(self, known: int) -> None:
        self._wait(lambda: len(self._modes()) > known, "a mode")

    def open(self, address: str) -> None:
        before = len(self._lines())
        self.driver.get(address)
        self._wait(lambda: any("Page has " in line for line in self._lines()[before:]), "a page")

    def _modes(self) -> list[str]:
        return [words for _, words in map(json.loads, self._all()) if words.startswith(MODES)]

    def _wait(self, heard: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not heard():
            assert time.monotonic() < end, f"not heard: {what}"
            time.sleep(0.05)

    def quit(self) -> None:
        self._ends.close()
