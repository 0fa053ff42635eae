"""Appends of several callers in one transaction, each with a command of its own."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Like append_event, for each of them. Everybody takes commands before events, and each kind in
# its order, so that two groups never wait for each other.
APPEND_TOGETHER = """
CREATE FUNCTION append_together(
    p_originator_ids uuid[], p_versions integer[], p_topics text[], p_states bytea[],
    p_command_ids uuid[], p_fingerprints bytea[], p_used_key_ids uuid[],
    OUT first_position bigint, OUT appended_at timestamptz
) LANGUAGE plpgsql SET lock_timeout = '100ms' AS $$
BEGIN
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'an append must be the first write of its transaction'
            USING ERRCODE = 'AM001';
    END IF;
    IF cardinality(p_originator_ids) NOT BETWEEN 1 AND 4096 THEN
        RAISE EXCEPTION 'an append takes 1 to 4096 events' USING ERRCODE = 'AM002';
    END IF;
    IF p_used_key_ids IS NOT NULL THEN
        PERFORM require_live_keys(p_used_key_ids);
    END IF;
    LOCK TABLE events IN ROW EXCLUSIVE MODE;  -- an adoption that runs ends before the next line
    first_position := event_store_base() + (pg_current_xact_id()::text::bigint << 12);
    appended_at := clock_timestamp();
    IF p_command_ids IS NOT NULL THEN
        INSERT INTO commands
            (command_id, fingerprint, originator_id, originator_version, position, recorded_at)
            SELECT command_id, fingerprint, originator_id, version,
                first_position + n - 1, appended_at
            FROM unnest(p_command_ids, p_fingerprints, p_originator_ids, p_versions)
                WITH ORDINALITY AS new (command_id, fingerprint, originator_id, version, n)
            WHERE command_id IS NOT NULL ORDER BY command_id;
    END IF;
    INSERT INTO events (position, recorded_at, originator_id, originator_version, topic, state)
        SELECT first_position + n - 1, appended_at, originator_id, version, topic, state
        FROM unnest(p_originator_ids, p_versions, p_topics, p_states) WITH ORDINALITY
            AS new (originator_id, version, topic, state, n);
END $$;
"""


def upgrade() -> None:
    """Let appends share a transaction."""
    op.execute(APPEND_TOGETHER)
