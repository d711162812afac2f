"""Build hook: what a wheel needs besides the package, so that it runs from any folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA = ("templates", "static", "translations")


class WheelData(BuildHookInterface[Any]):
    """Compiles the catalogues and puts the data folders into the package.

    Only for a real wheel: an editable install reads them in the checkout, and copies of them would
    go stale there.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version != "standard":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "site"))
        from cocreate.catalogues import compile_catalogues

        compile_catalogues(root / "translations")
        for name in DATA:
            build_data["force_include"][str(root / name)] = f"cocreate/{name}"
