"""What becomes of a sentence on its way to a page."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from markupsafe import Markup

from cocreate.gettext import Translator, number_in, plain, text
from cocreate.languages import BY_SLUG, ENGLISH, Language
from matrix import every_language

ZH, MS, TA = BY_SLUG["zh"], BY_SLUG["ms"], BY_SLUG["ta"]


def made(language: Language, **catalogue: str) -> Translator:
    return Translator(language, dict[Any, str](catalogue))


def test_a_known_sentence_is_translated() -> None:
    assert made(MS, Hello="Apa khabar").gettext("Hello") == "Apa khabar"


def test_a_lost_sentence_is_english_and_says_so() -> None:
    assert made(MS).gettext("Hello") == '<i lang="en">Hello</i>'
    assert plain(made(MS).gettext("Hello")) == "Hello"


def test_english_is_itself() -> None:
    assert made(ENGLISH).gettext("Hello") == "Hello"


def test_names_in_chinese_and_tamil_are_whatever_is_latin() -> None:
    name = '<i lang="en" translate="no">Tech Kaki</i>'
    assert made(ZH, a="加入Tech Kaki社群").gettext("a") == f"加入{name}社群"
    assert made(TA, a="Tech Kaki சமூகம்").gettext("a") == f"{name} சமூகம்"


def test_names_in_malay_are_those_of_the_list() -> None:
    translated = made(MS, a="Sertai Tech Kaki sekarang").gettext("a")
    assert translated == 'Sertai <i lang="en" translate="no">Tech Kaki</i> sekarang'


def test_the_longest_name_wins() -> None:
    translated = made(MS, a="Komuniti STACK Meetup").gettext("a")
    assert translated == 'Komuniti <i lang="en" translate="no">STACK Meetup</i>'


def test_a_placeholder_is_no_name() -> None:
    """``%(count)s`` in a Chinese sentence stays what it is."""
    assert made(ZH, a="共%(count)s人").gettext("a", count=5) == "共5人"


def test_a_chinese_year_stays_with_its_number() -> None:
    shown = made(ZH, a="于%(year)s年11月致函，每年一次").gettext("a", year=2026)
    assert shown == '于<span class="whole">2026年11月</span>致函，每年一次'


def test_what_visitors_type_is_escaped() -> None:
    shown = made(MS, **{"Hi %(name)s": "Hai %(name)s"}).gettext("Hi %(name)s", name="<b>")
    assert shown == "Hai &lt;b&gt;"


def test_markup_given_to_a_placeholder_stays() -> None:
    link = Markup('<a href="/">x</a>')
    assert made(ENGLISH).gettext("See %(link)s", link=link) == 'See <a href="/">x</a>'


def test_a_text_carries_its_values() -> None:
    assert made(ENGLISH).gettext(text("Up to %(limit)s", limit=5)) == "Up to 5"


@pytest.mark.parametrize("broken", ["%(nothing)s", "%(limit)d", "%(limit", "%s", "5 %"])
def test_a_broken_translation_gives_way_to_english(broken: str) -> None:
    translator = made(MS, **{"Up to %(limit)s": broken})
    for _ in range(2):  # the second time from memory
        shown = translator.gettext("Up to %(limit)s", limit=Markup("<b>5</b>"))
        assert shown == '<i lang="en">Up to <b>5</b></i>'


def test_a_word_with_two_roles_is_told_apart() -> None:
    translator = Translator(MS, {"Join": "Sertai", ("Join", "button"): "Sertai kami"})
    assert translator.gettext("Join") == "Sertai"
    assert translator.pgettext("button", "Join") == "Sertai kami"


def test_the_plural_is_the_language_s_own(site: Flask) -> None:
    with site.test_request_context():
        english = made(ENGLISH)
        assert english.ngettext("%(number)s day", "%(number)s days", 1) == "1 day"
        assert english.ngettext("%(number)s day", "%(number)s days", 5000) == "5,000 days"


@every_language
def test_numbers_have_commas_everywhere(site: Flask, language: Language) -> None:
    """Plain ``ta`` would group 1,23,456: the region matters."""
    with site.test_request_context():
        assert number_in(language, 123456) == "123,456"
        assert number_in(language, 5000) == "5,000"


def test_plain_undoes_entities_too() -> None:
    assert plain("A &amp; B") == "A & B"
    assert plain('<i lang="en">A &amp; B</i>') == "A & B"
