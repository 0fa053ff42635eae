"""Records that belong to no case, insert-only as the events; whose case it is; keys that stay gone.

A record takes its position as an event does, from its transaction's id, so that both together
are one order below one horizon.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

RECORDS = """
CREATE TABLE records (
    position bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    originator_id uuid NOT NULL,
    originator_version integer NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT records_position PRIMARY KEY (position),
    CONSTRAINT records_version UNIQUE (originator_id, originator_version)
);
CREATE INDEX records_but_accesses ON records (topic, position)
    WHERE topic <> 'personal_data_accessed:1';
"""

INSERT_ONLY = """
CREATE FUNCTION refuse_record_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'records are insert-only: % refused', TG_OP USING ERRCODE = 'AM004';
END $$;
CREATE TRIGGER records_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON records
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_record_change();
ALTER TABLE records ENABLE ALWAYS TRIGGER records_insert_only;
"""

# The keys that were used must live at this moment: whoever is about to show a text that it
# opened with a key at hand learns here that the person was erased meanwhile.
APPEND = """
CREATE FUNCTION append_record(
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
    UPDATE subject_keys SET wrapped_key = NULL, destroyed_at = appended_at
        WHERE key_id = ANY (p_destroyed_key_ids) AND wrapped_key IS NOT NULL;
END $$;
"""

# Only first events are indexed, since a case has one subject for life. A state that is no JSON
# names nobody. A quotation mark inside a JSON text is escaped, so the pattern finds the field.
SUBJECTS = r"""
CREATE FUNCTION subject_of_event(p_state bytea) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT substring(
        encode(substring(p_state FOR 2000), 'escape')
        FROM '"subject_ref":"([A-Za-z0-9._:/#-]+)"'
    )
$$;
CREATE INDEX events_by_subject ON events (subject_of_event(state)) WHERE originator_version = 1;
"""

# A key is wrapped anew or destroyed; a destroyed one never comes back, and its row stays.
KEYS_STAY_GONE = """
CREATE FUNCTION keep_destroyed_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.wrapped_key IS NOT NULL AND (NEW.key_id, NEW.subject_ref, NEW.created_at)
            = (OLD.key_id, OLD.subject_ref, OLD.created_at) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a key is only destroyed: % refused', TG_OP USING ERRCODE = 'AM004';
END $$;
CREATE TRIGGER subject_keys_kept BEFORE UPDATE OR DELETE ON subject_keys
    FOR EACH ROW EXECUTE FUNCTION keep_destroyed_keys();
CREATE TRIGGER subject_keys_not_emptied BEFORE TRUNCATE ON subject_keys
    FOR EACH STATEMENT EXECUTE FUNCTION keep_destroyed_keys();
ALTER TABLE subject_keys ENABLE ALWAYS TRIGGER subject_keys_kept;
ALTER TABLE subject_keys ENABLE ALWAYS TRIGGER subject_keys_not_emptied;
CREATE INDEX subject_keys_of_subject ON subject_keys (subject_ref);
"""

ADOPTION = """
CREATE OR REPLACE FUNCTION adopt_event_store() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    new_base bigint := event_store_base();
    missing bigint;
BEGIN
    LOCK TABLE events, commands, records IN SHARE ROW EXCLUSIVE MODE;
    SELECT greatest((SELECT max(position) FROM events), (SELECT max(position) FROM records))
            + 1 - new_base - (pg_snapshot_xmax(pg_current_snapshot())::text::bigint << 12)
        INTO missing;
    IF missing > 0 THEN
        new_base := new_base + ((missing + 4095) >> 12 << 12);
        EXECUTE format(
            'CREATE OR REPLACE FUNCTION event_store_base() RETURNS bigint LANGUAGE sql STABLE'
            ' AS %L', format('SELECT %s::bigint', new_base)
        );
    END IF;
    RETURN new_base;
END $$;
"""


def upgrade() -> None:
    """Create the records, and what erasing a person needs."""
    for statements in (RECORDS, INSERT_ONLY, APPEND, SUBJECTS, KEYS_STAY_GONE, ADOPTION):
        op.execute(statements)
