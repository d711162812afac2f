"""WebKitGTK, Safari's engine: the third one, in a window of its own on a desktop that nobody sees.

Its driver knows no touch, no print and no media features.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from browser.desktop import Desktop, MissingError, find
from browser.engine import PROBES, Engine, Rendering

WINDOW = Path(__file__).with_name("webkit_window.py")
PYTHON = "/usr/bin/python3"  # the system's: it has GTK


class WebKit(Engine):
    """WebKit with our probes in every page it opens.

    Args:
        switches: of the window, such as ``--plain``: the page's scripts are off.
    """

    def __init__(self, *switches: str) -> None:
        driver = find("WebKitWebDriver", "webkit2gtk-driver")
        if not list(Path("/usr/lib").glob("*/girepository-1.0/WebKit2-4.1.typelib")):
            raise MissingError("WebKit's window is missing: apt-get install gir1.2-webkit2-4.1")
        with ExitStack() as ends:
            home = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="webkit-")))
            desktop = Desktop(home, size="1400x2000x24")
            ends.callback(desktop.close)
            program = home / "window"
            program.write_text(f'#!/bin/sh\nexec {PYTHON} {WINDOW} "$@"\n', encoding="utf-8")
            program.chmod(0o755)
            options = Options()
            options.binary_location = str(program)
            for switch in ("--automation", *switches):
                options.add_argument(switch)
            env = desktop.env | {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
            service = Service(driver, env=env, log_output=str(home / "driver.log"))
            service.start()
            ends.callback(service.stop)
            # Not webdriver.WebKitGTK, which connects in a way that Selenium warns of.
            address = RemoteConnection(client_config=ClientConfig(service.service_url))
            self.driver = webdriver.Remote(address, options=options)
            ends.callback(self.driver.quit)
            self._ends = ends.pop_all()
        self.driver.set_script_timeout(30)
        self._shown: tuple[int, int] = (0, 0)

    def open(self, address: str, *, rendering: Rendering | None = None, status: int = 200) -> None:
        super().open(address, rendering=rendering or self.rendering, status=status)
        self.run(PROBES)  # its driver has no script for every page

    def show_in(self, rendering: Rendering) -> None:
        assert rendering.medium == "screen", f"WebKit is not shown in {rendering.medium}"
        assert rendering.scheme == "light", "a window is light or dark from the start"
        size = rendering.width, rendering.height
        if size != self._shown:
            self.driver.set_window_rect(0, 0, *size)
        self.rendering, self._shown = rendering, size

    def picture(self, clip: dict[str, float] | None = None, *, whole: bool = False) -> bytes:
        assert not whole, "WebKit's driver pictures the window only"
        return self.cropped(self.driver.get_screenshot_as_png(), clip)

    def quit(self) -> None:
        self._ends.close()
