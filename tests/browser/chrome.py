"""One headless Chromium for the whole run: open a page, show it in some rendering, probe it."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

HERE = Path(__file__).parent
AXE = HERE.parent / "vendor" / "axe" / "axe.min.js"
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
STATUS = "return performance.getEntriesByType('navigation')[0].responseStatus"
INSTALL = "Chromium and chromedriver are missing: apt-get install chromium chromium-driver"


@dataclass(frozen=True)
class Rendering:
    """How a page is shown: width and height in CSS px, colour scheme, further media features."""

    width: int = 1280
    height: int = 900
    scheme: str = "light"
    medium: str = "screen"
    features: tuple[tuple[str, str], ...] = ()
    scale: float = 1

    def __str__(self) -> str:
        more = [f"{name}: {value}" for name, value in self.features]
        return ", ".join([f"{self.width} px", self.scheme, self.medium, *more])


PHONE, DESKTOP = Rendering(320, 640), Rendering(1280, 900)
RENDERINGS = tuple(
    Rendering(shape.width, shape.height, scheme)
    for shape in (PHONE, DESKTOP)
    for scheme in ("light", "dark")
)


class Browser:
    """Chromium with axe-core and our probes in every page it opens."""

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
        self.driver.set_script_timeout(30)
        self.page, self.rendering = "", DESKTOP
        self.looked_at = ""  # the address that is open, as long as nobody touched the page
        for script in (AXE, HERE / "probes.js"):
            source = script.read_text(encoding="utf-8")
            self.cdp("Page.addScriptToEvaluateOnNewDocument", source=source)

    def cdp(self, command: str, **arguments: Any) -> Any:
        """One command of the Chrome DevTools Protocol."""
        return self.driver.execute_cdp_cmd(command, arguments)

    def open(self, address: str, *, rendering: Rendering = DESKTOP, status: int = 200) -> None:
        self.show_in(rendering)
        self.driver.get(address)
        self.page, self.looked_at = urlsplit(address).path, ""
        assert self.run(STATUS) in (0, status), f"{address}: {self.run(STATUS)}, not {status}"

    def look_at(self, address: str, *, rendering: Rendering = DESKTOP) -> None:
        """Open a page of which one only looks; it stays from test to test until one touches it."""
        if self.looked_at != address:
            self.open(address, rendering=rendering)
            self.looked_at = address
        self.show_in(rendering)
        self.run("probe.rest()")

    def open_markup(self, markup: str, *, rendering: Rendering = DESKTOP) -> None:
        """A small page written in a test: to see a check fail."""
        self.open("data:text/html;charset=utf-8," + quote(markup), rendering=rendering)
        self.page = "(written in the test)"

    def show_in(self, rendering: Rendering) -> None:
        """Show the open page in another rendering, without loading it again."""
        self.rendering = rendering
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            width=rendering.width,
            height=rendering.height,
            deviceScaleFactor=rendering.scale,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": rendering.scheme}
        features = [{"name": name, "value": value} for name, value in rendering.features]
        self.cdp("Emulation.setEmulatedMedia", media=rendering.medium, features=[scheme, *features])

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def probe(self, name: str, *arguments: Any) -> list[str]:
        """The faults that one probe of ``probes.js`` finds, a readable line each."""
        return self.probes((name, *arguments))

    def probes(self, *asked: tuple[Any, ...]) -> list[str]:
        """The faults that several probes find, each given by its name and arguments."""
        found = self.run(
            "return arguments[0].map(([name, ...rest]) => probe[name](...rest))", asked
        )
        return [
            self.line(f["element"], f["fault"], name, f["mend"])
            for (name, *_), faults in zip(asked, found, strict=True)
            for f in faults
        ]

    def line(self, element: str, fault: str, rule: str, mend: str) -> str:
        return f"{self.page} [{self.rendering}] {element}: {fault} ({rule}) → {mend}"

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

    def adopt(self, css: str) -> None:
        """A reader's own style sheet, as the page's policy would let an extension set it."""
        self.run("probe.adopt(arguments[0])", css)

    def scripts(self, allowed: bool) -> None:
        """Switch the page's own scripts on or off, from the next page on. Ours run all the same."""
        self.looked_at = ""
        self.cdp("Emulation.setScriptExecutionDisabled", value=not allowed)

    def press(self, key: str, *, shift: bool = False) -> None:
        """One key, as the keyboard sends it."""
        if key != "Tab":  # which only moves the focus
            self.looked_at = ""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32}
        event = {
            "key": key,
            "code": key,
            "windowsVirtualKeyCode": codes[key],
            "modifiers": 8 * shift,
        }
        text = {"text": "\r"} if key == "Enter" else {}
        self.cdp("Input.dispatchKeyEvent", type="keyDown", **event, **text)
        self.cdp("Input.dispatchKeyEvent", type="keyUp", **event)

    def console(self) -> list[str]:
        """What the page complained about since last asked: errors, refused by policy, warnings."""
        log = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [str(entry["message"]) for entry in log]

    def picture(self, clip: dict[str, float] | None = None, *, whole: bool = False) -> bytes:
        """PNG of the window, of ``clip`` (CSS px of the page), or of the ``whole`` page or of what
        ``clip`` leaves of it.
        """
        if whole and not clip:
            size = self.cdp("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"]}
        options: dict[str, Any] = {"format": "png", "optimizeForSpeed": True}
        if clip:
            options["clip"] = {"scale": 1, **{k: clip[k] for k in ("x", "y", "width", "height")}}
        shot = self.cdp("Page.captureScreenshot", captureBeyondViewport=whole, **options)
        return base64.b64decode(shot["data"])

    def quit(self) -> None:
        self.driver.quit()
