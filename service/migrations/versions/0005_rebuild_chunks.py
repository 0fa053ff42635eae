"""Which cases a rebuild has still to fold, and up to which position it folds."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Chunks of whole cases, folded in any order by any number of processes."""
    op.execute("ALTER TABLE projection_builds ADD COLUMN folds_to bigint")
    op.execute("""
        CREATE TABLE rebuild_chunks (
            build text NOT NULL,
            after_case uuid NOT NULL,
            up_to_case uuid NOT NULL,
            up_to_position bigint NOT NULL,
            PRIMARY KEY (build, after_case)
        )
    """)


def downgrade() -> None:
    op.execute("DROP TABLE rebuild_chunks")
    op.execute("ALTER TABLE projection_builds DROP COLUMN folds_to")
