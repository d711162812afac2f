"""``cocreate letters``: what managers write to members."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex
from threading import Event

import click

from cocreate.commands.context import FILE, counted, key_option, one_line_errors, open_site
from cocreate.config import Config, environment, load_config
from cocreate.kinds import MAIL_URL
from cocreate.languages import LANGUAGES
from cocreate.letters.bundle import Bundle, BundleFault, Recipient, write_bundle
from cocreate.letters.entries import Unreadable
from cocreate.letters.journal import HANDED, PUT_OFF, Journal
from cocreate.letters.letter import read_letter, start_letter
from cocreate.letters.rendering import SOMEBODY, Renderer
from cocreate.letters.send import Halted, Pace, Sender, message_for, to_send
from cocreate.mail.transport import MailError, Transport, open_transport
from cocreate.storage import crypto
from cocreate.storage import letters as stored

FAULTS = (Unreadable, BundleFault, Halted, stored.QuestionHasAnswers, MailError)
folder_argument = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
MOST_NAMED = 20  # addresses in doubt


@click.group()
def letters() -> None:
    """Write to members, each in their own language, from your own computer."""


@letters.command()
@folder_argument
def new(*, folder: Path) -> None:
    """Make a folder for a letter, with notes on what to write where."""
    with one_line_errors():
        start_letter(folder, load_config())
    click.echo(f"{folder}: write letter.toml and the .md files, then: cocreate letters check")


@letters.command()
@folder_argument
def check(*, folder: Path) -> None:
    """Name what is missing, file and line; write a page that shows each language."""
    try:
        letter = read_letter(folder)
    except Unreadable as error:
        for fault in error.faults:
            click.echo(f"{folder / fault.file}:{fault.line}: {fault.words}")
        raise click.ClickException(f"{len(error.faults)} to mend") from None
    page = folder / "preview.html"
    with one_line_errors():
        page.write_text(Renderer(letter).preview(), "utf-8")
    click.echo(f"Nothing is missing. To see it, open {page.absolute().as_uri()}")


@letters.command()
@folder_argument
def count(*, folder: Path) -> None:
    """Count who would get a letter, by language; needs no key."""
    with one_line_errors(*FAULTS), open_site():
        found = stored.count(read_letter(folder, words=False).audience)
    for language in LANGUAGES:
        click.echo(f"{language.slug:<3} {found[language.slug]:>7,}")
    click.echo(counted(found.total(), "member"))


@letters.command()
@folder_argument
@click.option("--community", "only", multiple=True, help="Only these of the letter's communities.")
@click.option("--out", type=FILE, required=True, help="A new file (mode 600).")
def bundle(*, folder: Path, only: tuple[str, ...], out: Path) -> None:
    """On the web host: seal addresses and fresh links for the managers' keys.

    Of the folder, letter.toml is enough.
    """
    with one_line_errors(*FAULTS), open_site(keyed=True) as app:
        config: Config = app.config["COCREATE"]
        number = write_bundle(read_letter(folder, words=False).narrowed(only), config, out)
    days = counted(config.bundle_days, "day")
    click.echo(f"{out}: {counted(number, 'member')}; to be sent within {days}")


@letters.command()
@folder_argument
@click.option("--bundle", "file", type=FILE, help="What the host handed out.")
@click.option("--key", "keys", type=FILE, multiple=True, help="The private key's file.")
@click.option("--via", help="Your mail server, instead of COCREATE_MAIL_URL.")
@click.option("--test", metavar="ADDRESS", help="Send each language to yourself, and no more.")
@click.option("--dry-run", metavar="FOLDER", help="Write .eml files there; nothing leaves.")
@click.option("--per-minute", default=60, show_default=True, help="At most; 0: as many as go.")
@click.option("--patience", default=900.0, help="Seconds with no letter taken; then it ends.")
@click.option("--resend-doubtful", is_flag=True, help="Also where it is unknown if it arrived.")
def send(
    *,
    folder: Path,
    file: Path | None,
    keys: tuple[Path, ...],
    via: str | None,
    test: str | None,
    dry_run: str | None,
    per_minute: int,
    patience: float,
    resend_doubtful: bool,
) -> None:
    """Send a letter to everybody in a bundle who has not had it. Stop it and run it again as you
    like: nobody gets it twice.
    """
    with one_line_errors(*FAULTS), open_transport(_mail_url(via, dry_run)) as transport:
        renderer = Renderer(read_letter(folder))
        if test:
            _send_test(renderer, transport, test)
            return
        if file is None or not keys:
            raise click.UsageError("give --bundle and --key, or --test")
        identities = crypto.read_identities(keys)
        opened = Bundle(file)
        opened.check(renderer.letter, identities)
        recipients = list(opened.recipients(identities))
        if dry_run:
            _write_all(renderer, transport, recipients)
            return
        opened.ask()
        journal = Journal(folder)
        pace = Pace(per_minute=per_minute, patience=patience, stop=_until_interrupted())
        with journal.open_for_writing(tuple(opened.manifest["keys"]), identities):
            due = to_send(recipients, journal, again=resend_doubtful)
            _run(Sender(opened, journal, renderer, transport, pace), due)
            _tell(journal, recipients)


def _run(sender: Sender, due: Sequence[Recipient]) -> None:
    label, hidden = f"Sending {len(due):,}", not sys.stderr.isatty()
    with click.progressbar(length=len(due), label=label, hidden=hidden, file=sys.stderr) as bar:
        sender.run(due, bar.update)


def _mail_url(via: str | None, folder: str | None) -> str:
    url = f"file:{folder}" if folder else via or environment().get("COCREATE_MAIL_URL")
    if not url:
        raise click.UsageError("give your mail server: COCREATE_MAIL_URL, or --via")
    try:
        return str(MAIL_URL.parse(url))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--via") from None


def _until_interrupted() -> Event:
    """Set by Ctrl-C, once the letter that is on its way has left; a second one does not wait."""
    stop = Event()

    def interrupt(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop.set()

    signal.signal(signal.SIGINT, interrupt)
    return stop


def _send_test(renderer: Renderer, transport: Transport, address: str) -> None:
    communities = tuple(renderer.letter.audience.communities)
    for language in LANGUAGES:
        recipient = Recipient(address, SOMEBODY, language.slug, communities, "x" * 32)
        transport.deliver(message_for(renderer, recipient, f"test{language.slug}{token_hex(6)}"))
    click.echo(f"Sent to {address} in each language. Personal links in it open nothing.")


def _write_all(renderer: Renderer, transport: Transport, recipients: Sequence[Recipient]) -> None:
    for recipient in recipients:
        transport.deliver(message_for(renderer, recipient, recipient.token_hash))
    written = counted(len(recipients), "letter")
    click.echo(f"{written} written; none was sent, and the site was not asked.")


def _tell(journal: Journal, recipients: Sequence[Recipient]) -> None:
    """What came of it; exit code 1 while a letter is not done with."""
    states = {
        recipient.address: journal.state(journal.who(recipient.address)) for recipient in recipients
    }
    doubtful = [address for address, state in states.items() if state == HANDED]
    left = sum(state in {"", PUT_OFF} for state in states.values())
    click.echo("\n".join(journal.summary()))
    for address in doubtful[:MOST_NAMED]:
        click.echo(f"in doubt: {address}")
    if left:
        raise click.ClickException(f"{counted(left, 'letter')} left; run the same command again")
    if doubtful:
        raise click.ClickException(
            f"{len(doubtful):,} may have arrived or not; to send them (again): --resend-doubtful"
        )


@letters.command()
@folder_argument
@click.option("--out", type=FILE, help="Also write whose address was refused for good.")
def report(*, folder: Path, out: Path | None) -> None:
    """Say what came of a letter: sent, refused and why, withdrawn, in doubt."""
    with one_line_errors(*FAULTS):
        journal = Journal(folder)
        click.echo("\n".join(journal.summary()) or "Nothing was sent yet.")
        if out:
            number = journal.write_gone(out)
            click.echo(f"{out}: {number}; on the host: cocreate members erase --from-report")


@letters.command()
@folder_argument
@click.option("--bundle", "file", type=FILE, required=True)
@key_option
@click.option("--yes", is_flag=True, help="Do not ask first.")
def done(*, folder: Path, file: Path, keys: tuple[Path, ...], yes: bool) -> None:
    """Delete a bundle; links in it that were not sent stop working. The journal stays."""
    with one_line_errors(*FAULTS):
        identities = crypto.read_identities(keys)
        opened, journal = Bundle(file), Journal(folder)
        with journal.open_for_writing(tuple(opened.manifest["keys"]), identities):
            due = to_send(opened.recipients(identities), journal, again=False)
        unsent = [recipient.token_hash for recipient in due]
        if unsent and not yes:
            click.confirm(f"{counted(len(unsent), 'letter')} not sent. Go on?", abort=True)
        for begin in range(0, len(unsent), stored.PAGE):
            opened.ask(unsent=unsent[begin : begin + stored.PAGE])
        file.unlink()
    click.echo(f"{file} is gone.")


@letters.command()
@folder_argument
def answers(*, folder: Path) -> None:
    """On the web host: count the answers to a letter's question."""
    with one_line_errors(*FAULTS), open_site():
        letter = read_letter(folder, words=False)
        given = stored.answer_counts(letter.name)
    for number, words in enumerate(letter.question["answers"] if letter.question else [], 1):
        click.echo(f"{given[number]:>7,}  {words['en']}")
