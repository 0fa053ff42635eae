"""Which reviews and corrective actions moved in a period, and their records as stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from domain import records
from domain.records import Record
from projections.packs.streams import ACTIONS, REVIEWS, Streams
from service.topics import topics_met

KINDS: Final[Mapping[Streams, tuple[type[Record], ...]]] = {
    REVIEWS: (
        records.ReviewOpened,
        records.AuditFiguresRecorded,
        records.ReviewHeld,
        records.ReviewDecisionAssigned,
        records.ReviewDecisionRescheduled,
        records.ReviewDecisionDone,
        records.ReviewMissed,
    ),
    ACTIONS: (
        records.CorrectiveActionOpened,
        records.CorrectiveActionAssigned,
        records.CorrectiveActionDone,
        records.CorrectiveActionVerified,
        records.CorrectiveActionMissed,
    ),
}
"""Their records; the first of each opens one."""
_TOPICS: Final = [topic for kinds in KINDS.values() for topic in topics_met(*kinds)]
_OPENED_AS: Final = {
    topic: streams for streams, kinds in KINDS.items() for topic in topics_met(kinds[0])
}
# All records of these topics that there ever were are read by the partial index of topics: some
# hundreds a year. That of times would lead to every indicator of the period. The sums inside keep
# the planner at the index of originators, whatever it knows of the table.
_MOVED: Final = text("""
    WITH moved AS (
        SELECT originator_id, max(originator_version) AS last_version FROM records
        WHERE topic = ANY (CAST(:topics AS text[])) AND topic <> 'personal_data_accessed:1'
            AND recorded_at >= :recorded_from AND recorded_at < :recorded_to
        GROUP BY originator_id
    )
    SELECT originator_id, last_version, kept.* FROM moved CROSS JOIN LATERAL (
        SELECT min(topic) FILTER (WHERE originator_version = 1) AS opened_as,
            sum(octet_length(state)) AS state_bytes,
            min(position) AS first_position, max(position) AS last_position
        FROM records WHERE records.originator_id = moved.originator_id
            AND originator_version <= moved.last_version
    ) AS kept
    ORDER BY first_position LIMIT :limit
""")


class KeptRecords(NamedTuple):
    """One review or action: its records from the first to `last_version`."""

    streams: Streams
    originator_id: UUID
    last_version: int
    state_bytes: int
    last_position: int

    @property
    def first_version(self) -> int:
        return 1


def moved_in(
    connection: Connection, recorded_from: datetime, recorded_to: datetime, limit: int
) -> list[KeptRecords]:
    """Those with a record of this period, `limit` at most: first reviews, each by its opening.

    Each is whole until the last of its records in the period, so that one can be read by itself.
    """
    values = {"topics": _TOPICS, "limit": limit}
    times = {"recorded_from": recorded_from, "recorded_to": recorded_to}
    rows = connection.execute(_MOVED, {**values, **times}).all()
    found = [_kept(row) for row in rows if row.opened_as in _OPENED_AS]
    return sorted(found, key=lambda each: each.streams is not REVIEWS)


def _kept(row: Any) -> KeptRecords:
    return KeptRecords(
        _OPENED_AS[row.opened_as],
        row.originator_id,
        row.last_version,
        row.state_bytes,
        row.last_position,
    )
