"""Report on promises: kept, late and broken; delays told in time; targets met and missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from domain.commitments import CommitmentState
from projections.commitment_questions import PROMISED, is_breach, state_at
from projections.deadline_tables import OWED, OWED_CLOCKS, PROMISE, RUNS
from projections.figures import Share
from projections.lessons_period import Period
from projections.lessons_targets import TargetFigures, verdict_counts

STATES: Final = tuple(state.value for state in CommitmentState)
DUE: Final = (CommitmentState.KEPT, CommitmentState.LATE, CommitmentState.BROKEN)


@dataclass(frozen=True, kw_only=True)
class PromiseFigures:
    """Promises of one kind or owner, or all: how many there are in each state.

    `in_time`: kept by their time, of those that were kept, late or broken.
    """

    code: str | None
    states: Mapping[str, int]

    @property
    def made(self) -> int:
        return sum(self.states.values())

    @property
    def in_time(self) -> Share:
        kept = self.states[CommitmentState.KEPT]
        return Share(kept, sum(self.states[state] for state in DUE))


@dataclass(frozen=True, kw_only=True)
class PromiseReport:
    """Promises made in the period and clocks that began in it, as they stand at `now`.

    `confirmed`: promises confirmed on a second channel, of all. `disclosed`: breaches that the
    customer was told of by their due time, of all breaches of which they are to be told.
    `reminders`: how often one was reminded of what was promised, or left open, in the period.
    """

    period: Period
    total: PromiseFigures
    by_kind: tuple[PromiseFigures, ...]
    by_owner: tuple[PromiseFigures, ...]
    confirmed: Share
    disclosed: Share
    reminders: int
    targets: tuple[TargetFigures, ...]


def promise_report(connection: Connection, period: Period, now: datetime) -> PromiseReport:
    """Count everything. `connection` has to be in one snapshot, so that all figures agree."""
    made = and_(PROMISED, _within(OWED.c.made_at, period))
    by_kind = _figures(connection, OWED.c.kind, made, now)
    states = {state: sum(each.states[state] for each in by_kind) for state in STATES}
    total = PromiseFigures(code=None, states=states)
    confirmed = _count(connection, made, OWED.c.confirmed)
    return PromiseReport(
        period=period,
        total=total,
        by_kind=by_kind,
        by_owner=_figures(connection, OWED.c.owner, made, now),
        confirmed=Share(confirmed, total.made),
        disclosed=_disclosed(connection, period, now),
        reminders=_reminders(connection, period),
        targets=_targets(connection, period, now),
    )


def _within(column: Any, period: Period) -> ColumnElement[bool]:
    return and_(column >= period.start, column < period.end)


def _count(connection: Connection, *conditions: Any) -> int:
    return connection.scalar(select(func.count()).select_from(OWED).where(*conditions)) or 0


def _figures(
    connection: Connection, code: Any, made: ColumnElement[bool], now: datetime
) -> tuple[PromiseFigures, ...]:
    """By code: the most frequent first, then by code."""
    state = state_at(now).label("state")
    counted: Select[Any] = (
        select(code.label("code"), state, func.count().label("n")).where(made).group_by(code, state)
    )
    found: dict[str, dict[str, int]] = {}
    for row in connection.execute(counted):
        found.setdefault(row.code, dict.fromkeys(STATES, 0))[row.state] = row.n
    figures = [PromiseFigures(code=code, states=states) for code, states in found.items()]
    return tuple(sorted(figures, key=lambda each: (-each.made, each.code or "")))


def _disclosed(connection: Connection, period: Period, now: datetime) -> Share:
    """Breaches by now of what began in the period; a promise that was kept late counts too."""
    of_promise = and_(
        RUNS.c.clock == PROMISE,
        OWED.c.case_id == RUNS.c.case_id,
        OWED.c.about == func.concat("C", RUNS.c.run),
    )
    is_missed = or_(RUNS.c.missed_at.is_not(None), is_breach(now))
    in_time = RUNS.c.disclosed_at <= RUNS.c.due_at
    counted = (
        select(func.count().filter(in_time), func.count())
        .select_from(RUNS.outerjoin(OWED, of_promise))
        .where(RUNS.c.told, is_missed, _within(RUNS.c.started_at, period))
    )
    return Share(*connection.execute(counted).one())


def _reminders(connection: Connection, period: Period) -> int:
    given = func.coalesce(func.sum(func.jsonb_array_length(OWED.c.reminders)), 0)
    return int(connection.scalar(select(given).where(_within(OWED.c.made_at, period))) or 0)


def _targets(connection: Connection, period: Period, now: datetime) -> tuple[TargetFigures, ...]:
    """By clock, of the runs that began in the period."""
    counted = (
        select(RUNS.c.clock, *verdict_counts(now))
        .where(_within(RUNS.c.started_at, period), RUNS.c.clock.not_in(OWED_CLOCKS))
        .group_by(RUNS.c.clock)
        .order_by(RUNS.c.clock)
    )
    return tuple(TargetFigures(*row) for row in connection.execute(counted))
