"""Letters from the managers: their questions, what members answer, and which link is of which.

Only adds: code for 0004 goes on beside it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
lives_with = "0004"


def part_of(rows: str) -> sa.Column[int]:
    """Gone with the row that it belongs to."""
    key = sa.ForeignKey(f"{rows}s.id", ondelete="CASCADE")
    return sa.Column(f"{rows}_id", sa.Integer, key, nullable=False, index=True)


def upgrade() -> None:
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(32), nullable=False, unique=True),  # "id" in its letter.toml
        sa.Column("question", sa.Text),  # JSON: words and answers by language
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer, primary_key=True),
        part_of("letter"),
        part_of("signup"),
        sa.Column("choice", sa.Integer, nullable=False),  # from 1
        sa.Column("answered_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("letter_id", "signup_id"),
    )
    op.add_column("tokens", sa.Column("letter_id", sa.Integer))  # a link of that letter


def downgrade() -> None:
    op.drop_column("tokens", "letter_id")
    op.drop_table("answers")
    op.drop_table("letters")
