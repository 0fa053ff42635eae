"""The lessons-learned report as it was known is the one that was made then, figure by figure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

import pytest

from projections import deadlines
from projections.lessons_answer import LessonsReport
from projections.lessons_learned import READ_MODEL
from projections.lessons_report import GROUP_BY, ReportRequest, lessons_report, rewinding_lessons
from projections.read_models import build_engine
from service.assembly import Service
from service.instants import NOW as EVERYTHING
from service.instants import Instants
from tests.late_lives import with_late_events
from tests.projections.lessons_history import NOW, a_history

SEED = 58
LOOKS = 6
GROUPINGS = sorted(GROUP_BY)


@dataclass(frozen=True)
class Reading:
    """A service that records a history, and how its report is taken."""

    service: Service

    def record(self, events: list) -> datetime:  # type: ignore[type-arg]
        """Record events, read them, and tell when the last of them was recorded."""
        recorded = [self.service.cases.record([event])[0] for event in events]
        build_engine(self.service, [READ_MODEL, deadlines.READ_MODEL]).catch_up()
        return recorded[-1].recorded_at

    def report(
        self,
        group_by: str,
        instants: Instants = EVERYTHING,
        now: datetime = NOW,
        *,
        texts: bool = True,
    ) -> LessonsReport:
        """The report's figures and texts, whenever and from however long a log it was made."""
        keys = self.service.keys if texts else None
        asked = ReportRequest(now=now, group_by=group_by, keys=keys, instants=instants)
        with self.service.engine.connect() as connection:
            report = lessons_report(connection, asked, rewinding_lessons(self.service.mapper))
        return replace(report, position=0, lag_seconds=0.0, instants=EVERYTHING)


@pytest.fixture
def reading(service: Service) -> Reading:
    return Reading(service)


@pytest.fixture(scope="module")
def other(shared_service: Service) -> Reading:
    return Reading(shared_service)


def a_log(dice: Random, cases: int) -> list:  # type: ignore[type-arg]
    """The events of many lives, with late ones among them, in some order of recording."""
    lives = [with_late_events(story, dice, share=0.2) for story in a_history(cases, seed=SEED)]
    log = []
    while lives:
        life = dice.choice(lives)
        log.append(life.pop(0))
        lives = [each for each in lives if each]
    return log


def test_run_later_with_known_at_it_gives_the_figures_of_then(reading: Reading) -> None:
    log = a_log(Random(SEED), 70)
    made = {}
    for look in range(LOOKS):
        part = log[look * len(log) // LOOKS : (look + 1) * len(log) // LOOKS]
        moment = reading.record(part)
        made[moment] = reading.report(GROUPINGS[look % len(GROUPINGS)])

    for moment, report in made.items():
        again = reading.report(report.group_by, Instants(known_at=moment))
        assert again == report
    assert len({report.total.counts.standing for report in made.values()}) > LOOKS // 2


def test_as_of_it_gives_what_a_store_would_that_has_only_what_had_occurred(
    reading: Reading, other: Reading
) -> None:
    dice = Random(SEED)
    log = a_log(dice, 50)
    as_of = dice.choice(log).occurred_at
    begun = {event.case_id for event in log if event.version == 1 and event.occurred_at <= as_of}
    reading.record(log)
    other.record([e for e in log if e.occurred_at <= as_of and e.case_id in begun])

    for group_by in GROUPINGS:
        was = reading.report(group_by, Instants(as_of=as_of), texts=False)
        assert was == other.report(group_by, texts=False)
    assert was != reading.report(GROUPINGS[-1], texts=False)
