"""Builds remember the position of an event, never the horizon, which a crash can take back."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        UPDATE projection_builds
        SET position = least(position, coalesce((SELECT max(position) FROM events), 0))
    """)


def downgrade() -> None:
    """A lower position is right for older versions too."""
