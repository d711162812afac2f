"""Chromium, headless: in any rendering, photographed, with what its console says."""

from __future__ import annotations

import base64
import shutil
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from browser.engine import SCRIPTS, Engine, Rendering

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
    """Chromium with axe-core and our probes in every page it opens."""

    name = "Chromium"

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
        for script in SCRIPTS:
            source = script.read_text(encoding="utf-8")
            self.cdp("Page.addScriptToEvaluateOnNewDocument", source=source)

    def cdp(self, command: str, **arguments: Any) -> Any:
        """One command of the Chrome DevTools Protocol."""
        return self.driver.execute_cdp_cmd(command, arguments)

    def show_in(self, rendering: Rendering) -> None:
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

    def scripts(self, allowed: bool) -> None:
        self.cdp("Emulation.setScriptExecutionDisabled", value=not allowed)

    def press(self, key: str, *, shift: bool = False) -> None:
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
        log = self.driver.get_log("browser")
        return [str(entry["message"]) for entry in log]

    def picture(self, clip: dict[str, float] | None = None, *, beyond: bool = False) -> bytes:
        """PNG of the window, or of ``clip`` (CSS px of the page), which may lie beyond it."""
        options: dict[str, Any] = {"format": "png", "captureBeyondViewport": beyond}
        if clip:
            options["clip"] = {"scale": 1, **{k: clip[k] for k in ("x", "y", "width", "height")}}
        return base64.b64decode(self.cdp("Page.captureScreenshot", **options)["data"])

    def whole(self) -> bytes:
        size = self.cdp("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"]}
        return self.picture(clip, beyond=True)
