"""``make heard``: approve anew what a screen reader says. Whoever reviews a change reads the diff.

A text file a state below ``browser/heard/``, in English, and of the form in error, which has most
to say, in each language; ``test_heard.py`` compares. And what Orca says on the ways of
``browser/spoken/``: ``test_orca.py``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from itertools import product
from pathlib import Path

from browser.chrome import Browser
from browser.engine import DESKTOP
from browser.listen import listen
from browser.live import serve_live
from browser.orca import Orca
from browser.spoken import WAYS, record
from browser.states import Visit, form_in_error
from cocreate.languages import ENGLISH, LANGUAGES, Language
from cocreate.pages import BY_NAME

FOLDER = Path(__file__).parent / "browser" / "heard"
JOIN = BY_NAME["join-tech-kaki"]
STATES: dict[str, Callable[[Visit], None]] = {
    "home": lambda visit: visit.path(""),
    "tech-kaki": lambda visit: visit.path(BY_NAME["tech-kaki"].path),
    "join": lambda visit: visit.path(JOIN.path),
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
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        live = ends.enter_context(serve_live(folder))
        browser = Browser()
        ends.callback(browser.quit)
        for state, language in APPROVED:
            text = heard(Visit(browser, live, language), browser, state)
            approved(state, language).write_text(text, encoding="utf-8")
        print(f"{len(APPROVED)} transcripts in {FOLDER.relative_to(Path.cwd())}")
        orca = Orca()
        ends.callback(orca.quit)
        for file in WAYS:
            file.write_text(record(orca, live, file), encoding="utf-8")
        print(f"{len(WAYS)} ways with Orca in {WAYS[0].parent.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
