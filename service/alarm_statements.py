"""What is asked of the records about alarms, and of the rows that say where alarms stand."""

from typing import Final

from sqlalchemy import text

PAGE: Final = text("""
    SELECT position, recorded_at, originator_id::text, originator_version, topic, records.state
    FROM alarm_states AS alarm
    JOIN records ON originator_id = alarm_id AND originator_version = 1
    WHERE raised_position < (SELECT horizon FROM event_horizon)
        AND raised_position < :before
        AND (CAST(:rule AS text) IS NULL OR rule = :rule)
        AND (CAST(:level AS text) IS NULL OR level = :level)
        AND (CAST(:since AS timestamptz) IS NULL OR raised_at >= :since)
        AND (CAST(:state AS text) IS NULL OR alarm.state = :state)
    ORDER BY raised_position DESC LIMIT :limit
""")

ABOUT_CUSTOMER: Final = text("""
    SELECT position, recorded_at, originator_id::text, originator_version, topic, records.state
    FROM alarm_states JOIN records ON originator_id = alarm_id AND originator_version = 1
    WHERE scope = 'customer' AND scope_value = :subject_ref
    ORDER BY raised_position
""")


OPEN_BY_LEVEL: Final = text("""
    SELECT level, count(*) AS number FROM alarm_states WHERE closed_at IS NULL GROUP BY level
""")

COUNTED: Final = text("""
    SELECT count(*) FILTER (WHERE raised_at >= :since AND raised_at < :until) AS raised,
        count(*) FILTER (WHERE closed_at IS NULL) AS not_closed
    FROM alarm_states
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
