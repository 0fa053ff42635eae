"""What is asked of the records about alarms."""

from typing import Final

from sqlalchemy import text

PAGE: Final = text("""
    SELECT position, recorded_at, originator_id::text, originator_version, topic, state
    FROM records AS raised CROSS JOIN LATERAL (
        SELECT coalesce(bool_or(later.topic = 'alarm_closed:1'), false) AS is_closed,
            coalesce(bool_or(later.topic = 'alarm_acknowledged:1'), false) AS is_acknowledged
        FROM records AS later WHERE later.originator_id = raised.originator_id
    ) AS since
    WHERE topic = 'alarm_raised:1'
        AND position < (SELECT horizon FROM event_horizon)
        AND position < :before
        AND (CAST(:rule AS text) IS NULL OR said_by_record(state) ->> 'rule' = :rule)
        AND (CAST(:level AS text) IS NULL OR said_by_record(state) ->> 'level' = :level)
        AND (CAST(:since AS timestamptz) IS NULL OR recorded_at >= :since)
        AND (CAST(:state AS text) IS NULL OR :state = CASE
            WHEN is_closed THEN 'closed' WHEN is_acknowledged THEN 'acknowledged' ELSE 'open' END)
    ORDER BY position DESC LIMIT :limit
""")

# Read by topic: alarms are few, and this is asked for an export only.
ABOUT_CUSTOMER: Final = text("""
    SELECT position, recorded_at, originator_id::text, originator_version, topic, state
    FROM records
    WHERE topic = 'alarm_raised:1' AND said_by_record(state) ->> 'scope' = 'customer'
        AND said_by_record(state) ->> 'scope_value' = :subject_ref
    ORDER BY position
""")

LATER_OF: Final = text("""
    SELECT position, recorded_at, originator_id::text, originator_version, topic, state
    FROM records WHERE originator_id = ANY (CAST(:ids AS uuid[])) AND originator_version > 1
    ORDER BY originator_id, originator_version
""")

OPEN_BY_LEVEL: Final = text("""
    SELECT said_by_record(state) ->> 'level' AS level, count(*) AS number FROM records AS raised
    WHERE topic = 'alarm_raised:1' AND NOT EXISTS (
        SELECT FROM records AS later
        WHERE later.originator_id = raised.originator_id AND later.topic = 'alarm_closed:1'
    ) GROUP BY 1
""")

# By the index of alarms by rule and time. Times are all written in one way, so texts compare.
LAST_OF_RULE: Final = text("""
    SELECT said_by_record(state) ->> 'scope_value', max(said_by_record(state) ->> 'occurred_at')
    FROM records
    WHERE topic = 'alarm_raised:1' AND said_by_record(state) ->> 'rule' = :rule
        AND said_by_record(state) ->> 'occurred_at' > :after
        AND said_by_record(state) ->> 'occurred_at' < :before
        AND (said_by_record(state) ->> 'rule_version')::integer = :version
    GROUP BY 1
""")
