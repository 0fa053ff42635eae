"""The next review of each kind before its day: what it will look at, with the figures up to now.

Nothing is recorded: days follow from the book, figures are counted anew at each look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import ProgrammingError

from domain.reviews.decisions import TakenDecision
from domain.reviews.rhythm import Occurrence, ReviewKind, next_after
from projections import deadlines, lessons_learned, satisfaction
from projections.figures import Share
from projections.health import ReadModelNotReady, read_state
from projections.lessons_groups import by_group
from projections.lessons_period import Period
from projections.lessons_queries import case_counts, case_figures, cases_of
from projections.promise_report import promise_report
from projections.read_model import ReadModel
from projections.read_models import lacks_what_is_asked
from projections.review_report import review_report
from projections.satisfaction_report import satisfaction_report
from projections.snapshots import in_snapshot
from service.alarms import Alarms
from service.instants import NOW
from service.reviews import Reviews

Figure = int | Share
FIGURES: Final[Mapping[str, tuple[str, ...]]] = {
    "lessons_learned": (
        "cases_reported",
        "cases_resolved",
        "first_contact_resolution",
        "reply_within_30_minutes",
        "disputed_or_reopened",
        "escalated",
    ),
    "satisfaction": ("surveys_answered", "low_scores", "repeat_complaints", "orders_opened"),
    "promises": ("promises_made", "promises_kept_in_time", "delays_told_in_time"),
    "alarms": ("alarms_raised", "alarms_not_closed"),
    "review_report": (
        "reviews_held_in_time",
        "decisions_done",
        "corrective_actions_opened",
        "corrective_actions_in_time",
    ),
}
"""What is shown of each source of the book `review_sources`; the reports tell more."""


@dataclass(frozen=True, kw_only=True)
class FigureSources:
    """Where figures are counted from; `connection` must not be in a transaction."""

    connection: Connection
    reviews: Reviews
    alarms: Alarms


@dataclass(frozen=True, kw_only=True)
class AgendaItem:
    """A source of the book, and its figures by name; None while its read model is being built."""

    source: str
    figures: Mapping[str, Figure] | None


@dataclass(frozen=True, kw_only=True)
class ReviewPreview:
    """A review that is to come. `so_far`: what of its period has passed.

    `decisions`: what earlier reviews of its kind decided and is not done.
    """

    occurrence: Occurrence
    so_far: Period
    agenda: Sequence[AgendaItem]
    decisions: Sequence[TakenDecision]


def next_reviews(
    sources: FigureSources, kinds: Sequence[ReviewKind], now: datetime
) -> Sequence[ReviewPreview]:
    """The next review of each of these kinds, those that open first in front."""
    coming = sorted(
        (next_after(kind, now) for kind in kinds), key=lambda each: (each.opens_at, each.kind.code)
    )
    undone = sources.reviews.undone(sources.connection)
    sources.connection.rollback()
    return [_preview(sources, each, undone, now) for each in coming]


def _preview(
    sources: FigureSources, occurrence: Occurrence, undone: Sequence[TakenDecision], now: datetime
) -> ReviewPreview:
    begins, ends = occurrence.period
    so_far = Period(begins, min(ends, now))
    kind = occurrence.kind
    return ReviewPreview(
        occurrence=occurrence,
        so_far=so_far,
        agenda=[_item(sources, source, so_far, now) for source in kind.looks_at],
        decisions=[each for each in undone if each.review.opened.kind == kind.code],
    )


def _item(sources: FigureSources, source: str, period: Period, now: datetime) -> AgendaItem:
    try:
        counted = _COUNT[source](sources, period, now)
    except ReadModelNotReady:
        return AgendaItem(source=source, figures=None)
    except ProgrammingError as error:
        if not lacks_what_is_asked(sources.connection.engine, error):
            raise
        return AgendaItem(source=source, figures=None)
    return AgendaItem(source=source, figures=dict(zip(FIGURES[source], counted, strict=True)))


def _of_read_model(
    sources: FigureSources, model: ReadModel, count: Callable[[Connection], Sequence[Figure]]
) -> Sequence[Figure]:
    """Counted in one snapshot of a read model. Raises ReadModelNotReady."""

    def ask(snapshot: Connection) -> Sequence[Figure]:
        read_state(snapshot, model.name)
        return count(snapshot)

    return in_snapshot(sources.connection, [table.fullname for table in model.tables], ask)


def _lessons(sources: FigureSources, period: Period, now: datetime) -> Sequence[Figure]:
    def count(at: Connection) -> Sequence[Figure]:
        counted = case_counts(cases_of(period, "type"), now)
        found = case_figures(by_group(at, counted)[None])
        return (
            found.cases,
            found.resolution_rate,
            found.first_contact_resolution,
            found.prompt_reply,
            found.disputed_or_reopened,
            found.escalated,
        )

    return _of_read_model(sources, lessons_learned.READ_MODEL, count)


def _satisfaction(sources: FigureSources, period: Period, now: datetime) -> Sequence[Figure]:
    def count(at: Connection) -> Sequence[Figure]:
        found = satisfaction_report(at, period, now)
        low = Share(sum(s.low for s in found.scales), sum(s.valid for s in found.scales))
        return found.answered, low, found.repeat_complaints, found.orders.opened

    return _of_read_model(sources, satisfaction.READ_MODEL, count)


def _promises(sources: FigureSources, period: Period, now: datetime) -> Sequence[Figure]:
    def count(at: Connection) -> Sequence[Figure]:
        found = promise_report(at, period, now)
        return found.total.made, found.total.in_time, found.disclosed

    return _of_read_model(sources, deadlines.READ_MODEL, count)


def _alarms(sources: FigureSources, period: Period, now: datetime) -> Sequence[Figure]:
    with sources.connection.begin():
        return sources.alarms.counted(sources.connection, period.start, period.end)


def _reviews(sources: FigureSources, period: Period, now: datetime) -> Sequence[Figure]:
    found = review_report(sources.connection, sources.reviews, period, now, NOW)
    decided = sum(each.count for each in found.decisions)
    done = Share(sum(each.by_state["done"] for each in found.decisions), decided)
    return found.reviews.in_time, done, found.actions.opened, found.actions.in_time


_COUNT: Final[Mapping[str, Callable[[FigureSources, Period, datetime], Sequence[Figure]]]] = {
    "lessons_learned": _lessons,
    "satisfaction": _satisfaction,
    "promises": _promises,
    "alarms": _alarms,
    "review_report": _reviews,
}
