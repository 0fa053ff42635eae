"""Where each alarm stands, in a row of its own: lists of alarms and the work list read it.

A record of an alarm changes the row in the transaction that appends the record, so that both always
agree. The records stay the truth: the rows can be made from them at any time.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATES = """
CREATE TABLE alarm_states (
    alarm_id uuid PRIMARY KEY,
    raised_position bigint NOT NULL,
    raised_at timestamptz NOT NULL,
    raised_for timestamptz NOT NULL,
    rule text NOT NULL,
    rule_version integer NOT NULL,
    level text NOT NULL,
    scope text NOT NULL,
    scope_value text,
    acknowledged_at timestamptz,
    acknowledged_by text,
    said_acknowledged_at timestamptz,
    closed_at timestamptz,
    said_closed_at timestamptz,
    state text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN closed_at IS NOT NULL THEN 'closed'
            WHEN acknowledged_at IS NOT NULL THEN 'acknowledged' ELSE 'open' END
    ) STORED
);
CREATE UNIQUE INDEX alarm_states_in_order ON alarm_states (raised_position);
CREATE INDEX alarm_states_by_state ON alarm_states (state, raised_position);
CREATE INDEX alarm_states_by_rule ON alarm_states (rule, raised_position);
CREATE INDEX alarm_states_by_level ON alarm_states (level, raised_position);
CREATE INDEX alarm_states_by_time ON alarm_states (raised_at);
CREATE INDEX alarm_states_by_customer ON alarm_states (scope_value) WHERE scope = 'customer';
CREATE INDEX alarm_states_not_closed ON alarm_states (level) WHERE closed_at IS NULL;
"""

NOTE = """
CREATE FUNCTION note_alarm(
    p_alarm_id uuid, p_topic text, p_state bytea, p_position bigint, p_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    said jsonb := said_by_record(p_state);
    said_at timestamptz := said ->> 'occurred_at';
BEGIN
    IF p_topic = 'alarm_raised:1' THEN
        INSERT INTO alarm_states (
            alarm_id, raised_position, raised_at, raised_for, rule, rule_version, level, scope,
            scope_value
        ) VALUES (
            p_alarm_id, p_position, p_at, said_at, said ->> 'rule',
            (said ->> 'rule_version')::integer, said ->> 'level', said ->> 'scope',
            said ->> 'scope_value'
        );
    ELSIF p_topic = 'alarm_acknowledged:1' THEN
        UPDATE alarm_states SET acknowledged_at = p_at, said_acknowledged_at = said_at,
            acknowledged_by = said -> 'actor' ->> 'id' WHERE alarm_id = p_alarm_id;
    ELSIF p_topic = 'alarm_closed:1' THEN
        UPDATE alarm_states SET closed_at = p_at, said_closed_at = said_at
            WHERE alarm_id = p_alarm_id;
    END IF;
END $$;
"""

# From here to the commit no record is added, so none is left out. Who waits meanwhile in the old
# function adds its record after the commit: 0022 makes that row.
NO_MORE_RECORDS = "LOCK TABLE records IN SHARE ROW EXCLUSIVE MODE"
FROM_RECORDS = """
DO $$
DECLARE
    each record;
BEGIN
    FOR each IN
        SELECT * FROM records WHERE topic <> 'personal_data_accessed:1'  -- by a partial index
            AND topic IN ('alarm_raised:1', 'alarm_acknowledged:1', 'alarm_closed:1')
        ORDER BY position
    LOOP
        PERFORM note_alarm(
            each.originator_id, each.topic, each.state, each.position, each.recorded_at
        );
    END LOOP;
END $$;
"""

APPEND = """
CREATE OR REPLACE FUNCTION append_record(
    p_originator_id uuid, p_version integer, p_topic text, p_state bytea,
    p_command_id uuid, p_fingerprint bytea, p_used_key_ids uuid[], p_destroyed_key_ids uuid[],
    OUT first_position bigint, OUT appended_at timestamptz
) LANGUAGE plpgsql AS $$
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
            p_command_id, p_fingerprint, p_originator_id, p_version, first_position, appended_at
        );
    END IF;
    INSERT INTO records (position, recorded_at, originator_id, originator_version, topic, state)
    VALUES (first_position, appended_at, p_originator_id, p_version, p_topic, p_state);
    IF starts_with(p_topic, 'alarm_') THEN
        PERFORM note_alarm(p_originator_id, p_topic, p_state, first_position, appended_at);
    END IF;
    UPDATE subject_keys SET wrapped_key = NULL, destroyed_at = appended_at
        WHERE key_id = ANY (p_destroyed_key_ids) AND wrapped_key IS NOT NULL;
END $$;
"""


def upgrade() -> None:
    """Make the rows of the alarms that there are, and keep them from now on."""
    for statements in (STATES, NOTE, NO_MORE_RECORDS, FROM_RECORDS, APPEND):
        op.execute(statements)
