"""``make messages``: what has not changed does not show up in the diff, and no work is lost."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

from cocreate.catalogues import CatalogueError, compile_catalogues, read_catalogue
from cocreate.l10n import extract
from cocreate.l10n.extract import Change, catalogue_path, texts_of
from cocreate.l10n.lint import lint_file
from cocreate.l10n.notes import role_of
from cocreate.languages import BY_SLUG, ENGLISH, Language

MS = BY_SLUG["ms"]
LISTED = "Nobody is counted twice in this list"
PAGE = """{# L10n: a greeting, shown first #}
<h1>{{ _("Good morning") }}</h1>
<p>{{ _("Nobody is counted twice in this list") }}</p>
<p>{{ pgettext("button", "Send") }} {{ ngettext("%(number)s day", "%(number)s days", 2) }}</p>
"""
DONE = {
    "Good morning": "Selamat pagi",
    LISTED: "Tiada sesiapa dikira dua kali",
    "Send": "Hantar",
    "%(number)s day": "%(number)s hari",
}


class Site:
    """A source of one template, and its Malay catalogue, wholly translated."""

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
                entry.msgstr_plural = {0: DONE[entry.msgid]}
            else:
                entry.msgstr = DONE[entry.msgid]
        catalogue.save()
        assert self.update() == Change(MS, 4, 0, 0, 0, differs=False)

    def update(self, *, write: bool = True) -> Change:
        [change] = self.extract([MS], write=write)
        return change

    def extract(self, languages: list[Language], *, write: bool = True) -> list[Change]:
        sources = [(self.template.parent, "templates")]
        return extract.update(self.translations, write=write, sources=sources, languages=languages)

    def edit(self, old: str, new: str) -> Change:
        """Change the template and bring the catalogue up to date."""
        replace(self.template, old, new)
        return self.update()

    def edit_catalogue(self, old: str, new: str) -> Change:
        replace(self.po, old, new)
        return self.update()

    def read(self) -> polib.POFile:
        return read_catalogue(self.po)

    def entry(self, message: str) -> polib.POEntry:
        found = self.read().find(message)
        assert found is not None
        return found


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def source(tmp_path: Path) -> Site:
    return Site(tmp_path)


# ---- A quiet diff


def test_moved_lines_change_nothing(source: Site) -> None:
    before = source.po.read_bytes()
    lines = PAGE.splitlines(keepends=True)
    source.template.write_text("\n\n" + "".join(lines[2:] + lines[:2]), encoding="utf-8")
    assert not source.update().differs
    assert source.po.read_bytes() == before


def test_a_new_message_stands_after_its_neighbour(source: Site) -> None:
    change = source.edit("</h1>", '</h1>{{ _("Welcome, everyone") }}')
    assert change == Change(MS, 4, 1, 0, 0, differs=True)
    assert [e.msgid for e in source.read()][:3] == ["Good morning", "Welcome, everyone", LISTED]
    source.edit('{{ _("Welcome, everyone") }}', "")
    assert "Welcome" not in source.po.read_text("utf-8"), "what was never translated goes"


def test_nothing_is_written_on_a_mere_check(source: Site) -> None:
    before = source.po.read_bytes()
    replace(source.template, "Good morning", "Good evening")
    assert source.update(write=False).differs
    assert source.po.read_bytes() == before


def test_what_an_editor_put_in_the_header_stays_as_found(source: Site) -> None:
    """Or its next commit and ours would both have changed those lines."""
    catalogue = source.read()
    catalogue.metadata |= {"Last-Translator": "Siti <siti@example.org>", "X-Generator": "Weblate 5"}
    catalogue.header += "\nSiti <siti@example.org>, 2026."
    catalogue.save()
    before = source.po.read_bytes()
    assert not source.update().differs
    source.edit("</h1>", '</h1>{{ _("Welcome, everyone") }}')
    assert source.po.read_bytes().partition(b"\n\n")[0] == before.partition(b"\n\n")[0]


def test_an_editor_that_wraps_or_counts_plurals_otherwise_is_put_right(source: Site) -> None:
    """Malay has one plural form."""
    before = source.po.read_bytes()
    replace(source.po, '"Selamat pagi"', '""\n"Selamat "\n"pagi"')
    replace(source.po, "nplurals=1; plural=0;", "nplurals=2; plural=n>1;")
    replace(source.po, '"%(number)s hari"', '"%(number)s hari"\nmsgstr[1] "x"')
    assert source.update() == Change(MS, 4, 0, 0, 0, differs=True)
    assert source.po.read_bytes() == before


# ---- No work is lost


def test_a_changed_sentence_keeps_its_translation_as_a_guess(source: Site) -> None:
    change = source.edit("counted twice", "counted three times")
    assert change == Change(MS, 3, 0, 1, 0, differs=True)
    entry = source.entry("Nobody is counted three times in this list")
    assert (entry.fuzzy, entry.msgstr, entry.previous_msgid) == (True, DONE[LISTED], LISTED)
    assert "#| msgid_plural" not in source.po.read_text("utf-8")
    assert source.update() == Change(MS, 3, 0, 1, 0, differs=False)
    # An editor unmarks it once it is approved; the earlier English goes.
    assert source.edit_catalogue("#, fuzzy\n", "") == Change(MS, 4, 0, 0, 0, differs=True)
    assert "#|" not in source.po.read_text("utf-8")


def test_a_sentence_said_anew_in_its_place_keeps_its_translation_as_a_guess(source: Site) -> None:
    source.edit(LISTED, "Leave whenever you like")
    source.edit_catalogue('whenever you like"\nmsgstr ""', 'whenever you like"\nmsgstr "Pergi"')
    source.edit("Leave whenever you like", "Leave at any time")
    guess = source.entry("Leave at any time")
    assert (guess.msgstr, guess.fuzzy) == ("Pergi", True)
    assert guess.previous_msgid == "Leave whenever you like"


def test_a_sentence_still_in_use_is_nobody_s_guess(source: Site) -> None:
    source.edit("</h1>", '</h1>{{ _("Nobody is counted twice in this book") }}')
    assert source.entry("Nobody is counted twice in this book").msgstr == ""


def test_what_is_gone_is_kept_unseen_and_comes_back_whole(source: Site) -> None:
    before = source.po.read_bytes()
    source.template.write_text("", encoding="utf-8")
    assert source.update() == Change(MS, 0, 0, 0, 4, differs=True)
    text = source.po.read_text("utf-8")
    assert all(f'#~ msgid "{message}"' in text for message in DONE)
    assert not source.update().differs
    assert lint_file(source.po, MS) == []
    compile_catalogues(source.translations)
    assert b"Hantar" not in source.po.with_suffix(".mo").read_bytes()
    source.template.write_text(PAGE, encoding="utf-8")
    assert source.update() == Change(MS, 4, 0, 0, 0, differs=True)
    assert {(e.msgid, *texts_of(e)) for e in source.read()} == set(DONE.items())
    assert len(source.po.read_bytes()) == len(before)


def test_a_sentence_that_returns_after_a_guess_was_made_of_it_is_whole(source: Site) -> None:
    source.edit("counted twice", "counted three times")
    source.edit("counted three times", "counted twice")
    entry = source.entry(LISTED)
    assert (entry.msgstr, entry.fuzzy) == (DONE[LISTED], False)


def test_a_broken_catalogue_is_named_and_kept(source: Site) -> None:
    with pytest.raises(CatalogueError, match=r"messages\.po, line \d+"):
        source.edit_catalogue('"Hantar"', '"Hantar')
    assert '"Hantar\n' in source.po.read_text("utf-8")


def test_a_new_language_gets_its_file(source: Site) -> None:
    filipino = Language("fil", "fil_PH", "fil", "Filipino")
    source.extract([ENGLISH, filipino])
    made = read_catalogue(catalogue_path(filipino, source.translations))
    assert [entry.msgid for entry in made] == [entry.msgid for entry in source.read()]
    assert made.metadata["Plural-Forms"].startswith("nplurals=2;")


# ---- What translators are told


def test_comments_contexts_and_places_reach_the_translator(source: Site) -> None:
    other = source.template.with_name("other.html")
    other.write_text('{# L10n: in a mail #}{{ _("Good morning") }}', encoding="utf-8")
    source.edit_catalogue('msgid "Good', '# sebelum tengah hari\nmsgid "Good')
    greeting, button = source.entry("Good morning"), source.entry("Send")
    assert greeting.comment == "a greeting, shown first\nheading\nin a mail"
    assert greeting.tcomment == "sebelum tengah hari"
    places = [name for name, _ in greeting.occurrences]
    assert places == ["templates/other.html", "templates/page.html"]
    assert (button.msgctxt, button.comment) == ("button", "text")
    assert source.entry("%(number)s day").flags == ["python-format"]


def test_every_message_of_the_site_says_where_and_what_it_is() -> None:
    for entry in extract.extract().values():
        assert entry.occurrences
        assert entry.comment, entry.msgid
        for name in re.findall(r"%\((\w+)\)s", entry.msgid):
            told = f"%({name})s" in entry.comment
            assert told, f"{entry.msgid}: add {name} to VALUES in context.py"


@pytest.mark.parametrize(
    ("source", "role"),
    [
        ('<h2 id="x">{{ _("Words") }}</h2>', "heading"),
        ('<p>{{ ui.link("a", _("Other")) }} {{ _("Words") }}</p>', "text"),
        ('<p>{{ ui.link("a", _("Words")) }}</p>', "link"),
        ('{{ ui.button(page_url(home), _("Words")) }}', "button"),
        ('<nav aria-label="{{ _("Words")|plain }}">', "heard by screen reader users, not seen"),
        ('ages = CheckboxesField(N_("Words"), hint=N_("Why"))', "question of a form"),
        ('ages = CheckboxesField(N_("Ages"), hint=N_("Words"))', "hint under a question"),
        ('ages = CheckboxesField(N_("Ages"), (("a", N_("Words")),))', "choice"),
        ('name = NameField(N_("Name"), N_("Words"))', "what is wrong with an answer"),
    ],
)
def test_the_role_of_a_message_is_read_off_the_source(source: str, role: str) -> None:
    assert role_of("Words", source[: source.index('"Words')]) == role


def test_a_change_is_told_in_one_line() -> None:
    told = str(Change(MS, 4, 2, 1, 3, differs=True))
    assert told == "ms: 4 translated, 2 new, 1 changed, 3 removed"
