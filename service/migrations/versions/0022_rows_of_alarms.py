"""Every append notes its alarms, and rows that are missing or wrong are made from the records.

Rows were missed where an older version raised an alarm while 0015 ran, and where an alarm shared
its commit with other records.
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# What `note_alarm` makes of the records, record by record; the last one of a kind counts.
BY_RECORDS = """
CREATE VIEW alarm_states_by_records AS
SELECT raised.originator_id AS alarm_id, raised.position AS raised_position,
    raised.recorded_at AS raised_at, (raised.said ->> 'occurred_at')::timestamptz AS raised_for,
    raised.said ->> 'rule' AS rule, (raised.said ->> 'rule_version')::integer AS rule_version,
    raised.said ->> 'level' AS level, raised.said ->> 'scope' AS scope,
    raised.said ->> 'scope_value' AS scope_value,
    seen.recorded_at AS acknowledged_at, seen.said -> 'actor' ->> 'id' AS acknowledged_by,
    (seen.said ->> 'occurred_at')::timestamptz AS said_acknowledged_at,
    closed.recorded_at AS closed_at, (closed.said ->> 'occurred_at')::timestamptz AS said_closed_at
FROM (
    SELECT originator_id, position, recorded_at, said_by_record(state) AS said FROM records
    WHERE topic = 'alarm_raised:1' AND topic <> 'personal_data_accessed:1' OFFSET 0
) AS raised
LEFT JOIN LATERAL (
    SELECT recorded_at, said_by_record(state) AS said FROM records
    WHERE originator_id = raised.originator_id AND topic = 'alarm_acknowledged:1'
    ORDER BY originator_version DESC LIMIT 1
) AS seen ON true
LEFT JOIN LATERAL (
    SELECT recorded_at, said_by_record(state) AS said FROM records
    WHERE originator_id = raised.originator_id AND topic = 'alarm_closed:1'
    ORDER BY originator_version DESC LIMIT 1
) AS closed ON true;
CREATE VIEW alarm_states_kept AS
SELECT alarm_id, raised_position, raised_at, raised_for, rule, rule_version, level, scope,
    scope_value, acknowledged_at, acknowledged_by, said_acknowledged_at, closed_at, said_closed_at
FROM alarm_states;
"""

# Nobody adds a record meanwhile; whoever reads sees the rows of before until the commit.
MEND = """
CREATE FUNCTION mend_alarm_states() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    mended bigint;
BEGIN
    LOCK TABLE records IN SHARE ROW EXCLUSIVE MODE;
    WITH wrong AS (TABLE alarm_states_kept EXCEPT TABLE alarm_states_by_records),
        missing AS (TABLE alarm_states_by_records EXCEPT TABLE alarm_states_kept)
    SELECT count(DISTINCT alarm_id) INTO mended FROM (
        SELECT alarm_id FROM wrong UNION ALL SELECT alarm_id FROM missing
    ) AS differing;
    DELETE FROM alarm_states WHERE alarm_id IN (
        SELECT alarm_id FROM (
            TABLE alarm_states_kept EXCEPT TABLE alarm_states_by_records
        ) AS wrong
    );
    INSERT INTO alarm_states (
        alarm_id, raised_position, raised_at, raised_for, rule, rule_version, level, scope,
        scope_value, acknowledged_at, acknowledged_by, said_acknowledged_at, closed_at,
        said_closed_at
    )
    SELECT * FROM alarm_states_by_records AS said WHERE NOT EXISTS (
        SELECT FROM alarm_states WHERE alarm_id = said.alarm_id
    );
    RETURN mended;
END $$;
"""

# As in 0017 and 0020, each with the alarms among its records.
NOTE_ALARMS = """
CREATE FUNCTION note_alarms(
    p_alarm_ids uuid[], p_topics text[], p_states bytea[], p_first_position bigint,
    p_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_alarm(alarm_id, topic, state, p_first_position + n - 1, p_at)
        FROM unnest(p_alarm_ids, p_topics, p_states) WITH ORDINALITY
            AS new (alarm_id, topic, state, n)
        WHERE starts_with(topic, 'alarm_') ORDER BY n;
END $$;
"""
APPEND_RECORDS = """
CREATE OR REPLACE FUNCTION append_records(
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
    IF strpos(array_to_string(p_topics, ' '), 'alarm_') > 0 THEN
        PERFORM note_alarms(
            array_fill(p_originator_id, ARRAY[later + 1]), p_topics, p_states, first_position,
            appended_at
        );
    END IF;
END $$;
"""
APPEND_RECORDS_TOGETHER = """
CREATE OR REPLACE FUNCTION append_records_together(
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
    IF strpos(array_to_string(p_topics, ' '), 'alarm_') > 0 THEN
        PERFORM note_alarms(p_originator_ids, p_topics, p_states, first_position, appended_at);
    END IF;
END $$;
"""


def upgrade() -> None:
    """Note alarms wherever they are appended, then mend what there is."""
    for statements in (NOTE_ALARMS, APPEND_RECORDS, APPEND_RECORDS_TOGETHER, BY_RECORDS, MEND):
        op.execute(statements)
    op.execute("SELECT mend_alarm_states()")
