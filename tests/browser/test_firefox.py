"""The journey and the audits once more, in another engine: what holds in Chromium holds in Firefox.

Every page in one language, the languages taking turns.
"""

from __future__ import annotations

import base64

import pytest
from selenium.webdriver.common.print_page_options import PrintOptions

from browser.audit import audit
from browser.engine import DESKTOP, PHONE, Rendering
from browser.firefox import Firefox
from browser.journey import follow
from browser.live import Live
from browser.states import KAKI, STACK, Visit, scripting, soon
from browser.test_pages import LINES, SAID, UNFOLD, misprints
from browser.test_states import SHAPES
from cocreate.languages import BY_SLUG, Language
from cocreate.pages import Page
from matrix import pages_in_turn, pages_in_turn_and_tamil

PROBES = (*SHAPES, LINES, *SAID)
MENDED = "return !document.querySelector('.htmx-request, .field__error')"
A4 = PrintOptions()
A4.page_width, A4.page_height = 21.0, 29.7
A4.margin_top = A4.margin_bottom = A4.margin_left = A4.margin_right = 1.4


@pages_in_turn
def test_nothing_is_wrong_in_firefox(
    firefox: Firefox, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    firefox.look_at(live.at(page, language), rendering=PHONE)
    for rendering in (PHONE, DESKTOP):
        firefox.show_in(rendering)
        faults += audit(firefox) + firefox.probes(*PROBES, ("leading",), ("motion", False))
    faults += misprints(base64.b64decode(firefox.driver.print_page(A4)), page)


@pages_in_turn_and_tamil
def test_firefox_may_enlarge_the_text_alone(
    firefox: Firefox, live: Live, faults: list[str], page: Page, language: Language
) -> None:
    """Its setting "Zoom text only": widths in rem follow it, and so do lengths in vw."""
    firefox.look_at(live.at(page, language), rendering=Rendering(360, 740))
    firefox.run(UNFOLD)
    for zoom in (1.25, 1.5, 1.75, 2):
        firefox.zoom_text(zoom)
        found = firefox.probes(("overflow",), ("torn",))
        faults += [f"text zoomed {zoom} times: {fault}" for fault in found]
    firefox.zoom_text(1)


@pytest.mark.parametrize(
    ("slug", "page", "mode", "rendering"),
    [
        ("en", STACK, "with htmx", PHONE),
        ("ta", KAKI, "with htmx", DESKTOP),
        ("zh", STACK, "without script", PHONE),
        ("ms", KAKI, "without script", DESKTOP),
    ],
)
def test_the_whole_way_in_firefox(
    firefox: Firefox,
    live: Live,
    faults: list[str],
    slug: str,
    page: Page,
    mode: str,
    rendering: Rendering,
) -> None:
    """With htmx, each step is examined; without script, axe does not run."""
    firefox.show_in(rendering)
    with scripting(firefox, mode):
        for step in follow(Visit(firefox, live, BY_SLUG[slug]), page):
            if mode == "without script":
                continue
            if step == "corrected":  # mended as one goes, before anything is sent
                soon(firefox, lambda: firefox.run(MENDED))
            firefox.page = f"/{slug}/ ({step})"
            firefox.show_in(rendering)
            faults += audit(firefox) + firefox.probes(*PROBES)
    assert step == "withdrawn"
