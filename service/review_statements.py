"""What is asked of the records about reviews and corrective actions."""

from typing import Final

from sqlalchemy import TextClause, text

_ROW: Final = "position, recorded_at, originator_id::text, originator_version, topic, state"


def _page(topic: str) -> TextClause:
    """The newest first records below a position. `topic` is a name of ours."""
    return text(f"""
        SELECT {_ROW} FROM records
        WHERE topic = '{topic}' AND position < :before
            AND position < (SELECT horizon FROM event_horizon)
        ORDER BY position DESC LIMIT :limit
    """)  # noqa: S608


REVIEWS: Final = _page("review_opened:1")
ACTIONS: Final = _page("corrective_action_opened:1")

# Reviews of a kind are opened one after the other, so the newest by position is the latest one.
_NEWEST: Final = f"""
    SELECT newest.* FROM unnest(CAST(:kinds AS text[])) AS of_kind (kind) CROSS JOIN LATERAL (
        SELECT {_ROW} FROM records
        WHERE topic = 'review_opened:1' AND said_by_record(state) ->> 'kind' = of_kind.kind
        ORDER BY position DESC LIMIT 1
    ) AS newest
"""  # noqa: S608
_NOT_CLOSED: Final = f"""
    SELECT {_ROW} FROM records AS opened
    WHERE topic = 'corrective_action_opened:1' AND NOT EXISTS (
        SELECT FROM records AS later WHERE later.originator_id = opened.originator_id
            AND later.topic = 'corrective_action_verified:1'
            AND said_by_record(later.state) ->> 'result' = ANY (CAST(:closing AS text[]))
    )
"""  # noqa: S608
NEWEST_OF_KINDS: Final = text(f"{_NEWEST} ORDER BY position")
ACTIONS_NOT_CLOSED: Final = text(f"{_NOT_CLOSED} ORDER BY position")

_DECIDED: Final = """
    SELECT held.originator_id FROM records AS held LEFT JOIN (
        SELECT originator_id, count(*) AS times FROM records
        WHERE topic = 'review_decision_done:1' GROUP BY originator_id
    ) AS done ON done.originator_id = held.originator_id
    WHERE held.topic = 'review_held:1'
        AND jsonb_array_length(said_by_record(held.state) -> 'decisions') > coalesce(done.times, 0)
"""
DECIDED: Final = text(f"""
    SELECT {_ROW} FROM records
    WHERE originator_version = 1 AND originator_id IN ({_DECIDED}) ORDER BY position
""")  # noqa: S608

# The whole history of all at once: the work list asks for nothing else about them.
WAITING: Final = text(f"""
    SELECT {_ROW} FROM records WHERE originator_id IN (
        SELECT CAST(originator_id AS uuid) FROM ({_NEWEST}) AS newest_of_kinds
        UNION ALL SELECT CAST(originator_id AS uuid) FROM ({_NOT_CLOSED}) AS not_closed
        UNION ALL {_DECIDED}
    ) ORDER BY records.originator_id, records.originator_version
""")  # noqa: S608

NEITHER_HELD_NOR_MISSED: Final = text(f"""
    SELECT {_ROW} FROM records AS opened
    WHERE topic = 'review_opened:1' AND NOT EXISTS (
        SELECT FROM records AS later WHERE later.originator_id = opened.originator_id
            AND later.topic IN ('review_held:1', 'review_missed:1')
    ) ORDER BY position
""")  # noqa: S608

AUDITED_BUT_NOT_HELD: Final = text(f"""
    SELECT {_ROW} FROM records AS opened
    WHERE topic = 'review_opened:1' AND originator_id IN (
        SELECT told.originator_id FROM records AS told WHERE told.topic = 'audit_figures_recorded:1'
    ) AND NOT EXISTS (
        SELECT FROM records AS later WHERE later.originator_id = opened.originator_id
            AND later.topic = 'review_held:1'
    ) ORDER BY position
""")  # noqa: S608

ACTIONS_OF: Final = text(f"""
    SELECT {_ROW} FROM records WHERE originator_id = ANY (CAST(:ids AS uuid[]))
        AND originator_version = 1 ORDER BY position
""")  # noqa: S608
