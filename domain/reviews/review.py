"""A review from its opening until it is held: what may follow what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Final
from uuid import UUID, uuid5

from domain.clocks.calendar import ALWAYS
from domain.errors import (
    AuditFiguresMissing,
    DueDayOver,
    DueUnchanged,
    FigureNotOfThisAudit,
    FigureToldTwice,
    HeldBeforeOpened,
    HeldInFuture,
    NotAnAudit,
    OwnerAbsent,
    OwnerUnchanged,
    PartyToldTwice,
    ReviewAlreadyHeld,
    ReviewDecisionAlreadyDone,
    ReviewDecisionNotFound,
    TooFewParties,
)
from domain.records import (
    AuditFiguresRecorded,
    Record,
    ReviewDecisionAssigned,
    ReviewDecisionDone,
    ReviewDecisionRescheduled,
    ReviewHeld,
    ReviewMissed,
    ReviewOpened,
)
from domain.reference_books import edition
from domain.reviews.audit import deviates, worse_way
from domain.reviews.rhythm import Occurrence, ReviewKind, kinds_of, kinds_of_any
from domain.reviews.values import AuditedFigure
from domain.times import CLOCK_TOLERANCE

REVIEWS: Final = UUID("5a0f8f6c-0d3e-5e55-9a53-3d8b2b6f1c40")
"""The namespace of the ids of reviews and of the rhythms of their kinds (UUID version 5)."""


DecisionChange = ReviewDecisionAssigned | ReviewDecisionRescheduled
"""What may happen to a decision before it is done."""


class ReviewState(StrEnum):
    """Where a review stands. What was missed may still be held, and is late then."""

    OPEN = "open"
    MISSED = "missed"
    HELD = "held"


@dataclass(frozen=True, kw_only=True)
class Review:
    """A review, folded from its records.

    `moved_version`: the newest that was no timer's doing, and not about one decision: those are
    many people's, and none makes what another saw stale. `figures_at`: when each was told last.
    `tellings`: every figure that was ever told, and when, in order. `done`, `changes` in order: by
    decision's number.
    """

    opened: ReviewOpened
    version: int = 1
    moved_version: int = 1
    figures: Mapping[str, AuditedFigure] = field(default_factory=dict)
    figures_at: Mapping[str, datetime] = field(default_factory=dict)
    tellings: tuple[tuple[AuditedFigure, datetime], ...] = ()
    missed: ReviewMissed | None = None
    held: ReviewHeld | None = None
    done: Mapping[int, ReviewDecisionDone] = field(default_factory=dict)
    changes: Mapping[int, tuple[DecisionChange, ...]] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        return self.opened.originator_id

    @cached_property
    def kind(self) -> ReviewKind:
        """As the books say under which it was opened."""
        return kinds_of(self.opened.edition)[self.opened.kind]

    @property
    def known_kind(self) -> ReviewKind | None:
        """The same; None where this process knows the edition, or its kind, not yet."""
        return kinds_of_any(self.opened.edition).get(self.opened.kind)

    @property
    def state(self) -> ReviewState:
        if self.held:
            return ReviewState.HELD
        return ReviewState.MISSED if self.missed else ReviewState.OPEN

    @property
    def is_late(self) -> bool:
        """Missed, or held after its time. A breach on record stands."""
        return bool(self.missed) or bool(self.held and self.held.held_at > self.opened.due_at)

    def end_of(self, day: date) -> datetime:
        """When a day ends where the review is held; in UTC, if its kind is not known here."""
        return (self.known_kind.calendar if self.known_kind else ALWAYS).end_of(day)

    @property
    def is_audit(self) -> bool:
        return bool(self.known_kind and self.known_kind.figures)

    @property
    def missing_figures(self) -> list[str]:
        """What the audit has yet to tell."""
        return [figure for figure in self.kind.figures if figure not in self.figures]

    def deviating(self) -> list[AuditedFigure]:
        """The figures that are off by more than the book allows, in order of their codes."""
        return [told for _, told in sorted(self.figures.items()) if self._deviates(told)]

    def first_deviating(self) -> list[tuple[AuditedFigure, datetime]]:
        """Of each figure that ever deviated the first telling that did, and its time, by code.

        A figure that is told better afterwards takes nothing back.
        """
        first: dict[str, tuple[AuditedFigure, datetime]] = {}
        for told, at in self.tellings:
            if told.figure not in first and self._deviates(told):
                first[told.figure] = told, at
        return [first[code] for code in sorted(first)]

    def _deviates(self, told: AuditedFigure) -> bool:
        threshold = self.kind.threshold_percent
        if threshold is None:
            return False
        way = worse_way(edition(self.opened.edition), told.figure)
        return deviates(told.expected, told.found, threshold, way)

    def after(self, record: Record) -> Review:
        """The review with one more record, whatever the rules say now."""
        version = record.originator_version
        if isinstance(record, ReviewMissed):
            return replace(self, version=version, missed=record)
        if isinstance(record, ReviewDecisionDone):
            return replace(self, version=version, done={**self.done, record.number: record})
        if isinstance(record, DecisionChange):
            changed = (*self.changes.get(record.number, ()), record)
            return replace(self, version=version, changes={**self.changes, record.number: changed})
        moved = replace(self, version=version, moved_version=version)
        if isinstance(record, AuditFiguresRecorded):
            told = {each.figure: each for each in record.figures}
            when = dict.fromkeys(told, record.occurred_at)
            figures, figures_at = {**self.figures, **told}, {**self.figures_at, **when}
            tellings = (*self.tellings, *((each, record.occurred_at) for each in record.figures))
            return replace(moved, figures=figures, figures_at=figures_at, tellings=tellings)
        if isinstance(record, ReviewHeld):
            return replace(moved, held=record)
        return self

    def require_may(self, record: Record) -> None:
        """Raises a Refusal where the record may not follow."""
        if isinstance(record, ReviewDecisionDone | DecisionChange):
            self._require_decision(record.number)
            self._require_change(record)
        elif self.held:
            raise ReviewAlreadyHeld
        elif isinstance(record, AuditFiguresRecorded):
            self._require_figures(record)
        elif isinstance(record, ReviewHeld):
            self._require_held(record)

    def _require_decision(self, number: int) -> None:
        decided = len(self.held.decisions) if self.held else 0
        if number > decided:
            raise ReviewDecisionNotFound(decisions=decided)
        if number in self.done:
            raise ReviewDecisionAlreadyDone

    def _require_change(self, record: Record) -> None:
        if isinstance(record, ReviewDecisionAssigned) and record.owner == record.owner_before:
            raise OwnerUnchanged(field="owner")
        if isinstance(record, ReviewDecisionRescheduled):
            due_at = self.end_of(record.due_on)
            if due_at == record.due_before:
                raise DueUnchanged(field="due_on")
            if due_at <= record.occurred_at:
                raise DueDayOver(field="due_on")

    def _require_figures(self, record: AuditFiguresRecorded) -> None:
        if not self.is_audit:
            raise NotAnAudit(kind=self.opened.kind)
        _require_each_once([told.figure for told in record.figures])
        for number, told in enumerate(record.figures):
            if told.figure not in self.kind.figures:
                raise FigureNotOfThisAudit(field=f"figures.{number}.figure", figure=told.figure)

    def _require_held(self, record: ReviewHeld) -> None:
        if record.held_at > record.occurred_at + CLOCK_TOLERANCE:
            raise HeldInFuture(field="held_at")
        if record.held_at < self.opened.occurred_at:
            raise HeldBeforeOpened(field="held_at", opened_at=self.opened.occurred_at)
        parties = [each.party for each in record.attendees]
        for number, party in enumerate(parties):
            if party in parties[:number]:
                raise PartyToldTwice(field=f"attendees.{number}.party", party=party)
        if self.opened.owner not in parties:
            raise OwnerAbsent(field="attendees", owner=self.opened.owner)
        if len(parties) < self.kind.least_parties:
            raise TooFewParties(
                field="attendees", parties=len(parties), needed=self.kind.least_parties
            )
        if self.missing_figures:
            raise AuditFiguresMissing(figures=self.missing_figures)
        for number, told in enumerate(record.decisions):
            if told.due_on is not None and self.end_of(told.due_on) <= record.held_at:
                raise DueDayOver(field=f"decisions.{number}.due_on")


def _require_each_once(figures: Sequence[str]) -> None:
    for number, figure in enumerate(figures):
        if figure in figures[:number]:
            raise FigureToldTwice(field=f"figures.{number}.figure", figure=figure)


def folded(records: Iterable[Record]) -> Review | None:
    """The review that its records in order make; None of none."""
    review: Review | None = None
    for record in records:
        if isinstance(record, ReviewOpened):
            review = Review(opened=record)
        elif review is not None:
            review = review.after(record)
    return review


def review_id(occurrence: Occurrence) -> UUID:
    """The id of the review of a kind on a day of its rhythm: there is one at most."""
    return uuid5(REVIEWS, f"{occurrence.kind.code}\n{occurrence.scheduled_on.isoformat()}")


def rhythm_id(kind: str) -> UUID:
    """The id of the stream that says since when a kind has which rhythm."""
    return uuid5(REVIEWS, f"rhythm\n{kind}")


def opened_fields(occurrence: Occurrence) -> dict[str, Any]:
    """What the opening of a review says besides who and when."""
    period_from, period_to = occurrence.period
    return {
        "kind": occurrence.kind.code,
        "edition": occurrence.kind.edition,
        "scheduled_on": occurrence.scheduled_on,
        "period_from": period_from,
        "period_to": period_to,
        "known_at": occurrence.opens_at,
        "due_at": occurrence.due_at,
        "owner": occurrence.kind.owner,
    }
