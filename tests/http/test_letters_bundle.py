"""From the host to the manager's machine and back: bundles, journals, reports, and faults."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from werkzeug.serving import make_server

from cocreate.app import create_app
from cocreate.cli import cocreate
from cocreate.config import load_config
from cocreate.letters.journal import Journal
from cocreate.storage import crypto, keys, letters
from fixtures.backend import MovedClock, rows, token_in
from fixtures.letters import add_members, write_letter
from fixtures.mailserver import MailServer


@dataclass
class Desk:
    """A manager with a letter, the host behind an address, and a mail server."""

    folder: Path
    site: Flask
    url: str
    mail: MailServer

    @property
    def bundle(self) -> Path:
        return self.folder / "bundle"

    @property
    def letter(self) -> Path:
        return self.folder / "letter"

    def run(self, *command: object, answer: str | None = None) -> Result:
        words = ["letters", *map(str, command)] if command[0] != "members" else [*map(str, command)]
        return CliRunner().invoke(cocreate, words, input=answer)

    def seal(self, *more: str) -> Result:
        self.bundle.unlink(missing_ok=True)
        return self.run("bundle", self.letter, "--out", self.bundle, *more)

    def send(self, *more: object, key: Path | None = None, bundle: Path | None = None) -> Result:
        return self.run(
            "send", self.letter, "--bundle", bundle or self.bundle,
            "--key", key or Path(os.environ["COCREATE_DATA_DIR"]) / "seal.key",
            "--via", f"smtp://127.0.0.1:{self.mail.port}", "--per-minute", 0, "--patience", 0,
            *more,
        )  # fmt: skip

    def received(self) -> list[str]:
        return sorted(str(message["To"]) for message in self.mail.received)


@pytest.fixture
def desk(
    command_env: Path, tmp_path: Path, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{server.port}/"
    monkeypatch.setenv("COCREATE_SITE_URL", url)
    app = create_app(keys.with_all_keys(load_config(dict(os.environ)), make=False))
    server.app = app
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    write_letter(tmp_path / "letter", url)
    with app.app_context():
        add_members(app, 6, also=2)
        yield Desk(tmp_path, app, url, mail_server)
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["cocreate.database"].close()


def everybody(number: int = 6) -> list[str]:
    return [f"member{n}@mail{n % 7}.example" for n in range(number)]


def test_a_member_of_both_communities_gets_one_letter(desk: Desk) -> None:
    assert desk.run("count", desk.letter).output.endswith("6 members\n")
    assert "6 members" in desk.seal().output
    assert desk.send().exit_code == 0
    assert desk.received() == everybody()
    assert {len(str(m["Message-ID"])) for m in desk.mail.received} == {12 + 1 + 24 + 12}


def test_who_joined_since_gets_the_same_letter_and_nobody_gets_it_twice(desk: Desk) -> None:
    desk.seal("--community", "tech-kaki")
    desk.send()
    assert desk.received() == everybody(2)
    desk.seal()
    assert desk.send().exit_code == 0
    assert desk.received() == everybody()


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ({"interests": '["events"]', "communities": '["stack"]'}, 3),
        ({"interests": '["events", "conference"]', "communities": '["stack"]'}, 6),
        ({"interests": '["event"]'}, None),
        ({"communities": '["tech-kaki"]'}, 2),
        ({"languages": '["en", "zh"]'}, 4),
        ({"since": "2999-01-01"}, 0),
    ],
)
def test_an_audience_is_what_members_chose(
    desk: Desk, line: dict[str, str], number: int | None
) -> None:
    folder = write_letter(desk.folder / "other", desk.url, **line)
    done = desk.run("count", folder)
    assert (f"{number} members" in done.output) == (number is not None)
    assert (done.exit_code == 1) == (number is None)


def test_refused_addresses_are_told_apart_and_erased_on_a_word(desk: Desk) -> None:
    gone, content = everybody()[0], everybody()[1]
    desk.mail.refused = {gone}
    desk.seal()
    assert desk.send().exit_code == 0
    journal = Journal(desk.letter)
    # The other one for its words, not for the address.
    journal.note("0" * 64, "refused", why="SMTP 554", link="ab" * 32)
    report = desk.folder / "refused.jsonl"
    said = desk.run("report", desk.letter, "--out", report).output
    assert "1 × recipient refused, SMTP 550" in said
    assert "1 × SMTP 554" in said
    assert [json.loads(line)["why"][-3:] for line in report.read_text().splitlines()] == ["550"]
    assert gone not in report.read_text()
    erase = ("members", "erase", "--from-report", report)
    assert desk.run(*erase, answer="n\n").exit_code == 1
    assert len(rows("signups")) == 8
    assert "1 × stack" in desk.run(*erase, answer="y\n").output
    assert len(rows("signups")) == 6
    assert "nobody" in desk.run(*erase, "--yes").output
    assert content in desk.received()


def test_a_server_that_refuses_everybody_is_not_the_addresses_fault(desk: Desk) -> None:
    add_members(desk.site, 30, first=6)
    desk.seal()
    desk.mail.answers["RCPT"] = "550 relaying denied"
    done = desk.send()
    assert (done.exit_code, "not the addresses" in done.output) == (1, True)
    assert Journal(desk.letter).refused() == []
    desk.mail.answers.clear()
    assert desk.send().exit_code == 0
    assert len(desk.received()) == 36


def test_a_letter_that_fails_in_a_language_refuses_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.seal()
    with monkeypatch.context() as broken:
        broken.setattr("cocreate.letters.rendering.css_inline.inline", lambda *_, **__: 1 / 0)
        done = desk.send()
    assert (done.exit_code, "the letter cannot be written in " in done.output) == (1, True)
    assert Journal(desk.letter).states == {}
    assert desk.send().exit_code == 0
    assert desk.received() == everybody()


def test_throttling_is_not_the_end(desk: Desk) -> None:
    desk.seal()
    desk.mail.answers["DATA"] = "454 later"
    done = desk.send()
    assert (done.exit_code, "run the same again later" in done.output) == (1, True)
    assert desk.received() == []
    desk.mail.answers.clear()
    assert desk.send().exit_code == 0
    assert desk.received() == everybody()


def test_ctrl_c_ends_between_two_letters_and_the_next_run_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Pressed(threading.Event):
        """After two letters."""

        def is_set(self) -> bool:
            return len(desk.mail.received) >= 2

    desk.seal()
    monkeypatch.setattr("cocreate.commands.letters._until_interrupted", Pressed)
    done = desk.send()
    assert (done.exit_code, "4 letters left; run the same" in done.output) == (1, True)
    assert "in doubt" not in done.output
    monkeypatch.setattr("cocreate.commands.letters._until_interrupted", threading.Event)
    assert desk.send().exit_code == 0
    assert desk.received() == everybody()


def test_a_dry_run_writes_files_and_nothing_else(desk: Desk) -> None:
    desk.seal()
    done = desk.send("--dry-run", desk.folder / "eml")
    assert done.exit_code == 0, done.output
    assert "none was sent" in done.output
    assert len(list((desk.folder / "eml").glob("*.eml"))) == 6
    assert desk.received() == []
    assert not (desk.letter / "sent.journal").exists()


def test_done_leaves_nothing_behind_but_the_journal(desk: Desk) -> None:
    desk.seal("--community", "tech-kaki")
    desk.send()
    desk.seal()
    key = Path(os.environ["COCREATE_DATA_DIR"]) / "seal.key"
    done = ("done", desk.letter, "--bundle", desk.bundle, "--key", key)
    assert desk.run(*done, answer="n\n").exit_code == 1
    assert desk.run(*done, answer="y\n").exit_code == 0
    assert not desk.bundle.exists()
    assert len(rows("tokens")) == 4, "two that were sent, two for whom the second was not needed"
    assert (desk.letter / "sent.journal").exists()


def test_answers_are_counted_on_the_host(desk: Desk) -> None:
    desk.seal()
    desk.send()
    assert letters.answer(token_in(desk.mail.received[0], "answer"), 2)
    counted = "      0  Tuesday evening\n      1  Saturday morning\n"
    assert desk.run("answers", desk.letter).output == counted


def lose_a_line(desk: Desk) -> None:
    desk.bundle.write_bytes(b"".join(desk.bundle.read_bytes().splitlines(keepends=True)[1:]))


def change(desk: Desk) -> None:
    """Whole again to whoever only counts, but not signed by the host."""
    *lines, last = desk.bundle.read_bytes().splitlines(keepends=True)
    said = json.loads(last) | {"expires": 2**40}
    desk.bundle.write_bytes(b"".join(lines) + json.dumps(said).encode() + b"\n")


def of_another_letter(desk: Desk) -> None:
    other = write_letter(desk.folder / "other", desk.url)
    desk.bundle.unlink()
    desk.run("bundle", other, "--out", desk.bundle)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda desk: desk.bundle.write_bytes(desk.bundle.read_bytes()[:-100]), "cut or changed"),
        (lose_a_line, "cut or changed"),
        (lambda desk: desk.bundle.write_bytes(b""), "cut or changed"),
        (change, "not signed by this site"),
        (of_another_letter, "made for letter"),
        (lambda desk: (desk.letter / "ms.md").write_text("{todo}"), "ms.md:1: still to be written"),
        (lambda desk: (desk.letter / "sent.journal").mkdir(), "sent.journal"),
        (lambda desk: desk.mail.stop(), "takes no letters"),
    ],
)
def test_what_cannot_work_is_one_line_and_sends_nothing(
    desk: Desk, spoil: Callable[[Desk], None], words: str
) -> None:
    desk.seal()
    spoil(desk)
    done = desk.send()
    assert (done.exit_code, words in done.output) == (1, True), done.output
    assert len([line for line in done.output.splitlines() if "Error" in line]) == 1
    assert desk.received() == []


def test_a_bundle_for_another_key_or_past_its_time_is_refused(
    desk: Desk, moved_clock: MovedClock
) -> None:
    desk.seal()
    other = desk.folder / "other.key"
    other.write_text(crypto.new_identity()[0])
    done = desk.send(key=other)
    assert (done.exit_code, "--key is none of these" in done.output) == (1, True)
    moved_clock.forward(days=8)
    done = desk.send()
    assert (done.exit_code, "past its time" in done.output) == (1, True)
    assert desk.received() == []


def test_a_bundle_is_made_for_the_letters_own_site_only(desk: Desk) -> None:
    letter = write_letter(desk.folder / "other", "https://elsewhere.example/")
    done = desk.run("bundle", letter, "--out", desk.folder / "x")
    assert (done.exit_code, "elsewhere.example" in done.output) == (1, True)
    assert not (desk.folder / "x").exists()
    desk.seal()
    again = desk.run("bundle", desk.letter, "--out", desk.bundle)
    assert (again.exit_code, "is there already" in again.output) == (1, True)
    assert len(rows("tokens")) == 6
