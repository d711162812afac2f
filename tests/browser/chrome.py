"""One headless Chromium for the whole run: open a page, show it in some rendering, probe it."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from browser.devtools import DevTools
from browser.engine import AXE, PROBES, Engine, Rendering
from processes import PATIENCE

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--hide-scrollbars",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing leaves the machine
)
INSTALL = "Chromium and chromedriver are missing: apt-get install chromium chromium-driver"


class Browser(Engine):
    """Chromium with our probes in every page it opens."""

    def __init__(self) -> None:
        chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
        if not chromium or not driver:
            raise RuntimeError(INSTALL)
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for flag in FLAGS:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(driver))
        self.driver.set_script_timeout(PATIENCE)
        address = self.driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
        self.devtools = DevTools(address)
        self._emulated: dict[str, Any] = {}
        # With each new document: to inject axe later takes three times as long.
        for source in (PROBES, AXE.read_text("utf-8")):
            self.cdp("Page.addScriptToEvaluateOnNewDocument", source=source)

    def cdp(self, command: str, **arguments: Any) -> Any:
        """One command of the Chrome DevTools Protocol."""
        return self.devtools.cdp(command, **arguments)

    def look(self, script: str, *arguments: Any) -> Any:
        return self.devtools.execute_script(script, *arguments)

    def show_in(self, rendering: Rendering) -> None:
        self.rendering = rendering
        shape = {"width": rendering.width, "height": rendering.height}
        self._emulate(
            "DeviceMetricsOverride", **shape, deviceScaleFactor=rendering.scale, mobile=False
        )
        features = [("prefers-color-scheme", rendering.scheme), *rendering.features]
        wanted = [{"name": name, "value": value} for name, value in features]
        self._emulate("EmulatedMedia", media=rendering.medium, features=wanted)

    def _emulate(self, what: str, **wanted: Any) -> None:
        """Say it only where it is news: each command takes as long as a short probe."""
        if self._emulated.get(what) != wanted:
            self.cdp(f"Emulation.set{what}", **wanted)
            self._emulated[what] = wanted

    @contextmanager
    def forced(self, selector: str, *states: str) -> Iterator[None]:
        """Elements in pseudo-classes that a pointer or a key would bring about: ``hover`` …"""
        self.cdp("DOM.enable")
        self.cdp("CSS.enable")
        root = self.cdp("DOM.getDocument", depth=0)["root"]["nodeId"]
        found = self.cdp("DOM.querySelectorAll", nodeId=root, selector=selector)["nodeIds"]
        for node in found:
            self.cdp("CSS.forcePseudoState", nodeId=node, forcedPseudoClasses=list(states))
        try:
            yield
        finally:
            self.cdp("CSS.disable")  # and with it the states
            self.cdp("DOM.disable")

    @contextmanager
    def letters_of(self, size: int) -> Iterator[None]:
        """The reader's own font size, in px; 16 is what browsers come with."""
        self.cdp("Page.setFontSizes", fontSizes={"standard": size, "fixed": size})
        try:
            yield
        finally:
            self.cdp("Page.setFontSizes", fontSizes={"standard": 16, "fixed": 13})

    @contextmanager
    def without_cache(self) -> Iterator[None]:
        """Every page loads all that it uses, as on a first visit."""
        self.cdp("Network.enable")
        self.cdp("Network.setCacheDisabled", cacheDisabled=True)
        try:
            yield
        finally:
            self.cdp("Network.setCacheDisabled", cacheDisabled=False)

    @contextmanager
    def blocking(self, pattern: str) -> Iterator[None]:
        """Addresses like ``pattern`` are lost on their way, and not taken from the cache."""
        with self.without_cache():
            self.cdp("Network.setBlockedURLs", urls=[pattern])
            try:
                yield
            finally:
                self.looked_at = ""
                self.cdp("Network.setBlockedURLs", urls=[])

    @contextmanager
    def offline(self) -> Iterator[None]:
        """No server answers."""
        self.driver.set_network_conditions(offline=True, latency=0, throughput=-1)
        try:
            yield
        finally:
            self.driver.delete_network_conditions()

    def scripts(self, allowed: bool) -> None:
        self.looked_at = ""
        self.cdp("Emulation.setScriptExecutionDisabled", value=not allowed)

    def write(self, box: Any, text: str) -> None:
        """At once, as an input method does."""
        self.looked_at = ""
        self.run("arguments[0].focus(); arguments[0].select()", box)
        self.cdp("Input.insertText", text=text)

    def console(self) -> list[str]:
        """What the page complained about since last asked: errors, refused by policy, warnings."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser")]

    def picture(self, clip: dict[str, float] | None = None, *, whole: bool = False) -> bytes:
        if whole and not clip:
            size = self.cdp("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"]}
        options: dict[str, Any] = {"format": "png", "optimizeForSpeed": True}
        if clip:
            options["clip"] = {"scale": 1, **{k: clip[k] for k in ("x", "y", "width", "height")}}
        shot = self.cdp("Page.captureScreenshot", captureBeyondViewport=whole, **options)
        return base64.b64decode(shot["data"])

    def quit(self) -> None:
        self.devtools.socket.close()
        super().quit()
