"""Reviews as work: what is to be held, carried out, completed or verified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from domain.overdue import is_overdue
from domain.reviews.corrective import ActionState, CorrectiveAction
from domain.reviews.decisions import undone
from domain.reviews.review import Review
from domain.reviews.work import CARRY_OUT, COMPLETE, HOLD, VERIFY
from service.corrective_actions import ActionFilter
from service.instants import NOW, Instants
from service.reviews import ReviewFilter, Reviews


@dataclass(frozen=True, kw_only=True)
class ReviewWork:
    """A review to be held, a decision to be carried out, an action to be completed or verified.

    `unit`: the party it belonged to when it was opened; `owner`: whose it is now. `about`: the kind
    of the review, the measure of the decision, or the figure of the action. `decision`: its number.
    """

    id: UUID
    review_id: UUID
    work: str
    edition: int
    kind: str
    about: str
    unit: str
    owner: str
    opened_at: datetime
    due_at: datetime
    is_missed: bool
    decision: int | None = None

    def is_overdue(self, now: datetime) -> bool:
        return is_overdue(self.due_at, now, on_record=self.is_missed)

    @property
    def place(self) -> tuple[datetime, UUID, str, int]:
        """Where it stands among other work."""
        return self.due_at, self.id, self.work, 1


@dataclass(frozen=True, kw_only=True)
class ReviewWorkFilter:
    """Which of it to list; None leaves a field open. `overdue` is judged at `now`."""

    now: datetime
    work: str | None = None
    unit: str | None = None
    owner: str | None = None
    overdue: bool | None = None
    instants: Instants = NOW

    def takes(self, work: ReviewWork) -> bool:
        return (
            self.work in (None, work.work)
            and self.unit in (None, work.unit)
            and self.owner in (None, work.owner)
            and self.overdue in (None, work.is_overdue(self.now))
        )


def list_review_work(
    connection: Connection, reviews: Reviews, wanted: ReviewWorkFilter
) -> list[ReviewWork]:
    """All of it: the newest review of each kind, what is not carried out, what is not closed."""
    opened, told = _told(connection, reviews, wanted.instants)
    found = [
        *_to_hold(opened),
        *_to_carry_out(opened),
        *_to_correct(told),
    ]
    return [work for work in found if wanted.takes(work)]


def _told(
    connection: Connection, reviews: Reviews, instants: Instants
) -> tuple[list[Review], list[CorrectiveAction]]:
    if not instants.are_past:
        return reviews.waiting(connection)
    opened = reviews.page(connection, ReviewFilter(), None, instants=instants)
    told = reviews.actions.page(connection, ActionFilter(), None, instants=instants)
    return [kept.standing for kept in opened], [kept.standing for kept in told]


def _to_hold(opened: Iterable[Review]) -> Iterator[ReviewWork]:
    newest: dict[str, Review] = {}
    for review in sorted(opened, key=lambda each: each.opened.scheduled_on):
        newest[review.opened.kind] = review
    for review in newest.values():
        if review.held is None:
            yield ReviewWork(
                id=review.id,
                review_id=review.id,
                work=HOLD,
                edition=review.opened.edition,
                kind=review.opened.kind,
                about=review.opened.kind,
                unit=review.opened.owner,
                owner=review.opened.owner,
                opened_at=review.opened.occurred_at,
                due_at=review.opened.due_at,
                is_missed=review.missed is not None,
            )


def _to_carry_out(opened: Iterable[Review]) -> Iterator[ReviewWork]:
    for decision in (each for review in opened for each in undone(review)):
        review = decision.review.opened
        yield ReviewWork(
            id=decision.id,
            review_id=decision.review.id,
            work=CARRY_OUT,
            edition=review.edition,
            kind=review.kind,
            about=decision.told.measure,
            unit=review.owner,
            owner=decision.owner,
            opened_at=decision.held_at,
            due_at=decision.due_at,
            is_missed=decision.was_late,
            decision=decision.number,
        )


def _to_correct(told: Iterable[CorrectiveAction]) -> Iterator[ReviewWork]:
    for action in told:
        if action.state is not ActionState.VERIFIED:
            yield ReviewWork(
                id=action.id,
                review_id=action.opened.review_id,
                work=VERIFY if action.state is ActionState.DONE else COMPLETE,
                edition=action.opened.edition,
                kind=action.opened.kind,
                about=action.opened.figure,
                unit=action.opened.owner,
                owner=action.owner,
                opened_at=action.opened.occurred_at,
                due_at=action.due_at,
                is_missed=action.missed is not None,
            )
