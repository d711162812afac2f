"""The rules of checks.py find the faults that they are there for, and spare a sound page."""

from __future__ import annotations

import pytest

from checks import ANYWHERE, RULES, faults_of

SOUND = """<!doctype html><html lang="en"><head><title>Sound – Test</title></head><body>
<header><a href="#main">Skip to main content</a><nav aria-label="Main"><a href="/b">Another page</a>
</nav></header><main id="main"><h1>Sound</h1></main><footer></footer></body></html>"""
FORM = '<form action="/a"{}><button>Send</button></form>'
# Rule, and a fault for it alone in what stands within main.
SEEDS = [
    ("parse", "</main></main>"),
    ("inert", '<p style="color: red">Red</p>'),
    ("inert", '<meta http-equiv="refresh" content="9">'),
    ("drawings", '<svg width="20"></svg>'),
    ("landmarks", "<nav><a href='/c'>Third page</a></nav>"),
    ("landmarks", '<section aria-label="One"></section>'),
    ("landmarks", '<p role="status"></p>'),
    ("forms", 2 * FORM.format(' aria-label="Form"')),
    ("forms", '<p id="name-hint">Why we ask</p>'),
    ("headings", "<h3>Deep</h3>"),
    ("headings", f"<p>{'word ' * 151}</p>"),
    ("links", '<a href="/c">here</a>'),
    ("links", '<a href="/c">Another page</a>'),
    ("links", '<a href="https://a.example/" rel="external">Elsewhere</a>'),
    ("words", "<p>您好</p>"),
    ("controls", '<button><i lang="ms">Kawan</i></button>'),
    ("pieces", '<button>Send <span class="unseen">now</span></button>'),
    ("gaps", '<p lang="zh-Hans">您好。 再见</p>'),
    ("leftovers", "<p>See amplifyapp</p>"),
]


def page(main: str) -> str:
    return SOUND.replace("</main>", f"{main}</main>")


def test_a_sound_page_has_no_fault() -> None:
    two = FORM.format(' aria-label="One"') + FORM.format(' aria-label="Two"')
    assert faults_of(page(two)) == []


def test_each_rule_finds_its_fault() -> None:
    assert {rule for rule, _ in SEEDS} == {rule.__name__ for rule in RULES}


@pytest.mark.parametrize(("rule", "fault"), SEEDS)
def test_a_rule_finds_its_fault_and_no_other_does(rule: str, fault: str) -> None:
    assert {found.partition(":")[0] for found in faults_of(page(fault))} == {rule}


def test_a_part_that_htmx_gets_is_held_to_what_holds_anywhere() -> None:
    assert faults_of("<title>Sound – Test</title><main><h1>Sound</h1></main>") == []
    found = {faults_of(fault)[0].partition(":")[0] for _, fault in SEEDS if faults_of(fault)}
    assert found == {rule.__name__ for rule in ANYWHERE}
