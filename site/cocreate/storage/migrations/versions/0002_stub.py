"""Stands in for another branch's revision."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Nothing."""


def downgrade() -> None:
    """Nothing."""
