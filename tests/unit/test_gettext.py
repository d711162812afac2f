"""What becomes of a sentence on its way to a page."""

from __future__ import annotations

import pytest
from flask import Flask
from markupsafe import Markup

from cocreate.gettext import Text, Translator, number_in, plain
from cocreate.languages import BY_SLUG, ENGLISH, Language
from matrix import every_language
from pseudo import Words

ZH, MS, TA = BY_SLUG["zh"], BY_SLUG["ms"], BY_SLUG["ta"]


def name(words: str) -> str:
    return f'<i lang="en" translate="no">{words}</i>'


@pytest.mark.parametrize(
    ("language", "translation", "values", "shown"),
    [
        pytest.param(MS, "Apa khabar", {}, "Apa khabar", id="known"),
        pytest.param(MS, "", {}, '<i lang="en">Hello</i>', id="lost, so English that says so"),
        pytest.param(ENGLISH, "", {}, "Hello", id="English is itself"),
        pytest.param(ZH, "加入Tech Kaki社群", {}, f"加入{name('Tech Kaki')}社群", id="Latin in zh"),
        pytest.param(TA, "Tech Kaki சமூகம்", {}, f"{name('Tech Kaki')} சமூகம்", id="Latin in ta"),
        pytest.param(MS, "Sertai Tech Kaki", {}, f"Sertai {name('Tech Kaki')}", id="name in ms"),
        pytest.param(MS, "STACK Meetup", {}, name("STACK Meetup"), id="longest name"),
        pytest.param(ZH, "共%(count)s人", {"count": 5}, "共5人", id="a placeholder is no name"),
        pytest.param(
            ZH, "于%(year)s年11月", {"year": 5}, '于<span class="whole">5年11月</span>', id="year"
        ),
    ],
)
def test_a_sentence_is_shown(
    language: Language, translation: str, values: dict[str, object], shown: str
) -> None:
    assert Translator(language, Words({"Hello": translation})).gettext("Hello", **values) == shown


@pytest.mark.parametrize("broken", ["%(nothing)s", "%(limit)d", "%s"])
def test_a_broken_translation_gives_way_to_english(broken: str) -> None:
    translator = Translator(MS, Words({"Up to %(limit)s": broken}))
    for _ in range(2):  # the second time from memory
        shown = translator.gettext("Up to %(limit)s", limit=Markup("<b>5</b>"))
        assert shown == '<i lang="en">Up to <b>5</b></i>'


def test_what_visitors_type_is_escaped() -> None:
    translator = Translator(MS, Words({"Hi %(name)s": "Hai %(name)s"}))
    assert translator.gettext("Hi %(name)s", name="<b>") == "Hai &lt;b&gt;"
    assert translator.gettext("Hi %(name)s", name=Markup("<b>")) == "Hai <b>"


def test_a_word_with_two_roles_is_told_apart() -> None:
    translator = Translator(MS, Words({"Join": "Sertai", ("button", "Join"): "Sertai kami"}))
    assert translator.gettext("Join") == "Sertai"
    assert translator.pgettext("button", "Join") == "Sertai kami"


def test_values_and_plurals_are_the_language_s_own(site: Flask) -> None:
    with site.test_request_context():
        english = Translator(ENGLISH, Words({}))
        assert english.gettext(Text("Up to %(limit)s", limit=5000)) == "Up to 5,000"
        assert english.ngettext("%(number)s day", "%(number)s days", 1) == "1 day"
        assert english.ngettext("%(number)s day", "%(number)s days", 5000) == "5,000 days"


@every_language
def test_numbers_have_commas_everywhere(site: Flask, language: Language) -> None:
    """Plain ``ta`` would group 1,23,456: the region matters."""
    with site.test_request_context():
        assert number_in(language, 123456) == "123,456"


def test_plain_undoes_marks_and_entities() -> None:
    assert plain('<i lang="en">A &amp; B</i>') == "A & B"
