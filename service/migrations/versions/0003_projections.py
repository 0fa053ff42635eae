"""How far the read models have read, which cases are parked, which workers are alive."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The books of the projection engine; read models make their own tables."""
    op.execute("""
        CREATE TABLE projection_builds (
            build text PRIMARY KEY,
            projection text NOT NULL,
            version integer NOT NULL,
            position bigint NOT NULL,
            fed_at timestamptz NOT NULL
        ) WITH (fillfactor = 50)
    """)
    op.execute("""
        CREATE TABLE parked_cases (
            build text NOT NULL,
            case_id uuid NOT NULL,
            version integer NOT NULL,
            position bigint NOT NULL,
            event text NOT NULL,
            error text NOT NULL,
            attempts integer NOT NULL,
            parked_at timestamptz NOT NULL,
            PRIMARY KEY (build, case_id)
        )
    """)
    op.execute("""
        CREATE TABLE skipped_events (
            projection text NOT NULL,
            position bigint NOT NULL,
            case_id uuid NOT NULL,
            event text NOT NULL,
            error text NOT NULL,
            reason text NOT NULL,
            actor text NOT NULL,
            skipped_at timestamptz NOT NULL,
            PRIMARY KEY (projection, position)
        )
    """)
    op.execute("""
        CREATE TABLE projection_workers (
            worker_id uuid PRIMARY KEY,
            host text NOT NULL,
            process_id integer NOT NULL,
            started_at timestamptz NOT NULL,
            beat_at timestamptz NOT NULL
        )
    """)
