"""The rules of checks.py find the faults that they are there for, and spare a sound page."""

from __future__ import annotations

import pytest

from checks import ANYWHERE, RULES, faults_of

SOUND = """<!doctype html><html lang="en"><head><title>Sound – Test</title></head><body>
<header><a href="#main">Skip to main content</a><nav aria-label="Main"><a href="/b">Another page</a>
</nav></header><main id="main"><h1>Sound</h1></main><footer></footer></body></html>"""
FORM = '<form action="/a"{}><button>Send</button></form>'
FAULTS = {  # of each rule, in what stands within main
    "parse": "</main></main>",
    "inert": '<p style="color: red">Red</p>',
    "landmarks": "<nav><a href='/c'>Third page</a></nav>",
    "forms": 2 * FORM.format(' aria-label="Form"'),
    "headings": "<h3>Deep</h3>",
    "links": '<a href="/c">here</a>',
    "words": "<p>您好</p>",
    "gaps": '<p lang="zh-Hans">您好。 再见</p>',
    "leftovers": "<p>See amplifyapp</p>",
}


def page(main: str) -> str:
    return SOUND.replace("</main>", f"{main}</main>")


def test_a_sound_page_has_no_fault() -> None:
    assert (
        faults_of(page(FORM.format(' aria-label="One"') + FORM.format(' aria-label="Two"'))) == []
    )
    assert faults_of("<title>Sound – Test</title><main><h1>Sound</h1></main>") == []


def test_each_rule_finds_its_fault() -> None:
    assert FAULTS.keys() == {rule.__name__ for rule in RULES}


@pytest.mark.parametrize("rule", FAULTS)
def test_a_rule_finds_its_fault_and_no_other_does(rule: str) -> None:
    assert {fault.partition(":")[0] for fault in faults_of(page(FAULTS[rule]))} == {rule}


@pytest.mark.parametrize("rule", [rule.__name__ for rule in ANYWHERE])
def test_a_part_that_htmx_gets_is_held_to_what_holds_anywhere(rule: str) -> None:
    assert {fault.partition(":")[0] for fault in faults_of(FAULTS[rule])} == {rule}
