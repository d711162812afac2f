"""What translators see: marked sentences, proofs to read, English where words are missing."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import polib
import pytest
from flask import Flask
from flask.testing import FlaskClient

from cocreate import gettext
from cocreate.app import create_app
from cocreate.catalogues import read_catalogue
from cocreate.config import ROOT, Config
from cocreate.gettext import Translator, translator
from cocreate.l10n import preview
from cocreate.l10n.addition import language_for
from cocreate.l10n.extract import catalogue_path
from cocreate.l10n.preview import write_proofs
from cocreate.languages import BY_SLUG, ENGLISH, LANGUAGES, Language
from cocreate.pages import BY_NAME, HOME, PAGES
from documents import Document, text_of
from fixtures.adopted import Copy
from matrix import every_translation
from processes import ask, free_port, running
from pseudo import Words

TAMIL = BY_SLUG["ta"]
STACK = BY_NAME["stack"]
LOST = (HOME.title, "What co-creation is", "Before")


# ---- English where a translation is missing


@pytest.fixture
def with_tamil(site_config: Config) -> Callable[..., FlaskClient]:
    """A reader of a site with some Tamil messages of the test's own: ``""`` for one it lacks."""

    def make(words: dict[str | gettext.Key, str]) -> FlaskClient:
        app = create_app(site_config)
        with app.test_request_context():
            own = Words(words, translator(TAMIL).translations)
        app.extensions["cocreate.translators"][TAMIL.slug] = Translator(TAMIL, own)
        return app.test_client()

    return make


def test_a_missing_heading_is_marked_english(with_tamil: Callable[..., FlaskClient]) -> None:
    """Its title and description, which take no marks, are plain."""
    answer = with_tamil({HOME.title: "", HOME.description: ""}).get("/ta/")
    assert answer.status_code == 200
    document = Document(answer.text)
    heading = document.all("h1")[0]
    assert text_of(heading) == HOME.title
    marked = [e for e in heading.iter() if e.attrib.get("lang") == "en"]
    assert [text_of(e) for e in marked] == [HOME.title]
    assert text_of(document.all("title")[0]).startswith(f"{HOME.title} – ")
    assert [e.attrib["content"] for e in document.named_meta("description")] == [HOME.description]


@pytest.mark.parametrize("broken", ["%(tarikh)s", "100 %"])
def test_a_broken_placeholder_falls_back_to_english_and_is_logged_once(
    with_tamil: Callable[..., FlaskClient], caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    visitor = with_tamil({"Last updated: %(date)s": broken})
    for _ in range(3):
        assert "Last updated: " in text_of(Document(visitor.get("/ta/").text).root)
    assert len([r for r in caplog.records if "broken placeholder" in r.getMessage()]) == 1


@every_translation
def test_nothing_on_a_page_falls_back(site: Flask, language: Language) -> None:
    """English inside a page of another language is a name (translate=no), never a lost sentence."""
    for page in ("", "stack/", "join/tech-kaki/", "feedback/", "nothing/"):
        html = site.test_client().get(f"/{language.slug}/{page}").text
        assert re.findall(r'<i lang="en">[^<]*', html) == [], page


def notices(visitor: FlaskClient, path: str = "/ta/") -> list[str]:
    """What the page says at its top about English, ahead of its main part."""
    document = Document(visitor.get(path).text)
    main = document.elements.index(document.all("main")[0])
    notes = [e for e in document.elements[:main] if e.attrib.get("class") == "notice"]
    return [text_of(note) for note in notes]


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("", [gettext.UNTRANSLATED]),
        ("இப்பக்கம் ஆங்கிலத்தில் உள்ளது.", ["இப்பக்கம் ஆங்கிலத்தில் உள்ளது.", gettext.UNTRANSLATED]),
    ],
)
def test_a_page_that_lacks_several_sentences_says_so_at_its_top(
    with_tamil: Callable[..., FlaskClient], own: str, said: list[str]
) -> None:
    visitor = with_tamil(dict.fromkeys(LOST, "") | {gettext.UNTRANSLATED: own})
    for _ in range(2):
        found = " ".join(notices(visitor))
        assert all(words in found for words in said)
        assert gettext.UNTRANSLATED not in " ".join(notices(visitor, "/ta/privacy/"))


def test_one_missing_sentence_needs_no_notice(with_tamil: Callable[..., FlaskClient]) -> None:
    visitor = with_tamil({LOST[0]: "", LOST[1]: "Hundred %"})  # a broken one is as good as none
    assert gettext.UNTRANSLATED not in " ".join(notices(visitor))
    assert f'<i lang="en">{LOST[1]}</i>' in visitor.get("/ta/").text


# ---- Sentences marked in place


@pytest.fixture(scope="module")
def marked(site_config: Config) -> Flask:
    app = create_app(site_config)
    preview.init_app(app)
    return app


@every_translation
def test_each_mark_leads_to_the_line_of_its_translation(marked: Flask, language: Language) -> None:
    document = Document(marked.test_client().get(f"/{language.slug}/stack/?show=messages").text)
    lines = catalogue_path(language).read_text(encoding="utf-8").split("\n")
    marks = [e for e in document.all("span") if e.attrib.get("class") == "message"]
    found = [(int(e.attrib["data-line"]), e.attrib["title"].partition(": ")[2]) for e in marks]
    assert STACK.title in [english for _, english in found]
    for number, english in found:
        assert lines[number - 1].startswith("msgstr")
        assert lines[number - 2] == f'msgid "{polib.escape(english)}"'


def test_the_list_has_what_no_eye_sees(marked: Flask) -> None:
    html = marked.test_client().get("/ta/stack/?show=messages").text
    table = text_of(Document(html).all("table")[-1])
    assert STACK.description in table
    assert "site/cocreate/pages.py" in table


def test_titles_and_attributes_stay_whole(marked: Flask) -> None:
    for page in PAGES:
        document = Document(marked.test_client().get(f"/ms/{page.path}?show=messages").text)
        assert document.errors == []
        assert not [v for e in document.elements for v in e.attrib.values() if "<span" in v]


def test_nothing_is_marked_without_being_asked_or_on_the_live_site(
    marked: Flask, site: Flask
) -> None:
    plain = site.test_client().get("/ta/stack/").data
    assert marked.test_client().get("/ta/stack/").data == plain
    assert 'class="message"' not in site.test_client().get("/ta/stack/?show=messages").text
    assert site.test_client().get("/_messages.css").status_code == 404


# ---- Proofs


@pytest.fixture(scope="module")
def proofs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """A page for each language; one Tamil message is not translated."""
    folder = tmp_path_factory.mktemp("proofs")
    shutil.copytree(ROOT / "translations", folder / "translations")
    tamil = read_catalogue(catalogue_path(TAMIL, folder / "translations"))
    tamil.find(LOST[1]).msgstr = ""  # type: ignore[union-attr]
    tamil.save()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            preview, "catalogue_path", lambda one: catalogue_path(one, folder / "translations")
        )
        return {file.stem: Document(file.read_text("utf-8")) for file in write_proofs(folder)}


@every_translation
def test_every_message_stands_in_a_proof_beside_its_english(
    proofs: dict[str, Document], language: Language
) -> None:
    cells = [[*row.iter("th"), *row.iter("td")] for row in proofs[language.slug].all("tr")]
    rows = [[text_of(cell) for cell in row] for row in cells]
    for entry in read_catalogue(catalogue_path(language)):
        if entry.obsolete:
            continue
        beside = [row for row in rows if row[1].startswith(entry.msgid)]
        assert beside, entry.msgid
        lacks = language == TAMIL and entry.msgid == LOST[1]
        wanted = "Not translated: readers see English." if lacks else entry.msgstr
        assert wanted in "".join(row[2] for row in beside)


@every_translation
def test_a_proof_stands_alone_and_follows_the_pages(
    proofs: dict[str, Document], language: Language
) -> None:
    document = proofs[language.slug]
    assert document.errors == []
    assert not document.all("script", "link", "img")
    assert all(e.attrib["href"][1:] in document.ids for e in document.all("a"))
    assert {e.attrib["lang"] for e in document.all("span")} == {language.tag}
    assert len(document.all("h1")) == 1
    headings = [text_of(e) for e in document.all("h2")]
    assert headings[: len(PAGES) + 1] == ["On every page", *(page.title for page in PAGES)]
    assert "E-mail: confirm" in headings
    assert any("sent without an answer" in heading for heading in headings)


# ---- A fifth language is one row and one file, and published when the row says so

REGISTRY = "site/cocreate/languages.py"
WORDS = {
    "fil": {"Menu": "Mga pahina", "Last updated: %(date)s": "Huling binago: %(date)s"},
    "hi": {"Menu": "पृष्ठ", "There is a problem": "एक समस्या है"},
}
ROWS = """
    Language("fil", "fil_PH", "fil", "Filipino"),
    Language("hi", "hi_IN", "hi", "हिन्दी", latin=False, full_stop="।", published=False),
)
ENGLISH ="""
NOWHERE = """
from cocreate.app import create_app
from cocreate.config import load_config
from cocreate.mail.message import Letter, write
from cocreate.storage import keys

app = create_app(keys.prepare(load_config()))
client = app.test_client()
assert client.get("/hi/").status_code == 404
assert client.get("/hi/manage/X/").location == "/en/manage/X/"
assert client.get("/", headers={"Accept-Language": "hi"}).location == "en/"
assert 'value="hi"' not in client.get("/en/join/stack/").text
letter = Letter("member", "a@b.example", "hi", ("stack",), "", "X")
assert write(app, letter, "x", 0)["Content-Language"] == "en"
"""


class Fifth(Copy):
    """A frozen copy of the site with two languages more, of which Filipino is published."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for slug, words in WORDS.items():
            done = self.cocreate("translations", "new", slug)
            assert done[0] == 0, f"take other languages for these tests: {done[1]}"
            catalogue = polib.pofile(str(folder / f"translations/{slug}/LC_MESSAGES/messages.po"))
            assert not catalogue.translated_entries()
            for english, word in words.items():
                catalogue.find(english).msgstr = word  # type: ignore[union-attr]
            catalogue.save()
        self.edit(REGISTRY, '"Filipino", published=False)', '"Filipino")')
        assert self.cocreate("freeze", "--out", "out")[0] == 0

    def cocreate(self, *arguments: str) -> tuple[int, str]:
        """Exit code and what was said, on both streams."""
        done = self.run("-m", "cocreate.cli", *arguments, COCREATE_DATA_DIR="data")
        return done.returncode, done.stdout + done.stderr

    def frozen(self, path: str) -> Document:
        return Document((self.folder / "out" / path / "index.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def fifth(tmp_path_factory: pytest.TempPathFactory) -> Fifth:
    return Fifth(tmp_path_factory.mktemp("fifth"))


def test_a_new_language_is_a_row_of_what_cldr_knows_or_refused(fifth: Fifth) -> None:
    for code, why in (("hi", "already"), ("zz", "no language"), ("ar", "right to left")):
        status, said = fifth.cocreate("translations", "new", code)
        assert (status, said.count("\n"), why in said) == (1, 1, True)
    assert ROWS in (fifth.folder / REGISTRY).read_text(encoding="utf-8")


def test_a_fifth_language_gets_every_page(fifth: Fifth) -> None:
    for page in PAGES:
        document = fifth.frozen(f"fil/{page.path}")
        assert document.root.attrib["lang"] == "fil"
        assert len(document.all("h1")) == 1
    assert (fifth.folder / "out/fil/404.html").is_file()


def test_a_fifth_language_is_in_switchers_sitemap_alternates_and_redirects(fifth: Fifth) -> None:
    for language in LANGUAGES:
        anchors = fifth.frozen(f"{language.slug}/stack").all("a")
        [link] = [e for e in anchors if e.attrib.get("hreflang") == "fil"]
        assert (text_of(link), link.attrib["href"]) == ("Filipino", "../../fil/stack/")
        assert link.attrib["lang"] == "fil"
    sitemap = (fifth.folder / "out/sitemap.xml").read_text(encoding="utf-8")
    assert len(re.findall(r"<loc>[^<]*/fil/", sitemap)) == len(PAGES)
    assert len(re.findall('hreflang="fil"', sitemap)) == len(PAGES) * (len(LANGUAGES) + 1)
    assert "fil" in {e.attrib.get("hreflang") for e in fifth.frozen("en/stack").all("link")}
    assert "/fil/* /fil/404.html" in (fifth.folder / "out/_redirects").read_text(encoding="utf-8")


def test_a_fifth_language_shows_its_messages_and_marked_english(fifth: Fifth) -> None:
    document = fifth.frozen("fil/stack")
    words = text_of(document.root)
    assert "Mga pahina" in words
    assert "Huling binago: " in words
    assert gettext.UNTRANSLATED in words
    heading = document.all("h1")[0]
    assert [(e.attrib["lang"], text_of(e)) for e in heading.iter() if e is not heading] == [
        ("en", STACK.title)
    ]


def test_a_fifth_language_is_told_apart_by_status_and_lint(fifth: Fifth) -> None:
    status, said = fifth.cocreate("translations", "status")
    assert status == 1
    assert re.search(r"^fil: 2 translated, \d{3} new, 0 changed, 0 removed$", said, re.MULTILINE)
    status, said = fifth.cocreate("translations", "lint", "--language", "fil")
    assert status == 1
    assert {line[-15:] for line in said.splitlines()[:-1]} == {" [untranslated]"}


def test_a_language_that_is_not_published_is_nowhere_on_the_site(fifth: Fifth) -> None:
    out = fifth.folder / "out"
    assert [file for file in out.rglob("*") if "hi" in file.relative_to(out).parts] == []
    binary = {".br", ".gz", ".ico", ".png"}
    texts = [file for file in out.rglob("*") if file.is_file() and file.suffix not in binary]
    written = [file for file in texts if re.search(r'हिन्दी|\bhi["/|)]', file.read_text("utf-8"))]
    assert written == []
    done = fifth.run("-c", NOWHERE, COCREATE_DATA_DIR="data")
    assert done.returncode == 0, done.stderr


def test_lint_counts_what_lacks_before_a_language_is_published(fifth: Fifth) -> None:
    status, said = fifth.cocreate("translations", "lint", "--language", "hi")
    assert (status, said.splitlines()[1:]) == (0, ["hi: clean"])
    assert re.match(r"hi: not published, \d{3} missing\n", said)


def test_make_dev_shows_a_language_that_is_not_published(fifth: Fifth, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "cocreate.dev", "--port", port]
    env = {"PYTHONPATH": str(fifth.folder / "site"), "COCREATE_DATA_DIR": str(tmp_path)}
    with running(command, port, tmp_path / "log", env):
        status, _, page = ask(port, "/hi/join/stack/")
    document = Document(page.decode())
    assert (status, document.root.attrib["lang"]) == (200, "hi")
    assert "पृष्ठ" in text_of(document.root)
    assert "hi" in {e.attrib.get("value") for e in document.all("option", "input")}


def test_a_language_that_is_not_published_has_a_proof(
    fifth: Fifth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogues = fifth.folder / "translations"
    monkeypatch.setattr(preview, "ALL_LANGUAGES", (ENGLISH, language_for("hi")))
    monkeypatch.setattr(preview, "catalogue_path", lambda one: catalogue_path(one, catalogues))
    [file] = write_proofs(tmp_path)
    proof = Document(file.read_text(encoding="utf-8"))
    headings = [text_of(e) for e in proof.all("h2")]
    assert headings[1 : len(PAGES) + 1] == [page.title for page in PAGES]
    assert "पृष्ठ" in text_of(proof.root)
    assert "/hi/stack/" in text_of(proof.root)
