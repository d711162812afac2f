"""``make screens``: every page and state in pictures, joined into contact sheets.

One sheet a language for the pages and one for the states, each row a page: phone and desktop, light
and dark. What a person should look at before a change is merged.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

from PIL import Image, ImageDraw

from browser.chrome import Browser
from browser.engine import DESKTOP, Rendering
from browser.live import Live, serve_live
from browser.states import ERRORS, FORMS, PERSONAL, Visit
from cocreate.languages import LANGUAGES, Language
from cocreate.pages import PAGES

OUT = Path("build/screens")
SHAPES = ((360, 740), (1280, 900))
RENDERINGS = tuple(Rendering(*shape, scheme) for shape in SHAPES for scheme in ("light", "dark"))
SCALE, GAP, LONGEST, COLUMNS = 0.4, 24, 1600, 3  # of a sheet; lengths in its px
GROUND = "#808080"
Shown = Callable[[Visit], object]
SETS: dict[str, dict[str, Shown]] = {
    "pages": {page.name: lambda visit, page=page: visit.path(page.path) for page in PAGES},  # type: ignore[misc]
    "forms": dict(FORMS),
    "answers": {**PERSONAL, "error-404": ERRORS["error-404"], "error-500": ERRORS["error-500"]},
}


def pictures(visit: Visit, show: Shown) -> Iterator[Image.Image]:
    """The whole page in each rendering, small."""
    visit.browser.show_in(DESKTOP)
    show(visit)
    for rendering in RENDERINGS:
        visit.browser.show_in(rendering)
        picture = Image.open(io.BytesIO(visit.browser.picture(whole=True))).convert("RGB")
        size = round(picture.width * SCALE), round(picture.height * SCALE)
        small = picture.resize(size, Image.Resampling.LANCZOS)
        yield small.crop((0, 0, small.width, min(small.height, LONGEST)))


def strip(name: str, row: list[Image.Image]) -> Image.Image:
    """The renderings of one page side by side, its name above."""
    lefts = [*accumulate((picture.width + GAP for picture in row), initial=0)]
    shown = pasted(row, [(left, 2 * GAP) for left in lefts[:-1]])
    ImageDraw.Draw(shown).text((0, 0), name, fill="white", font_size=16)
    return shown


def sheet(strips: list[Image.Image]) -> Image.Image:
    """All strips in columns of about the same height."""
    limit = sum(strip.height for strip in strips) // COLUMNS
    places, left, top = [], GAP, GAP
    for one in strips:
        places.append((left, top))
        top += one.height + GAP
        if top > limit:
            left, top = left + one.width + GAP, GAP
    return pasted(strips, places)


def pasted(pictures: list[Image.Image], places: list[tuple[int, int]]) -> Image.Image:
    """One picture of several."""
    placed = [*zip(pictures, places, strict=True)]
    size = (
        max(x + one.width for one, (x, _) in placed),
        max(y + one.height for one, (_, y) in placed),
    )
    canvas = Image.new("RGB", size, GROUND)
    for one, place in placed:
        canvas.paste(one, place)
    return canvas


def take(browser: Browser, live: Live, language: Language) -> None:
    for kind, states in SETS.items():
        visit = Visit(browser, live, language)
        strips = [strip(name, list(pictures(visit, show))) for name, show in states.items()]
        file = OUT / f"{language.slug}-{kind}.webp"
        sheet(strips).save(file, quality=80)
        print(f"{file}: {len(strips)} × {len(RENDERINGS)} pictures")


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, serve_live(Path(folder)) as live:
        browser = Browser()
        try:
            for language in LANGUAGES:
                take(browser, live, language)
        finally:
            browser.quit()


if __name__ == "__main__":
    main()
