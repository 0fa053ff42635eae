"""When each worker's watch over the review calendar last finished a look without a fault."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A worker whose heart beats may have a watch that stands still, or fails in one review."""
    op.execute("ALTER TABLE projection_workers ADD COLUMN reviews_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE projection_workers DROP COLUMN reviews_at")
