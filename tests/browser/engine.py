"""A browser of any engine for the whole run: open a page, size it, probe it, type into it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from selenium.webdriver import ActionChains

HERE = Path(__file__).parent
AXE = HERE.parent / "vendor" / "axe" / "axe.min.js"
PROBES = (HERE / "probes.js").read_text("utf-8")  # in every page that an engine opens
WRITTEN = "(written in the test)"
# What was adopted, and where the keyboard was, would outlive the old markup.
WRITE = "document.open(); document.write(arguments[0]); document.close(); probe.rest()"
STATUS = "return performance.getEntriesByType('navigation')[0].responseStatus ?? 0"


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
    replace(shape, scheme=scheme) for shape in (PHONE, DESKTOP) for scheme in ("light", "dark")
)
FORCED = (("forced-colors", "active"),)
STILL = (("prefers-reduced-motion", "reduce"),)


class Engine(ABC):
    """What every engine can do; what only one can, its own class adds."""

    driver: Any  # each engine says which WebDriver
    page = ""
    rendering = DESKTOP
    looked_at = ""  # the address that is open, as long as nobody touched the page

    def open(self, address: str, *, rendering: Rendering = DESKTOP, status: int = 200) -> None:
        self.show_in(rendering)
        if self.driver.current_url.partition("#")[0] == address:  # a reload keeps what was typed
            self.driver.get("about:blank")
        self.driver.get(address)
        self.page, self.looked_at = urlsplit(address).path, ""
        answered = self.look(STATUS)
        assert answered in (0, status), f"{address}: {answered}, not {status}"

    def look_at(self, address: str, *, rendering: Rendering = DESKTOP) -> None:
        """Open a page of which one only looks; it stays from test to test until one touches it."""
        if self.looked_at == address:
            self.show_in(rendering)
            self.look("probe.rest()")
        else:
            self.open(address, rendering=rendering)
            self.looked_at = address

    def open_markup(self, markup: str, *, rendering: Rendering = DESKTOP) -> None:
        """A small page written in a test: to see a check fail."""
        if self.page != WRITTEN:
            self.open("about:blank")
            self.page = WRITTEN
        self.show_in(rendering)
        self.run(WRITE, markup)

    @abstractmethod
    def show_in(self, rendering: Rendering) -> None:
        """Show the open page in another rendering, without loading it again."""

    def scripts(self, allowed: bool) -> None:
        """Switch the page's own scripts on or off, from the next page on. Ours run all the same."""
        raise NotImplementedError

    def press(self, *keys: str) -> None:
        """Keys or words, one after the other, as the keyboard sends them."""
        self.looked_at = ""
        ActionChains(self.driver).send_keys(*keys).perform()

    def write(self, box: Any, text: str) -> None:
        """Have ``text`` in a field, in place of what it holds."""
        box.clear()
        box.send_keys(text)

    def picture(self, clip: dict[str, float] | None = None, *, whole: bool = False) -> bytes:
        """PNG of the window, of ``clip`` (CSS px of the page), or of the ``whole`` page or of what
        ``clip`` leaves of it.
        """
        raise NotImplementedError

    def cropped(self, page: bytes, clip: dict[str, float] | None) -> bytes:
        """What ``clip`` leaves of a picture."""
        if not clip:
            return page
        left, top, made = clip["x"], clip["y"], BytesIO()
        area = (round(left), round(top), round(left + clip["width"]), round(top + clip["height"]))
        Image.open(BytesIO(page)).crop(area).save(made, "PNG")
        return made.getvalue()

    @property
    def version(self) -> str:
        """Major and minor number of the browser."""
        return ".".join(str(self.driver.capabilities["browserVersion"]).split(".")[:2])

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def look(self, script: str, *arguments: Any) -> Any:
        """The same without elements in or out, as fast as the engine can."""
        return self.run(script, *arguments)

    def probe(self, name: str, *arguments: Any) -> list[str]:
        """The faults that one probe of ``probes.js`` finds, a readable line each."""
        return self.probes((name, *arguments))

    def probes(self, *asked: tuple[Any, ...]) -> list[str]:
        """The faults that several probes find, each given by its name and arguments."""
        found = self.look(
            "return arguments[0].map(([name, ...rest]) => probe[name](...rest))", asked
        )
        return [
            self.line(f["element"], f["fault"], name, f["mend"])
            for (name, *_), faults in zip(asked, found, strict=True)
            for f in faults
        ]

    def line(self, element: str, fault: str, rule: str, mend: str) -> str:
        return f"{self.page} [{self.rendering}] {element}: {fault} ({rule}) → {mend}"

    def adopt(self, css: str) -> None:
        """A reader's own style sheet, as the page's policy would let an extension set it."""
        self.look("probe.adopt(arguments[0])", css)

    def quit(self) -> None:
        self.driver.quit()
