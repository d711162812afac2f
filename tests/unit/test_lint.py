"""Lint names file and line of every kind of fault, and leaves sound catalogues alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cocreate.catalogues import read_catalogue
from cocreate.l10n.extract import catalogue_path
from cocreate.l10n.lint import RULES, lint_file, missing
from cocreate.l10n.rules import Case, avoid, glossary, marks, rules_for, terms
from cocreate.languages import BY_SLUG, LANGUAGES, Language
from fixtures.commands import Run
from matrix import every_translation

LAST_UPDATED = "Last updated: %(date)s"
HEADING = "Two communities, open to you"
ENDED = "You can join again whenever you like."
TELEGRAM = "STACK on Telegram"
DONE = {
    language.slug: {entry.msgid: entry.msgstr for entry in read_catalogue(catalogue_path(language))}
    for language in LANGUAGES[1:]
}

# language, English, what its translation becomes ({} is what it was), rule that must see it
SEEDS = [
    ("ms", LAST_UPDATED, "Kali terakhir dikemas kini", "placeholders"),
    ("ms", LAST_UPDATED, "{} %(tarikh)s", "placeholders"),
    ("ms", LAST_UPDATED, "{} %s", "placeholders"),
    ("ms", LAST_UPDATED, "Kali terakhir dikemas kini: {date}", "placeholders"),
    ("ta", HEADING, "<b>{}</b>", "markup"),
    ("ms", "Get involved", "{} bersama-sama kami di sini dan di sana", "length"),
    ("ta", HEADING, "\u202e{}", "invisible"),
    ("ta", HEADING, "{} பக்\u200cகி", "invisible"),
    ("ta", HEADING, "{} கெ\u0bbeடு", "nfc"),
    ("ms", HEADING, "{} kom\u0443niti", "scripts"),  # Cyrillic у
    ("ta", HEADING, "{} ௫", "scripts"),  # Tamil five
    ("zh", HEADING, "{}與社群", "scripts"),  # traditional
    ("zh", HEADING, "{} ", "marks"),
    ("zh", HEADING, "（{}", "brackets"),
    ("ms", HEADING, "{}.", "ending"),
    ("zh", ENDED, "{}一", "ending"),
    ("zh", "65 or over", "六十五岁或以上", "numbers"),
    ("ta", HEADING, "{} டிஜிட்டல்", "avoid"),
    ("ta", "On Telegram", "டெலிகிராமில்", "names"),
    ("ms", TELEGRAM, "{} dan telegram", "names"),
    ("zh", HEADING, "{} open to you", "english"),
    ("ms", HEADING, "{} open to you", "english"),
    ("ms", HEADING, HEADING, "identical"),
    ("ms", "Home", "Rumah", "terms"),
]


def faults(case: Case) -> list[tuple[str, str]]:
    return [(rule.__name__, fault) for rule in RULES for fault in rule(case)]


@every_translation
def test_the_catalogues_are_clean(language: Language) -> None:
    assert [str(finding) for finding in lint_file(catalogue_path(language), language)] == []


@pytest.mark.parametrize(("slug", "message", "change", "rule"), SEEDS)
def test_each_kind_of_fault_is_named(slug: str, message: str, change: str, rule: str) -> None:
    target = change.replace("{}", DONE[slug][message])
    assert rule in [name for name, _ in faults(Case(BY_SLUG[slug], message, target))]


def test_every_rule_has_a_seeded_fault() -> None:
    assert {rule.__name__ for rule in RULES} == {rule for *_, rule in SEEDS}


PO = """msgid ""
msgstr ""
"Language: ta\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Two communities"
msgstr "இரண்டு சமூகங்கள்"

msgid "%(number)s day"
msgid_plural "%(number)s days"
msgstr[0] "%(number)s நாள்"
msgstr[1] "%(number)s நாட்கள்"
"""
TWO, WORDS, SECOND = PO.split("\n")[5], PO.split("\n")[6], PO.split("\n")[11]
SPOILT = WORDS.replace('"இ', '"(இ') + "\n"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", []),
        (TWO, f"#, fuzzy\n{TWO}", [(8, "fuzzy")]),
        (WORDS, 'msgstr ""', [(7, "untranslated")]),
        (SECOND, "", [(11, "plurals")]),
        (SECOND, 'msgstr[1] "நாட்கள்"', [(12, "placeholders")]),
        ("nplurals=2; plural=(n != 1);", "nplurals=1; plural=0;", [(1, "plurals")]),
        (f"{TWO}\n", f"{TWO}\n{WORDS}\n\n{TWO}\n", [(9, "twice")]),
        (f"{TWO}\n", f'#~ msgid "X"\n#~ msgstr "<b>"\n\n{TWO}\n', []),
        (TWO, f"#. heading of at most 8 characters\n{TWO}", [(8, "length")]),
        (TWO, f"#. heading of at most 13 characters\n{TWO}", []),  # signs on letters do not count
        (f"{WORDS}\n", SPOILT, [(7, "brackets")]),
        (f"{TWO}\n{WORDS}\n", f"# lint: brackets, as it is quoted\n{TWO}\n{SPOILT}", []),
        (f"{TWO}\n{WORDS}\n", f"# lint: marks\n{TWO}\n{SPOILT}", [(8, "brackets")]),
    ],
)
def test_a_fault_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, found: list[tuple[int, str]]
) -> None:
    assert old in PO
    (tmp_path / "ta.po").write_text(PO.replace(old, new, 1) if old else PO, encoding="utf-8")
    findings = lint_file(tmp_path / "ta.po", BY_SLUG["ta"])
    assert [(finding.line, finding.rule) for finding in findings] == found


@pytest.mark.parametrize(
    ("old", "new", "found", "lacks"),
    [
        (WORDS, 'msgstr ""', ["untranslated"], 1),
        (SECOND, 'msgstr[1] ""', ["untranslated"], 1),
        (TWO, f"#, fuzzy\n{TWO}", ["fuzzy"], 1),
        (f"{WORDS}\n", SPOILT, ["brackets"], 0),
    ],
)
def test_what_is_missing_is_no_fault_before_the_language_is_published(
    tmp_path: Path, old: str, new: str, found: list[str], lacks: int
) -> None:
    po, tamil = tmp_path / "ta.po", BY_SLUG["ta"]
    po.write_text(PO.replace(old, new, 1), encoding="utf-8")
    assert [finding.rule for finding in lint_file(po, tamil)] == found
    before = [finding.rule for finding in lint_file(po, replace(tamil, published=False))]
    assert (before, missing(po)) == ([] if lacks else found, lacks)


def test_the_ksha_may_be_kept_apart() -> None:
    """க்‌ஷ needs its zero-width non-joiner where it is two letters; nothing else does."""
    assert faults(Case(BY_SLUG["ta"], "x", "பக்\u200cஷி")) == []


def test_the_longest_term_hides_its_parts() -> None:
    """The public good is not the public; a name is not its words."""
    ms = BY_SLUG["ms"]
    assert list(terms(Case(ms, "for the public good", "demi kebaikan awam"))) == []
    assert list(terms(Case(ms, "for the public", "demi kebaikan awam"))) != []
    assert list(terms(Case(ms, "%(communities)s", "%(communities)s"))) == []


@every_translation
def test_each_pattern_finds_its_wrong_example_and_no_right_one(language: Language) -> None:
    for row in rules_for(language)["marks"]:
        wrong, right = (marks(Case(language, "x", row[kind])) for kind in ("wrong", "right"))
        assert any(fault.startswith(row["fault"]) for fault in wrong), row["fault"]
        assert not any(fault.startswith(row["fault"]) for fault in right), row["fault"]


@every_translation
def test_each_wrong_word_is_found_and_what_is_right_is_not(language: Language) -> None:
    english = (
        "Digital communities, channels, industry, innovation, security, personal data, Defence"
    )
    sources = (f"{english}, walks of life, conceived", "Home", "Check your e-mail")
    for row in rules_for(language)["avoid"]:
        for word in row["words"]:
            said = [fault for one in sources for fault in avoid(Case(language, one, word))]
            assert any(row["why"] in fault for fault in said), word
        assert not any(
            row["why"] in fault for fault in avoid(Case(language, sources[0], row["use"]))
        )


@every_translation
def test_the_glossary_obeys_itself(language: Language) -> None:
    """Each binding term is accepted for its English, and its absence is seen."""
    for term in glossary():
        if not term.lint:
            continue
        for accepted in term.accepted[language.slug]:
            assert list(terms(Case(language, term.english, accepted))) == [], term.english
        assert list(terms(Case(language, term.english, "?"))) != [], term.english
        if term.lint == "always":
            sentence = Case(language, f"See {term.english}, now.", term.accepted[language.slug][0])
            assert not any(f"“{term.english}”" in fault for fault in terms(sentence))


HINDI = Language("hi", "hi_IN", "hi", "हिन्दी", latin=False, full_stop="।")
THAI = Language("th", "th_TH", "th", "ไทย", latin=False, full_stop="")


@pytest.mark.parametrize(
    ("language", "source", "target", "rules"),
    [
        (HINDI, "We write to you.", "हम आपको लिखते हैं।", []),
        (HINDI, "We write to you.", "हम आपको लिखते हैं", ["ending"]),
        (HINDI, "We write.", "क्\u200dष लिखते हैं।", []),
        (HINDI, "STACK community", "STACK समुदाय", []),
        (THAI, "We write to you.", "เราเขียนถึงคุณ", []),
        (HINDI, "We write to you.", "हम आपको \u202aलिखते हैं।", ["invisible"]),
    ],
)
def test_a_language_without_tables_is_held_to_what_holds_for_all(
    language: Language, source: str, target: str, rules: list[str]
) -> None:
    assert [rule for rule, _ in faults(Case(language, source, target))] == rules


def test_the_command_names_faults_and_exits_1_or_finds_a_catalogue_clean(
    tmp_path: Path, run: Run
) -> None:
    assert run("translations", "lint", "--language", "zh") == (0, "", "zh: clean\n")
    path = tmp_path / "export.po"
    path.write_text(PO.replace(WORDS, 'msgstr "அரசு சமூகங்கள்"'), encoding="utf-8")
    fault = "“அரசு”: அரசு is Indian usage; write அரசாங்கம் [avoid]"
    found = f"{path}:7: message “Two communities”: {fault}\n"
    assert run("translations", "lint", path)[:2] == (1, found)
    path.write_text(PO.replace("Language: ta", "Language: fr"), encoding="utf-8")
    done = run("translations", "lint", path)
    assert (done.code, "'fr'" in done.err) == (1, True)
