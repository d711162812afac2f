"""What others change: another site as ``docs/adopt.md`` says, questions by ``make migration``."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click import ClickException

from cocreate.commands import migration
from cocreate.communities import COMMUNITIES
from cocreate.config import ROOT
from cocreate.pages import PAGES
from cocreate.storage import schema
from documents import Document, text_of
from fixtures.adopted import Copy

SITE = "https://bukit.example/"
GUILD = "Bukit Guild"
CODE = "https://code.example/bukit"
KEPT = ("get-involved", "feedback", "privacy", "accessibility", "licences")
HOME = """{% extends "layouts/base.html" %}
{% import "components/ui.html" as ui %}
{% block main %}{{ ui.hero(page, _("Build with us.")) }}
<section><h2>{{ _("Where to begin") }}</h2>{{ ui.go("makers", _("Meet the makers")) }}</section>
{% endblock %}
"""
A_THIRD = """
from cocreate.app import create_app
from cocreate.communities import COMMUNITIES
from cocreate.config import load_config
from cocreate.storage import keys
from documents import Document, text_of
from fixtures.backend import body, letters, rows, token_in

def said(answer):
    assert answer.status_code in (200, 303), answer.text
    return text_of(Document(answer.text).root)

app = create_app(keys.prepare(load_config()))
client, ours = app.test_client(), {"Origin": "http://127.0.0.1:8000"}
assert "This is not the real Bukit Makers" in said(client.get("/en/join/makers/"))
with app.app_context():
    answers = {"name": "Ann", "email": "a@b.example", "interests": ["wood"], "consent": "yes"}
    said(client.post("/en/join/makers/", data=answers, headers=ours))
    (letter,) = letters(app)
    assert "Bukit Makers" in letter["Subject"] + body(letter)
    path = f"/en/confirm/{token_in(letter)}/"
    assert "Bukit Makers" in said(client.get(path))
    welcome = said(client.post(path, headers=ours))
    assert "Bukit Makers" in welcome and "The workshop" in welcome
    assert "Bukit Makers" in said(client.get(f"/en/manage/{token_in(letter, 'manage')}/"))
    assert [row.community for row in rows("signups")] == ["makers"]
assert "What do you make?" in said(client.get("/en/privacy/"))
print(len(COMMUNITIES))
"""


@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A site of another name, in two languages, with one community; frozen."""
    copy = Copy(tmp_path_factory.mktemp("adopted"))
    pages, forms = "site/cocreate/pages.py", "site/cocreate/web/forms.py"
    copy.edit(pages, 'N_("Co-create with GovTech")', 'N_("Build with Bukit")')
    copy.edit(pages, 'N_("Co-create")', 'N_("Build")')
    copy.edit("site/cocreate/facts.toml", 'name = "GovTech"', f'name = "{GUILD}"')
    copy.edit("site/cocreate/facts.toml", '"https://www.tech.gov.sg/"', f'"{SITE}"')
    for slug, after in (("zh", '    Language("ms"'), ("ta", ")\nENGLISH")):
        copy.cut("site/cocreate/languages.py", f'    Language("{slug}"', after)
        shutil.rmtree(copy.folder / "translations" / slug)
    copy.cut(
        "site/cocreate/communities.py", '    Community(\n        "stack"', ")\nCOMMUNITY_BY_SLUG"
    )
    copy.cut(forms, "class StackForm", "class FeedbackForm")
    copy.cut(forms, '    "stack": ', '    "feedback": ')
    copy.cut(pages, '    Page(\n        "tech-kaki/"', '    Page(\n        "get-involved/"')
    copy.cut(pages, '    Page(\n        "join/tech-kaki/"', '    Page(\n        "feedback/"')
    copy.cut(pages, '            "GovTech builds', "        ),\n        REWORDED,\n    ),")
    copy.edit(pages, "        N_(\n        ),", '        N_("Build with us."),')
    copy.add_community()
    for template in (copy.folder / "templates/pages").glob("*.html"):
        if template.stem not in (*KEPT, "home", "makers", "join-makers"):
            template.unlink()
    copy.write("templates/pages/home.html", HOME)
    copy.write("templates/pages/get-involved.html", HOME)
    settings = {"SITE_URL": SITE, "OPERATOR": GUILD, "SOURCE_URL": CODE, "JOIN_URL": SITE}
    settings = {f"COCREATE_{name}": value for name, value in settings.items()}
    done = copy.run("-m", "cocreate.cli", "freeze", "--out", "out", **settings)
    assert done.returncode == 0, done.stderr
    return copy


def pages_of(copy: Copy) -> dict[str, str]:
    out = copy.folder / "out"
    return {
        file.parent.relative_to(out).as_posix(): file.read_text("utf-8")
        for file in out.glob("*/**/index.html")
    }


def test_a_second_site_has_its_languages_and_pages(adopted: Copy) -> None:
    paths = ["", "makers", "get-involved", "join/makers", "feedback"]
    paths += ["privacy", "accessibility", "licences"]
    expected = {f"{slug}/{path}".rstrip("/") for slug in ("en", "ms") for path in paths}
    assert pages_of(adopted).keys() == expected
    switcher = Document(pages_of(adopted)["en/makers"])
    nav = next(e for e in switcher.all("nav") if e.attrib.get("id") == "languages")
    assert [text_of(item) for item in nav.iter("li")] == ["English", "Melayu"]


def test_a_second_site_bears_its_own_name(adopted: Copy) -> None:
    for path, html in pages_of(adopted).items():
        document = Document(html)
        assert text_of(document.all("title")[0]).endswith(" – Build with Bukit"), path
        assert GUILD in text_of(document.all("footer")[0]), path
        assert CODE in {e.attrib.get("href") for e in document.all("a")}, path
        assert re.findall("GovTech|STACK|Tech Kaki|demonstration", html) == [], path


def test_a_second_site_s_form_goes_to_its_operator(adopted: Copy) -> None:
    words = text_of(Document(pages_of(adopted)["en/join/makers"]).all("form")[0])
    assert words.index(f"goes to {GUILD}.") < words.index("Name")
    assert f"{GUILD} collects what you enter here" in words
    assert "What do you make?" in pages_of(adopted)["en/privacy"]


def test_a_third_community_is_a_row_a_form_and_its_pages(tmp_path: Path) -> None:
    """It is joined, confirmed and managed by mail, and commands know it."""
    copy = Copy(tmp_path)
    copy.add_community()
    data = {"COCREATE_DATA_DIR": str(tmp_path / "data")}
    done = copy.run("-c", A_THIRD, **data)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == str(len(COMMUNITIES) + 1)
    key = str(tmp_path / "data/seal.key")
    command = ("-m", "cocreate.cli", "members", "export", "--community", "makers", "--key", key)
    exported = copy.run(*command, **data)
    assert exported.returncode == 0, exported.stderr
    assert "a@b.example" in exported.stdout


def test_a_page_that_is_gone_but_linked_is_named(tmp_path: Path) -> None:
    """What ``docs/adopt.md`` promises to whoever takes rows out."""
    copy = Copy(tmp_path)
    one, next_one = (f'    Page(\n        "{name}/"' for name in ("crowdtask", "get-involved"))
    copy.cut("site/cocreate/pages.py", one, next_one)
    done = copy.run("-m", "cocreate.cli", "freeze", "--out", "out")
    assert done.returncode == 1
    assert re.search(r"KeyError: 'crowdtask' \(.+\.html:\d+\)", done.stderr)


def test_the_guide_names_every_file_that_the_copy_was_made_from() -> None:
    guide = (ROOT / "docs/adopt.md").read_text("utf-8")
    files = ("pages.py", "facts.toml", "languages.py", "communities.py", "web/forms.py")
    assert [name for name in files if f"site/cocreate/{name}" not in guide] == []
    assert [name for name in KEPT if f"`{name}`" not in guide] == []
    assert set(KEPT) <= {page.name for page in PAGES}


FORMS = "site/cocreate/web/forms.py"
ROLE = '    role = RadioField(\n        N_("What do you do?"),'
VERSIONS = "site/cocreate/storage/migrations/versions"
BEFORE = '    also = CheckboxField(\n        N_("I would like to join Tech Kaki too"),'
NEW = '    visits = RadioField(N_("How often?"), ROLES, "", hint=N_("To plan."))\n'


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def make(copy: Copy, name: str) -> subprocess.CompletedProcess[str]:
    return copy.run("-m", "cocreate.commands.migration", name)


def columns(copy: Copy) -> set[str]:
    done = copy.run("-m", "cocreate.cli", "db", "upgrade", COCREATE_DATA_DIR=str(copy.folder / "d"))
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(copy.folder / "d/cocreate.db") as connection:
        return {row[1] for row in connection.execute("PRAGMA table_info(signups)")}


def newest(copy: Copy) -> Path:
    return max((copy.folder / VERSIONS).glob("*.py"))


def test_every_answer_has_its_column() -> None:
    """Where this fails: ``make migration NAME=…``."""
    assert migration.asked() == migration.stored()


@pytest.mark.parametrize("module", schema.history().values(), ids=lambda module: module.revision)
def test_a_migration_declares_what_it_says_of_older_code(module: ModuleType) -> None:
    said = re.search(r"code for (\d{4}) goes on beside it", module.__doc__ or "")
    assert getattr(module, "lives_with", None) == (said and said[1])


def test_a_new_question_gets_its_column(copy: Copy) -> None:
    before = newest(copy)
    copy.edit(FORMS, BEFORE, NEW + BEFORE)
    done = make(copy, "Ask how-often")
    assert done.returncode == 0, done.stderr
    assert "new: visits" in done.stdout
    assert newest(copy).name == f"{int(before.name[:4]) + 1:04}_ask_how_often.py"
    assert "visits" in columns(copy)
    done = make(copy, "again")
    assert (done.returncode, "nothing to write" in done.stdout) == (0, True)
    assert 'lives_with = "' in newest(copy).read_text("utf-8"), "older code can go on"
    ruff = [sys.executable, "-m", "ruff", "format", "--check", "--config", f"{ROOT}/pyproject.toml"]
    assert subprocess.run([*ruff, str(newest(copy))], check=False).returncode == 0


def test_a_question_that_went_loses_its_column_and_can_come_back(copy: Copy) -> None:
    copy.cut(FORMS, ROLE, "    interests = ")
    done = make(copy, "no_role")
    assert "no longer asked: role" in done.stdout
    assert "lives_with" not in newest(copy).read_text("utf-8")
    assert "role" not in columns(copy)


def test_a_question_with_a_new_name_is_not_taken_for_a_new_one_unsaid(copy: Copy) -> None:
    copy.edit(FORMS, ROLE, ROLE.replace("role", "work", 1))
    told = make(copy, "rename").stdout
    assert "new: work" in told
    assert "no longer asked: role" in told
    assert "new_column_name" in told


def test_free_text_never_gets_a_column(copy: Copy) -> None:
    copy.edit(FORMS, BEFORE, '    more = TextField(N_("More?"))\n' + BEFORE)
    done = make(copy, "more")
    assert done.returncode == 1
    assert "SEALED_FIELDS" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["", " ", "9lives", "a/b", "naïve"])
def test_a_name_that_says_nothing_is_refused(name: str) -> None:
    with pytest.raises(ClickException, match="say what it does"):
        migration.main([name], standalone_mode=False)


def test_migrations_that_are_no_single_line_are_one_line(copy: Copy) -> None:
    parent = newest(copy)
    twin = parent.with_name("0009_twin.py")
    text = parent.read_text("utf-8").replace(f'revision = "{parent.name[:4]}"', 'revision = "0009"')
    twin.write_text(text, encoding="utf-8")
    done = make(copy, "more")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "Traceback" not in done.stderr
