"""When events were recorded and whose cases began, summed up by a worker and not by appends.

Two indexes are of no use then that every append, or the first one of every case, has to pay for;
see docs/decisions/0150.
"""

from alembic import op
from sqlalchemy import Connection, inspect, text

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
# A page is summed up and committed before the next one, so that the horizon moves between them.
PAGE_SIZE = 16_384
RUN_LENGTH = 1_024
KNOWN = text("SELECT coalesce(max(last_position), -1) FROM ledger.runs")
RUNS_OF_PAGE = text("""
INSERT INTO ledger.runs
SELECT lag(max(position), 1, CAST(:after AS bigint)) OVER (ORDER BY number), max(position),
    min(recorded_at), max(recorded_at)
FROM (
    SELECT position, recorded_at, (row_number() OVER (ORDER BY position) - 1) / :length AS number
    FROM (
        SELECT position, recorded_at FROM events
        WHERE position > :after AND position < (SELECT horizon FROM event_horizon)
        ORDER BY position LIMIT :limit
    ) AS page
) AS numbered
GROUP BY number
""")
SUBJECTS_OF_PAGE = text("""
INSERT INTO ledger.subjects
SELECT position, subject_of_event(state), originator_id FROM events
WHERE originator_version = 1 AND subject_of_event(state) IS NOT NULL
    AND position > :after AND position <= (SELECT max(last_position) FROM ledger.runs)
""")
# `ENABLE ALWAYS`: not even a session that replays a replica's changes gets past it.
INSERT_ONLY = """
CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.{table}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER {table}_insert_only;
"""


def upgrade() -> None:
    """Sum up what is there; where it stopped half-way, it goes on from there.

    0019 drops the indexes that nobody needs then: that locks the events for a moment.
    """
    connection = op.get_bind()
    if not inspect(connection).has_table("runs", schema="ledger"):
        op.execute(TABLES)
        for table in ("runs", "subjects"):
            op.execute(INSERT_ONLY.format(table=table))
    sum_up(connection)


def sum_up(connection: Connection) -> None:
    """Sum up all events below the horizon, page by page; each is committed."""
    runs_of_page = PAGE_SIZE // RUN_LENGTH
    while runs_of_page == PAGE_SIZE // RUN_LENGTH:
        values = {"after": connection.execute(KNOWN).scalar_one()}
        page = {**values, "length": RUN_LENGTH, "limit": PAGE_SIZE}
        runs_of_page = connection.execute(RUNS_OF_PAGE, page).rowcount
        connection.execute(SUBJECTS_OF_PAGE, values)
        connection.commit()
