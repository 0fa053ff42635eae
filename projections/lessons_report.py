"""The lessons-learned report (S58 to S66): counted by the database, all from one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, Table, cast, func, select

from projections import deadlines
from projections.deadline_tables import CASES as DEADLINE_CASES
from projections.deadline_tables import NAME as DEADLINES
from projections.deadline_tables import RUNS
from projections.event_log import Mapper
from projections.health import read_state
from projections.lessons_answer import Available, LessonsReport
from projections.lessons_groups import by_group, group_figures
from projections.lessons_imported import count_imported
from projections.lessons_learned import READ_MODEL
from projections.lessons_period import Period
from projections.lessons_queries import GROUPINGS, case_counts, case_figures, cases_of
from projections.lessons_tables import CASES, IMPORTED, NAME
from projections.lessons_texts import Texts
from projections.read_model import Tools
from projections.rewinding import MOST_EVENTS, Rewinding, Rewindings
from projections.sealed_texts import Keys
from projections.snapshots import in_snapshot
from projections.turns import NO_LIMIT, Turns
from service.instants import NOW as INSTANTS_OPEN
from service.instants import Instants
from service.progress import Tell, tell_nobody

GROUP_BY = tuple(GROUPINGS)


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """What is asked for; `now` decides what is overdue, and the period where none is given.

    `keys`: None where the reader has no right to texts by staff. `instants`: the report as it was,
    or was known, then; `now` is to be the instant too, and `made_at` tells when it was asked for.
    """

    now: datetime
    period: Period | None = None
    group_by: str = "type"
    keys: Keys | None = None
    instants: Instants = INSTANTS_OPEN
    made_at: datetime | None = None


def lessons_report(
    connection: Connection, asked: ReportRequest, rewinding: Rewindings | None = None
) -> LessonsReport:
    """Count everything in one snapshot, so that all figures agree.

    `connection` must not be in a transaction. `rewinding` is needed where instants are asked for.
    Raises ReadModelNotReady, TooMuchHasMoved.
    """

    def ask(snapshot: Connection) -> LessonsReport:
        read_state(snapshot, DEADLINES)  # its tables are not there before it is built
        if rewinding is None:
            return count_lessons(snapshot, asked)
        with rewinding.to(snapshot, asked.instants, Tools()):
            return count_lessons(snapshot, asked)

    return in_snapshot(connection, [CASES.fullname, RUNS.fullname], ask)


def rewinding_lessons(
    mapper: Mapper,
    most_events: int | None = MOST_EVENTS,
    tell: Tell = tell_nobody,
    turns: Turns = NO_LIMIT,
) -> Rewindings:
    """What lets the report be asked about the past; see `Rewinding`."""
    return Rewindings(
        (
            Rewinding(READ_MODEL, (CASES, IMPORTED), mapper, most_events, tell, turns),
            Rewinding(deadlines.READ_MODEL, (DEADLINE_CASES,), mapper, most_events, tell, turns),
        )
    )


def count_lessons(connection: Connection, asked: ReportRequest) -> LessonsReport:
    """The report of a connection that is in one snapshot, and rewound where that is asked for."""
    state = read_state(connection, NAME)
    today = asked.now.date()
    period = asked.period or Period.last_twelve_months(today)
    c = cases_of(period, asked.group_by)
    before = cases_of(period.before(), asked.group_by)
    counts = by_group(connection, case_counts(c, asked.now))
    previous = by_group(connection, case_counts(before, asked.now))
    groups = group_figures(connection, c, counts, asked.now)
    texts = Texts(connection, c, asked.keys) if asked.keys else None
    imported = count_imported(connection, period, asked.group_by)
    return LessonsReport(
        period=period,
        previous_period=period.before(),
        period_is_default=asked.period is None,
        group_by=asked.group_by,
        made_at=asked.made_at or asked.now,
        instants=asked.instants,
        position=state.position,
        lag_seconds=state.lag_seconds,
        edition=counts[None]["edition"],
        total=groups[0],
        groups=groups[1:],
        previous=case_figures(previous[None]),
        imported_total=imported[0],
        imported_sources=imported[1],
        imported_groups=imported[2],
        texts_shown=texts is not None,
        cause_texts=texts.causes() if texts else (),
        lesson_texts=texts.lessons() if texts else (),
        successes=texts.stories("success") if texts else (),
        failures=texts.stories("failure") if texts else (),
        preventions=texts.preventions(today) if texts else (),
        own_available=_available(connection, CASES, cast(CASES.c.reported_at, Date)),
        imported_available=_available(connection, IMPORTED, IMPORTED.c.received_on),
    )


def _available(connection: Connection, table: Table, day: ColumnElement[Any]) -> Available:
    found = select(func.min(day), func.max(day), func.count()).select_from(table)
    return Available(*connection.execute(found).one())
