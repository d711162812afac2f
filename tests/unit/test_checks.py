"""The rules of checks.py find the faults that they are there for, and spare a sound page."""

from __future__ import annotations

import pytest

from checks import faults_of

SOUND = """<!doctype html><html lang="en"><head><title>Sound – Test</title>{head}</head><body>
<header>{skip}<nav aria-label="Main"><a href="/b">Another page</a></nav></header>
<main id="main"><h1>Sound</h1>{main}</main><footer></footer></body></html>"""
PARTS = {"head": "", "skip": '<a href="#main">Skip to main content</a>', "main": ""}
FORM = '<form action="/a"{}><button>Send</button></form>'
FAULTS = {
    "space in an address": (
        "head",
        '<link rel="icon" href="data:image/svg+xml,%3Csvg a=\'b\' %3E">',
    ),
    "skip link in no landmark": ("skip", '</header><a href="#main">Skip</a><header>'),
    "two forms without names": ("main", 2 * FORM.format("")),
    "two forms of one name": ("main", 2 * FORM.format(' aria-label="Form"')),
    "a radio button that is wrong": ("main", '<input type="radio" aria-invalid="true">'),
    "a heading before the first": ("main", "</main><h2>Early</h2><main><h1>Late</h1>"),
}


def test_a_sound_page_has_no_fault() -> None:
    named = FORM.format(' aria-label="One"') + FORM.format(' aria-label="Two"')
    assert faults_of(SOUND.format(**PARTS)) == []
    assert faults_of(SOUND.format(**PARTS | {"main": named})) == []


@pytest.mark.parametrize("name", FAULTS)
def test_it_finds(name: str) -> None:
    part, markup = FAULTS[name]
    assert faults_of(SOUND.format(**PARTS | {part: markup})) != []
