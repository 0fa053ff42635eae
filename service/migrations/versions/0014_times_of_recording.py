"""Finding what was recorded in a period without reading the whole log.

Events lie in the table nearly in the order of their times, so the lowest and the highest time of
each run of pages suffice: a few kilobytes for a million events.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the times; pages that are new are summarised while the log grows."""
    op.execute("""
        CREATE INDEX events_recorded_at ON events USING brin (recorded_at)
            WITH (autosummarize = on);
    """)
