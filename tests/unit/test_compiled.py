"""How a compiled template asks for its sentences, and what is remembered of them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, g, render_template_string

from cocreate.gettext import Translator
from cocreate.languages import BY_SLUG
from pseudo import MALAY, Pseudo

MS = BY_SLUG["ms"]
KNOWN: dict[Any, str] = {"Join": "Sertai", ("Join", "button"): "Sertai kami"}


@pytest.mark.parametrize(
    ("template", "asked"),
    [
        ("{{ _('Join') }}", "environment.words.said, 'Join'"),
        ("{{ gettext('Join') }}", "environment.words.said, 'Join'"),
        ("{{ pgettext('button', 'Join') }}", "environment.words.said, ('Join', 'button')"),
        ("{{ _('Hi %(name)s', name=g.name) }}", "environment.words.gettext, 'Hi %(name)s'"),
        ("{{ ngettext('one', 'many', 1) }}", "environment.words.ngettext"),
        ("{{ _(g.name) }}", "environment.words.gettext"),
    ],
)
def test_a_constant_sentence_is_looked_up(site: Flask, template: str, asked: str) -> None:
    assert asked in site.jinja_env.compile(template, raw=True)


def test_a_template_says_it_in_the_language_of_the_page(site: Flask) -> None:
    for slug, shown in (("ms", "Langkau ke kandungan utama"), ("zh", "跳到主要内容")):
        with site.test_request_context():
            g.language = BY_SLUG[slug]
            assert render_template_string("{{ _('Skip to main content') }}") == shown


def test_what_is_always_the_same_is_remembered() -> None:
    words = Translator(MS, KNOWN)
    assert (words.said["Join"], words.said["Join", "button"]) == ("Sertai", "Sertai kami")
    assert set(words.said) == {"Join", ("Join", "button")}


def test_a_lost_sentence_is_counted_on_every_page(site: Flask) -> None:
    words = Translator(MS, KNOWN)
    for _ in range(2):
        with site.test_request_context():
            assert words.said["Lost"] == '<i lang="en">Lost</i>'
            assert g.lost == {"Lost"}


def test_a_translator_of_another_kind_is_asked_each_time() -> None:
    words = Pseudo(MALAY, {})
    assert "［" in words.said["Join"]
    assert not words.said
