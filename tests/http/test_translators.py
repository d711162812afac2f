"""What translators see: marked sentences, proofs to read, English where words are missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polib
import pytest
from flask import Flask

from cocreate import gettext
from cocreate.app import create_app
from cocreate.config import ROOT, Config
from cocreate.l10n import marking
from cocreate.l10n.extract import catalogue_path, open_catalogue
from cocreate.l10n.proofs import write_proofs
from cocreate.languages import BY_SLUG, LANGUAGES
from cocreate.pages import BY_NAME, HOME, PAGES
from documents import Document, text_of

TAMIL = BY_SLUG["ta"]
STACK = BY_NAME["stack"]


# ---- English where a translation is missing


@pytest.fixture
def without(
    site_config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Flask]:
    """Makes a site whose Tamil catalogue lacks some messages, or has them as guesses."""

    def make(*lost: str, guessed: str = "") -> Flask:
        folder = tmp_path / "translations"
        shutil.copytree(ROOT / "translations", folder, ignore=shutil.ignore_patterns("*.mo"))
        catalogue = open_catalogue(catalogue_path(TAMIL, folder))
        for message in lost:
            entry = catalogue.find(message)
            assert entry is not None
            catalogue.remove(entry)
        if guessed:
            catalogue.find(guessed).flags.append("fuzzy")  # type: ignore[union-attr]
        catalogue.save()
        monkeypatch.setattr(gettext, "TRANSLATIONS", folder)
        return create_app(site_config)

    return make


LOST = (HOME.title, "What co-creation is", "Before")


def notices(app: Flask, path: str = "/ta/") -> list[str]:
    """What the page says at its top in English about English, ahead of its main part."""
    document = Document(app.test_client().get(path).text)
    main = document.elements.index(document.all("main")[0])
    notes = [e for e in document.elements[:main] if e.attrib.get("class") == "notice"]
    assert all(text_of(note) for note in notes)
    return [
        text_of(e)
        for note in notes
        for e in note.iter()
        if e.attrib.get("lang") == "en" and e.tag == "i" and "translate" not in e.attrib
    ]


def test_a_page_that_lacks_several_sentences_says_so_at_its_top(
    without: Callable[..., Flask],
) -> None:
    assert notices(without(*LOST)) == [gettext.UNTRANSLATED]


def test_it_says_so_in_its_own_language_too(without: Callable[..., Flask]) -> None:
    app = without(*LOST)
    with app.test_request_context():
        translator = gettext.translator(TAMIL)
        translator._catalogue[gettext.UNTRANSLATED] = "இப்பக்கத்தின் சில பகுதிகள் ஆங்கிலத்தில் உள்ளன."
    answer = app.test_client().get("/ta/")
    document = Document(answer.text)
    said = [text_of(e) for e in document.all("p") if "class" in e.attrib]
    assert "இப்பக்கத்தின் சில பகுதிகள் ஆங்கிலத்தில் உள்ளன." in said
    assert gettext.UNTRANSLATED in said


def test_one_missing_sentence_needs_no_notice(without: Callable[..., Flask]) -> None:
    app = without(*LOST[:2])
    assert notices(app) == []
    assert f'<i lang="en">{LOST[1]}</i>' in app.test_client().get("/ta/").text


def test_each_page_counts_its_own(without: Callable[..., Flask]) -> None:
    app = without(*LOST)
    assert notices(app) != []
    assert notices(app, "/ta/privacy/") == []
    assert notices(app) != []


def test_missing_words_in_attributes_are_plain(without: Callable[..., Flask]) -> None:
    app = without(HOME.title, HOME.description, "Language")
    document = Document(app.test_client().get("/ta/").text)
    assert text_of(document.all("title")[0]).startswith(f"{HOME.title} – ")
    assert [e.attrib["content"] for e in document.named_meta("description")] == [HOME.description]
    assert "Language" in [e.attrib["aria-label"] for e in document.all("nav")]


def test_a_guess_is_not_shown(without: Callable[..., Flask]) -> None:
    app = without(guessed=LOST[1])
    assert f'<i lang="en">{LOST[1]}</i>' in app.test_client().get("/ta/").text


def test_a_broken_placeholder_is_logged_once(
    without: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    app = without()
    with app.test_request_context():
        gettext.translator(TAMIL)._catalogue["Last updated: %(date)s"] = "%(tarikh)s"
    for _ in range(3):
        assert app.test_client().get("/ta/").status_code == 200
    assert len([r for r in caplog.records if "broken placeholder" in r.getMessage()]) == 1


# ---- Sentences marked in place


@pytest.fixture(scope="module")
def marked(site_config: Config) -> Flask:
    app = create_app(site_config)
    marking.init_app(app)
    return app


def marks(html: str) -> list[tuple[str, str]]:
    """(line in the .po, English) of each sentence marked on a page."""
    found = [e for e in Document(html).all("span") if e.attrib.get("class") == "message"]
    return [(e.attrib["data-line"], e.attrib["title"].partition(": ")[2]) for e in found]


@pytest.mark.parametrize("language", LANGUAGES[1:], ids=lambda language: language.slug)
def test_each_mark_leads_to_the_line_of_its_translation(marked: Flask, language: object) -> None:
    assert hasattr(language, "slug")
    html = marked.test_client().get(f"/{language.slug}/stack/?show=messages").text
    lines = catalogue_path(BY_SLUG[language.slug]).read_text(encoding="utf-8").split("\n")
    found = marks(html)
    assert STACK.title in [english for _, english in found]
    for number, english in found:
        assert lines[int(number) - 1].startswith("msgstr")
        assert lines[int(number) - 2] == f'msgid "{polib.escape(english)}"'


def test_the_list_has_what_no_eye_sees(marked: Flask) -> None:
    html = marked.test_client().get("/ta/stack/?show=messages").text
    table = text_of(Document(html).all("table")[-1])
    assert STACK.description in table
    assert "site/cocreate/pages.py" in table


def test_titles_and_attributes_stay_whole(marked: Flask) -> None:
    for page in PAGES:
        document = Document(marked.test_client().get(f"/ms/{page.path}?show=messages").text)
        assert document.errors == []
        spoilt = [v for e in document.elements for v in e.attrib.values() if "<span" in v]
        assert spoilt == []


def test_a_page_is_as_ever_without_being_asked(marked: Flask, site: Flask) -> None:
    with marked.test_client() as ours, site.test_client() as theirs:
        assert ours.get("/ta/stack/").data == theirs.get("/ta/stack/").data


def test_the_live_site_marks_nothing(site: Flask) -> None:
    html = site.test_client().get("/ta/stack/?show=messages").text
    assert marks(html) == []
    assert site.test_client().get("/_messages.css").status_code == 404


# ---- Proofs


@pytest.fixture(scope="module")
def proofs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    files = write_proofs(tmp_path_factory.mktemp("proofs"))
    return {file.stem: Document(file.read_text(encoding="utf-8")) for file in files}


@pytest.mark.parametrize("slug", ["zh", "ms", "ta"])
def test_every_message_stands_in_a_proof_beside_its_english(
    proofs: dict[str, Document], slug: str
) -> None:
    rows = [
        [text_of(cell) for cell in row.iter() if cell.tag in ("th", "td")]
        for row in proofs[slug].all("tr")
    ]
    for entry in open_catalogue(catalogue_path(BY_SLUG[slug])):
        if entry.obsolete:
            continue
        beside = [row for row in rows if row[1].startswith(entry.msgid)]
        assert beside, entry.msgid
        assert entry.msgstr in "".join(row[2] for row in beside)


@pytest.mark.parametrize("slug", ["zh", "ms", "ta"])
def test_a_proof_stands_alone_and_is_sound_html(proofs: dict[str, Document], slug: str) -> None:
    document = proofs[slug]
    assert document.errors == []
    assert not document.all("script", "link", "img")
    assert all(e.attrib["href"][1:] in document.ids for e in document.all("a"))
    levels = [e.tag for e in document.all("h1", "h2")]
    assert levels.count("h1") == 1
    assert {e.attrib["lang"] for e in document.all("span")} == {BY_SLUG[slug].tag}


def test_a_proof_follows_the_pages(proofs: dict[str, Document]) -> None:
    headings = [text_of(e) for e in proofs["ta"].all("h2")]
    assert headings[: len(PAGES) + 1] == ["On every page", *(page.title for page in PAGES)]
    assert "E-mail: confirm" in headings
    assert any("sent without an answer" in heading for heading in headings)


def test_a_proof_says_what_is_not_translated(
    tmp_path: Path, without: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    without()
    path = catalogue_path(TAMIL, gettext.TRANSLATIONS)
    catalogue = open_catalogue(path)
    catalogue.find(LOST[1]).msgstr = ""  # type: ignore[union-attr]
    catalogue.save()
    monkeypatch.setattr(marking, "catalogue_path", lambda one: catalogue_path(one, path.parents[2]))
    files = {file.stem: file for file in write_proofs(tmp_path / "out")}
    rows = Document(files["ta"].read_text(encoding="utf-8")).all("tr")
    [row] = [text_of(row) for row in rows if LOST[1] in text_of(row)]
    assert row.endswith("Not translated: readers see English.")


# ---- A fifth language is one row and one file

WORDS = {
    "fil": {
        "Home": "Simula",
        "Menu": "Mga pahina",
        "Last updated: %(date)s": "Huling binago: %(date)s",
    },
    "hi": {"Menu": "पृष्ठ", "There is a problem": "एक समस्या है"},
}
ROWS = """
    Language("fil", "fil_PH", "fil", "Filipino"),
    Language("hi", "hi_IN", "hi", "हिन्दी", latin=False, full_stop="।"),
)
ENGLISH ="""


@pytest.fixture(scope="module")
def fifth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A frozen copy of the site with two languages more, made by ``cocreate translations new``."""
    root = tmp_path_factory.mktemp("fifth")
    for name in ("site", "templates", "static", "translations"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for slug, words in WORDS.items():
        done = command(root, "translations", "new", slug)
        assert done.returncode == 0, done.stderr
        catalogue = polib.pofile(str(root / "translations" / slug / "LC_MESSAGES/messages.po"))
        assert not any(entry.translated() for entry in catalogue)
        for english, word in words.items():
            catalogue.find(english).msgstr = word  # type: ignore[union-attr]
        catalogue.save()
    done = command(root, "freeze", "--out", "out")
    assert done.returncode == 0, done.stderr
    return root


def test_a_new_language_is_a_row_of_what_cldr_knows(fifth: Path) -> None:
    assert ROWS in (fifth / "site/cocreate/languages.py").read_text(encoding="utf-8")


def test_a_new_language_is_refused_where_it_cannot_be(fifth: Path) -> None:
    before = (fifth / "site/cocreate/languages.py").read_bytes()
    for code, why in (("hi", "already"), ("zz", "no language"), ("ar", "right to left")):
        done = command(fifth, "translations", "new", code)
        assert (done.returncode, done.stderr.count("\n"), why in done.stderr) == (1, 1, True)
    assert (fifth / "site/cocreate/languages.py").read_bytes() == before


def test_a_sixth_language_stands_in_its_own_letters(fifth: Path) -> None:
    document = frozen(fifth, "hi/stack")
    assert document.root.attrib["lang"] == "hi"
    assert "पृष्ठ" in text_of(document.root)


def command(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``cocreate`` of the copy, in a process of its own."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("COCREATE_")}
    return subprocess.run(
        [sys.executable, "-c", "from cocreate.cli import main; main()", *arguments],
        cwd=root,
        env=env | {"PYTHONPATH": str(root / "site"), "COCREATE_DATA_DIR": str(root / "data")},
        capture_output=True,
        text=True,
        check=False,
    )


def frozen(root: Path, path: str) -> Document:
    return Document((root / "out" / path / "index.html").read_text(encoding="utf-8"))


def test_a_fifth_language_gets_every_page(fifth: Path) -> None:
    for page in PAGES:
        document = frozen(fifth, f"fil/{page.path}")
        assert document.root.attrib["lang"] == "fil"
        assert len(document.all("h1")) == 1
    assert (fifth / "out" / "fil" / "404.html").is_file()


def test_a_fifth_language_is_in_the_switcher_of_every_other(fifth: Path) -> None:
    for language in LANGUAGES:
        links = {
            e.attrib.get("hreflang"): e for e in frozen(fifth, f"{language.slug}/stack").all("a")
        }
        assert text_of(links["fil"]) == "Filipino"
        assert links["fil"].attrib["href"] == "../../fil/stack/"
        assert links["fil"].attrib["lang"] == "fil"


def test_a_fifth_language_is_in_sitemap_alternates_and_redirects(fifth: Path) -> None:
    sitemap = (fifth / "out" / "sitemap.xml").read_text(encoding="utf-8")
    assert len(re.findall(r"<loc>[^<]*/fil/", sitemap)) == len(PAGES)
    assert len(re.findall('hreflang="fil"', sitemap)) == len(PAGES) * (len(LANGUAGES) + len(WORDS))
    alternates = {e.attrib.get("hreflang") for e in frozen(fifth, "en/stack").all("link")}
    assert "fil" in alternates
    assert "/fil/* /fil/404.html" in (fifth / "out" / "_redirects").read_text(encoding="utf-8")


def test_a_fifth_language_shows_its_three_messages_and_marked_english(fifth: Path) -> None:
    document = frozen(fifth, "fil/stack")
    words = text_of(document.root)
    assert "Mga pahina" in words
    assert "Huling binago: " in words
    heading = document.all("h1")[0]
    assert [(e.attrib["lang"], text_of(e)) for e in heading.iter() if e is not heading] == [
        ("en", STACK.title)
    ]
    assert text_of(document.all("title")[0]).startswith(f"{STACK.title} – ")
    notes = [text_of(e) for e in document.elements if e.attrib.get("class") == "notice"]
    assert gettext.UNTRANSLATED in notes


def test_a_fifth_language_is_told_apart_by_its_status(fifth: Path) -> None:
    done = command(fifth, "translations", "status")
    assert done.returncode == 1
    assert re.search(
        r"^fil: 3 translated, \d{3} new, 0 changed, 0 removed$", done.stdout, re.MULTILINE
    )


@pytest.mark.parametrize("slug", WORDS)
def test_lint_of_a_new_language_finds_only_what_is_missing(fifth: Path, slug: str) -> None:
    done = command(fifth, "translations", "lint", "--language", slug)
    assert done.returncode == 1
    assert {line[-15:] for line in done.stdout.splitlines()} == {" [untranslated]"}
