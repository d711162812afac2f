"""A thousand letters through a mail server that fails, a network that drops, a sender that dies."""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cocreate.app import create_app
from cocreate.cli import cocreate
from cocreate.config import ROOT, load_config
from cocreate.storage import keys, membership
from fixtures.backend import read
from fixtures.letters import SUBJECTS, add_members, write_letter
from fixtures.mailserver import MailServer
from fixtures.server import Server
from processes import COCREATE, run, wait_until

NUMBER = 1000
ENV = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "site")}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Moody(MailServer):
    """Puts letters off now and then, takes one and hangs up, hangs up on one."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.asked += 1
        if self.asked in {50, 400}:
            return "454 throttled"
        if self.asked in {120, 610}:
            if self.asked == 610:
                self.received.append(read(envelope.content))
            server.transport.abort()
            return "250 OK"
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def moody() -> Iterator[Moody]:
    with Moody() as server:
        yield server


class Manager:
    """Their own computer: the letter, the bundle, the private key and a command line."""

    def __init__(self, folder: Path, url: str, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COCREATE_SITE_URL", url)
        monkeypatch.setenv("COCREATE_DATA_DIR", str(data))
        self.folder, self.url, self.data, self.key = folder, url, data, data / "seal.key"

    def host(self, *command: str) -> str:
        """A command on the web host."""
        done = CliRunner().invoke(cocreate, command)
        assert done.exit_code == 0, done.output
        return done.output

    def command(self, letter: Path, server: MailServer, *more: str) -> list[str]:
        bundle = ["--bundle", str(letter) + ".bundle", "--key", str(self.key)]
        via = ["--via", f"smtp://127.0.0.1:{server.port}", "--per-minute", "0", "--patience", "5"]
        return [str(COCREATE), "letters", "send", str(letter), *bundle, *via, *more]

    def send(
        self, letter: Path, server: MailServer, *more: str
    ) -> subprocess.CompletedProcess[str]:
        return run(*self.command(letter, server, *more), env=ENV)

    def kill_after(self, number: int, letter: Path, server: MailServer) -> None:
        """Run it, and kill it without warning once so many letters have arrived."""
        command = self.command(letter, server)
        process = subprocess.Popen(command, env=ENV, stderr=subprocess.PIPE)
        wait_until(lambda: len(server.received) >= number or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        process.kill()
        process.communicate()


def test_each_of_a_thousand_letters_goes_once_or_is_named(
    tmp_path: Path, start: Callable[..., Server], moody: Moody, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "host"
    server = start(DATA_DIR=str(data))
    manager = Manager(tmp_path, f"http://127.0.0.1:{server.port}/", data, monkeypatch)
    app = create_app(keys.with_all_keys(load_config(dict(os.environ)), make=False))
    first = write_letter(tmp_path / "first", manager.url)
    with app.app_context():
        languages = add_members(app, NUMBER, also=30)
        gone, refused = {"member7@mail0.example", "member8@mail1.example"}, "member9@mail2.example"
        assert f"{NUMBER:,} members" in manager.host("letters", "count", str(first))
        manager.host("letters", "bundle", str(first), "--out", f"{first}.bundle")
        for address in gone:
            membership.erase(address)
    moody.refused = {refused}

    for stage in (200, 450, 700):
        manager.kill_after(stage, first, moody)
        if stage == 450:  # nobody listens
            moody.stop()
            done = manager.send(first, moody)
            assert (done.returncode, "takes no letters" in done.stderr) == (1, True), done.stderr
            moody.start()
    done = manager.send(first, moody)

    received = Counter(str(message["To"]) for message in moody.received)
    assert f"withdrawn: {len(gone)}" in manager.host("letters", "report", str(first))
    doubtful = set(re.findall(r"in doubt: (\S+@\S+)", done.stdout))
    assert max(received.values()) == 1, "nobody got it twice"
    assert 2 <= len(doubtful) <= 5, "two dropped lines, at most one for each kill"
    assert languages.keys() - received.keys() - gone - {refused} <= doubtful
    assert (done.returncode, "--resend-doubtful" in done.stderr) == (1, True)
    for message in moody.received:
        assert message["Content-Language"].startswith(languages[message["To"]])
        assert message["Subject"] == SUBJECTS[languages[message["To"]]]

    done = manager.send(first, moody, "--resend-doubtful")
    assert done.returncode == 0, done.stderr
    received = Counter(str(message["To"]) for message in moody.received)
    assert received.keys() == languages.keys() - gone - {refused}
    assert {address for address, number in received.items() if number > 1} <= doubtful
    copies = {(str(message["To"]), str(message["Message-ID"])) for message in moody.received}
    assert len(copies) == len(received), "a second copy is recognised by its Message-ID"

    leaves = str(moody.received[10]["To"])
    one_click = str(moody.received[10]["List-Unsubscribe"]).strip("<>").removeprefix(manager.url)
    assert server.ask(f"/{one_click}", "POST", FORM, "List-Unsubscribe=One-Click")[0] == 200
    second = write_letter(
        tmp_path / "second", manager.url, languages=f'["{languages[leaves]}"]', question="no"
    )
    manager.host("letters", "bundle", str(second), "--out", f"{second}.bundle")
    moody.received.clear()
    assert manager.send(second, moody).returncode == 0
    others = {one for one in languages if languages[one] == languages[leaves]} - gone - {leaves}
    assert {str(message["To"]) for message in moody.received} == others - {refused}
    assert_that_nothing_names(languages, data, server.log, first, second)


def assert_that_nothing_names(
    addresses: Iterable[str], data: Path, log: Path, *letters: Path
) -> None:
    """No byte on the host, in its backup, in bundles and journals."""
    done = CliRunner().invoke(cocreate, ["db", "backup", str(data / "copies/today.db")])
    assert done.exit_code == 0, done.output
    files = [file for file in data.rglob("*") if file.is_file()] + [log]
    files += [Path(f"{letter}.bundle") for letter in letters]
    files += [letter / "sent.journal" for letter in letters]
    everything = {file: file.read_bytes() for file in files}
    assert len(everything) > 8
    for address in addresses:
        found = [str(file) for file, content in everything.items() if address.encode() in content]
        assert found == [], address
