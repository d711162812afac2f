"""``make heard``: approve anew what a screen reader says. Whoever reviews a change reads the diff.

A text file a state below ``browser/heard/``, in English, and of the form in error, which has most
to say, in each language; ``test_heard.py`` compares. And what Orca says on the ways of
``browser/spoken/``: ``test_orca.py``.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from itertools import product
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "site")]

from browser.chrome import Browser  # noqa: E402
from browser.engine import DESKTOP  # noqa: E402
from browser.listen import listen  # noqa: E402
from browser.live import serve_live  # noqa: E402
from browser.orca import Orca  # noqa: E402
from browser.spoken import WAYS, record  # noqa: E402
from browser.states import Visit, form_empty, form_in_error  # noqa: E402
from cocreate.languages import ENGLISH, LANGUAGES, Language  # noqa: E402
from cocreate.pages import BY_NAME  # noqa: E402

FOLDER = Path(__file__).parent / "browser" / "heard"
JOIN = BY_NAME["join-tech-kaki"]
STATES: dict[str, Callable[[Visit], None]] = {
    "home": lambda visit: visit.path(""),
    "tech-kaki": lambda visit: visit.path(BY_NAME["tech-kaki"].path),
    "join": lambda visit: form_empty(visit, JOIN),
    "join-error": lambda visit: form_in_error(visit, JOIN),
}
APPROVED = [*product(STATES, [ENGLISH]), *product(["join-error"], LANGUAGES[1:])]


def approved(state: str, language: Language) -> Path:
    return FOLDER / f"{language.slug}-{state}.txt"


def heard(visit: Visit, browser: Browser, state: str) -> str:
    """The whole page, a line an utterance."""
    browser.show_in(DESKTOP)
    STATES[state](visit)
    return "\n".join(listen(browser).transcript()) + "\n"


def main() -> None:
    browser = Browser()
    try:
        with tempfile.TemporaryDirectory() as folder, serve_live(Path(folder)) as live:
            for state, language in APPROVED:
                text = heard(Visit(browser, live, language), browser, state)
                approved(state, language).write_text(text, encoding="utf-8")
    finally:
        browser.quit()
    print(f"{len(APPROVED)} transcripts in {FOLDER.relative_to(Path.cwd())}")
    listen_to_orca()


def listen_to_orca() -> None:
    """Go the ways of ``browser/spoken`` with a real screen reader, and write what it says."""
    orca = Orca()
    try:
        with tempfile.TemporaryDirectory() as folder, serve_live(Path(folder)) as live:
            for file in WAYS:
                file.write_text(record(orca, live, file), encoding="utf-8")
    finally:
        orca.quit()
    print(f"{len(WAYS)} ways with Orca in {WAYS[0].parent.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
