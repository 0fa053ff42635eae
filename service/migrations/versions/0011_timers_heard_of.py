"""When each worker's timers last finished a look at what is due."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A worker whose heart beats may have timers that stand still."""
    op.execute("ALTER TABLE projection_workers ADD COLUMN timers_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE projection_workers DROP COLUMN timers_at")
