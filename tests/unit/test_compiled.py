"""What is written into a compiled template, and what is still asked for as a page is made."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, g, render_template_string

from cocreate.i18n import Translator
from cocreate.languages import BY_SLUG
from cocreate.web.compiled import Compiled, Environment

MS = BY_SLUG["ms"]
KNOWN: dict[Any, str] = {
    "Join": "Sertai",
    ("Join", "button"): "Sertai kami",
    "Hi %(name)s": "Hai %(name)s",
}


def environment(site: Flask, words: Translator) -> Environment:
    made = Environment(site)
    made.words = words
    return made


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("{{ _('Join') }}", "yield 'Sertai'"),
        ("<b>{{ gettext('Join')|upper }}</b>", "yield '<b>SERTAI</b>'"),
        ("{{ pgettext('button', 'Join') }}", "yield 'Sertai kami'"),
        ("{{ _('Lost') }}", "environment.words.gettext, 'Lost'"),
        ("{{ _('Hi %(name)s', name=g.name) }}", "environment.words.gettext, 'Hi %(name)s'"),
        ("{{ ngettext('one', 'many', 1) }}", "environment.words.ngettext"),
        ("{{ _(g.name) }}", "environment.words.gettext"),
    ],
)
def test_a_sentence_without_placeholders_is_written_down(
    site: Flask, template: str, printed: str
) -> None:
    with site.test_request_context():
        code = environment(site, Translator(MS, KNOWN)).compile(template, raw=True)
    assert printed in code


def test_a_lost_sentence_counts_only_where_it_is_shown(site: Flask) -> None:
    """Compiling asks for every sentence of a template, also for those of another branch."""
    with site.test_request_context():
        g.language = MS
        site.jinja_env.from_string("{% if false %}{{ _('Lost') }}{% endif %}")
        environment(site, Translator(MS, KNOWN)).compile("{{ _('Lost') }}")
        assert "lost" not in g
        assert render_template_string("{{ _('Never heard of') }}") == (
            '<i lang="en">Never heard of</i>'
        )
        assert len(g.lost) == 1


def test_what_is_kept_is_kept_for_its_words_alone(site: Flask) -> None:
    own, other = Translator(MS, KNOWN), Translator(MS, KNOWN | {"Join": "Masuk"})
    with site.test_request_context():
        kept = [Compiled(environment(site, w)).get_source_checksum("x") for w in (own, other)]
    assert kept[0] != kept[1]
