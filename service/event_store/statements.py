"""The statements of the event store. Values are always parameters, never part of the text."""

from typing import Final

# Prepared once on each connection, which spares every append an analysis and a plan. Called in
# the select list, not in FROM, which spares the server a table of one row.
PREPARE_APPEND_EVENT: Final = (
    "PREPARE append_event AS SELECT append_event($1, $2, $3, $4, $5, $6, $7)"
)
APPEND_EVENT: Final = "EXECUTE append_event (%s, %s, %s, %s, %s, %s, %s)"
PREPARE_APPEND_TOGETHER: Final = (
    "PREPARE append_together AS SELECT append_together($1, $2, $3, $4, $5, $6, $7)"
)
APPEND_TOGETHER: Final = "EXECUTE append_together (%s, %s, %s, %s, %s, %s, %s)"

MOST_SPELT_OUT: Final = 16
"""Events in a group that has a statement of its size; a session keeps those that it uses."""


def _spelt_out(size: int) -> tuple[str, str]:
    """How that statement is prepared and called: each topic and each state is a value.

    The server reads them so, and the driver writes them, quicker than arrays of them.
    """
    topics = ", ".join(f"${number}" for number in range(3, 3 + size))
    states = ", ".join(f"${number}" for number in range(3 + size, 3 + 2 * size))
    rest = ", ".join(f"${number}" for number in range(3 + 2 * size, 6 + 2 * size))
    types = ", ".join(["uuid[], integer[]", *["text"] * size, *["bytea"] * size])
    return (
        f"PREPARE append_together_{size} ({types}, uuid[], bytea[], uuid[]) AS SELECT"
        f" append_together($1, $2, ARRAY[{topics}], ARRAY[{states}], {rest})",
        f"EXECUTE append_together_{size} ({', '.join(['%s'] * (5 + 2 * size))})",
    )


APPEND_TOGETHER_BY_SIZE: Final = {size: _spelt_out(size) for size in range(2, MOST_SPELT_OUT + 1)}

APPEND_EVENTS: Final = "SELECT append_events(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"

# The append stands in FROM, so it runs before the tracking: it must write first.
APPEND_AND_TRACK: Final = (
    "SELECT appended.first_position, track_position(%s, %s)"
    " FROM append_events(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) AS appended"
)

TRACK: Final = "SELECT track_position(%s, %s)"

TRACKED: Final = "SELECT position FROM tracked_positions WHERE application_name = %s"

FIND_COMMAND: Final = """
SELECT fingerprint, originator_id::text, originator_version, position, recorded_at
FROM commands WHERE command_id = %s
"""

# By place on disk: the oldest lie together, and deleting needs no index of its own.
PURGE_COMMANDS: Final = """
DELETE FROM commands WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM commands WHERE recorded_at < %s LIMIT %s
)) RETURNING 1
"""

# Prepared as well: to look a few rows up takes less than to plan how.
PREPARE_EVENTS_OF: Final = """
PREPARE events_of (uuid, integer, integer, integer) AS
SELECT originator_version, topic, state, position, recorded_at FROM events
WHERE originator_id = $1 AND originator_version > $2 AND originator_version <= $3
ORDER BY originator_version LIMIT $4
"""
EVENTS_OF: Final = "EXECUTE events_of (%s, %s, %s, %s)"

EVENTS_OF_NEWEST_FIRST: Final = """
SELECT originator_version, topic, state, position, recorded_at FROM events
WHERE originator_id = %s AND originator_version > %s AND originator_version <= %s
ORDER BY originator_version DESC LIMIT %s
"""

EVENTS_OF_MANY: Final = """
SELECT originator_id::text, originator_version, topic, state, position, recorded_at FROM events
WHERE originator_id = ANY (%s::uuid[]) ORDER BY originator_id, originator_version
"""

# Read from the index of ids and versions alone.
BOUNDARIES: Final = """
SELECT DISTINCT originator_id::text FROM (
    SELECT originator_id, row_number() OVER (ORDER BY originator_id, originator_version) AS place
    FROM events
) AS placed WHERE mod(place, %s) = 0 ORDER BY 1
"""

EVENTS_BETWEEN: Final = """
SELECT originator_id::text, originator_version, topic, state, position, recorded_at FROM events
WHERE originator_id > %s AND originator_id <= %s AND position <= %s
ORDER BY originator_id, originator_version
"""

EVENTS_BY_CASE: Final = """
SELECT originator_id::text, originator_version, topic, state, position, recorded_at FROM events
WHERE (originator_id, originator_version) > (%s::uuid, %s) AND position <= %s
ORDER BY originator_id, originator_version LIMIT %s
"""

# The horizon comes from the snapshot that also reads the events, hence one statement; it comes
# back on a page without events too, hence the outer join.
PAGE: Final = """
WITH until AS MATERIALIZED (SELECT horizon FROM event_horizon),
newest AS MATERIALIZED (
    SELECT (
        SELECT position FROM events WHERE position < until.horizon AND position <= %s
        ORDER BY position DESC LIMIT 1
    ) FROM until
)
SELECT until.horizon, newest.position, page.position, page.originator_id,
    page.originator_version, page.topic, page.state, page.recorded_at
FROM until CROSS JOIN newest LEFT JOIN LATERAL (
    SELECT position, originator_id::text, originator_version, topic, state, recorded_at
    FROM events
    WHERE position > %s AND position < until.horizon AND position <= %s
        AND (%s::text[] IS NULL OR topic = ANY (%s::text[]))
    ORDER BY position LIMIT %s
) AS page ON true
ORDER BY page.position
"""

HORIZON: Final = "SELECT horizon FROM event_horizon"

NEWEST_READABLE: Final = """
SELECT position FROM events WHERE position < (SELECT horizon FROM event_horizon)
ORDER BY position DESC LIMIT 1
"""

INSERT_SNAPSHOTS: Final = """
INSERT INTO snapshots (originator_id, originator_version, topic, state)
SELECT * FROM unnest(%s::uuid[], %s::integer[], %s::text[], %s::bytea[])
"""

SNAPSHOTS_OF: Final = """
SELECT originator_version, topic, state FROM snapshots
WHERE originator_id = %s AND originator_version > %s AND originator_version <= %s
ORDER BY originator_version LIMIT %s
"""

SNAPSHOTS_OF_NEWEST_FIRST: Final = """
SELECT originator_version, topic, state FROM snapshots
WHERE originator_id = %s AND originator_version > %s AND originator_version <= %s
ORDER BY originator_version DESC LIMIT %s
"""

# What the next append would get, at least: every visible event must lie below it.
NEXT_POSITION: Final = """
SELECT event_store_base() + (pg_snapshot_xmax(pg_current_snapshot())::text::bigint << 12),
    greatest((SELECT max(position) FROM events), (SELECT max(position) FROM records))
"""

BASE: Final = "SELECT event_store_base()"
ADOPT: Final = "SELECT adopt_event_store()"
RISE_ABOVE_LOST: Final = "SELECT pass_lost_positions()"
