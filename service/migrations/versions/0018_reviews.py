"""Finding the newest review of a kind, for the work list and for whoever opens the next one."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index what was opened by kind; no other append pays for it."""
    op.execute("""
        CREATE INDEX records_reviews_by_kind ON records (
            (said_by_record(state) ->> 'kind'), position
        ) WHERE topic = 'review_opened:1';
    """)
