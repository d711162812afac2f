"""The same form twice, corrections, mailboxes, and an index for each thing that is looked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

COLUMNS = (
    ("tokens", "form_hash", sa.LargeBinary(32)),  # of the form that asked for the link
    ("feedback", "form_hash", sa.LargeBinary(32)),
    ("mail_requests", "mailbox_hash", sa.LargeBinary(32)),  # of the address without its +tag
    ("mail_requests", "kind", sa.String(10)),  # confirm, member, resend
)
# By name: table, column, and which rows, where it is not all.
INDEXES = {
    "ix_signups_token_id": ("signups", "token_id", "token_id IS NOT NULL"),
    "ix_signups_waiting": ("signups", "consented_at", "confirmed_at IS NULL"),
    "ix_tokens_expires_at": ("tokens", "expires_at", "expires_at IS NOT NULL"),
    "ix_tokens_form": ("tokens", "created_at", "form_hash IS NOT NULL"),
    "ix_outbox_given_up_at": ("outbox", "given_up_at", "given_up_at IS NOT NULL"),
    "ix_mail_requests_mailbox_hash": ("mail_requests", "mailbox_hash", None),
    "ix_mail_requests_requested_at": ("mail_requests", "requested_at", None),
    "ix_feedback_created_at": ("feedback", "created_at", None),
    "ix_feedback_form": ("feedback", "created_at", "form_hash IS NOT NULL"),
}


def upgrade() -> None:
    for of, name, kind in COLUMNS:
        op.add_column(of, sa.Column(name, kind))
    # Of most members the link is long forgotten: a planner would take them for the usual case.
    op.drop_index("ix_signups_token_id", "signups")
    for name, (of, key, which) in INDEXES.items():
        rows = sa.text(which) if which else None
        op.create_index(name, of, [key], sqlite_where=rows, postgresql_where=rows)
    op.create_table(  # what members sent anew; older code neither reads nor keeps it from going
        "corrections",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "signup_id",
            sa.Integer,
            sa.ForeignKey("signups.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("field", sa.String(30), nullable=False),
        sa.Column("corrected_at", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("signup_id", "field"),
    )


def downgrade() -> None:
    op.drop_table("corrections")
    for name, (of, _key, _which) in INDEXES.items():
        op.drop_index(name, of)
    op.create_index("ix_signups_token_id", "signups", ["token_id"])
    for of, name, _kind in COLUMNS:
        op.drop_column(of, name)
