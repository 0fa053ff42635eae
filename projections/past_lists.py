"""Promises, work, orders and scores as they were, or as they were known.

A list is narrowed by what lasts before anything is folded: a promise keeps its owner and due time,
an order and a score their customer, and a row that there once was is never taken away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, false, select

from domain.early_warning.answering import ALARM_WORK
from domain.reviews.work import REVIEW_WORK
from projections import deadlines, satisfaction
from projections.commitment_questions import PROMISED, CommitmentFilter
from projections.deadline_tables import CASES as DUE_CASES
from projections.deadline_tables import OPEN_POINTS, OWED, PROMISE
from projections.event_log import Mapper
from projections.rewinding import MOST_EVENTS, Past, Rewinding
from projections.satisfaction_questions import OrderFilter, ScoreFilter, orders_wanted
from projections.satisfaction_tables import CASES as ASKED_CASES
from projections.satisfaction_tables import ORDERS, SCORES
from projections.turns import NO_LIMIT, Turns
from projections.work_questions import WorkFilter
from service.progress import Tell, tell_nobody


def rewinding_deadlines(
    mapper: Mapper,
    turns: Turns = NO_LIMIT,
    most_events: int | None = MOST_EVENTS,
    tell: Tell = tell_nobody,
) -> Rewinding:
    """What lets due times be asked about the past: promises, work, and their report."""
    return Rewinding(deadlines.READ_MODEL, (DUE_CASES,), mapper, most_events, tell, turns)


def rewinding_satisfaction(
    mapper: Mapper,
    turns: Turns = NO_LIMIT,
    most_events: int | None = MOST_EVENTS,
    tell: Tell = tell_nobody,
) -> Rewinding:
    """What lets satisfaction be asked about the past: orders, scores, and their report."""
    return Rewinding(satisfaction.READ_MODEL, (ASKED_CASES,), mapper, most_events, tell, turns)


def past_promises(rewinding: Rewinding, wanted: CommitmentFilter) -> Past:
    """For questions about these promises only."""
    conditions: list[ColumnElement[bool]] = [PROMISED]
    if wanted.owner is not None:
        conditions.append(OWED.c.owner == wanted.owner)
    if wanted.due_before is not None:
        conditions.append(OWED.c.due_at < wanted.due_before)
    return _owing(rewinding, conditions)


def past_work(rewinding: Rewinding, wanted: WorkFilter) -> Past:
    """For questions about this work only; clocks run in every case, and owners owe."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.owner is not None:
        conditions.append(OWED.c.owner == wanted.owner)
    if wanted.clock in _OWED:
        conditions.append(_OWED[wanted.clock])
    if wanted.clock in ALARM_WORK or wanted.clock in REVIEW_WORK:
        conditions.append(false())
    return _owing(rewinding, conditions) if conditions else Past(rewinding)


_OWED: dict[str, ColumnElement[bool]] = {PROMISE: PROMISED, OPEN_POINTS: ~PROMISED}


def _owing(rewinding: Rewinding, conditions: list[ColumnElement[bool]]) -> Past:
    cases = select(OWED.c.case_id).where(*conditions)
    return Past(rewinding, only=[DUE_CASES.c.case_id.in_(cases)])


def past_orders(rewinding: Rewinding, wanted: OrderFilter) -> Past:
    """For questions about these orders only."""
    lasting = orders_wanted(replace(wanted, state=None, overdue=None))
    cases = select(ORDERS.c.case_id).where(*lasting)
    return Past(rewinding, only=[ASKED_CASES.c.case_id.in_(cases)])


def past_scores(rewinding: Rewinding, wanted: ScoreFilter) -> Past:
    """For questions about these scores only: all of a customer tell which of them count."""
    cases: Any = select(SCORES.c.case_id)
    if wanted.subject_ref is not None:
        cases = cases.where(SCORES.c.subject_ref == wanted.subject_ref)
    if wanted.case_id is not None:
        own = SCORES.alias("own")
        of_case = select(own.c.subject_ref).where(own.c.case_id == wanted.case_id)
        cases = cases.where(SCORES.c.subject_ref.in_(of_case))
    return Past(rewinding, only=[ASKED_CASES.c.case_id.in_(cases)])
