"""Leases on letters, and when letters left.

Expands only, so older code lives with it: a claimed letter is one whose ``due_at`` lies a minute
ahead, which keeps code that knows no leases away from it too.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("claim", sa.String(32)))  # whose lease it is; none: NULL
    claimed, waiting = sa.column("claim").is_not(None), sa.column("given_up_at").is_(None)
    op.create_index(
        "ix_outbox_claim", "outbox", ["claim"], sqlite_where=claimed, postgresql_where=claimed
    )
    op.create_index(  # in the order in which senders take them
        "ix_outbox_waiting",
        "outbox",
        ["due_at", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(  # one row a letter, for the ceiling on all mail
        "mail_sent",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sent_at", sa.BigInteger, nullable=False, index=True),
    )


def downgrade() -> None:
    op.drop_table("mail_sent")
    op.drop_index("ix_outbox_waiting", "outbox")
    op.drop_index("ix_outbox_claim", "outbox")
    op.drop_column("outbox", "claim")
