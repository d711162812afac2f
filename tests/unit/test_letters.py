"""A letter's folder: what is wrong with it, by file and line, and what its readers get."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cocreate.communities import COMMUNITY_BY_SLUG
from cocreate.config import ROOT, load_config
from cocreate.languages import BY_SLUG, LANGUAGES
from cocreate.letters import letter, markdown
from cocreate.letters.entries import Unreadable
from cocreate.letters.rendering import Renderer
from cocreate.letters.send import Pace
from documents import Document, text_of
from fixtures.backend import body, read
from fixtures.commands import Run
from fixtures.letters import SUBJECTS, write_letter

TOKEN = "t" * 32


def faults(folder: Path) -> list[str]:
    try:
        letter.read_letter(folder)
    except Unreadable as error:
        return [str(fault) for fault in error.faults]
    return []


def test_a_new_letter_names_all_that_is_to_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    letter.start_letter(folder, load_config({}))
    found = faults(folder)
    assert [fault.partition(":")[0] for fault in found[-4:]] == ["en.md", "ms.md", "ta.md", "zh.md"]
    assert "en.md:3: still to be written: {what you write, in English}" in found
    assert sum("empty; write the subject" in fault for fault in found) == 4
    odd = {"COCREATE_MAIL_FROM": '"A, B" <a@b.example>', "COCREATE_OPERATOR": 'The "Body"'}
    letter.start_letter(tmp_path / "odd", load_config(odd))
    assert not any("sender" in fault or "TOML" in fault for fault in faults(tmp_path / "odd"))
    with pytest.raises(FileExistsError):
        letter.start_letter(folder, load_config({}))


@pytest.mark.parametrize(
    ("line", "new", "fault"),
    [
        ("id = .*", 'id = "x"', r"letter.toml:\d+: id: keep what"),
        ("sender = .*", 'sender = "me"', r"letter.toml:\d+: sender: use an e-mail address"),
        ("zh = .*", 'zh = " "', r"letter.toml:\d+: zh: empty; write the subject"),
        ("ta = .*", 'ta = "{name}"', r"letter.toml:\d+: ta: use one line without braces"),
        ("communities = .*", "communities = []", "use a list of stack, tech-kaki"),
        ("communities = .*", "communities = 5", "use a list of stack, tech-kaki"),
        ("communities = .*", 'communities = [["stack"]]', "use a list of stack, tech-kaki"),
        ("# interests = .*", "interests = 3", "interests: use a list of conference"),
        ("# interests = .*", 'interests = ["chess"]', "interests: use a list of conference"),
        ("# interests = .*", 'hobby = ["chess"]', "hobby: no form of these communities asks"),
        ("# languages = .*", 'languages = ["de"]', "languages: use a list of en, zh, ms, ta"),
        ("# since = .*", 'since = "May"', "since: write a day like 2026-11-01"),
        ("operator = .*", "operator = ", r"letter.toml:\d+: not TOML"),
        ("id = .*", 'tracking = "yes"', "tracking: no such entry"),
        (r"\[\[question.answers\]\]", "[[question.other]]", "question: needs two to five answers"),
    ],
)
def test_what_is_wrong_in_the_toml_has_its_line(
    tmp_path: Path, line: str, new: str, fault: str
) -> None:
    folder = write_letter(tmp_path / "letter")
    file = folder / "letter.toml"
    file.write_text(re.sub(f"(?m)^{line}", new, file.read_text("utf-8"), count=1), "utf-8")
    assert any(re.search(fault, one) for one in faults(folder)), faults(folder)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "ms.md:1: empty"),
        ("Salam\n\n{tarikh}", "ms.md:3: still to be written: {tarikh}"),
        ("![x](https://a.example/x.png)", "ms.md:1: no pictures"),
        ("<b>x</b>", "ms.md:1: HTML is not understood"),
        ("[x](/en/)", "ms.md:1: this link leads nowhere: /en/"),
        ("x\n[x](http://127.0.0.1:8000/ms/nowhere/)", "ms.md:2: this link leads nowhere"),
        ("#### x", "ms.md:1: use # or ##"),
    ],
)
def test_what_is_wrong_in_a_language_has_its_line(tmp_path: Path, text: str, fault: str) -> None:
    folder = write_letter(tmp_path / "letter")
    (folder / "ms.md").write_text(text, "utf-8")
    assert any(one.startswith(fault) for one in faults(folder)), faults(folder)


def test_links_that_lead_somewhere_are_no_fault() -> None:
    good = "[a](http://127.0.0.1:8000/ms/stack/) [b](https://a.example/#z) [c](mailto:a@b.example)"
    assert list(markdown.faults(good, "http://127.0.0.1:8000/")) == []


def test_a_missing_language_is_a_fault_or_english_marked(tmp_path: Path) -> None:
    folder = write_letter(tmp_path / "letter", question="no")
    (folder / "ta.md").unlink()
    assert faults(folder) == [
        "ta.md:1: no such file or directory; write it, or name the language in in_english"
    ]
    folder = write_letter(tmp_path / "other", in_english='["ta"]')
    made = Renderer(letter.read_letter(folder)).in_language(BY_SLUG["ta"], ("stack",))
    assert made.subject == SUBJECTS["en"]
    page = Document(made.html)
    assert page.root.attrib["lang"] == "ta"
    assert '<div lang="en">' in made.html
    assert "மொழிபெயர்க்கப்படவில்லை" in text_of(page.all("main")[0])
    assert made.text.startswith("இந்த மின்னஞ்சல்")


def test_each_letter_says_who_why_and_how_to_leave(tmp_path: Path) -> None:
    renderer = Renderer(letter.read_letter(write_letter(tmp_path / "letter")))
    for language in LANGUAGES:
        made = renderer.in_language(language, ("stack",))
        message = read(
            made.to("ann@example.com", "Ann & <Co>", TOKEN, "a.b", 1_795_487_190).as_bytes()
        )
        manage = f"http://127.0.0.1:8000/{language.slug}/manage/{TOKEN}/"
        assert message["List-Unsubscribe"] == f"<{manage}>"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["List-Id"] == f"<{'-'.join(sorted(COMMUNITY_BY_SLUG))}.127.0.0.1>"
        assert (message["To"], message["From"]) == ("ann@example.com", "STACK <stack@example.org>")
        assert message["Subject"] == SUBJECTS[language.slug]
        text, page = body(message), body(message, "html")
        assert "Ann & <Co>" in text
        assert "Ann &amp; &lt;Co&gt;" in page
        for part in (text, page):
            assert manage in part
            assert f"/{language.slug}/answer/{TOKEN}/" in part
            assert "stack@example.org" in part
            assert "https://a.example" in part
        assert "Tech Kaki" not in text, "only what its reader joined"
        document = Document(page)
        assert document.errors == []
        assert document.root.attrib["lang"] == language.tag
        assert document.root.attrib["dir"] == "ltr"
        assert not {e.tag for e in document.elements} & {"img", "script", "link", "form"}


def test_markdown_cannot_smuggle_anything_in() -> None:
    page = markdown.html(
        '<script>x</script> [a](javascript:x) <a onclick=x> [b](https://c.example "t")'
    )
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert page.count("<a ") == 1


def test_plain_text_keeps_lists_links_and_angle_brackets() -> None:
    words = "# Big\n\n- one\n- [two](https://a.example)\n\n1. x\n\nEnd **now** <3"
    assert markdown.text(words) == "Big\n\n- one\n- two <https://a.example>\n1. x\n\nEnd now <3"


def test_check_writes_a_page_to_look_at(tmp_path: Path, run: Run) -> None:
    folder = write_letter(tmp_path / "letter")
    done = run("letters", "check", folder)
    assert done.code == 0, done
    page = Document((folder / "preview.html").read_text("utf-8"))
    assert page.errors == []
    assert len(page.all("iframe")) == 8
    (folder / "zh.md").unlink()
    done = run("letters", "check", folder)
    assert (done.code, f"{folder}/zh.md:1:" in done.out + done.err) == (1, True)


def test_a_new_letter_becomes_test_letters_in_each_language(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_letter(tmp_path / "letter")
    mail = tmp_path / "mail"
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COCREATE_MAIL_URL", raising=False)
    command = ("letters", "send", folder, "--test", "me@example.org")
    assert "COCREATE_MAIL_URL" in run(*command).err
    Path(".env").write_text(f"COCREATE_MAIL_URL=file:{mail}\n", "utf-8")
    done = run(*command)
    assert done.code == 0, done
    found = [read(file.read_bytes()) for file in mail.iterdir()]
    assert {message["Subject"] for message in found} == set(SUBJECTS.values())
    assert {message["To"] for message in found} == {"me@example.org"}


def test_a_server_that_puts_letters_off_slows_the_sender_down_and_tries_its_patience(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, waits = [100.0], list[float]()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    monkeypatch.setattr("cocreate.letters.send.time.monotonic", lambda: now[0])
    pace = Pace(per_minute=0, first=1, patience=10)
    monkeypatch.setattr(pace.stop, "wait", wait)
    while pace.failed():
        assert pace.wait()
    assert waits == [1, 2, 4, 8]
    pace.taken()
    assert pace.failed(), "an answer mends its patience"


def test_the_web_server_does_not_load_what_only_letters_need() -> None:
    found = "print({'markdown_it', 'nh3', 'css_inline', 'cocreate.letters'} & {*sys.modules})"
    command = [sys.executable, "-c", f"import sys, cocreate.app, cocreate.serve.server; {found}"]
    env = {"PYTHONPATH": str(ROOT / "site")}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
