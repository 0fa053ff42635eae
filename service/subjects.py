"""Which cases are about which person, straight from the log."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import Engine

from domain.customer_risk.supplying import stream_of
from domain.errors import CaseNotFound
from service.event_store.connections import connections_of

# The order and the upper end inside keep the planner at the index of positions.
CASES_OF: Final = """
SELECT case_id::text, position FROM ledger.subjects WHERE subject_ref = %s
UNION ALL
SELECT begun.* FROM (
    SELECT coalesce(max(last_position), -1) AS last_position FROM ledger.runs
) AS known CROSS JOIN LATERAL (
    SELECT originator_id::text, position FROM events
    WHERE position > known.last_position AND position <= 9223372036854775807
        AND originator_version = 1 AND subject_of_event(state) = %s
    ORDER BY position
) AS begun
ORDER BY position
"""
SUBJECT_OF: Final = """
SELECT subject_of_event(state) FROM events WHERE originator_version = 1 AND originator_id = %s
"""


IS_SUPPLIED_OF: Final = """
SELECT 1 FROM records WHERE originator_id = %s AND originator_version = 1
"""


class Subjects:
    """Asks the first event of each case: current, and never behind.

    A worker sums them up run by run, and those behind the last run are read from the log; see
    docs/decisions/0150.

    A person may also be known by indicators that were supplied, without a case.
    """

    def __init__(self, engine: Engine) -> None:
        self._connections = connections_of(engine)

    def cases_of(self, subject_ref: str) -> dict[UUID, int]:
        """The ids of the person's cases, each with the position of its first event."""
        rows = self._connections.read(CASES_OF, (subject_ref, subject_ref))
        return {UUID(case_id): position for case_id, position in rows}

    def subject_of(self, case_id: UUID) -> str:
        """Whose case it is. Raises CaseNotFound."""
        for (subject_ref,) in self._connections.read(SUBJECT_OF, (case_id.hex,)):
            return str(subject_ref)
        raise CaseNotFound

    def are_known(self, subject_ref: str) -> bool:
        """Whether anything is held about the person: a case, or an indicator of their risk."""
        return bool(self._connections.read(IS_SUPPLIED_OF, (stream_of(subject_ref).hex,))) or bool(
            self.cases_of(subject_ref)
        )
