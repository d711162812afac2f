"""``cocreate members``, ``feedback`` and ``purge``: what the community managers do."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from email_validator import EmailNotValidError, validate_email

from cocreate.clock import SINGAPORE
from cocreate.commands.context import FILE, counted, key_option, open_site
from cocreate.communities import COMMUNITIES
from cocreate.config import load_config
from cocreate.kinds import PUBLIC_KEY
from cocreate.storage import audit as notes
from cocreate.storage import crypto, database, exports, membership, retention
from cocreate.storage import keys as keyring

format_option = click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "jsonl"]),
    default="csv",
    show_default=True,
    help="CSV for a spreadsheet, or one JSON object a line.",
)
table_option = click.option(
    "--format", "kind", type=click.Choice(["table", "json"]), default="table", show_default=True
)
out_option = click.option(
    "--out", type=FILE, help="Write to this new file (mode 600) instead of the terminal."
)
since_option = click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=lambda _context, _option, day: (
        int(day.replace(tzinfo=SINGAPORE).timestamp()) if day else 0
    ),
    help="Only from this day on (Singapore time).",
)


@click.group()
def members() -> None:
    """Export, count and erase members."""


@members.command()
@click.option("--community", type=click.Choice([one.slug for one in COMMUNITIES]), required=True)
@key_option
@format_option
@since_option
@out_option
def export(
    *, community: str, keys: tuple[Path, ...], kind: str, since: int, out: Path | None
) -> None:
    """Write the confirmed members of a community, opened with the private key.

    With a key that does not fit, nothing is written.
    """
    with open_site():
        _export(exports.member_sheet(community, since), keys, kind, out)


@members.command()
@table_option
def stats(*, kind: str) -> None:
    """Count confirmed members by community, language and month; needs no key."""
    with open_site():
        found = exports.count_members()
    if kind == "json":
        click.echo(json.dumps(found, indent=2))
        return
    for row in found["members"]:
        click.echo("{community:<10} {language:<3} {month} {number:>7,}".format(**row))
    click.echo(f"{found['total']:,} confirmed, {found['waiting']:,} not confirmed yet")


@members.command()
def consent() -> None:
    """Print the words of consent in each language, after the version that members keep."""
    from cocreate.app import create_app
    from cocreate.web.forms import every_consent

    for language, version, words in every_consent(create_app(load_config(), static=True)):
        click.echo(f"{version} {language.slug} {words}")


@members.command(name="erase")
@click.option("--email", help="The address, as its owner writes it.")
@click.option(
    "--from-report",
    "report",
    type=FILE,
    help="What 'letters report --out' wrote: everybody whose address was refused for good.",
)
@click.option("--yes", is_flag=True, help="Do not ask first.")
def erase_address(*, email: str | None, report: Path | None, yes: bool) -> None:
    """Erase all that is kept of an address: memberships, links, letters, feedback."""
    if (email is None) == (report is None):
        raise click.UsageError("give either --email or --from-report")
    if report:
        _erase_reported(report, sure=yes)
        return
    with open_site(keyed=True):
        gone = membership.erase(_checked(email or ""))
        missing = keyring.count_missing_secrets(database.current(), database.settings())
    if gone:
        parts = ", ".join(f"{number} × {what}" for what, number in sorted(gone.items()))
        click.echo(f"Erased: {parts}. Older copies of the database still hold it.")
    elif missing:
        raise click.ClickException(
            f"nothing is found under the keys that are set; {counted(missing, 'other')} wrote to"
            " this database: add what is missing to COCREATE_SECRET_KEY, behind the first"
        )
    else:
        click.echo("Nothing is kept of this address.")


@members.command()
@table_option
def audit(*, kind: str) -> None:
    """Show what was exported, erased and withdrawn: when, of what, how many; nothing about whom."""
    with open_site():
        done = notes.entries()
    for row in done:
        line = "{done}  {action:<10} {what:<10} {number:>7,}".format(**row)
        click.echo(json.dumps(row) if kind == "json" else line)


@members.command()
@click.option(
    "--old",
    type=FILE,
    multiple=True,
    required=True,
    help="A private key's file; may be given several times.",
)
@click.option("--new", required=True, help="The public key, age1…; several, separated by commas.")
def reseal(*, old: tuple[Path, ...], new: str) -> None:
    """Seal all that is kept for another key, feedback too: all of it or nothing.

    Stop the site first, and do it where the private key is: on a copy, which 'db restore' puts
    back.
    """
    try:
        recipients = PUBLIC_KEY.several.parse(new)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--new") from None
    with open_site():
        done = exports.reseal(crypto.read_identities(old), recipients)
    parts = ", ".join(f"{number} × {what}" for what, number in done.items())
    click.echo(f"Sealed anew: {parts or 'nothing'}.")


def _erase_reported(report: Path, *, sure: bool) -> None:
    with open_site(keyed=True):
        try:
            lines = report.read_text("utf-8").splitlines()
            links = [bytes.fromhex(json.loads(line)["link"]) for line in lines]
        except (ValueError, LookupError, TypeError):
            raise click.ClickException(f"{report}: not what 'letters report --out' wrote") from None
        if links and not sure:
            question = f"Erase {counted(len(links), 'member')} whose address was refused for good?"
            click.confirm(question, abort=True)
        gone = sum(map(membership.erase_owner, links), Counter[str]())
        database.truncate_wal()
    click.echo(f"Erased: {', '.join(f'{n} × {what}' for what, n in gone.items()) or 'nobody'}.")


def _checked(email: str) -> str:
    """An address by the rules of the forms, as it was typed."""
    try:
        validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise click.BadParameter(str(error), param_hint="--email") from None
    return email


def _export(sheet: exports.Sheet, keys: tuple[Path, ...], kind: str, out: Path | None) -> None:
    """Open ``sheet`` and write it to ``out`` or the terminal, with a progress bar on a terminal."""

    def show(rows: Iterator[Any]) -> Iterator[Any]:
        with click.progressbar(
            rows, exports.count_rows(sheet), "Opening", file=sys.stderr
        ) as shown:
            yield from shown

    through = show if sys.stderr.isatty() else iter
    number = exports.hand_over(sheet, crypto.read_identities(keys), kind, out, through)
    if out:
        click.echo(f"{out}: {counted(number, 'row')}", err=True)


@click.group()
def feedback() -> None:
    """Read what visitors wrote."""


@feedback.command(name="export")
@key_option
@format_option
@since_option
@out_option
def export_feedback(*, keys: tuple[Path, ...], kind: str, since: int, out: Path | None) -> None:
    """Write the feedback, opened with the private key."""
    with open_site():
        _export(exports.feedback_sheet(since), keys, kind, out)


@click.command()
@click.option("--anyway", is_flag=True, help="Though the clock is a day off the newest row.")
def purge(*, anyway: bool) -> None:
    """Erase what is past its time (RETENTION_DAYS). The running site does so by itself."""
    from cocreate.mail import worker

    with open_site():
        if not anyway:
            try:
                retention.check_clock()
            except retention.ClockDoubt as doubt:
                raise click.ClickException(str(doubt)) from None
        gone = worker.purge()
    click.echo(
        f"Erased: {gone['signups']} unconfirmed, {gone['feedback']} feedback,"
        f" {counted(gone['links'], 'link')}, {counted(gone['letters'], 'letter')},"
        f" {counted(gone['mail_requests'], 'count')} of mail,"
        f" {counted(gone['files'], 'file')} of mail."
    )
