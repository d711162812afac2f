"""Lint names file and line of every kind of fault, and leaves sound catalogues alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

from cocreate.config import ROOT
from cocreate.l10n.extract import catalogue_path
from cocreate.l10n.knowledge import Case, glossary, knowledge
from cocreate.l10n.lint import RULES, Finding, lint, lint_file
from cocreate.l10n.typography import marks
from cocreate.l10n.wording import avoid, terms
from cocreate.languages import BY_SLUG, LANGUAGES, Language

OTHERS = LANGUAGES[1:]
COMMAND = [str(Path(sys.executable).with_name("cocreate")), "translations", "lint"]
LAST_UPDATED = "Last updated: %(date)s"
MENU_LABEL = "Get involved"
HEADING = "Two communities, open to you"
ERASED = "We erase the request after %(number)s day."

# language, English, what its translation becomes ({} is what it was), rule that must see it
SEEDS = [
    ("ms", LAST_UPDATED, "Kali terakhir dikemas kini", "placeholders"),
    ("ms", LAST_UPDATED, "{} %(tarikh)s", "placeholders"),
    ("ms", LAST_UPDATED, "{} %s", "placeholders"),
    ("ms", LAST_UPDATED, "{} 100 %", "placeholders"),
    ("ms", LAST_UPDATED, "Kali terakhir dikemas kini: {date}", "placeholders"),
    ("ms", LAST_UPDATED, "Kali terakhir dikemas kini: %(date)d", "placeholders"),
    ("ta", HEADING, "<b>{}</b>", "markup"),
    ("ta", HEADING, "{} &amp;", "markup"),
    ("ms", MENU_LABEL, "{} bersama-sama kami di sini dan di sana", "length"),
    ("zh", HEADING, "{}\u200b", "invisible"),
    ("ta", HEADING, "\u202e{}", "invisible"),
    ("ta", HEADING, "{}\u200d", "invisible"),
    ("ms", HEADING, "{}\u00ad", "invisible"),
    ("ta", HEADING, "{} கெ\u0bbeடு", "nfc"),
    ("ms", HEADING, "{} kom\u0443niti", "scripts"),  # Cyrillic у
    ("ms", HEADING, "{}。", "scripts"),
    ("ta", HEADING, "{} समुदाय", "scripts"),  # Devanagari
    ("ta", HEADING, "{} ௫", "scripts"),  # Tamil five
    ("zh", HEADING, "{}與社群", "scripts"),  # traditional
    ("zh", HEADING, "{} ", "marks"),
    ("ms", HEADING, "{}  kita", "marks"),
    ("ms", HEADING, "{}\u00a0kita", "marks"),
    ("ms", HEADING, '{} "kaki"', "marks"),
    ("zh", HEADING, "{}, 欢迎", "marks"),
    ("zh", HEADING, "加入 STACK", "marks"),
    ("zh", HEADING, "{}！欢迎", "marks"),
    ("ms", HEADING, "{} untuk Anda", "marks"),
    ("ms", HEADING, "{} untuk 5,000 ahli-ahli", "marks"),
    ("ta", HEADING, "{} “kaki” சமூகம்", "marks"),
    ("ta", HEADING, "{} GovTechஇன்", "marks"),
    ("ta", HEADING, "{} அனுப்பு", "marks"),
    ("zh", HEADING, "（{}", "brackets"),
    ("ms", HEADING, "{}.", "ending"),
    ("zh", "You can join again whenever you like.", "{}一", "ending"),
    ("zh", "65 or over", "六十五岁或以上", "numbers"),
    ("zh", HEADING, "{}市民", "avoid"),
    ("zh", HEADING, "你的{}", "avoid"),
    ("ms", HEADING, "{} lewat surel", "avoid"),
    ("ms", HEADING, "{} kerajaan", "avoid"),
    ("ta", HEADING, "{} டிஜிட்டல்", "avoid"),
    ("ta", "On Telegram", "டெலிகிராமில்", "avoid"),
    ("ta", "On Telegram", "டெலிகிராமில்", "names"),
    ("ms", "STACK on Telegram", "STACK di telegram", "names"),
    ("zh", HEADING, "{} open to you", "english"),
    ("ms", HEADING, "{} open to you", "english"),
    ("ms", HEADING, HEADING, "identical"),
    ("ms", "Home", "Rumah", "terms"),
    ("ta", "For everyone", "", "untranslated"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "translations", tmp_path / "translations")
    return tmp_path / "translations"


def spoil(folder: Path, slug: str, message: str, change: str) -> tuple[Path, int]:
    """Change one translation as an editor would; the file and the line that it stands on."""
    path = catalogue_path(BY_SLUG[slug], folder)
    lines = path.read_text(encoding="utf-8").split("\n")
    at = lines.index(f'msgid "{message}"')
    at = next(n for n in range(at, len(lines)) if lines[n].startswith("msgstr"))
    keyword, before = lines[at].split(" ", 1)
    after = change.replace("{}", before[1:-1]) if "{}" in change else change
    lines[at] = f'{keyword} "{polib.escape(after)}"'
    path.write_text("\n".join(lines), encoding="utf-8")
    return path, at + 1


def at_line(findings: list[Finding], path: Path, line: int) -> set[str]:
    return {finding.rule for finding in findings if (finding.path, finding.line) == (path, line)}


@pytest.mark.parametrize("language", OTHERS, ids=lambda language: language.slug)
def test_the_catalogues_are_clean(language: Language) -> None:
    assert [str(finding) for finding in lint([language])] == []


@pytest.mark.parametrize(("slug", "message", "change", "rule"), SEEDS)
def test_each_kind_of_fault_is_named_by_file_and_line(
    folder: Path, slug: str, message: str, change: str, rule: str
) -> None:
    path, line = spoil(folder, slug, message, change)
    assert rule in at_line(lint_file(path, BY_SLUG[slug]), path, line)


def test_every_rule_has_a_seeded_fault() -> None:
    from cocreate.l10n.lint import RULES

    assert {rule.__name__ for rule in RULES} <= {rule for *_, rule in SEEDS}


def edited(folder: Path, slug: str, old: str, new: str) -> list[Finding]:
    """What lint finds after an edit that it did not find before."""
    path = catalogue_path(BY_SLUG[slug], folder)
    text = path.read_text(encoding="utf-8")
    assert old in text
    before = {(finding.message, finding.rule) for finding in lint_file(path, BY_SLUG[slug])}
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = lint_file(path, BY_SLUG[slug])
    return [f for f in found if (f.message, f.rule) not in before]


def test_a_guess_is_named(folder: Path) -> None:
    old = f'msgid "{HEADING}"'
    [finding] = edited(folder, "ms", old, f"#, fuzzy\n{old}")
    assert (finding.rule, finding.message) == ("fuzzy", HEADING)


def test_a_lost_plural_form_is_named(folder: Path) -> None:
    path, line = spoil(folder, "ta", ERASED, "")
    lines = path.read_text(encoding="utf-8").split("\n")
    del lines[line]  # the second form
    path.write_text("\n".join(lines), encoding="utf-8")
    assert at_line(lint_file(path, BY_SLUG["ta"]), path, line) == {"plurals", "untranslated"}


def test_a_wrong_plural_rule_is_named(folder: Path) -> None:
    old = "nplurals=1; plural=0;"
    assert edited(folder, "zh", old, "nplurals=2; plural=(n != 1);")[0].rule == "plurals"


def test_a_message_that_stands_twice_is_named(folder: Path) -> None:
    entry = f'msgid "{HEADING}"\nmsgstr "Dua"\n\n'
    rules = {f.rule for f in edited(folder, "ms", "#: templates", f"{entry}#: templates")}
    assert "twice" in rules


def test_a_message_that_is_kept_aside_is_no_fault(folder: Path) -> None:
    entry = f'#~ msgid "{HEADING}"\n#~ msgstr "Hilang <b>"\n\n'
    assert edited(folder, "ms", "#: templates", f"{entry}#: templates") == []


def test_a_line_that_cannot_be_read_is_named(folder: Path) -> None:
    path = catalogue_path(BY_SLUG["ms"], folder)
    lines = path.read_text(encoding="utf-8").split("\n")
    number = next(n for n, line in enumerate(lines) if n > 9 and line.startswith("msgid "))
    lines[number] += "…"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [(f.rule, f.line) for f in lint_file(path, BY_SLUG["ms"])] == [("syntax", number + 1)]


def test_a_comment_waives_one_rule_for_one_message(folder: Path) -> None:
    path, line = spoil(folder, "ms", HEADING, "{} karena surel, Anda")
    assert at_line(lint_file(path, BY_SLUG["ms"]), path, line) == {"avoid", "marks"}
    text = path.read_text(encoding="utf-8")
    old = f'msgid "{HEADING}"'
    path.write_text(text.replace(old, f"# lint: avoid, as it quotes\n{old}"), encoding="utf-8")
    assert at_line(lint_file(path, BY_SLUG["ms"]), path, line + 1) == {"marks"}


def test_a_limit_in_the_comment_holds(folder: Path) -> None:
    old = f'msgid "{HEADING}"'
    found = edited(folder, "ta", old, f"#. heading of at most 8 characters\n{old}")
    assert [finding.rule for finding in found] == ["length"]


def test_a_limit_does_not_count_signs_on_letters() -> None:
    from cocreate.l10n.lint import length

    case = Case(BY_SLUG["ta"], "x", "கொடுப்பு", "at most 4 characters")
    assert list(length(case)) == []


def test_the_ksha_may_be_kept_apart() -> None:
    """க்‌ஷ needs its zero-width non-joiner where it is two letters; nothing else does."""
    from cocreate.l10n.typography import invisible

    assert list(invisible(Case(BY_SLUG["ta"], "x", "பக்\u200cஷி"))) == []
    assert list(invisible(Case(BY_SLUG["ta"], "x", "பக்\u200cகி"))) != []


def test_the_longest_term_hides_its_parts() -> None:
    """The public good is not the public; a name is not its words."""
    ms = BY_SLUG["ms"]
    assert list(terms(Case(ms, "for the public good", "demi kebaikan awam"))) == []
    assert list(terms(Case(ms, "for the public", "demi kebaikan awam"))) != []
    assert list(terms(Case(ms, "%(communities)s", "%(communities)s"))) == []


MARKS = [(one, mark) for one in OTHERS for mark in knowledge(one).marks]


@pytest.mark.parametrize(("language", "mark"), MARKS, ids=lambda value: getattr(value, "fault", ""))
def test_each_pattern_finds_its_wrong_example_and_no_right_one(
    language: Language, mark: object
) -> None:
    found = [
        any(fault.startswith(mark.fault) for fault in marks(Case(language, "x", words)))  # type: ignore[attr-defined]
        for words in (mark.wrong, mark.right)  # type: ignore[attr-defined]
    ]
    assert found == [True, False]


@pytest.mark.parametrize("language", OTHERS, ids=lambda language: language.slug)
def test_each_wrong_word_is_found_and_what_is_right_is_not(language: Language) -> None:
    english = (
        "Digital communities, channels, industry, innovation, security, personal data, Defence"
    )
    english += ", walks of life, conceived, Telegram"
    for rule in knowledge(language).avoid:
        sources = (english, "Home", "Check your e-mail")
        for word in rule.words:
            found = [fault for s in sources for fault in avoid(Case(language, s, word))]
            assert any(rule.why in fault for fault in found), word
        assert not any(rule.why in fault for fault in avoid(Case(language, english, rule.use)))


@pytest.mark.parametrize("language", OTHERS, ids=lambda language: language.slug)
def test_the_glossary_obeys_itself(language: Language) -> None:
    """Each binding term is accepted for its English, and its absence is seen."""
    for term in glossary():
        if not term.lint or language.slug not in term.accepted:
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
    ("language", "source", "target", "fault"),
    [
        (HINDI, "We write to you.", "हम आपको लिखते हैं।", ""),
        (HINDI, "We write to you.", "हम आपको लिखते हैं", "ends in no mark"),
        (HINDI, "We write.", "क्\u200dष लिखते हैं।", ""),
        (HINDI, "STACK community", "STACK समुदाय", ""),
        (THAI, "We write to you.", "เราเขียนถึงคุณ", ""),
        (HINDI, "We write to you.", "हम आपको \u202aलिखते हैं।", "nobody sees"),
    ],
)
def test_a_language_without_tables_is_held_to_what_holds_for_all(
    language: Language, source: str, target: str, fault: str
) -> None:
    case = Case(language, source, target)
    found = [text for rule in RULES for text in rule(case)]
    assert [fault in text for text in found] == ([True] if fault else []), found


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ,
    )


def test_the_command_exits_0_on_clean_catalogues() -> None:
    done = run("--language", "zh")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "zh: clean\n")


def test_the_command_names_faults_of_a_file_and_exits_1(folder: Path) -> None:
    path, line = spoil(folder, "ms", HEADING, "{} karena")
    done = run(str(path))
    assert done.returncode == 1
    fault = "“karena”: Indonesian; write kerana [avoid]"
    assert f"{path}:{line}: message “{HEADING}”: {fault}" in done.stdout.splitlines()


def test_the_command_refuses_a_file_of_no_known_language(tmp_path: Path) -> None:
    (tmp_path / "fr.po").write_text('msgid ""\nmsgstr ""\n"Language: fr\\n"\n', encoding="utf-8")
    done = run(str(tmp_path / "fr.po"))
    assert done.returncode == 1
    assert "'fr'" in done.stderr
    assert "Traceback" not in done.stderr
