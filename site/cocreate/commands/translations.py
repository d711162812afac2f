"""``cocreate translations``: what a translator and the gate ask of the catalogues."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from cocreate.catalogues import CatalogueError, read_catalogue
from cocreate.l10n import extract
from cocreate.languages import ALL_LANGUAGES, ENGLISH, Language

OTHERS = {row.slug: row for row in ALL_LANGUAGES if row is not ENGLISH}


@click.group()
def translations() -> None:
    """Look after the catalogues under translations/."""


def _bring_up_to_date(*, write: bool) -> list[extract.Change]:
    """What an update does to each language, told on a line each."""
    try:
        changes = extract.update(write=write)
    except CatalogueError as error:
        click.echo(f"cocreate: {error}", err=True)
        sys.exit(1)
    for change in changes:
        click.echo(str(change))
    return changes


@translations.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where an update would.")
def update(check: bool) -> None:
    """Extract the messages and bring every .po up to date."""
    changes = _bring_up_to_date(write=not check)
    if check and any(change.differs for change in changes):
        click.echo(
            "The catalogues are behind the source: run 'make messages' or 'make renew'.", err=True
        )
        sys.exit(1)


@translations.command()
@click.argument("language")
def new(language: str) -> None:
    """Add LANGUAGE (a tag like hi or fil): its row in languages.py and its empty catalogue.

    The site has it once 'published=False' is taken out of the row; make dev shows it at once.
    """
    from cocreate.l10n import addition

    try:
        row = addition.language_for(language)
        [change] = extract.update(languages=[row])
        addition.add(row)
    except (addition.AdditionError, CatalogueError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Row: {addition.row_of(row).strip()} in {addition.REGISTRY}")
    click.echo(f"Catalogue: {extract.catalogue_path(row)}; {change}")


@translations.command()
def status() -> None:
    """How far each language is. Exit 1 while one is not complete."""
    changes = _bring_up_to_date(write=False)
    sys.exit(any(change.new or change.changed for change in changes))


@translations.command()
@click.option(
    "--language",
    "slugs",
    multiple=True,
    type=click.Choice(list(OTHERS)),
    help="Only this language; may be given several times.",
)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def lint(slugs: tuple[str, ...], files: tuple[Path, ...]) -> None:
    """Name every fault of the catalogues, a line each. Exit 1 where there is one.

    In a language that is not published, missing messages are no fault; they are counted.

    FILES are .po files that lie elsewhere, such as an export; their headers say the language.
    """
    from cocreate.l10n.lint import lint_file, missing

    chosen = [row for slug, row in OTHERS.items() if slug in (slugs or OTHERS)]
    named = {file: _language_of(file) for file in files}
    catalogues = named or {extract.catalogue_path(language): language for language in chosen}
    findings = []
    for file, language in catalogues.items():
        found = lint_file(file, language)
        findings += found
        if not language.published and "syntax" not in {finding.rule for finding in found}:
            click.echo(f"{language.slug}: not published, {missing(file)} missing", err=True)
    for finding in findings:
        click.echo(str(finding))
    read = ", ".join(map(str, files)) or ", ".join(language.slug for language in chosen)
    click.echo(f"{read}: {len(findings)} to mend" if findings else f"{read}: clean", err=True)
    sys.exit(bool(findings))


def _language_of(file: Path) -> Language:
    try:
        slug = read_catalogue(file).metadata.get("Language", "")
    except CatalogueError as error:
        raise click.ClickException(str(error)) from None
    slug = re.split("[-_@]", slug)[0]  # Weblate says zh_Hans
    if slug not in OTHERS:
        known = ", ".join(OTHERS)
        raise click.ClickException(f"{file}: the header's Language is {slug!r}, none of {known}")
    return OTHERS[slug]


@translations.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("proofs"),
    show_default=True,
    help="Folder for the pages.",
)
def preview(out: Path) -> None:
    """Write one page a language with every message in its place: to read, nothing to run."""
    from cocreate.l10n.preview import write_proofs

    for file in write_proofs(out):
        click.echo(str(file))
