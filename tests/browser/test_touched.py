"""Controls as they look when one points at them, reaches them and presses them: still readable.

Controls that look alike (same element, same classes) are looked at once; colours are the same in
every language.
"""

from __future__ import annotations

from dataclasses import replace

from browser.chrome import Browser
from browser.engine import DESKTOP
from browser.live import Live
from browser.pixels import faint
from browser.states import FORM_PAGES, GUIDE, Visit, form_in_error
from cocreate.languages import ENGLISH
from cocreate.pages import PAGES
from matrix import every_scheme

TOUCHED = {
    "resting": (),
    "hover": ("hover",),
    "focus": ("focus", "focus-visible"),
    "pressed": ("hover", "active"),
}
FRESH = "[data-fresh]"
SENDING = "for (const e of document.querySelectorAll('form')) e.classList.add('htmx-request')"


def touched_faults(browser: Browser, known: list[str]) -> list[str]:
    """Contrast of each control's words in pixels, and of its edges, in each of its states.

    Args:
        browser: shows the page.
        known: looks that were looked at before; those of this page are added.
    """
    looks = browser.run("return probe.fresh(arguments[0])", known)
    known += looks
    faults = []
    for name, states in TOUCHED.items() if looks else ():
        with browser.forced(FRESH, *states):
            inks = browser.run("return probe.inks(arguments[0])", FRESH)
            faults += [
                browser.line(inks[i]["element"], fault, name, "another colour in this state")
                for i, fault in faint(browser, inks).items()
            ]
            faults += browser.probe("edges")
    return faults


@every_scheme
def test_controls_keep_their_contrast(
    browser: Browser, live: Live, faults: list[str], scheme: str
) -> None:
    """WCAG 1.4.6 and 1.4.11: on every page, in forms in error and on their way, and in the guide,
    which shows every component in each of its states.
    """
    rendering = replace(DESKTOP, scheme=scheme)
    known: list[str] = []
    for page in PAGES:
        browser.open(live.at(page, ENGLISH), rendering=rendering)
        faults += touched_faults(browser, known)
    assert len(known) > 10
    visit, in_error, sending = Visit(browser, live, ENGLISH), list[str](), list[str]()
    for page in FORM_PAGES:
        form_in_error(visit, page)
        faults += touched_faults(browser, in_error)
        browser.run(SENDING)
        faults += touched_faults(browser, sending)
    GUIDE["guide"](visit)
    faults += touched_faults(browser, [])
