"""Tests of the tests: each kind of check finds a fault of its kind, and spares a sound page."""

from __future__ import annotations

import pytest

from browser.audit import CONTRAST, audit
from browser.chrome import Browser
from browser.engine import DESKTOP, FORCED, PHONE, STILL, Rendering
from browser.listen import listen
from browser.test_keyboard import ring_faults, walk
from browser.test_touched import touched_faults

IN_FORCED, AT_REST = Rendering(features=FORCED), Rendering(features=STILL)
ON_PAPER = Rendering(medium="print")
SOUND = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sound – Test</title>
<meta name="viewport" content="width=device-width"><style>%s
a, button, input, select { min-height: 48px; min-width: 48px; border: 2px solid #595959 }
:focus-visible { outline: 3px solid #004d80; outline-offset: 2px }
@media print { nav, [href="#main"] { display: none } }
body { line-height: 1.6; color: #111; background: #fff } a { color: #003d66; display: inline-block }
</style><body><a href="#main">Skip to main content</a><nav aria-label="Main"><a href="/a">A page</a>
</nav><main id="main"><h1>Sound</h1>%s</main>"""
QUESTION = "<p>Words</p><label>Q <input name='q'></label>"
LONG = "<p>" + "word " * 60 + "</p>"

# Probe, its arguments, how the page is shown, and a fault: style, mark-up.
PROBED: list[tuple[str, tuple[object, ...], Rendering, str, str]] = [
    ("overlaps", (), PHONE, "p+p{margin-top:-2.2em}", "<p>One text</p><p>Other text</p>"),
    ("overflow", (), PHONE, "", "<p style='width:340px'>" + "word " * 40 + "</p>"),
    ("torn", (), PHONE, "p{width:4em;overflow-wrap:anywhere}", "<p>kebolehcapaian</p>"),
    ("outranked", (), PHONE, "h2{font-size:9em}", "<h2>Large</h2>"),
    ("clipped", (), PHONE, "", f"<div style='height:1em;overflow:hidden'>{LONG}</div>"),
    ("lines", (75, 40), DESKTOP, "", LONG),
    ("leading", (), PHONE, "p{line-height:1.3}", LONG),
    ("doubled", (), DESKTOP, "p{font-size:16px}", "<p>Words</p>"),
    ("targets", (44,), DESKTOP, "", "<button style='min-height:43px;height:43px'>Go</button>"),
    ("letters", (), DESKTOP, "h1{text-transform:uppercase}", ""),
    ("motion", (False,), DESKTOP, "@keyframes k{to{opacity:.5}} h1{animation:k 1s infinite}", ""),
    ("motion", (True,), AT_REST, "a{transition:color .3s}", ""),
    ("forced", (), IN_FORCED, "main button{border:0!important}", "<button>Go</button>"),
    ("edges", (), DESKTOP, "main input{border:1px solid #ccc!important}", QUESTION),
    ("pairs", (7,), DESKTOP, "p{color:#777}", "<p>Words</p>"),
    ("wordless", (), DESKTOP, "", "<button aria-label='Go'><svg aria-hidden=true></svg></button>"),
    ("unstyled", (), DESKTOP, "", "<input id=q name=q><label for=q>Q</label>"),
    ("printed", (), ON_PAPER, "p{color:#bbb}", "<p>Words</p>"),
    ("fields", (), DESKTOP, "", "<input name='q'>"),
    ("hits", (), DESKTOP, "main::after{content:'';position:fixed;inset:0}", "<button>Go</button>"),
]
WALKED = {
    "ring": ("main a:focus-visible{outline-width:1px}", ""),
    "order": ("", "<a href='/c' tabindex='1'>C page</a>"),
    "covered": ("body::after{content:'';position:fixed;inset:60px 0 0;background:#fff}", ""),
}
TOUCHED = {
    "hover": "main .b:hover:not(:active){color:#aaa}",
    "focus": "main .b:focus-visible{background:#345}",
    "pressed": "main .b:active{background:linear-gradient(#003d66,#003d66)}",
}


def sound(css: str = "", body: str = "") -> str:
    return SOUND % (css, body)


def test_a_sound_page_passes_every_check(browser: Browser) -> None:
    browser.open_markup(sound(body=QUESTION))
    assert audit(browser) == []
    for name, arguments, rendering, *_ in PROBED:
        browser.show_in(rendering)
        assert browser.probe(name, *arguments) == []
        browser.adopt("")
    browser.show_in(DESKTOP)
    found = walk(browser)
    assert found.faults == []
    assert [ring_faults(browser, stop) for stop in found.stops] == [[], [], []]


def test_the_audit_finds(browser: Browser) -> None:
    """What axe decides, what it does not know without us, and what pixels decide."""
    ground = "div{background:linear-gradient(#888,#888)}"
    grey = "<p style='color:#767676'>Grey</p><p style='color:#999'>Pale</p>"
    named = "<button aria-label='Other'>Send</button><a href='/b' aria-label='Other'>Words</a>"
    browser.open_markup(sound(ground, f"{grey}<h4>Deep</h4><div>Over</div>{named}"))
    found = "\n".join(audit(browser))
    assert "(heading-order)" in found
    assert found.count("(label-content-name-mismatch)") == 2, found
    assert [found.count(f"({rule})") for rule in CONTRAST] == [2, 1], found
    assert "5.33:1 in pixels" in found


@pytest.mark.parametrize("seeded", PROBED, ids=lambda seeded: seeded[0])
def test_the_probe_finds(
    browser: Browser, seeded: tuple[str, tuple[object, ...], Rendering, str, str]
) -> None:
    name, arguments, rendering, css, body = seeded
    browser.open_markup(sound(css, body), rendering=rendering)
    assert browser.probe(name, *arguments)


@pytest.mark.parametrize("word", WALKED)
def test_the_walk_finds(browser: Browser, word: str) -> None:
    css, more = WALKED[word]
    browser.open_markup(sound(css, f"<a href='/b'>B page</a>{more}"))
    assert any(word in fault for fault in walk(browser).faults)


@pytest.mark.parametrize("state", TOUCHED)
def test_touching_finds_what_fades(browser: Browser, state: str) -> None:
    """Each state alone is found; at rest the link is sound."""
    browser.open_markup(sound(TOUCHED[state], "<p><a class='b' href='/b'>B page</a></p>"))
    found = touched_faults(browser, [])
    assert found
    assert all(f"({state})" in fault for fault in found), found


def test_the_photograph_finds_a_faint_ring(browser: Browser) -> None:
    css = "main a:focus-visible{outline:3px solid #ddd}"
    browser.open_markup(sound(css, "<a href='/b'>B page</a>"))
    faults = [ring_faults(browser, stop) for stop in walk(browser).stops]
    assert [bool(fault) for fault in faults] == [False, False, True]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("s.textContent = 'Words'", ["Words"]),
        ("s.outerHTML = '<p role=status>Words</p>'", []),  # new itself: nobody listens yet
    ],
)
def test_a_live_region_is_announced(browser: Browser, script: str, said: list[str]) -> None:
    browser.open_markup(sound(body="<p role='status' id='s'></p>"))
    before = listen(browser)
    browser.run(f"const s = document.getElementById('s'); {script}")
    assert listen(browser).announced_since(before) == said
