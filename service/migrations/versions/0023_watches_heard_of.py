"""For how long each of a worker's watches had been silent when it was last heard of."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A worker whose heart beats may have any watch that stands still, or fails at each look.

    The columns of before stay: workers of an older version write them meanwhile.
    """
    op.execute("ALTER TABLE projection_workers ADD COLUMN silences jsonb")


def downgrade() -> None:
    op.execute("ALTER TABLE projection_workers DROP COLUMN silences")
