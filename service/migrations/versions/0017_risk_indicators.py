"""Several records of one originator in one append; finding what was supplied about customers."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# As `append_record`. A command names the last record of its append, as with events.
APPEND = """
CREATE FUNCTION append_records(
    p_originator_id uuid, p_first_version integer, p_topics text[], p_states bytea[],
    p_command_id uuid, p_fingerprint bytea, p_used_key_ids uuid[],
    OUT first_position bigint, OUT appended_at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    later integer := cardinality(p_states) - 1;
BEGIN
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'an append must be the first write of its transaction'
            USING ERRCODE = 'AM001';
    END IF;
    IF p_used_key_ids IS NOT NULL THEN
        PERFORM require_live_keys(p_used_key_ids);
    END IF;
    LOCK TABLE records IN ROW EXCLUSIVE MODE;  -- an adoption that runs ends before the next line
    first_position := event_store_base() + (pg_current_xact_id()::text::bigint << 12);
    appended_at := clock_timestamp();
    IF p_command_id IS NOT NULL THEN
        INSERT INTO commands
            (command_id, fingerprint, originator_id, originator_version, position, recorded_at)
        VALUES (
            p_command_id, p_fingerprint, p_originator_id, p_first_version + later,
            first_position + later, appended_at
        );
    END IF;
    INSERT INTO records (position, recorded_at, originator_id, originator_version, topic, state)
    SELECT first_position + n - 1, appended_at, p_originator_id, p_first_version + n::integer - 1,
        topic, state
    FROM unnest(p_topics, p_states) WITH ORDINALITY AS new (topic, state, n);
END $$;
"""

# One probe finds the newest value of an indicator, however many there are. Both indexes hold
# nothing but what was supplied, so no other append pays for them.
INDEXES = """
CREATE INDEX records_indicators_by_code ON records
    (originator_id, (said_by_record(state) ->> 'indicator'), originator_version)
    WHERE topic = 'indicator_supplied:1';
CREATE INDEX records_indicators_by_time ON records (recorded_at)
    WHERE topic = 'indicator_supplied:1';
"""


def upgrade() -> None:
    """Create the function and the indexes."""
    op.execute(APPEND)
    op.execute(INDEXES)
