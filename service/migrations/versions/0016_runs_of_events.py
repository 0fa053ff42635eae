"""When events were recorded and whose cases began, summed up by a worker and not by appends.

Two indexes go that every append, or the first one of every case, had to pay for; see
docs/decisions/0150.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# A run is every event behind `after_position` up to `last_position`. It lies below the horizon, so
# no event can join it, and events do not change: what is said of it is right for ever.
TABLES = """
CREATE TABLE ledger.runs (
    after_position bigint NOT NULL,
    last_position bigint NOT NULL,
    lowest_recorded_at timestamptz NOT NULL,
    highest_recorded_at timestamptz NOT NULL,
    CONSTRAINT runs_last_position PRIMARY KEY (last_position),
    CONSTRAINT runs_after_position UNIQUE (after_position),
    CONSTRAINT runs_forward CHECK (after_position < last_position)
);
CREATE TABLE ledger.subjects (
    position bigint NOT NULL,
    subject_ref text NOT NULL,
    case_id uuid NOT NULL,
    CONSTRAINT subjects_position PRIMARY KEY (position)
);
CREATE INDEX subjects_subject_ref ON ledger.subjects (subject_ref);
"""
RUNS_THAT_ARE_THERE = """
INSERT INTO ledger.runs
SELECT lag(max(position), 1, -1::bigint) OVER (ORDER BY number), max(position),
    min(recorded_at), max(recorded_at)
FROM (
    SELECT position, recorded_at, (row_number() OVER (ORDER BY position) - 1) / 1024 AS number
    FROM events WHERE position < (SELECT horizon FROM event_horizon)
) AS numbered
GROUP BY number;
"""
SUBJECTS_THAT_ARE_THERE = """
INSERT INTO ledger.subjects
SELECT position, subject_of_event(state), originator_id FROM events
WHERE originator_version = 1 AND subject_of_event(state) IS NOT NULL
    AND position <= (SELECT max(last_position) FROM ledger.runs);
"""
# `ENABLE ALWAYS`: not even a session that replays a replica's changes gets past it.
INSERT_ONLY = """
CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.{table}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER {table}_insert_only;
"""


def upgrade() -> None:
    """Sum up what is there; the indexes go last, since that locks the events."""
    op.execute(TABLES)
    op.execute(RUNS_THAT_ARE_THERE)
    op.execute(SUBJECTS_THAT_ARE_THERE)
    for table in ("runs", "subjects"):
        op.execute(INSERT_ONLY.format(table=table))
    op.execute("DROP INDEX events_recorded_at, events_by_subject")
