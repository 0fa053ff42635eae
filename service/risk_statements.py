"""What is asked of the records about indicators of customers' risk."""

from typing import Final

from sqlalchemy import text

# One probe of an index for each customer and code: values of a code are observed and recorded in
# the order of their versions, so the last one that was there is the newest. What stood before an
# erasure of the person is not told any more; nor is what was observed before it and recorded while
# it committed, which may stand behind it.
NEWEST: Final = text("""
    SELECT asked.number::integer - 1 AS number, found.indicator, found.value, found.observed_at,
        found.position, found.recorded_at, found.actor_id, found.actor_kind
    FROM unnest(
        CAST(:streams AS uuid[]), CAST(:erasures AS uuid[]), CAST(:as_of AS timestamptz[])
    ) WITH ORDINALITY AS asked (stream, erasures, as_of, number)
    LEFT JOIN LATERAL (
        SELECT position, recorded_at FROM records
        WHERE originator_id = asked.erasures AND recorded_at <= :erased_by
        ORDER BY originator_version DESC LIMIT 1
    ) AS erased ON true
    CROSS JOIN unnest(CAST(:codes AS text[])) AS code
    CROSS JOIN LATERAL (
        SELECT position, recorded_at, said.indicator, said.value, said.observed_at,
            said.actor_id, said.actor_kind
        FROM records CROSS JOIN LATERAL (
            SELECT told ->> 'indicator' AS indicator, told ->> 'value' AS value,
                CAST(told ->> 'occurred_at' AS timestamptz) AS observed_at,
                told #>> '{actor,id}' AS actor_id, told #>> '{actor,kind}' AS actor_kind
            FROM said_by_record(state) AS told
        ) AS said
        WHERE topic = 'indicator_supplied:1' AND originator_id = asked.stream
            AND said_by_record(state) ->> 'indicator' = code
            AND recorded_at <= :known_at AND said.observed_at <= asked.as_of
        ORDER BY originator_version DESC LIMIT 1
    ) AS found
    WHERE erased.position IS NULL
        OR found.position > erased.position AND found.observed_at > erased.recorded_at
    ORDER BY number, found.indicator
""")

ERASED_AT: Final = text("""
    SELECT recorded_at FROM records WHERE originator_id = :erasures
    ORDER BY originator_version DESC LIMIT 1
""")

LAST_VERSION: Final = text("""
    SELECT coalesce(max(originator_version), 0) FROM records WHERE originator_id = :stream
""")

SOME_VERSIONS: Final = text("""
    SELECT position, recorded_at, originator_id::text, originator_version, topic, state
    FROM records
    WHERE originator_id = :stream AND originator_version BETWEEN :first AND :last
    ORDER BY originator_version
""")

PAGE: Final = text("""
    SELECT position, recorded_at, originator_id::text, originator_version, topic, state
    FROM records
    WHERE originator_id = :stream AND originator_version < :before
        AND topic = 'indicator_supplied:1'
        AND (CAST(:code AS text) IS NULL OR said_by_record(state) ->> 'indicator' = :code)
    ORDER BY originator_version DESC LIMIT :limit
""")

# Of whom something was recorded in a time, and when something had been recorded before it.
SUPPLIED_IN: Final = text("""
    SELECT said_by_record(first.state) ->> 'subject_ref' AS subject_ref, before.recorded_at
    FROM (
        SELECT DISTINCT originator_id FROM records
        WHERE topic = 'indicator_supplied:1' AND recorded_at >= :since AND recorded_at < :until
    ) AS stream
    JOIN records AS first USING (originator_id)
    LEFT JOIN LATERAL (
        SELECT recorded_at FROM records AS earlier
        WHERE earlier.originator_id = stream.originator_id AND earlier.recorded_at < :before
        ORDER BY earlier.originator_version DESC LIMIT 1
    ) AS before ON true
    WHERE first.originator_version = 1
    ORDER BY 1
""")
