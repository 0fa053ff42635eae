"""What a review decided, as work: open until it is reported done, late after its day (S64).

It may be given to somebody else, and get another day, each time on record with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid5

from domain.errors import ReviewDecisionNotFound, ReviewHasMoved
from domain.records import ReviewDecisionAssigned, ReviewDecisionDone, ReviewDecisionRescheduled
from domain.reviews.review import DecisionChange, Review
from domain.reviews.rhythm import next_after
from domain.reviews.values import ReviewDecision

DECISIONS: Final = UUID("8c2d7b5e-41f6-5a0b-9e37-6d1f0a4c8b72")
"""The namespace of the ids of decisions (UUID version 5)."""


class DecisionState(StrEnum):
    """Where a decision stands at an instant. Late: a time of its is over, and it is not done."""

    OPEN = "open"
    LATE = "late"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class TakenDecision:
    """A decision of a review that was held; `number` counts from 1, in the order they were told.

    `told`: as the review decided it. `changes`: what became of its owner and day since, in order.
    """

    review: Review
    held_at: datetime
    number: int
    told: ReviewDecision
    done: ReviewDecisionDone | None
    changes: tuple[DecisionChange, ...] = ()

    @property
    def id(self) -> UUID:
        return uuid5(DECISIONS, f"{self.review.id}\n{self.number}")

    @property
    def given_to(self) -> str | None:
        """Whoever it was given to last; None where the review named nobody, and nobody since."""
        given = [each for each in self.changes if isinstance(each, ReviewDecisionAssigned)]
        return given[-1].owner if given else self.told.owner

    @property
    def owner(self) -> str:
        """Whoever it was given to, else whoever the review belongs to."""
        return self.given_to or self.review.opened.owner

    @property
    def due_on(self) -> date | None:
        """Its day, as it was set last."""
        return self._moves[-1].due_on if self._moves else self.told.due_on

    @property
    def _moves(self) -> list[ReviewDecisionRescheduled]:
        return [each for each in self.changes if isinstance(each, ReviewDecisionRescheduled)]

    @property
    def changed_version(self) -> int:
        """The version of the review at which it was changed last; 0 if it never was."""
        return self.changes[-1].originator_version if self.changes else 0

    @property
    def due_at(self) -> datetime:
        """The end of its day; without one, when the next review of the kind opens.

        That one shows what is still open. Of a kind that this process does not know days are of
        UTC, and the review's own time stands in for the next one.
        """
        kind = self.review.known_kind
        if self.due_on is not None:
            return self.review.end_of(self.due_on)
        return next_after(kind, self.held_at).opens_at if kind else self.review.opened.due_at

    def state(self, now: datetime) -> DecisionState:
        if self.done:
            return DecisionState.DONE
        return DecisionState.LATE if self.is_late(now) else DecisionState.OPEN

    @property
    def was_late(self) -> bool:
        """Whether it got another day only once the one before was over: a breach stands (0130)."""
        return any(move.due_before < move.occurred_at for move in self._moves)

    def is_late(self, now: datetime) -> bool:
        """Not done in time; what is done later, or got another day too late, stays late."""
        ended = self.done.occurred_at if self.done else now
        return self.was_late or self.due_at < ended


def decisions_of(review: Review) -> Iterator[TakenDecision]:
    """What the review decided, in order; nothing before it is held."""
    held = review.held
    for number, told in enumerate(held.decisions if held else (), start=1):
        yield TakenDecision(
            review=review,
            held_at=held.held_at if held else review.opened.due_at,
            number=number,
            told=told,
            done=review.done.get(number),
            changes=review.changes.get(number, ()),
        )


def decision_of(review: Review, number: int) -> TakenDecision:
    """One of them. Raises ReviewDecisionNotFound, also before the review is held."""
    taken = list(decisions_of(review))
    if not 1 <= number <= len(taken):
        raise ReviewDecisionNotFound(decisions=len(taken))
    return taken[number - 1]


def change_of(
    review: Review, kind: type[DecisionChange], number: int, seen_version: int
) -> dict[str, Any]:
    """What a change says of the time before it.

    Raises ReviewDecisionNotFound, and ReviewHasMoved where the same decision was changed since the
    version that was seen: other decisions are other people's.
    """
    decision = decision_of(review, number)
    if seen_version < decision.changed_version:
        raise ReviewHasMoved(current_version=review.version)
    if issubclass(kind, ReviewDecisionAssigned):
        return {"number": number, "owner_before": decision.owner}
    return {"number": number, "due_before": decision.due_at}


def undone(review: Review) -> list[TakenDecision]:
    """What of it is still to be done."""
    return [each for each in decisions_of(review) if each.done is None]
