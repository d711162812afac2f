"""``make messages``: what has not changed does not show up in the diff, and no work is lost."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import polib
import pytest

from cocreate.catalogues import CatalogueError, compile_catalogues
from cocreate.config import ROOT
from cocreate.l10n import extract
from cocreate.l10n.context import role_of
from cocreate.l10n.extract import Change, Key, catalogue_path, forms_of, open_catalogue, texts_of
from cocreate.l10n.lint import lint_file
from cocreate.languages import BY_SLUG, LANGUAGES, Language

MS = BY_SLUG["ms"]
PAGE = """{# L10n: a greeting, shown first #}
<h1>{{ _("Good morning") }}</h1>
<p>{{ _("Nobody is counted twice in this list") }}</p>
<p>{{ pgettext("button", "Send") }} {{ ngettext("%(number)s day", "%(number)s days", 2) }}</p>
"""
DONE = {
    "Good morning": "Selamat pagi",
    "Nobody is counted twice in this list": "Tiada sesiapa dikira dua kali",
    "Send": "Hantar",
}


class Site:
    """A source of one template, and its catalogues."""

    def __init__(self, folder: Path) -> None:
        self.template = folder / "templates" / "page.html"
        self.template.parent.mkdir()
        self.template.write_text(PAGE, encoding="utf-8")
        self.translations = folder / "translations"
        self.po = catalogue_path(MS, self.translations)
        self.update()
        catalogue = self.read()
        for entry in catalogue:
            if entry.msgid_plural:
                entry.msgstr_plural = {0: "%(number)s hari"}
            else:
                entry.msgstr = DONE[entry.msgid]
        catalogue.save()
        assert self.update() == Change(MS, 4, 0, 0, 0, differs=False)

    def update(self, *, write: bool = True) -> Change:
        sources = [(self.template.parent, "templates")]
        changes = extract.update(self.translations, write=write, sources=sources)
        return next(change for change in changes if change.language is MS)

    def edit(self, old: str, new: str) -> None:
        text = self.template.read_text(encoding="utf-8")
        assert old in text
        self.template.write_text(text.replace(old, new), encoding="utf-8")

    def read(self) -> polib.POFile:
        return open_catalogue(self.po)

    def entry(self, message: str) -> polib.POEntry:
        found = self.read().find(message)
        assert found is not None
        return found


@pytest.fixture
def source(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_second_run_changes_nothing(source: Site) -> None:
    before = source.po.read_bytes()
    assert not source.update().differs
    assert source.po.read_bytes() == before


def test_the_catalogues_of_the_site_are_settled_after_one_run(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "translations", tmp_path / "translations")
    extract.update(tmp_path / "translations")
    assert not any(change.differs for change in extract.update(tmp_path / "translations"))


def test_moved_lines_change_nothing(source: Site) -> None:
    before = source.po.read_bytes()
    lines = PAGE.splitlines(keepends=True)
    source.template.write_text("\n\n" + "".join(lines[2:] + lines[:2]), encoding="utf-8")
    assert not source.update().differs
    assert source.po.read_bytes() == before


def test_a_new_message_stands_after_its_neighbour(source: Site) -> None:
    source.edit("</h1>", '</h1>{{ _("Welcome, everyone") }}')
    assert source.update() == Change(MS, 4, 1, 0, 0, differs=True)
    assert [entry.msgid for entry in source.read()][:3] == [
        "Good morning",
        "Welcome, everyone",
        "Nobody is counted twice in this list",
    ]


def test_a_changed_sentence_keeps_its_translation_as_a_guess(source: Site) -> None:
    source.edit("counted twice", "counted three times")
    assert source.update() == Change(MS, 3, 0, 1, 0, differs=True)
    entry = source.entry("Nobody is counted three times in this list")
    assert entry.fuzzy
    assert entry.msgstr == "Tiada sesiapa dikira dua kali"
    assert entry.previous_msgid == "Nobody is counted twice in this list"
    assert '#| msgid "Nobody is counted twice in this list"' in source.po.read_text("utf-8")


def test_a_guess_keeps_its_earlier_english_until_it_is_read(source: Site) -> None:
    source.edit("counted twice", "counted three times")
    source.update()
    assert source.update() == Change(MS, 3, 0, 1, 0, differs=False)
    catalogue = source.read()
    catalogue.fuzzy_entries()[0].flags = []  # as an editor does once it is approved
    catalogue.save()
    assert source.update() == Change(MS, 4, 0, 0, 0, differs=True)
    assert "#|" not in source.po.read_text("utf-8")


def test_a_sentence_still_in_use_is_nobody_s_guess(source: Site) -> None:
    source.edit("</h1>", '</h1>{{ _("Nobody is counted twice in this book") }}')
    assert source.update() == Change(MS, 4, 1, 0, 0, differs=True)
    assert source.entry("Nobody is counted twice in this book").msgstr == ""


def test_what_is_gone_for_one_run_comes_back_whole(source: Site) -> None:
    before, catalogue = source.po.read_bytes(), source.read()
    page = source.template.read_text("utf-8")
    source.template.write_text("", encoding="utf-8")
    assert source.update() == Change(MS, 0, 0, 0, 4, differs=True)
    text = source.po.read_text("utf-8")
    assert all(f'#~ msgid "{entry.msgid}"' in text for entry in catalogue)
    assert not source.update().differs
    assert lint_file(source.po, MS) == []
    source.template.write_text(page, encoding="utf-8")
    assert source.update() == Change(MS, 4, 0, 0, 0, differs=True)
    after = source.read()
    assert not [entry for entry in after if entry.obsolete]
    assert {(e.msgid, *texts_of(e)) for e in after} == {(e.msgid, *texts_of(e)) for e in catalogue}
    assert len(source.po.read_bytes()) == len(before)


def test_what_is_gone_is_never_shown(source: Site) -> None:
    source.edit('{{ pgettext("button", "Send") }}', "")
    assert source.update() == Change(MS, 3, 0, 0, 1, differs=True)
    assert '#~ msgstr "Hantar"' in source.po.read_text("utf-8")
    compile_catalogues(source.translations)
    assert b"Hantar" not in source.po.with_suffix(".mo").read_bytes()


def test_what_was_never_translated_goes(source: Site) -> None:
    source.edit("</h1>", '</h1>{{ _("Welcome, everyone") }}')
    source.update()
    source.edit('{{ _("Welcome, everyone") }}', "")
    source.update()
    assert "Welcome" not in source.po.read_text("utf-8")


def test_a_sentence_that_returns_after_a_guess_was_made_of_it_is_whole(source: Site) -> None:
    source.edit("counted twice", "counted three times")
    source.update()
    source.edit("counted three times", "counted twice")
    source.update()
    entry = source.entry("Nobody is counted twice in this list")
    assert (entry.msgstr, entry.fuzzy) == ("Tiada sesiapa dikira dua kali", False)


def test_a_sentence_said_anew_in_its_place_keeps_its_translation_as_a_guess(source: Site) -> None:
    source.edit("Nobody is counted twice in this list", "Leave whenever you like")
    source.update()
    catalogue = source.read()
    entry = catalogue.find("Leave whenever you like")
    assert entry
    entry.msgstr, entry.flags = "Pergi bila-bila masa", []
    catalogue.save()
    source.edit("Leave whenever you like", "Leave at any time")
    source.update()
    guess = source.entry("Leave at any time")
    assert (guess.msgstr, guess.fuzzy) == ("Pergi bila-bila masa", True)
    assert guess.previous_msgid == "Leave whenever you like"


def test_comments_contexts_and_places_reach_the_translator(source: Site) -> None:
    greeting, button = source.entry("Good morning"), source.entry("Send")
    assert greeting.comment == "a greeting, shown first\nheading"
    assert greeting.occurrences == [("templates/page.html", "")]
    assert (button.msgctxt, button.comment) == ("button", "text")
    assert source.entry("%(number)s day").flags == ["python-format"]


def test_a_message_in_two_places_has_both_comments(source: Site) -> None:
    other = source.template.with_name("other.html")
    other.write_text('{# L10n: in a mail #}{{ _("Good morning") }}', encoding="utf-8")
    source.update()
    greeting = source.entry("Good morning")
    assert greeting.comment == "a greeting, shown first\nheading\nin a mail"
    assert [name for name, _ in greeting.occurrences] == [
        "templates/other.html",
        "templates/page.html",
    ]


def test_a_translator_s_own_comment_stays(source: Site) -> None:
    catalogue = source.read()
    catalogue[0].tcomment = "pagi, sebelum tengah hari"
    catalogue.save()
    assert not source.update().differs


WEBLATE = (
    ("PO-Revision-Date", "2026-12-01 10:00+0800"),
    ("Last-Translator", "Siti <siti@example.org>"),
    ("Language-Team", "Malay <https://weblate.example/ms/>"),
    ("X-Generator", "Weblate 5.9"),
)


def test_what_an_editor_put_in_the_header_stays_as_found(source: Site) -> None:
    """Or its next commit and ours would both have changed those lines."""
    catalogue = source.read()
    catalogue.metadata |= dict(WEBLATE) | {"Content-Type": "text/plain; charset=UTF-8"}
    catalogue.header += "\nSiti <siti@example.org>, 2026."
    catalogue.save()
    before = source.po.read_bytes()
    assert not source.update().differs
    source.edit("</h1>", '</h1>{{ _("Welcome, everyone") }}')
    source.update()
    after = source.po.read_bytes()
    assert after.partition(b"\n\n")[0] == before.partition(b"\n\n")[0]
    assert all(f'"{name}: {value}\\n"'.encode() in after for name, value in WEBLATE)


def test_lines_that_an_editor_wrapped_are_one_again(source: Site) -> None:
    before = source.po.read_bytes()
    text = before.decode().replace('"Selamat pagi"', '""\n"Selamat "\n"pagi"')
    source.po.write_text(text, encoding="utf-8")
    assert source.update() == Change(MS, 4, 0, 0, 0, differs=True)
    assert source.po.read_bytes() == before


CONFLICT = """<<<<<<< HEAD
msgstr "Selamat pagi"
=======
msgstr "Salam pagi"
>>>>>>> weblate
"""


def test_marks_of_a_conflict_are_named_with_their_lines(source: Site) -> None:
    text = source.po.read_text("utf-8").replace('msgstr "Selamat pagi"\n', CONFLICT)
    source.po.write_text(text, encoding="utf-8")
    first = text.split("\n").index("<<<<<<< HEAD") + 1
    fault = f"lines {first}–{first + 4}: both sides changed this sentence; keep one"
    with pytest.raises(CatalogueError, match=fault):
        source.update()
    [finding] = lint_file(source.po, MS)
    assert (finding.line, fault in finding.fault) == (first, True)
    with pytest.raises(CatalogueError, match=fault):
        compile_catalogues(source.translations)


def test_an_inner_quotation_mark_is_called_so(source: Site) -> None:
    text = source.po.read_text("utf-8").replace('"Selamat pagi"', '"Selamat "pagi""')
    source.po.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match="a straight quotation mark inside the text"):
        source.update()


def test_nothing_is_written_on_a_mere_check(source: Site) -> None:
    before = source.po.read_bytes()
    source.edit("Good morning", "Good evening")
    assert source.update(write=False).differs
    assert source.po.read_bytes() == before


def test_a_broken_catalogue_is_named_and_kept(source: Site) -> None:
    broken = source.po.read_text("utf-8").replace('"Hantar"', '"Hantar')
    source.po.write_text(broken, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"messages\.po, line \d+"):
        source.update()
    assert source.po.read_text("utf-8") == broken


def test_a_new_language_gets_its_file(source: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    filipino = Language("fil", "fil_PH", "fil", "Filipino")
    monkeypatch.setattr(extract, "LANGUAGES", (*LANGUAGES, filipino))
    source.update()
    made = open_catalogue(catalogue_path(filipino, source.translations))
    assert [entry.msgid for entry in made] == [entry.msgid for entry in source.read()]
    assert made.metadata["Plural-Forms"].startswith("nplurals=2;")


@pytest.mark.parametrize(("slug", "forms"), [("zh", 1), ("ms", 1), ("ta", 2)])
def test_plural_forms_are_those_of_cldr(slug: str, forms: int) -> None:
    assert forms_of(BY_SLUG[slug]) == forms


def test_a_plural_form_too_many_is_dropped(source: Site) -> None:
    """Malay has one form; an editor that thinks otherwise is put right."""
    text = source.po.read_text("utf-8").replace("nplurals=1; plural=0;", "nplurals=2; plural=n>1;")
    text = text.replace('msgstr[0] "%(number)s hari"', 'msgstr[0] "%(number)s hari"\nmsgstr[1] "x"')
    source.po.write_text(text, encoding="utf-8")
    assert source.update() == Change(MS, 4, 0, 0, 0, differs=True)
    assert source.entry("%(number)s day").msgstr_plural == {0: "%(number)s hari"}


@pytest.fixture(scope="module")
def template() -> dict[Key, polib.POEntry]:
    return extract.extract()


def test_every_message_of_the_site_is_found_with_a_place(
    template: dict[Key, polib.POEntry],
) -> None:
    assert (None, "Get involved") in template
    assert ("button", "Send") in template
    assert all(entry.occurrences for entry in template.values())


def test_every_message_of_the_site_says_what_it_is(template: dict[Key, polib.POEntry]) -> None:
    told = {entry.msgid: entry.comment for entry in template.values()}
    assert [message for message, comment in told.items() if not comment] == []
    for message, comment in told.items():
        for name in re.findall(r"%\((\w+)\)s", message):
            assert f"%({name})s" in comment, f"{message}: add {name} to VALUES in context.py"


@pytest.mark.parametrize(
    ("source", "role"),
    [
        ('<h2 id="x">{{ _("Words") }}</h2>', "heading"),
        ('<p>{{ ui.link("a", _("Other")) }} {{ _("Words") }}</p>', "text"),
        ('<p>{{ ui.link("a", _("Words")) }}</p>', "link"),
        ('{{ ui.button(page_url(home), _("Words")) }}', "button"),
        ('<nav aria-label="{{ _("Words")|plain }}">', "heard by screen reader users, not seen"),
    ],
)
def test_the_role_of_a_message_is_read_off_the_template(source: str, role: str) -> None:
    assert role_of("Words", source[: source.index('"Words')]) == role


@pytest.mark.parametrize(
    ("message", "role"),
    [
        ("How old are you?", "question of a form"),
        ("So that services are tested by all ages.", "hint under a question"),
        ("Enter your name", "what is wrong with an answer"),
        ("With a tablet", "choice"),
        ("Get involved", "name of a page in menus"),
    ],
)
def test_the_role_of_a_message_is_read_off_the_code(
    template: dict[Key, polib.POEntry], message: str, role: str
) -> None:
    assert role in template[None, message].comment.split("\n")


def test_a_change_is_told_in_one_line() -> None:
    told = str(replace(Change(MS, 4, 0, 0, 0, differs=False), new=2, changed=1, removed=3))
    assert told == "ms: 4 translated, 2 new, 1 changed, 3 removed"
