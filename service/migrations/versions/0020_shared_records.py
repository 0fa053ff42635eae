"""Records of several callers in one transaction: whoever reads commits who looked."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# Like append_record for each of them, without commands and destroyed keys.
APPEND_RECORDS_TOGETHER = """
CREATE FUNCTION append_records_together(
    p_originator_ids uuid[], p_versions integer[], p_topics text[], p_states bytea[],
    p_used_key_ids uuid[],
    OUT first_position bigint, OUT appended_at timestamptz
) LANGUAGE plpgsql SET lock_timeout = '100ms' AS $$
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
    INSERT INTO records (position, recorded_at, originator_id, originator_version, topic, state)
        SELECT first_position + n - 1, appended_at, originator_id, version, topic, state
        FROM unnest(p_originator_ids, p_versions, p_topics, p_states) WITH ORDINALITY
            AS new (originator_id, version, topic, state, n);
END $$;
"""


def upgrade() -> None:
    """Let records share a transaction."""
    op.execute(APPEND_RECORDS_TOGETHER)
