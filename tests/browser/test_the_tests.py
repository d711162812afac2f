"""Tests of the tests: each check finds the fault that it is there for, and spares a sound page."""

from __future__ import annotations

import pytest

from browser.audit import audit
from browser.chrome import Browser
from browser.desktop import MissingError
from browser.engine import DESKTOP, PHONE, Rendering
from browser.firefox import Firefox
from browser.keyboard import ring_faults, walk
from browser.listen import listen
from browser.test_heard import compare
from browser.test_touched import touched_faults
from checks import faults_of_answer

FORCED = Rendering(features=(("forced-colors", "active"),))
STILL = Rendering(features=(("prefers-reduced-motion", "reduce"),))
PRINT = Rendering(medium="print")

SOUND = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sound – Test</title>
<meta name="viewport" content="width=device-width"><style>{css}
a, button, input, select {{ min-height: 48px; min-width: 48px; border: 2px solid #595959 }}
:focus-visible {{ outline: 3px solid #004d80; outline-offset: 2px }}
@media print {{ nav, [href="#main"] {{ display: none }} }}
body {{ line-height: 1.6; color: #111; background: #fff }} a {{ color: #003d66; display: inline-block }}
</style><body><a href="#main">Skip to main content</a><nav aria-label="Main"><a href="/a">A page</a>
</nav><main id="main"><h1>Sound</h1>{body}</main>"""

AUDITED = {
    "low contrast": ("", "<p style='color:#999'>Grey words</p>", "color-contrast"),
    "only AA contrast": ("", "<p style='color:#767676'>Grey words</p>", "color-contrast-enhanced"),
    "unlabelled field": ("", "<input name='a'>", "label"),
    "picture without text": ("", "<img src='data:,'>", "image-alt"),
    "empty link": ("", "<a href='/b'></a>", "link-name"),
    "heading skipped": ("", "<h4>Deep</h4>", "heading-order"),
    "unknown language": ("", "<p lang='xx-yy'>Words</p>", "valid-lang"),
    "small target": (
        "",
        "<button style='all:unset;font-size:8px;height:12px'>x</button>" * 3,
        "target-size",
    ),
    "bad aria": ("", "<p role='button' aria-bogus='1'>Words</p>", "aria-valid-attr"),
    "name without its words": (
        "",
        "<button aria-label='Other'>Send</button>",
        "label-content-name-mismatch",
    ),
}
WIDE = "<p style='width:340px;background:#eee'>" + "word " * 40 + "</p>"
PROBED = {
    "overlap at 320 px": ("overlaps", PHONE, "p+p{margin-top:-2.2em}", "<p>One text</p><p>Other text</p>"),
    "sideways scroll": ("overflow", PHONE, "", WIDE),
    "long word": ("overflow", PHONE, "", "<p>" + "kebolehcapaian" * 5 + "</p>"),
    "text cut off by the window": ("overflow", PHONE, "body{overflow-x:clip}", WIDE),
    "text cut off by its box": ("clipped", PHONE, "", "<p style='height:1em;overflow:hidden'>" + "word " * 40 + "</p>"),
    "long line": ("lines", DESKTOP, "", "<p>" + "word " * 60 + "</p>"),
    "long Chinese line": ("lines", DESKTOP, "", "<p lang='zh-Hans'>" + "字" * 50 + "</p>"),
    "tight lines": ("leading", PHONE, "p{line-height:1.3}", "<p>" + "word " * 40 + "</p>"),
    "tight paragraphs": ("leading", PHONE, "p{margin:2px;line-height:1.6}", ("<p>" + "word " * 40 + "</p>") * 2),
    "text that does not grow": ("doubled", DESKTOP, "p{font-size:16px}", "<p>Words</p>"),
    "justified": ("lines", DESKTOP, "p{text-align:justify}", "<p>Words</p>"),
    "23 px target": ("targets", DESKTOP, "", "<button style='min-height:23px;height:23px;font-size:9px'>Go</button>"),
    "43 px target": ("targets", DESKTOP, "", "<button style='min-height:43px;height:43px;font-size:9px'>Go</button>"),
    "capitals": ("letters", DESKTOP, "h1{text-transform:uppercase}", ""),
    "slanted": ("letters", DESKTOP, "", "<p><i lang='en'>GovTech</i></p>"),
    "spaced Tamil": ("letters", DESKTOP, "", "<p lang='ta' style='letter-spacing:1px;line-height:2'>தமிழ்</p>"),
    "tight Tamil": ("letters", DESKTOP, "", "<p lang='ta' style='line-height:1.2'>தமிழ்</p>"),
    "moves although asked not to": ("motion", STILL, "@keyframes k{to{opacity:.5}} h1{animation:k 9s infinite}", ""),
    "moves for ever": ("motion", DESKTOP, "@keyframes k{to{opacity:.5}} h1{animation:k 1s infinite}", ""),
    "transition although asked not to": ("motion", STILL, "a{transition:color .3s}", ""),
    "button without edge in forced colours": ("forced", FORCED, "main button{border:0!important}", "<button>Go</button>"),
    "icon lost in forced colours": ("forced", FORCED, "", "<svg width=20 height=20 fill='canvas'><path d='M0 0h20v20z' fill='canvas'/></svg>"),
    "pale field": ("edges", DESKTOP, "main input{border:1px solid #ccc!important}", "<label>Name <input name='x'></label>"),
    "pale words": ("pairs", DESKTOP, "p{color:#777}", "<p>Words</p>"),
    "pale disabled": ("pairs", DESKTOP, "", "<button disabled>Go</button>"),
    "nothing but an icon": ("wordless", DESKTOP, "", "<button aria-label='Go on'><svg aria-hidden=true></svg></button>"),
    "picture that says nothing": ("wordless", DESKTOP, "", "<svg role=img></svg>"),
    "label after its field": ("unstyled", DESKTOP, "", "<input id=q name=q><label for=q>Q</label>"),
    "error after its field": ("unstyled", DESKTOP, "", "<label>Q <input name=q aria-describedby=e></label><p id=e>Wrong</p>"),
    "heading before the page's": ("unstyled", DESKTOP, "main{display:flex;flex-direction:column-reverse}", "<script>document.querySelector('h1').before(document.createElement('h2'))</script>"),
    "first stop is not the skip link": ("unstyled", DESKTOP, "", "<script>document.body.prepend(Object.assign(document.createElement('a'), {href: '/x', textContent: 'X'}))</script>"),
    "footer before main": ("unstyled", DESKTOP, "", "<script>document.querySelector('main').before(document.createElement('footer'))</script>"),
    "trap that asks nothing": ("unstyled", DESKTOP, ".trap{position:absolute;left:-999px}", "<div class=trap><input name=w></div>"),
    "read twice without style": ("unstyled", DESKTOP, ".unseen{position:absolute;width:1px;height:1px;overflow:hidden}", "<p>Leaf<span class=unseen>Leaf</span></p>"),
    "helper without words": ("unstyled", DESKTOP, ".unseen{position:absolute;width:1px;height:1px;overflow:hidden}", "<p>Leaf<span class=unseen>›››</span></p>"),
    "passage in another language": ("tongues", DESKTOP, "", "<p>வணக்கம்</p>"),
    "English inside Tamil": ("tongues", DESKTOP, "", "<p lang=ta>வணக்கம் GovTech</p>"),
    "label heard in another language": ("tongues", DESKTOP, "", "<div lang=zh-Hans><button aria-label='Menu'>菜单</button></div>"),
    "pale ink": ("printed", PRINT, "p{color:#bbb}", "<p>Words</p>"),
    "dark paper": ("printed", PRINT, "main{background:#222;min-height:300px}", "<p>Words</p>"),
    "menu in print": ("printed", PRINT, "", "<nav aria-label='Other'><a href='/x'>Elsewhere</a></nav><style>@media print{nav{display:block!important}}</style>"),
    "field without label": ("fields", DESKTOP, "", "<input name='q'>"),
    "placeholder for a label": ("fields", DESKTOP, "", "<label>Q <input name='q' placeholder='Q'></label>"),
    "group without name": ("fields", DESKTOP, "", "<label><input type=radio name=r>1</label><label><input type=radio name=r>2</label>"),
    "no autocomplete token": ("fields", DESKTOP, "", "<label>Name <input name='name'></label>"),
    "control covered": ("hits", DESKTOP, "main::after{content:'';position:fixed;inset:0}", "<button>Go</button>"),
    "second line covered": ("hits", DESKTOP, "p{position:relative}b{position:absolute;left:0;bottom:0;width:9em;height:1.2em}", "<p><a href='/b'>One<br>two</a><b></b></p>"),
    "seen is not said": ("names", DESKTOP, "", "<button aria-label='Other'>Send</button>"),
}  # fmt: skip
ARGUMENTS = {"targets": (44,), "lines": (75, 40), "pairs": (7,), "motion": (False,)}
WALKED = {
    "lost focus ring": ("main a:focus-visible{outline:0}", "<a href='/b'>B page</a>", "ring"),
    "thin focus ring": ("main a:focus-visible{outline-width:1px}", "<a href='/b'>B page</a>", "ring"),
    "pale focus ring": ("main a:focus-visible{outline-color:#bbb}", "<a href='/b'>B page</a>", "ring"),
    "order against the page": ("", "<a href='/b'>B page</a><a href='/c' tabindex='1'>C page</a>", "order"),
    "trap": ("", "<a href='/b' onblur='setTimeout(()=>this.focus())'>B page</a><a href='/c'>C page</a>", "order"),
    "obscured": ("body::after{content:'';position:fixed;inset:0;top:60px;background:#fff}", "<a href='/b'>B page</a>", "covered"),
}  # fmt: skip
ANSWERED = {
    "part left open": "<main><p>One",
    "part closed twice": "<main></main></main>",
    "id twice": "<main id='a'><p id='a'>One</p></main>",
    "page without a head's end": "<!doctype html><html lang=en><p>One</div>",
}
TOUCHED = {
    "hover": "main .b:hover:not(:active){color:#aaa}",
    "focus": "main .b:focus-visible{background:#345}",
    "pressed": "main .b:active{background:linear-gradient(#003d66,#003d66)}",
}

# Spoken on a sound page, and how it is lost: (body, faulty body, what is no longer said).
SPOKEN = {
    "no label": ("<label for='q'>Name</label><input id='q'>", "<b>Name</b><input id='q'>", "edit: Name"),
    "no language": ("<p>Our <span lang='ms'>kaki</span></p>", "<p>Our <span>kaki</span></p>", "Our [ms: kaki]"),
    "no language in a name": ("<a href='/b'>Our <span lang='ms'>kaki</span></a>", "<a href='/b'>Our kaki</a>", "link: Our [ms: kaki]"),
    "no description": ("<input aria-label='Q' aria-describedby='h'><p id='h'>Hint</p>", "<input aria-label='Q'><p id='h'>Hint</p>", "edit: Q – Hint"),
    "no mistake": ("<input aria-label='Q' aria-invalid='true'>", "<input aria-label='Q'>", "edit, invalid entry: Q"),
    "no heading": ("<h2>Words</h2>", "<p>Words</p>", "heading 2: Words"),
    "no group": ("<fieldset><legend>Q</legend><input type='radio' aria-label='A'></fieldset>", "<p>Q</p><input type='radio' aria-label='A'>", "group: Q"),
    "no place": ("<a href='/b' aria-current='page'>B</a>", "<a href='/b'>B</a>", "link, current page: B"),
    "hidden": ("<p>Words</p>", "<p aria-hidden='true'>Words</p>", "Words"),
}  # fmt: skip
REGION = "<p role='status' id='s'></p>"
UNSAID = {  # the region is new itself, is gone, or is none
    "replaced": (REGION, "s.outerHTML = '<p role=status>Words</p>'"),
    "removed": (REGION, "s.remove()"),
    "no region": ("<p id='s'></p>", "s.textContent = 'Words'"),
}
IN_FIREFOX = {
    name: row for name, row in PROBED.items() if row[1] in {PHONE, DESKTOP} and row[0] != "doubled"
}


def sound(css: str = "", body: str = "") -> str:
    return SOUND.format(css=css.replace("{", "{").replace("}", "}"), body=body)


def test_a_sound_page_passes_every_check(browser: Browser) -> None:
    browser.open_markup(sound(body="<p>Words</p><label>Q <input name='q'></label>"))
    assert audit(browser) == []
    for name, rendering in sorted({row[:2] for row in PROBED.values()}, key=str):
        browser.show_in(rendering)
        assert browser.probe(name, *arguments(name, rendering)) == []
    browser.show_in(DESKTOP)
    found = walk(browser)
    assert found.faults == []
    assert [ring_faults(browser, stop) for stop in found.stops] == [[], [], []]


@pytest.mark.parametrize(("css", "body", "rule"), AUDITED.values(), ids=AUDITED)
def test_the_audit_finds(browser: Browser, css: str, body: str, rule: str) -> None:
    browser.open_markup(sound(css, body))
    assert any(f"({rule})" in fault for fault in audit(browser))


@pytest.mark.parametrize(("name", "rendering", "css", "body"), PROBED.values(), ids=PROBED)
def test_the_probe_finds(
    browser: Browser, name: str, rendering: Rendering, css: str, body: str
) -> None:
    browser.open_markup(sound(css, body), rendering=rendering)
    assert browser.probe(name, *arguments(name, rendering))


@pytest.mark.parametrize(("css", "body", "word"), WALKED.values(), ids=WALKED)
def test_the_walk_finds(browser: Browser, css: str, body: str, word: str) -> None:
    browser.open_markup(sound(css, body))
    assert any(word in fault for fault in walk(browser).faults)


@pytest.mark.parametrize("html", ANSWERED.values(), ids=ANSWERED)
def test_what_the_server_answers_is_parsed_strictly(html: str) -> None:
    assert faults_of_answer("<title>Sound – Test</title><main><h1>Sound</h1></main>") == []
    assert any(fault.startswith("parse: ") for fault in faults_of_answer(html))


@pytest.mark.parametrize(("state", "css"), TOUCHED.items(), ids=TOUCHED)
def test_touching_finds_what_fades(browser: Browser, state: str, css: str) -> None:
    """Each state alone is found; at rest the link is sound."""
    browser.open_markup(sound(css, "<p><a class='b' href='/b'>B page</a></p>"))
    found = touched_faults(browser, [])
    assert found
    assert all(f"({state})" in fault for fault in found), found


def test_what_lets_the_ground_shine_through_is_measured(browser: Browser) -> None:
    browser.open_markup(sound("p{opacity:.5}", "<p><a href='/b'>B page</a></p>"))
    assert touched_faults(browser, [])


@pytest.mark.parametrize("ring", ["1px solid #000", "3px solid #ddd", "0"])
def test_the_photograph_finds_a_faint_ring(browser: Browser, ring: str) -> None:
    browser.open_markup(sound(f"main a:focus-visible{{outline:{ring}}}", "<a href='/b'>B page</a>"))
    faults = [ring_faults(browser, stop) for stop in walk(browser).stops]
    assert [bool(fault) for fault in faults] == [False, False, True]


@pytest.mark.parametrize(("body", "faulty", "line"), SPOKEN.values(), ids=SPOKEN)
def test_the_transcript_shows(browser: Browser, body: str, faulty: str, line: str) -> None:
    heard = []
    for each in (body, faulty):
        browser.open_markup(sound(body=each))
        heard.append([said.strip() for said in listen(browser).transcript()])
    assert line in heard[0]
    assert line not in heard[1]
    changed = compare("\n".join(heard[1]), "\n".join(heard[0]), "en-sound.txt")
    assert f"-{line}" in changed.splitlines()


def test_words_of_a_live_region_are_announced(browser: Browser) -> None:
    assert announcement(browser, REGION, "s.textContent = 'Words'") == ["Words"]
    assert announcement(browser, "<p role='alert' id='s' hidden>Words</p>", "s.hidden = false")


@pytest.mark.parametrize(("body", "script"), UNSAID.values(), ids=UNSAID)
def test_an_announcement_is_missed(browser: Browser, body: str, script: str) -> None:
    assert announcement(browser, body, script) == []


def announcement(browser: Browser, body: str, script: str) -> list[str]:
    browser.open_markup(sound(body=body))
    before = listen(browser)
    browser.run(f"const s = document.getElementById('s'); {script}")
    return listen(browser).announced_since(before)


def test_a_focus_lost_in_a_swap_is_heard(browser: Browser) -> None:
    browser.open_markup(sound(body="<h2 tabindex='-1' id='new'>New</h2>"))
    browser.run("document.getElementById('new').focus()")
    assert listen(browser).focus() == "heading 2, focused: New"
    browser.run("document.getElementById('new').outerHTML = '<h2 tabindex=-1>New</h2>'")
    assert listen(browser).focus() == "document, focused: Sound – Test"


def test_a_sound_page_passes_in_firefox(firefox: Firefox) -> None:
    firefox.open_markup(sound(body="<p>Words</p><label>Q <input name='q'></label>"))
    assert audit(firefox) == []
    for name, rendering in sorted({row[:2] for row in IN_FIREFOX.values()}, key=str):
        firefox.show_in(rendering)
        assert firefox.probe(name, *arguments(name, rendering)) == []


@pytest.mark.parametrize("name", ["low contrast", "only AA contrast", "unlabelled field"])
def test_the_audit_finds_in_firefox(firefox: Firefox, name: str) -> None:
    css, body, rule = AUDITED[name]
    firefox.open_markup(sound(css, body))
    assert any(f"({rule})" in fault for fault in audit(firefox))


@pytest.mark.parametrize(("name", "rendering", "css", "body"), IN_FIREFOX.values(), ids=IN_FIREFOX)
def test_the_probe_finds_in_firefox(
    firefox: Firefox, name: str, rendering: Rendering, css: str, body: str
) -> None:
    firefox.open_markup(sound(css, body), rendering=rendering)
    assert firefox.probe(name, *arguments(name, rendering))


def test_a_missing_engine_is_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingError, match="apt-get install firefox-esr"):
        Firefox()


def arguments(name: str, rendering: Rendering) -> tuple[object, ...]:
    return (rendering is STILL,) if name == "motion" else ARGUMENTS.get(name, ())
