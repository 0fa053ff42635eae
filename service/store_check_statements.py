"""The statements of the store check. Each looks at a bounded part, within one snapshot."""

from typing import Final

from sqlalchemy import text

# Events and records share one order of positions and one base.
LOG: Final = """(
    SELECT 'case ' || originator_id AS whose, originator_id, originator_version, position
    FROM events
    UNION ALL
    SELECT 'record ' || originator_id, originator_id, originator_version, position FROM records
) AS log"""

WHOLE: Final = text("""
    SELECT (SELECT count(*) FROM events) AS events,
        (SELECT count(*) FROM records) AS records, horizon, event_store_base() AS base,
        event_store_base() + (pg_snapshot_xmax(pg_current_snapshot())::text::bigint << 12)
            AS next_position,
        (SELECT max(position) FROM events) AS newest_event,
        greatest((SELECT max(position) FROM events), (SELECT max(position) FROM records)) AS newest
    FROM event_horizon
""")

# A reader remembers the position of an event that it has seen: docs/decisions/0060. The ledger
# reads records too.
READERS: Final = text("""
    SELECT 'read model ' || build AS reader, position, 'event' AS of, :newest_event AS newest
    FROM projection_builds WHERE position >= :horizon OR position > :newest_event
    UNION ALL
    SELECT 'ledger', max(last_position), 'event or record', :newest FROM ledger.leaves
    HAVING max(last_position) >= :horizon OR max(last_position) > :newest
""")
PARKED: Final = text("""
    SELECT 'a case parked for ' || build || ' waits for a missing event' AS what,
        position
    FROM parked_cases parked WHERE NOT EXISTS (
        SELECT FROM events e WHERE e.position = parked.position AND originator_id = case_id
    )
    UNION ALL
    SELECT 'a case is parked for ' || build || ' where that has not read yet', parked.position
    FROM parked_cases parked JOIN projection_builds USING (build)
    WHERE parked.position > projection_builds.position
    UNION ALL
    SELECT 'a missing event was skipped for ' || projection, position
    FROM skipped_events skipped WHERE NOT EXISTS (
        SELECT FROM events e WHERE e.position = skipped.position AND originator_id = case_id
    )
""")

NEXT_CASE: Final = text(f"""
    SELECT originator_id FROM {LOG} WHERE originator_id >= :first
    ORDER BY originator_id OFFSET :rows LIMIT 1
""")  # noqa: S608
CASES: Final = text(f"""
    SELECT * FROM (
        SELECT whose, originator_version AS version, position,
            lag(originator_version) OVER by_version AS version_before,
            lag(position) OVER by_version AS position_before
        FROM {LOG} WHERE originator_id >= :first AND originator_id <= :last
        WINDOW by_version AS (PARTITION BY whose ORDER BY originator_version, position)
    ) AS each
    WHERE version <> coalesce(version_before, 0) + 1 OR position <= position_before
    ORDER BY whose, version
""")  # noqa: S608

# A chunk ends with the last position that its last append can have. Positions of one append lie
# side by side, the first one at a multiple of 4096.
NEXT_POSITION: Final = text(f"""
    SELECT position | 4095 FROM {LOG} WHERE position >= :first
    ORDER BY position OFFSET :rows LIMIT 1
""")  # noqa: S608
POSITIONS: Final = text(f"""
    SELECT position >> 12 << 12 AS append_at, count(*) AS entries,
        min(position) AS lowest, max(position) AS highest
    FROM {LOG} WHERE position >= :first AND position <= :last
    GROUP BY position >> 12
    HAVING min(position) & 4095 <> 0 OR max(position) - min(position) + 1 <> count(*)
        OR count(*) <> count(DISTINCT position)
    ORDER BY 1
""")  # noqa: S608

# What a worker has summed up of the log must be what the log says: docs/decisions/0150.
SUMMED_UP_TO: Final = text("SELECT coalesce(max(last_position), -1) FROM ledger.runs")
TIMES: Final = text("""
    SELECT e.position FROM events e LEFT JOIN LATERAL (
        SELECT * FROM ledger.runs WHERE last_position >= e.position ORDER BY last_position LIMIT 1
    ) AS run ON true
    WHERE e.position BETWEEN :first AND :last AND e.position <= :summed_up_to
        AND (
            after_position < e.position
            AND recorded_at BETWEEN lowest_recorded_at AND highest_recorded_at
        ) IS NOT TRUE
    ORDER BY 1
""")
SUBJECTS: Final = text("""
    SELECT position FROM (
        SELECT position, originator_id, subject_of_event(state) AS told FROM events
        WHERE position BETWEEN :first AND :last AND position <= :summed_up_to
            AND originator_version = 1
    ) AS begun FULL JOIN (
        SELECT * FROM ledger.subjects WHERE position BETWEEN :first AND :last
    ) AS known USING (position)
    WHERE told IS DISTINCT FROM subject_ref OR originator_id <> case_id
    ORDER BY 1
""")

# Alarms are few. A record and its alarm's row commit together, so that one snapshot sees both.
ALARMS: Final = text("""
    SELECT alarm_id, CASE WHEN kept.raised_position IS NULL THEN 'it has no row'
        WHEN said.raised_position IS NULL THEN 'a row, and no record that raised it'
        ELSE 'its row says something else' END AS difference
    FROM alarm_states_by_records AS said FULL JOIN alarm_states_kept AS kept USING (alarm_id)
    WHERE ROW (said.*) IS DISTINCT FROM ROW (kept.*)
    ORDER BY alarm_id
""")

NEXT_COMMAND: Final = text("""
    SELECT command_id FROM commands WHERE command_id >= :first
    ORDER BY command_id OFFSET :rows LIMIT 1
""")
COMMANDS: Final = text("""
    SELECT command_id, originator_id AS case_id, originator_version AS version, position
    FROM commands c WHERE command_id >= :first AND command_id <= :last AND NOT EXISTS (
        SELECT FROM events e WHERE e.position = c.position
            AND e.originator_id = c.originator_id AND e.originator_version = c.originator_version
    ) AND NOT EXISTS (
        SELECT FROM records r WHERE r.position = c.position
            AND r.originator_id = c.originator_id AND r.originator_version = c.originator_version
    )
    ORDER BY command_id
""")

PAGE: Final = text("""
    SELECT position, originator_id AS case_id, originator_version AS version, topic, state
    FROM events WHERE position > :after ORDER BY position LIMIT :limit
""")
RECORDS: Final = text("""
    SELECT position, recorded_at, originator_id::text, originator_version, topic, state
    FROM records WHERE position > :after ORDER BY position LIMIT :limit
""")
KEYS: Final = text("SELECT key_id FROM subject_keys WHERE key_id = ANY (:ids)")
