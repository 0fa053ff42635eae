"""What became of the reviews and corrective actions of a period, counted from their records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from domain.records import ReviewDecisionAssigned, ReviewDecisionRescheduled
from domain.reviews.corrective import ActionState, CorrectiveAction
from domain.reviews.decisions import DecisionState, TakenDecision, decisions_of
from domain.reviews.review import Review, ReviewState
from projections.figures import Share
from projections.lessons_period import Period
from projections.snapshots import in_snapshot
from service.corrective_actions import ActionFilter
from service.instants import Instants
from service.reviews import ReviewFilter, Reviews


@dataclass(frozen=True, kw_only=True)
class ReviewFigures:
    """Reviews that were opened in the period, of one kind, or all (`code` is None).

    `in_time`: held by their time, of those held or overdue.
    """

    code: str | None
    opened: int
    open: int
    missed: int
    held: int
    in_time: Share


@dataclass(frozen=True, kw_only=True)
class ActionFigures:
    """Corrective actions that were opened in the period, by figure, or all (`code` is None).

    `by_state` counts every one of them once. `in_time`: done by their time, of those that were
    done or are overdue. `sent_back`: how often one did not help.
    """

    code: str | None
    opened: int
    by_state: dict[str, int]
    in_time: Share
    sent_back: int


@dataclass(frozen=True, kw_only=True)
class DecisionFigures:
    """Decisions for one measure that the reviews of the period took, each in one state.

    `in_time`: done by their time, of those that were done or are overdue; one that got another day
    only once a day was over is not in time. `reassigned`, `rescheduled`: how many were given to
    somebody else, or given another day.
    """

    measure: str
    count: int
    by_state: dict[str, int]
    in_time: Share
    reassigned: int
    rescheduled: int


@dataclass(frozen=True, kw_only=True)
class ReviewReport:
    """Everything, first of all together. Findings and decisions are those of reviews held."""

    reviews: ReviewFigures
    reviews_by_kind: Sequence[ReviewFigures]
    findings: Sequence[tuple[str, int]]
    decisions: Sequence[DecisionFigures]
    actions: ActionFigures
    actions_by_figure: Sequence[ActionFigures]


def review_report(
    connection: Connection, reviews: Reviews, period: Period, now: datetime, instants: Instants
) -> ReviewReport:
    """The report as things stand at `now`; `connection` must not be in a transaction."""
    opened, actions = in_snapshot(connection, (), lambda at: _told(at, reviews, period, instants))
    kinds = sorted({review.opened.kind for review in opened})
    figures = sorted({action.opened.figure for action in actions})
    return ReviewReport(
        reviews=_reviews(None, opened, now),
        reviews_by_kind=[
            _reviews(kind, [each for each in opened if each.opened.kind == kind], now)
            for kind in kinds
        ],
        findings=_most_frequent(_findings(opened)),
        decisions=_decisions(opened, now),
        actions=_actions(None, actions, now),
        actions_by_figure=[
            _actions(code, [each for each in actions if each.opened.figure == code], now)
            for code in figures
        ],
    )


def _told(
    connection: Connection, reviews: Reviews, period: Period, instants: Instants
) -> tuple[list[Review], list[CorrectiveAction]]:
    opened = [
        kept.standing
        for kept in reviews.page(connection, ReviewFilter(), None, instants=instants)
        if period.start <= kept.standing.opened.occurred_at < period.end
    ]
    of_period = ActionFilter(opened_from=period.start, opened_to=period.end)
    actions = reviews.actions.page(connection, of_period, None, instants=instants)
    return opened, [kept.standing for kept in actions]


def _reviews(code: str | None, reviews: Sequence[Review], now: datetime) -> ReviewFigures:
    states = Counter(review.state for review in reviews)
    judged = [each for each in reviews if each.held or _is_late(each, now)]
    in_time = sum(1 for each in judged if not _is_late(each, now))
    return ReviewFigures(
        code=code,
        opened=len(reviews),
        open=states[ReviewState.OPEN],
        missed=states[ReviewState.MISSED],
        held=states[ReviewState.HELD],
        in_time=Share(in_time, len(judged)),
    )


def _is_late(review: Review, now: datetime) -> bool:
    """Whether a worker has told so yet or not."""
    return review.is_late or (review.held is None and review.opened.due_at < now)


def _findings(reviews: Iterable[Review]) -> Counter[str]:
    found: Counter[str] = Counter()
    for review in reviews:
        for each in review.held.findings if review.held else ():
            found[each.finding] += each.times
    return found


def _decisions(reviews: Iterable[Review], now: datetime) -> Sequence[DecisionFigures]:
    taken = [each for review in reviews for each in decisions_of(review)]
    counted = Counter(each.told.measure for each in taken)
    states = Counter((each.told.measure, each.state(now)) for each in taken)
    changed = Counter(
        (each.told.measure, kind) for each in taken for kind in {type(c) for c in each.changes}
    )
    return [
        DecisionFigures(
            measure=measure,
            count=count,
            by_state={state.value: states[measure, state] for state in DecisionState},
            in_time=_in_time((each for each in taken if each.told.measure == measure), now),
            reassigned=changed[measure, ReviewDecisionAssigned],
            rescheduled=changed[measure, ReviewDecisionRescheduled],
        )
        for measure, count in _most_frequent(counted)
    ]


def _in_time(taken: Iterable[TakenDecision], now: datetime) -> Share:
    judged = [each for each in taken if each.done or each.is_late(now)]
    return Share(sum(not each.is_late(now) for each in judged), len(judged))


def _most_frequent(counted: Counter[str]) -> Sequence[tuple[str, int]]:
    return sorted(counted.items(), key=lambda each: (-each[1], each[0]))


def _actions(code: str | None, actions: Sequence[CorrectiveAction], now: datetime) -> ActionFigures:
    states = Counter(action.state for action in actions)
    late = [each for each in actions if each.is_late or _is_overdue(each, now)]
    judged = len(late) + sum(1 for each in actions if each.done and each not in late)
    return ActionFigures(
        code=code,
        opened=len(actions),
        by_state={state.value: states[state] for state in ActionState},
        in_time=Share(judged - len(late), judged),
        sent_back=sum(action.sent_back for action in actions),
    )


def _is_overdue(action: CorrectiveAction, now: datetime) -> bool:
    return action.state is ActionState.OPEN and action.due_at < now
