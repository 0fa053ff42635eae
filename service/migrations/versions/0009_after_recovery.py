"""Going on after a recovery to an earlier moment: no position that was lost is given out again."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# A server that was recovered gives out the ids of the lost transactions once more. Whoever has
# read lost events remembers their positions, and would take new events at them for read. 2 ** 30
# transactions are more than a server is likely to have lost.
AFTER_RECOVERY = """
CREATE FUNCTION pass_lost_positions() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    new_base bigint := event_store_base() + (1::bigint << 42);
BEGIN
    LOCK TABLE events, commands, records IN SHARE ROW EXCLUSIVE MODE;
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION event_store_base() RETURNS bigint LANGUAGE sql STABLE'
        ' AS %L', format('SELECT %s::bigint', new_base)
    );
    RETURN new_base;
END $$;
"""


def upgrade() -> None:
    op.execute(AFTER_RECOVERY)


def downgrade() -> None:
    op.execute("DROP FUNCTION pass_lost_positions()")
