"""``make migration NAME=…``: the next migration, from what the forms ask and the tables hold.

For developers. Like Alembic's autogenerate, with the forms in the place of a model: every answer
that no seal hides has a column of its name in ``signups``.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError

from cocreate.commands.context import failures
from cocreate.storage import schema
from cocreate.storage.addresses import OWN_COLUMNS, SEALED_FIELDS
from cocreate.storage.database import Database
from cocreate.web.fields import TextField
from cocreate.web.formbase import MemberForm
from cocreate.web.forms import FORMS

VERSIONS = schema.MIGRATIONS / "versions"
SOURCE = '''"""{told}

{kind}
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = "{parent}"


def upgrade() -> None:
    {up}


def downgrade() -> None:
    {down}
'''
ADD = 'op.add_column("signups", sa.Column("{}", sa.Text))'
DROP = 'op.drop_column("signups", "{}")'
EXPANDS = "Only adds: code for {parent} goes on beside it."
CONTRACTS = (
    "Takes answers away for good. Run it one release after the question went: older code that\n"
    "still asks it cannot store a sign-up without its column."
)


def asked() -> set[str]:
    """Names of the answers that stand in a column.

    Raises:
        ClickException: free text would stand in the clear.
    """
    names: set[str] = set()
    for form in (made() for made in FORMS.values()):
        if not isinstance(form, MemberForm):
            continue
        for name in form.answers.keys() - set(SEALED_FIELDS):
            if isinstance(form[name], TextField):
                raise click.ClickException(
                    f"{name} is free text, which is sealed and has no column: add it to"
                    " SEALED_FIELDS in site/cocreate/storage/addresses.py"
                )
            names.add(name)
    return names


def stored() -> set[str]:
    """Names of the columns for answers, once every migration has run."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/tables.db")
        schema.upgrade(database)
        found = set(database.tables["signups"].c.keys()) - OWN_COLUMNS
        database.close()
    return found


def head() -> str:
    """The newest revision.

    Raises:
        ClickException: the migrations are no single line.
    """
    try:
        return str(ScriptDirectory(str(schema.MIGRATIONS)).get_current_head())
    except (CommandError, RevisionError) as error:
        raise click.ClickException(f"{VERSIONS}: {error}") from None


def write(name: str, new: set[str], gone: set[str]) -> Path:
    """The next migration: columns for what is ``new``, none any more for what is ``gone``."""
    parent = head()
    number = f"{int(parent) + 1:04}"
    up = [*map(ADD.format, sorted(new)), *map(DROP.format, sorted(gone))]
    down = [*map(ADD.format, sorted(gone)), *map(DROP.format, sorted(new))]
    text = SOURCE.format(
        told=f"{name.replace('_', ' ').capitalize()}.",
        kind=CONTRACTS if gone else EXPANDS.format(parent=parent),
        number=number,
        parent=parent,
        up="\n    ".join(up),
        down="\n    ".join(down),
    )
    file = VERSIONS / f"{number}_{name}.py"
    file.write_text(text, encoding="utf-8")
    return file


def told(new: set[str], gone: set[str]) -> Iterator[str]:
    yield from (f"new: {name}" for name in sorted(new))
    yield from (f"no longer asked: {name}" for name in sorted(gone))
    if new and gone:
        yield (
            "If one is the other with a new name, keep its answers: in place of both lines write"
            ' op.alter_column("signups", OLD, new_column_name=NEW), and the reverse below.'
        )


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Write the next numbered migration, named NAME, where forms and columns differ."""
    slug = re.sub(r"[\s-]+", "_", name.strip().lower())
    if not re.fullmatch(r"[a-z][a-z0-9_]*", slug):
        raise click.ClickException("say what it does: make migration NAME=add_nickname")
    with failures():
        head()
        wanted, had = asked(), stored()
        new, gone = wanted - had, had - wanted
        if not new | gone:
            click.echo("Every answer has its column, and no column is left over: nothing to write.")
            return
        file = write(slug, new, gone)
    for line in told(new, gone):
        click.echo(line)
    click.echo(f"Written: {file}. Read it; the next start applies it (PostgreSQL: db upgrade).")


if __name__ == "__main__":
    main(prog_name="make migration")
