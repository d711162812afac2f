"""Another site made from this one as ``docs/adopt.md`` says: by rows and words alone."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from cocreate.config import ROOT
from cocreate.pages import PAGES
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
    copy.cut("site/cocreate/communities.py", '    Community(\n        "stack"', ")\nBY_SLUG")
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
    assert done.stdout.split()[-1] == "3"
    key = str(tmp_path / "data/seal.key")
    command = ("-m", "cocreate.cli", "members", "export", "--community", "makers", "--key", key)
    exported = copy.run(*command, **data)
    assert exported.returncode == 0, exported.stderr
    assert "a@b.example" in exported.stdout


def test_a_page_that_is_gone_but_linked_is_named(tmp_path: Path) -> None:
    """What ``docs/adopt.md`` promises to whoever takes rows out."""
    copy = Copy(tmp_path)
    copy.cut(
        "site/cocreate/pages.py",
        '    Page(\n        "crowdtask/"',
        '    Page(\n        "get-involved/"',
    )
    done = copy.run("-m", "cocreate.cli", "freeze", "--out", "out")
    assert done.returncode == 1
    assert re.search(r"KeyError: 'crowdtask' \(.+\.html:\d+\)", done.stderr)


def test_the_guide_names_every_file_that_the_copy_was_made_from() -> None:
    guide = (ROOT / "docs/adopt.md").read_text("utf-8")
    files = ("pages.py", "facts.toml", "languages.py", "communities.py", "web/forms.py")
    assert [name for name in files if f"site/cocreate/{name}" not in guide] == []
    assert [name for name in KEPT if f"`{name}`" not in guide] == []
    assert set(KEPT) <= {page.name for page in PAGES}
