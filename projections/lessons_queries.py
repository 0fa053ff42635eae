"""The counting of the lessons-learned report case by case, as SQL.

Every statement here and in its neighbours counts per group and, where `grp` is null, over all
groups. A group that is not known has the code "".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Float,
    Label,
    Select,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain.values import Status
from projections.figures import Share, Spread, answer_conditions, answers_in
from projections.lessons_period import Period
from projections.lessons_tables import ATTEMPTS, CASES, STAGES
from projections.lessons_values import (
    FIRST_CONTACT,
    PROMPT_REPLY,
    CaseFigures,
    EarlierAttempts,
    Standing,
)

GROUPINGS = {
    "type": CASES.c.conflict_type,
    "subtype": CASES.c.conflict_subtype,
    "product": CASES.c.product,
    "channel": CASES.c.channel,
    "customer_type": CASES.c.customer_type,
    "cause": CASES.c.complaint_cause,
}
RESOLVED = (Status.RESOLVED, Status.FOLLOWED_UP, Status.CLOSED)
UNRESOLVED = (
    Status.REPORTED,
    Status.CONFIRMED,
    Status.ANALYSED,
    Status.SOLUTION_PROPOSED,
    Status.RISK_ASSESSED,
)
PERCENTILES = (0.5, 0.9)
Condition = ColumnElement[bool]


def cases_of(period: Period, group_by: str) -> CTE:
    """The cases reported in the period, each with its group and its standing attempt."""
    own = [column for column in CASES.columns if column.name != "grp"]
    refused = select(ATTEMPTS.c.case_id).where(ATTEMPTS.c.accepted.is_(False))
    standing = and_(ATTEMPTS.c.case_id == CASES.c.case_id, ATTEMPTS.c.attempt == CASES.c.attempt)
    return (
        select(
            *own,
            func.coalesce(GROUPINGS[group_by], "").label("grp"),
            ATTEMPTS.c.accepted,
            ATTEMPTS.c.satisfied,
            ATTEMPTS.c.substantially_solved,
            CASES.c.case_id.in_(refused).label("was_refused"),
        )
        .join(ATTEMPTS, standing)
        .where(CASES.c.reported_at >= period.start, CASES.c.reported_at < period.end)
        .cte("c")
    )


def case_counts(c: CTE, now: datetime) -> Select[Any]:
    """One row per group with a column for every count of `CaseFigures`."""
    counted = {**_standing_counts(c), **_answer_counts(c), **_share_counts(c, now)}
    columns = [func.count().filter(when).label(name) for name, when in counted.items()]
    return select(
        c.c.grp,
        func.coalesce(func.sum(c.c.reopenings), 0).label("reopenings"),
        func.coalesce(func.max(c.c.edition), 0).label("edition"),
        *columns,
        *_spread_columns(c, "first_reply_at"),
        *(spread for column in STAGES.values() for spread in _spread_columns(c, column)),
    ).group_by(func.rollup(c.c.grp))


def _standing_counts(c: CTE) -> dict[str, Condition]:
    return {
        "cases": true(),
        "open": c.c.status.in_(UNRESOLVED),
        "resolved": c.c.status.in_(RESOLVED),
        "dismissed": c.c.status == Status.DISMISSED,
        "withdrawn": c.c.status == Status.WITHDRAWN,
        "merged": c.c.status == Status.MERGED,
    }


def _answer_counts(c: CTE) -> dict[str, Condition]:
    stands = c.c.status.in_(RESOLVED)
    questions = ("accepted", "satisfied", "substantially_solved")
    return {
        name: and_(stands, given)
        for question in questions
        for name, given in answer_conditions(question, c.c[question]).items()
    }


def _share_counts(c: CTE, now: datetime) -> dict[str, Condition]:
    ever_resolved = c.c.resolved_at.is_not(None)
    reopened = c.c.reopenings > 0
    ever_decided = or_(ever_resolved, reopened, c.c.status == Status.DISMISSED)
    disputed = and_(ever_resolved, c.c.was_refused)
    at_once = and_(
        c.c.resolved_at - c.c.reported_at <= FIRST_CONTACT,
        c.c.attempt == 1,
        c.c.escalations == 0,
    )
    open_too_long = and_(c.c.status.in_(UNRESOLVED), c.c.reported_at <= now - FIRST_CONTACT)
    replied = c.c.first_reply_at.is_not(None)
    return {
        "ever_resolved": ever_resolved,
        "ever_decided": ever_decided,
        "reopened": reopened,
        "disputed": disputed,
        "disputed_or_reopened": or_(disputed, reopened),
        "escalated": c.c.escalations > 0,
        "at_first_contact": at_once,
        "first_contact_due": or_(ever_resolved, open_too_long),
        "prompt_reply": c.c.first_reply_at - c.c.reported_at <= PROMPT_REPLY,
        "reply_due": or_(replied, c.c.reported_at <= now - PROMPT_REPLY),
    }


def _spread_columns(c: CTE, column: str) -> tuple[Label[Any], Label[Any]]:
    seconds = cast(func.extract("epoch", c.c[column] - c.c.reported_at), Float)
    at_least_zero = case((c.c[column].is_not(None), func.greatest(seconds, 0)))
    percentiles = func.percentile_cont(cast(list(PERCENTILES), ARRAY(Float)))
    return (
        func.count(c.c[column]).label(f"{column}_n"),
        percentiles.within_group(at_least_zero).label(f"{column}_spread"),
    )


def case_figures(row: Mapping[str, Any]) -> CaseFigures:
    """The figures in a row of `case_counts`."""
    decided, resolved = row["ever_decided"], row["ever_resolved"]
    return CaseFigures(
        cases=row["cases"],
        standing=Standing(**{name: row[name] for name in Standing.__dataclass_fields__}),
        reopenings=row["reopenings"],
        resolution_rate=Share(row["resolved"], row["resolved"] + row["open"]),
        accepted=answers_in(row, "accepted"),
        satisfied=answers_in(row, "satisfied"),
        substantially_solved=answers_in(row, "substantially_solved"),
        disputed=Share(row["disputed"], resolved),
        reopened=Share(row["reopened"], decided),
        disputed_or_reopened=Share(row["disputed_or_reopened"], decided),
        escalated=Share(row["escalated"], row["cases"]),
        first_contact_resolution=Share(row["at_first_contact"], row["first_contact_due"]),
        prompt_reply=Share(row["prompt_reply"], row["reply_due"]),
        first_reply=_spread_in(row, "first_reply_at"),
        stages={stage.value: _spread_in(row, column) for stage, column in STAGES.items()},
    )


def _spread_in(row: Mapping[str, Any], column: str) -> Spread:
    median, p90 = row[f"{column}_spread"] or (None, None)
    return Spread(row[f"{column}_n"], median, p90)


def earlier_attempts(c: CTE) -> Select[Any]:
    """One row per group: what lost attempts had reached."""
    a = ATTEMPTS
    was_resolved = a.c.outcome.is_not(None)
    answers = [
        func.count().filter(and_(was_resolved, given)).label(name)
        for question in ("satisfied", "substantially_solved")
        for name, given in answer_conditions(question, a.c[question]).items()
    ]
    return (
        select(
            c.c.grp,
            func.count().label("attempts"),
            func.count().filter(was_resolved).label("resolved"),
            *answers,
        )
        .join(a, and_(a.c.case_id == c.c.case_id, a.c.attempt < c.c.attempt))
        .group_by(func.rollup(c.c.grp))
    )


def earlier_figures(row: Mapping[str, Any]) -> EarlierAttempts:
    """The figures in a row of `earlier_attempts`; a group without lost attempts has none."""
    return EarlierAttempts(
        attempts=row.get("attempts", 0),
        resolved=row.get("resolved", 0),
        satisfied=answers_in(row, "satisfied"),
        substantially_solved=answers_in(row, "substantially_solved"),
    )
