"""Decisions of reviews after they were taken: given to others, given another day, done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.circumstances import Circumstances
from domain.records import (
    Record,
    ReviewDecisionAssigned,
    ReviewDecisionDone,
    ReviewDecisionRescheduled,
)
from domain.reviews.decisions import change_of
from domain.reviews.review import DecisionChange, Review
from service.event_store import Command
from service.record_streams import Kept, RecordStreams, Said


@dataclass(frozen=True)
class ReviewDecisions:
    """What happens to decisions, in the streams of their reviews. Threads may share it.

    Everything here raises a Refusal. `told`: the fields of the record besides those that say how it
    was before.
    """

    streams: RecordStreams[Review]

    def carry_out(self, review_id: UUID, by: Circumstances, **asked: Any) -> Kept[Review]:
        """Say that a decision is done."""
        return self._record(review_id, ReviewDecisionDone, by, **asked)

    def assign(self, review_id: UUID, by: Circumstances, **asked: Any) -> Kept[Review]:
        """Give a decision to another owner."""
        return self._change(review_id, ReviewDecisionAssigned, by, **asked)

    def reschedule(self, review_id: UUID, by: Circumstances, **asked: Any) -> Kept[Review]:
        """Give a decision another day."""
        return self._change(review_id, ReviewDecisionRescheduled, by, **asked)

    def _change(
        self,
        review_id: UUID,
        kind: type[DecisionChange],
        by: Circumstances,
        *,
        expected_version: int,
        number: int,
        **told: Any,
    ) -> Kept[Review]:
        def before(review: Review) -> Mapping[str, Any]:
            return change_of(review, kind, number, expected_version)

        return self._record(
            review_id, kind, by, before=before, expected_version=expected_version, **told
        )

    def _record(
        self,
        review_id: UUID,
        kind: type[Record],
        by: Circumstances,
        *,
        expected_version: int,
        command: Command | None = None,
        before: Said[Review] = lambda _: {},
        **told: Any,
    ) -> Kept[Review]:
        return self.streams.change(
            review_id,
            kind,
            lambda review: {**told, **before(review)},
            by,
            expected_version=expected_version,
            command=command,
        )
