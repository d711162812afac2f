"""A desktop that nobody sees: an X server, and programs on it, which all end with it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from processes import PATIENCE


class MissingError(Exception):
    """A program that a test needs is not on this machine; the message says what would help."""


def find(program: str, package: str) -> str:
    """Path of a program.

    Raises:
        MissingError: if there is none.
    """
    if found := shutil.which(program) or shutil.which(program, path="/usr/libexec"):
        return found
    raise MissingError(f"{program} is missing: sudo apt-get install {package}")


class Desktop:
    """An X server of its own; ``user`` owns it and what runs on it (else whoever runs the tests).

    Args:
        home: an empty folder, HOME of all programs.
        size: of the screen, in pixels.
    """

    def __init__(self, home: Path, size: str = "1280x1000x24", user: str | None = None) -> None:
        self.home, self.user, self._running = home, user, list[subprocess.Popen[bytes]]()
        runtime = home / "runtime"
        runtime.mkdir(mode=0o700)
        self.give(home, runtime)
        self.env = {
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime}/bus",
            "GSETTINGS_BACKEND": "memory",
            "LANG": "C.UTF-8",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "PATH": os.environ["PATH"],
        }
        bus = find("dbus-daemon", "dbus-daemon")
        self._answered(bus, "--session", "--nofork", "--print-address",
                       "--address", self.env["DBUS_SESSION_BUS_ADDRESS"])  # fmt: skip
        screen = ("-screen", "0", size, "-nolisten", "tcp", "-ac", "-displayfd", "1")
        self.env["DISPLAY"] = f":{self._answered(find('Xvfb', 'xvfb'), *screen)}"

    def give(self, *paths: Path) -> None:
        """Let the desktop's user have files and folders."""
        if self.user:
            for path in paths:
                shutil.chown(path, self.user)

    def start(self, *command: str, **env: str) -> subprocess.Popen[bytes]:
        with (self.home / "log").open("ab") as log:
            program = subprocess.Popen(
                command,
                cwd=self.home,
                env=self.env | env,
                stdout=subprocess.PIPE,
                stderr=log,
                **self.as_user(),
            )
        self._running.append(program)
        return program

    def as_user(self) -> dict[str, Any]:
        """Arguments of Popen that make a program the user's."""
        return {"user": self.user, "group": "nogroup", "extra_groups": []} if self.user else {}

    def run(self, *command: str) -> None:
        subprocess.run(
            command, env=self.env, cwd=self.home, check=True, timeout=PATIENCE, **self.as_user()
        )

    def _answered(self, *command: str) -> str:
        """Start a program that writes a line once it is ready."""
        out = self.start(*command).stdout
        assert out
        line = out.readline().decode().strip()
        assert line, f"{command[0]} did not start: {(self.home / 'log').read_text()}"
        return line

    def close(self) -> None:
        for program in reversed(self._running):
            program.terminate()
            program.wait(PATIENCE)
            if program.stdout:
                program.stdout.close()
