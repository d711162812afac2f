"""``make heard``: approve anew what a screen reader says. Whoever reviews a change reads the diff.

What Orca says on the ways of ``browser/spoken/``; ``test_orca.py`` compares.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from browser.live import serve_live
from browser.orca import Orca
from browser.spoken import FOLDER, WAYS, record


def main() -> None:
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        live = ends.enter_context(serve_live(folder))
        orca = Orca()
        ends.callback(orca.quit)
        for file in WAYS:
            file.write_text(record(orca, live, file), encoding="utf-8")
        print(f"{len(WAYS)} ways with Orca in {FOLDER.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
