"""People, links, letters, feedback.

Times are whole seconds since 1970 (UTC): the same in every database. ``email_hash`` is the keyed
hash of an address (HMAC-SHA256); the address itself is only ever inside ``sealed`` (age, for the
managers' keys) or ``encrypted`` (a letter on its way, with the server's own key).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def email_hash(*, nullable: bool = False, index: bool = True) -> sa.Column[bytes]:
    return sa.Column("email_hash", sa.LargeBinary(32), nullable=nullable, index=index)


def token_id(*, ondelete: str) -> sa.Column[int]:
    target = sa.ForeignKey("tokens.id", ondelete=ondelete)
    return sa.Column("token_id", sa.Integer, target, index=True)


def upgrade() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
        email_hash(),
        sa.Column("purpose", sa.String(10), nullable=False),  # confirm, manage
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("communities", sa.String(100), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),  # a manage link lasts as long as the membership
        sa.Column("used_at", sa.BigInteger),
    )
    op.create_table(
        "signups",
        sa.Column("id", sa.Integer, primary_key=True),
        email_hash(index=False),
        sa.Column("community", sa.String(30), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("consent_version", sa.String(40), nullable=False),
        sa.Column("consent_language", sa.String(8), nullable=False),
        sa.Column("consented_at", sa.BigInteger, nullable=False),
        sa.Column("confirmed_at", sa.BigInteger),  # until then a signup, from then on a member
        token_id(ondelete="SET NULL"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        # Answers that identify nobody: codes, several joined by commas.
        sa.Column("role", sa.Text),
        sa.Column("interests", sa.Text),
        sa.Column("age_band", sa.Text),
        sa.Column("devices", sa.Text),
        sa.Column("sessions", sa.Text),
        sa.Column("spoken", sa.Text),
        sa.UniqueConstraint("email_hash", "community"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("message_id", sa.String(80), nullable=False, unique=True),
        email_hash(),
        token_id(ondelete="CASCADE"),
        sa.Column("encrypted", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.String(100)),
        sa.Column("given_up_at", sa.BigInteger),
    )
    op.create_table(  # for the limit on mails to one recipient; refused ones count for nothing
        "mail_requests",
        sa.Column("id", sa.Integer, primary_key=True),
        email_hash(),
        sa.Column("requested_at", sa.BigInteger, nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, primary_key=True),
        email_hash(nullable=True),  # so that an erasure finds it
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("done_at", sa.BigInteger, nullable=False),
        sa.Column("action", sa.String(30), nullable=False),
        sa.Column("community", sa.String(30)),
        sa.Column("number", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    for name in ("audit", "feedback", "mail_requests", "outbox", "signups", "tokens"):
        op.drop_table(name)
