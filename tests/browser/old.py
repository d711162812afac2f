"""Chromium of some years ago, as old phones have it, out of packages that ship it inside.

``.ci/browsers`` fetches them (and the reader mode's library) into a folder of the user's cache.
Today's drivers do not speak to so old a browser.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import brotli

from browser.desktop import MissingError
from browser.devtools import DevTools
from browser.engine import DESKTOP, PROBES, Engine, Rendering

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cocreate"
CHROMIUM_92 = "sparticuz-chromium-92.0.0"
CHROMIUM_80 = "chrome-aws-lambda-2.1.1"
READABILITY = "mozilla-readability-0.6.0"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--use-gl=swiftshader",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing leaves the machine
    "--remote-debugging-port=0",
)
# What our probes ask for, and engines before Chromium 105 lack.
SHIM = """Element.prototype.checkVisibility = Element.prototype.checkVisibility || function () {
  const style = getComputedStyle(this);
  return this.getClientRects().length > 0 && style.visibility === 'visible' && style.opacity > 0;
};"""
CENTRE = """const box = document.querySelector(arguments[0]);
box.scrollIntoView({block: 'center'});
const {x, y, width, height} = box.getBoundingClientRect();
return [x + width / 2, y + height / 2];"""


@cache
def package(name: str) -> Path:
    """Folder of an unpacked npm package, brotli-packed files inside it unpacked too.

    Raises:
        MissingError: if ``.ci/browsers`` could not fetch it.
    """
    archive, folder = CACHE / f"{name}.tgz", CACHE / name
    if not archive.is_file():
        raise MissingError(f"{archive} is missing: run make browsers where npm has its registry")
    if not folder.is_dir():
        # Made beside its place, then moved: another run never sees half of it.
        with tempfile.TemporaryDirectory(dir=CACHE) as made:
            with tarfile.open(archive) as packed:
                packed.extractall(made, filter="data")
            _unpack(Path(made) / "package")
            (Path(made) / "package").rename(folder)
    return folder


def _unpack(folder: Path) -> None:
    for file in folder.glob("bin/*.br"):
        whole = brotli.decompress(file.read_bytes())
        if file.suffixes[:-1] == [".tar"]:
            with tarfile.open(fileobj=BytesIO(whole)) as packed:
                packed.extractall(file.parent, filter="data")
        else:
            file.with_suffix("").write_bytes(whole)
            file.with_suffix("").chmod(0o755)


class Old(Engine):
    """An old Chromium with our probes in every page it opens."""

    driver: DevTools

    def __init__(self, address: str) -> None:
        self.driver = DevTools(address, "json/new?about:blank")
        source = SHIM + PROBES
        self.driver.cdp("Page.addScriptToEvaluateOnNewDocument", source=source)

    def open(self, address: str, *, rendering: Rendering = DESKTOP, status: int = 200) -> None:
        self.show_in(rendering)
        self.driver.get(address)
        self.page, self.looked_at = urlsplit(address).path, ""

    def show_in(self, rendering: Rendering) -> None:
        self.rendering = rendering
        shape = {"width": rendering.width, "height": rendering.height}
        self.driver.cdp(
            "Emulation.setDeviceMetricsOverride", **shape, deviceScaleFactor=1, mobile=False
        )
        features = [{"name": "prefers-color-scheme", "value": rendering.scheme}]
        self.driver.cdp("Emulation.setEmulatedMedia", media=rendering.medium, features=features)

    def click(self, selector: str) -> None:
        """With the pointer, on the middle of the element."""
        x, y = self.run(CENTRE, selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.driver.cdp(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )

    def write(self, box: str, text: str) -> None:
        self.click(box)
        self.driver.cdp("Input.insertText", text=text)

    def quit(self) -> None:
        self.driver.socket.close()


@contextmanager
def old_chromium(name: str) -> Iterator[Old]:
    """The Chromium out of the package ``name``, until the end of the block.

    Raises:
        MissingError: if the package is not there.
    """
    program = package(name) / "bin/chromium"
    with tempfile.TemporaryDirectory() as profile:
        running = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={profile}"], stderr=subprocess.PIPE, text=True
        )
        try:
            browser = Old(_address_of(running))
            yield browser
            browser.quit()
        finally:
            running.terminate()
            running.communicate()


def _address_of(running: subprocess.Popen[str]) -> str:
    """Host and port of its DevTools; the browser prints them as it starts."""
    assert running.stderr
    said = []
    for line in running.stderr:
        said.append(line)
        if "DevTools listening on" in line:
            return urlsplit(line.split()[-1]).netloc
    raise MissingError("the old Chromium did not start: " + "".join(said)[-500:])
