"""What may be typed: only what endangers is refused; the rest is put right or left alone."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from cocreate.web.text import count_characters, fault_in, tidy, tidy_address

BREAKS = "\r\v\f\u0085\u2028\u2029"
STEERING = "\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
ENDANGERS = [
    *map(chr, {*range(32), *range(127, 160)} - set(map(ord, "\t\n" + BREAKS))),
    *"\u202d\u202e\ufffd\ud800\udfff",
]


@pytest.mark.parametrize("character", ENDANGERS, ids=lambda c: f"U+{ord(c):04X}")
def test_what_endangers_a_reader_is_refused_by_name(character: str) -> None:
    for lines in (False, True):
        assert fault_in(tidy(f"Ann{character}Tan", lines=lines), lines=lines)


@given(
    st.text(
        alphabet=st.characters(exclude_categories=["Cs"], exclude_characters=ENDANGERS), max_size=80
    ),
    st.booleans(),
)
def test_nothing_else_is_refused(value: str, lines: bool) -> None:
    """Letters newer than Python's Unicode, private use, unassigned: somebody's pen wrote them."""
    value = value.replace("\n", " ") if not lines else value
    assert fault_in(tidy(value, lines=lines), lines=lines) is None


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60), st.booleans())
@example("¯", False)  # NFKC leaves a mark that stands on nothing
def test_tidying_twice_is_tidying_once(value: str, lines: bool) -> None:
    once = tidy(value, lines=lines)
    assert tidy(once, lines=lines) == once
    assert tidy_address(tidy_address(value)) == tidy_address(value)


@pytest.mark.parametrize("character", BREAKS, ids=lambda c: f"U+{ord(c):04X}")
def test_an_odd_line_break_becomes_one_that_all_know(character: str) -> None:
    assert tidy(f"one{character}two", lines=True) == "one\ntwo"
    assert tidy(f"Ann{character}Tan") == "Ann Tan"


@pytest.mark.parametrize(
    "value",
    {
        "Han of Unicode 13 to 17": "\U00030000\U0003134f\U00031350\U000323af\U000323b0",
        "bullet of a word processor": "\uf0b7 large print",
        "Tamil with a non-joiner": "க்\u200cஷ",
        "family of emoji": "👨\u200d👩\u200d👧\u200d👦",
        "soft hyphen and marks of direction": "Ann\u00ad\u200eTan",
        "unassigned": "\U00033fff",
    }.values(),
)
def test_what_people_write_stays_as_it_is(value: str) -> None:
    assert tidy(value) == value
    assert fault_in(value) is None


@pytest.mark.parametrize("value", ["", " ", "\u200b", "\u2060\u200d", "\u3164", "\u2800\u00a0"])
def test_what_nobody_sees_is_nothing(value: str) -> None:
    assert tidy(value) == ""


def test_marks_of_direction_around_what_was_copied_are_dropped() -> None:
    assert tidy(f"\u202a+65 6123 4567\u202c {STEERING}") == "+65 6123 4567"


@pytest.mark.parametrize(
    "typed",
    [
        "ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "ann@example。com",
        "\ufeffann@example.com\u200b",
        "\u00a0ann\u00a0@exam\u00adple.com ",
        "ann @ example. com",
        "\u2066ann@example.com\u2069",
        "ann@example.com\v",
    ],
)
def test_an_address_is_taken_as_it_was_meant(typed: str) -> None:
    assert tidy_address(typed) == "ann@example.com"


def test_a_space_in_the_middle_is_left_for_the_person_to_see() -> None:
    assert tidy_address("ann tan@example.com") == "ann tan@example.com"


@pytest.mark.parametrize(
    ("value", "letters"),
    [
        ("Ann", 3),
        ("e\u0301", 1),
        ("தமிழ்", 3),
        ("👨\u200d👩\u200d👧\u200d👦", 1),
        ("🇸🇬🇲🇾", 2),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 1),
        ("a\r\nb", 3),
    ],
)
def test_letters_are_counted_as_people_count_them(value: str, letters: int) -> None:
    assert count_characters(value) == letters


@given(st.text(max_size=100), st.text(max_size=100))
def test_joined_texts_count_no_more_than_their_parts(one: str, two: str) -> None:
    assert count_characters(one + two) <= count_characters(one) + count_characters(two) + 1
    assert count_characters(one) <= len(one)


def test_a_heap_of_marks_is_no_single_letter_and_costs_no_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Normalizing costs the square of a run of marks."""
    normalize, runs = unicodedata.normalize, list[int]()

    def noted(form: Any, value: str) -> str:
        runs.extend(map(len, regex.findall(r"\p{M}+", value)))
        return normalize(form, value)

    monkeypatch.setattr(unicodedata, "normalize", noted)
    for marks in (1, 30, 31, 120_000):
        heap = "a" + "\u0316" * marks
        assert tidy(heap) == tidy_address(heap) == heap
    assert max(runs) == 30
    assert count_characters(heap) > 3000
    assert tidy("e\u0301") == "é"
