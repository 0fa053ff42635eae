"""Corrective actions: opened once for each deviating figure, assigned, done, verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from domain.circumstances import Circumstances
from domain.errors import CorrectiveActionHasMoved, CorrectiveActionNotFound
from domain.records import (
    CorrectiveActionAssigned,
    CorrectiveActionDone,
    CorrectiveActionMissed,
    CorrectiveActionOpened,
    CorrectiveActionVerified,
    Record,
)
from domain.reviews.corrective import (
    ActionState,
    CorrectiveAction,
    action_id,
    closing_results,
    folded,
    opened_fields,
)
from domain.reviews.review import Review
from domain.values import Actor, ActorKind, Via
from service.event_store import Command
from service.instants import NOW, Instants
from service.record_book import RecordBook, envelope
from service.record_streams import Kept, RecordStreams
from service.review_statements import ACTIONS, ACTIONS_NOT_CLOSED, ACTIONS_OF

CALENDAR: Final = Actor(id="review-calendar", kind=ActorKind.SYSTEM)
CLOSING: Final = sorted(closing_results())


@dataclass(frozen=True, kw_only=True)
class ActionFilter:
    """Which corrective actions are asked for; None does not narrow."""

    state: ActionState | None = None
    late: bool | None = None
    figure: str | None = None
    owner: str | None = None
    review_id: UUID | None = None
    opened_from: datetime | None = None
    opened_to: datetime | None = None

    def takes(self, action: CorrectiveAction) -> bool:
        opened = action.opened
        return (
            self.state in (None, action.state)
            and self.late in (None, action.is_late)
            and self.figure in (None, opened.figure)
            and self.owner in (None, action.owner)
            and self.review_id in (None, opened.review_id)
            and (self.opened_from is None or opened.occurred_at >= self.opened_from)
            and (self.opened_to is None or opened.occurred_at < self.opened_to)
        )


@dataclass(frozen=True)
class CorrectiveActions:
    """Every corrective action. Threads may share it."""

    book: RecordBook

    @cached_property
    def streams(self) -> RecordStreams[CorrectiveAction]:
        return RecordStreams(
            book=self.book,
            folded=folded,
            not_found=CorrectiveActionNotFound,
            has_moved=CorrectiveActionHasMoved,
            edition_of=lambda action: action.opened.edition,
        )

    def open_for(self, review: Review) -> int:
        """Open the action of each figure that ever deviated, unless it is on record; how many."""
        return sum(self.streams.begin(first) for first in asked_for(review))

    def open_left(self, connection: Connection, review: Review) -> int:
        """The same where most probably none is lacking: only what is not on record is written."""
        asked = {str(first.originator_id): first for first in asked_for(review)}
        rows = connection.execute(ACTIONS_OF, {"ids": [*asked]}) if asked else ()
        known = {str(UUID(row.originator_id)) for row in rows}
        return sum(self.streams.begin(first) for id_, first in asked.items() if id_ not in known)

    def miss(self, kept: Kept[CorrectiveAction]) -> bool:
        """Record that its time ran out; False where somebody was faster."""
        opened = kept.standing.opened
        by = by_calendar(kept.standing.due_at, opened.correlation_id)
        return self.streams.note(kept, CorrectiveActionMissed, by, kept.standing.id)

    def get(self, action_id: UUID, instants: Instants = NOW) -> Kept[CorrectiveAction]:
        """One action. Raises CorrectiveActionNotFound."""
        return self.streams.get(action_id, instants=instants)

    def page(
        self,
        connection: Connection,
        wanted: ActionFilter,
        limit: int | None,
        before: int | None = None,
        instants: Instants = NOW,
    ) -> list[Kept[CorrectiveAction]]:
        """The actions opened last before a position: `limit` at most, or all."""
        return self.streams.page(connection, ACTIONS, wanted.takes, limit, before, instants)

    def not_closed(
        self, connection: Connection, unreadable: list[UUID] | None = None
    ) -> list[Kept[CorrectiveAction]]:
        """What waits to be done or verified; `unreadable` gets what cannot be read."""
        rows = connection.execute(ACTIONS_NOT_CLOSED, {"closing": CLOSING})
        return list(self.streams.of_rows(connection, rows, unreadable=unreadable))

    def assign(self, action_id: UUID, by: Circumstances, **told: Any) -> Kept[CorrectiveAction]:
        """Give it to another owner. Raises a Refusal."""
        return self._change(action_id, CorrectiveActionAssigned, by, **told)

    def do(self, action_id: UUID, by: Circumstances, **told: Any) -> Kept[CorrectiveAction]:
        """Say that it is done. Raises a Refusal."""
        return self._change(action_id, CorrectiveActionDone, by, **told)

    def verify(self, action_id: UUID, by: Circumstances, **told: Any) -> Kept[CorrectiveAction]:
        """Say whether it helped. Raises a Refusal."""
        return self._change(action_id, CorrectiveActionVerified, by, **told)

    def _change(
        self,
        action_id: UUID,
        kind: type[Record],
        by: Circumstances,
        *,
        expected_version: int,
        command: Command | None = None,
        **told: Any,
    ) -> Kept[CorrectiveAction]:
        return self.streams.change(
            action_id,
            kind,
            lambda _: told,
            by,
            expected_version=expected_version,
            command=command,
        )


def asked_for(review: Review) -> list[CorrectiveActionOpened]:
    """The openings of the actions that its figures ask for: the first deviation of each."""
    opened, asked = review.opened, []
    for told, at in review.first_deviating():
        name = f"reviews:{opened.kind}:{opened.scheduled_on}:{told.figure}"
        said = envelope(action_id(review.id, told.figure), 1, by_calendar(at, name))
        asked.append(CorrectiveActionOpened(**said, **opened_fields(review, told, at)))
    return asked


def by_calendar(at: datetime, name: str) -> Circumstances:
    """What the calendar does by itself, at a time that follows from the log."""
    return Circumstances(
        actor=CALENDAR, roles=frozenset(), now=at, correlation_id=name, via=Via.TIMER
    )
