"""``make migration NAME=…``: the next migration, from what the forms ask and the tables hold.

For developers. Like Alembic's autogenerate, with the forms in the place of a model: every answer
that no seal hides has a column of its name in ``signups``.
"""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from cocreate.commands.context import one_line_errors
from cocreate.config import ConfigError, sqlite_url
from cocreate.storage import schema
from cocreate.storage.addresses import NOT_ANSWERS, SEALED_FIELDS
from cocreate.storage.database import Database
from cocreate.web.fields import TextField
from cocreate.web.formbase import JoinForm
from cocreate.web.forms import FORMS

SOURCE = '''"""{title}.

{kind}
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = "{parent}"
{lives_with}

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
RENAMED = (
    "If one is the other with a new name, keep its answers: in place of both lines write"
    ' op.alter_column("signups", OLD, new_column_name=NEW), and the reverse below.'
)


def asked() -> set[str]:
    """Names of the answers that stand in a column, in the clear: free text must not."""
    names: set[str] = set()
    for form in (made() for made in FORMS.values()):
        if not isinstance(form, JoinForm):
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
    with (
        TemporaryDirectory() as folder,
        closing(Database(sqlite_url(Path(folder) / "tables.db"))) as database,
    ):
        schema.create_file(database)
        schema.upgrade(database)
        return set(database.table("signups").c.keys()) - NOT_ANSWERS


def write(name: str, new: set[str], gone: set[str]) -> Path:
    """The next migration: columns for what is ``new``, none any more for what is ``gone``."""
    parent = schema.head()
    number = f"{int(parent) + 1:04}"
    up = [*map(ADD.format, sorted(new)), *map(DROP.format, sorted(gone))]
    down = [*map(ADD.format, sorted(gone)), *map(DROP.format, sorted(new))]
    text = SOURCE.format(
        title=name.replace("_", " ").capitalize(),
        kind=CONTRACTS if gone else EXPANDS.format(parent=parent),
        number=number,
        parent=parent,
        lives_with="" if gone else f'lives_with = "{parent}"\n',
        up="\n    ".join(up),
        down="\n    ".join(down),
    )
    file = schema.MIGRATIONS / "versions" / f"{number}_{name}.py"
    file.write_text(text, encoding="utf-8")
    return file


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Write the next numbered migration, named NAME, where forms and columns differ."""
    slug = re.sub(r"[\s-]+", "_", name.strip().lower())
    if not re.fullmatch(r"[a-z][a-z0-9_]*", slug):
        raise click.ClickException("say what it does: make migration NAME=add_nickname")
    try:
        with one_line_errors():
            wanted, had = asked(), stored()
            new, gone = wanted - had, had - wanted
            file = write(slug, new, gone) if new or gone else None
    except ConfigError as error:  # the migrations are no single line
        raise click.ClickException(str(error)) from None
    if file is None:
        click.echo("Every answer has its column, and no column is left over: nothing to write.")
        return
    for one in sorted(new):
        click.echo(f"new: {one}")
    for one in sorted(gone):
        click.echo(f"no longer asked: {one}")
    if new and gone:
        click.echo(RENAMED)
    click.echo(f"Written: {file}. Read it; the next start applies it (PostgreSQL: db upgrade).")


if __name__ == "__main__":
    main(prog_name="make migration")
