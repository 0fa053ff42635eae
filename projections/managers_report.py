"""What a manager's page shows: the lessons, and what was promised and said in the same period."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from projections.deadline_tables import NAME as DEADLINES
from projections.deadline_tables import RUNS
from projections.event_log import Mapper
from projections.health import read_state
from projections.lessons_answer import LessonsReport
from projections.lessons_report import ReportRequest, count_lessons, rewinding_lessons
from projections.lessons_tables import CASES
from projections.past_lists import rewinding_satisfaction
from projections.promise_report import PromiseReport, promise_report
from projections.read_model import Tools
from projections.rewinding import MOST_EVENTS, Rewindings
from projections.satisfaction_report import SatisfactionReport, satisfaction_report
from projections.satisfaction_tables import CASES as ASKED_CASES
from projections.satisfaction_tables import NAME as SATISFACTION
from projections.snapshots import in_snapshot
from projections.turns import NO_LIMIT, Turns
from service.progress import Tell, tell_nobody


@dataclass(frozen=True, kw_only=True)
class ManagersReport:
    """Cases reported in a period, promises made in it, and what customers said in it."""

    lessons: LessonsReport
    promises: PromiseReport
    satisfaction: SatisfactionReport


def managers_report(
    connection: Connection, asked: ReportRequest, rewinding: Rewindings
) -> ManagersReport:
    """Count everything in one snapshot; `connection` must not be in a transaction.

    Raises ReadModelNotReady, TooMuchHasMoved, PastIsBusy.
    """

    def ask(snapshot: Connection) -> ManagersReport:
        for name in (DEADLINES, SATISFACTION):
            read_state(snapshot, name)  # their tables are not there before they are built
        with rewinding.to(snapshot, asked.instants, Tools()):
            lessons = count_lessons(snapshot, asked)
            return ManagersReport(
                lessons=lessons,
                promises=promise_report(snapshot, lessons.period, asked.now),
                satisfaction=satisfaction_report(snapshot, lessons.period, asked.now),
            )

    return in_snapshot(connection, [CASES.fullname, RUNS.fullname, ASKED_CASES.fullname], ask)


def rewinding_managers_report(
    mapper: Mapper,
    most_events: int | None = MOST_EVENTS,
    tell: Tell = tell_nobody,
    turns: Turns = NO_LIMIT,
) -> Rewindings:
    """What lets the whole page be asked about the past; see `Rewinding`."""
    lessons = rewinding_lessons(mapper, most_events, tell, turns)
    satisfaction = rewinding_satisfaction(mapper, turns, most_events, tell)
    return Rewindings((*lessons.each, satisfaction))
