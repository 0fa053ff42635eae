"""The event store: insert-only events, command records, data keys, and the functions over them.

An append takes its position from its transaction's id, so writers never wait for each other
and readers need no lock: see docs/decisions/0002-positions-from-transaction-ids.md.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE events (
    position bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    originator_id uuid NOT NULL,
    originator_version integer NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT events_position PRIMARY KEY (position),
    CONSTRAINT events_version UNIQUE (originator_id, originator_version)
);
CREATE TABLE commands (
    command_id uuid NOT NULL,
    fingerprint bytea NOT NULL,
    originator_id uuid NOT NULL,
    originator_version integer NOT NULL,
    position bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT commands_command_id PRIMARY KEY (command_id)
);
CREATE TABLE subject_keys (
    key_id uuid PRIMARY KEY,
    subject_ref text NOT NULL,
    wrapped_key bytea,
    created_at timestamptz NOT NULL,
    destroyed_at timestamptz,
    CONSTRAINT subject_keys_destroyed CHECK ((wrapped_key IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE INDEX subject_keys_live ON subject_keys (subject_ref) WHERE wrapped_key IS NOT NULL;
CREATE TABLE snapshots (
    originator_id uuid NOT NULL,
    originator_version integer NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
);
CREATE TABLE tracked_positions (
    application_name text PRIMARY KEY,
    position bigint NOT NULL
);
"""

# Where positions start, raised when a store moves into a younger cluster. A function and not a
# table: PostgreSQL puts its value into the plans of those who use it, and makes them anew when
# it is replaced. Reading one row instead would cost every append a tenth. STABLE, because plans
# are not made anew for the value of an immutable function.
BASE = """
CREATE FUNCTION event_store_base() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT 0::bigint';
"""

# Every transaction id below a snapshot's xmin is finished, so no event can appear below the
# horizon any more. A view, not a function: it must share the snapshot of the reading statement.
HORIZON = """
CREATE VIEW event_horizon AS
SELECT event_store_base() + (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 12)
    AS horizon;
"""

# `ENABLE ALWAYS`: not even a session that replays a replica's changes gets past it.
INSERT_ONLY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are insert-only: % refused', TG_OP USING ERRCODE = 'AM004';
END $$;
CREATE TRIGGER events_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_insert_only;
"""

# One event, no new key: what nearly every step of a case is. The append must be its
# transaction's first write: an id taken earlier could sort an event before the one it builds
# on, and would hold back all readers meanwhile. The command goes first, so that a request sent
# twice finds its first outcome and not a conflict.
APPEND_EVENT = """
CREATE FUNCTION append_event(
    p_originator_id uuid, p_version integer, p_topic text, p_state bytea,
    p_command_id uuid, p_fingerprint bytea, p_used_key_ids uuid[],
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
    IF p_command_id IS NULL THEN
        INSERT INTO events
            (position, recorded_at, originator_id, originator_version, topic, state)
        VALUES (
            event_store_base() + (pg_current_xact_id()::text::bigint << 12),
            clock_timestamp(), p_originator_id, p_version, p_topic, p_state
        )
        RETURNING position, recorded_at INTO first_position, appended_at;
    ELSE
        INSERT INTO commands
            (command_id, fingerprint, originator_id, originator_version, position, recorded_at)
        VALUES (
            p_command_id, p_fingerprint, p_originator_id, p_version,
            event_store_base() + (pg_current_xact_id()::text::bigint << 12),
            clock_timestamp()
        )
        RETURNING position, recorded_at INTO first_position, appended_at;
        INSERT INTO events
            (position, recorded_at, originator_id, originator_version, topic, state)
        VALUES (
            first_position, appended_at, p_originator_id, p_version, p_topic, p_state
        );
    END IF;
END $$;
"""

APPEND_EVENTS = """
CREATE FUNCTION require_live_keys(p_key_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM subject_keys WHERE key_id = ANY (p_key_ids) AND wrapped_key IS NULL
    ) THEN
        RAISE EXCEPTION 'a key used for sealing has been destroyed' USING ERRCODE = 'AM003';
    END IF;
END $$;
CREATE FUNCTION append_events(
    p_originator_ids uuid[], p_versions integer[], p_topics text[], p_states bytea[],
    p_command_id uuid, p_fingerprint bytea, p_used_key_ids uuid[],
    p_key_ids uuid[], p_subject_refs text[], p_wrapped_keys bytea[],
    OUT first_position bigint, OUT appended_at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
    last integer := cardinality(p_originator_ids);
BEGIN
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'an append must be the first write of its transaction'
            USING ERRCODE = 'AM001';
    END IF;
    IF last NOT BETWEEN 1 AND 4096 THEN
        RAISE EXCEPTION 'an append takes 1 to 4096 events' USING ERRCODE = 'AM002';
    END IF;
    IF p_used_key_ids IS NOT NULL THEN
        PERFORM require_live_keys(p_used_key_ids);
    END IF;
    LOCK TABLE events IN ROW EXCLUSIVE MODE;  -- an adoption that runs ends before the next line
    first_position := event_store_base() + (pg_current_xact_id()::text::bigint << 12);
    appended_at := clock_timestamp();
    IF p_command_id IS NOT NULL THEN
        INSERT INTO commands
            (command_id, fingerprint, originator_id, originator_version, position, recorded_at)
        VALUES (
            p_command_id, p_fingerprint, p_originator_ids[last], p_versions[last],
            first_position + last - 1, appended_at
        );
    END IF;
    INSERT INTO subject_keys (key_id, subject_ref, wrapped_key, created_at)
        SELECT key_id, subject_ref, wrapped_key, appended_at
        FROM unnest(p_key_ids, p_subject_refs, p_wrapped_keys)
            AS new (key_id, subject_ref, wrapped_key);
    INSERT INTO events (position, recorded_at, originator_id, originator_version, topic, state)
        SELECT first_position + n - 1, appended_at, originator_id, version, topic, state
        FROM unnest(p_originator_ids, p_versions, p_topics, p_states) WITH ORDINALITY
            AS new (originator_id, version, topic, state, n);
END $$;
"""

# A follower of the log never goes back: the same position twice means two followers at once.
TRACKING = """
CREATE FUNCTION track_position(p_application_name text, p_position bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tracked_positions AS known (application_name, position)
        VALUES (p_application_name, p_position)
        ON CONFLICT (application_name) DO UPDATE SET position = excluded.position
            WHERE known.position < excluded.position;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this position has been tracked before' USING ERRCODE = 'AM005';
    END IF;
END $$;
"""

# Appends that run are waited for; appends that come meanwhile wait for the lock, and then make
# their plans anew. The snapshot's xmax is at most the id that the next append will take.
ADOPTION = """
CREATE FUNCTION adopt_event_store() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    new_base bigint := event_store_base();
    missing bigint;
BEGIN
    LOCK TABLE events, commands IN SHARE ROW EXCLUSIVE MODE;
    SELECT max(position) + 1 - new_base
            - (pg_snapshot_xmax(pg_current_snapshot())::text::bigint << 12)
        INTO missing FROM events;
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
    """Create the event store."""
    for statements in (
        TABLES,
        BASE,
        HORIZON,
        INSERT_ONLY,
        APPEND_EVENTS,
        APPEND_EVENT,
        TRACKING,
        ADOPTION,
    ):
        op.execute(statements)
