"""What a review decided, as work: open until it is reported done, late after its day (S64)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

from domain.clocks.calendar import ALWAYS
from domain.records import ReviewDecisionDone
from domain.reviews.review import Review
from domain.reviews.rhythm import next_after
from domain.reviews.values import ReviewDecision

DECISIONS: Final = UUID("8c2d7b5e-41f6-5a0b-9e37-6d1f0a4c8b72")
"""The namespace of the ids of decisions (UUID version 5)."""


class DecisionState(StrEnum):
    """Where a decision stands at an instant. Late: its time is over, and it is not done."""

    OPEN = "open"
    LATE = "late"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class TakenDecision:
    """A decision of a review that was held; `number` counts from 1, in the order they were told."""

    review: Review
    held_at: datetime
    number: int
    told: ReviewDecision
    done: ReviewDecisionDone | None

    @property
    def id(self) -> UUID:
        return uuid5(DECISIONS, f"{self.review.id}\n{self.number}")

    @property
    def owner(self) -> str:
        """Whoever it was given to, else whoever the review belongs to."""
        return self.told.owner or self.review.opened.owner

    @property
    def due_at(self) -> datetime:
        """The end of its day; without one, when the next review of the kind opens.

        That one shows what is still open. Of a kind that this process does not know days are of
        UTC, and the review's own time stands in for the next one.
        """
        kind = self.review.known_kind
        if self.told.due_on is not None:
            return (kind.calendar if kind else ALWAYS).end_of(self.told.due_on)
        return next_after(kind, self.held_at).opens_at if kind else self.review.opened.due_at

    def state(self, now: datetime) -> DecisionState:
        if self.done:
            return DecisionState.DONE
        return DecisionState.LATE if self.due_at < now else DecisionState.OPEN

    def is_late(self, now: datetime) -> bool:
        """Not done in time; what is done later stays late."""
        return self.due_at < (self.done.occurred_at if self.done else now)


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
        )


def undone(review: Review) -> list[TakenDecision]:
    """What of it is still to be done."""
    return [each for each in decisions_of(review) if each.done is None]
