"""The promise report, held against plain SQL on the log of events."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from projections.figures import Share
from projections.lessons_period import Period
from projections.promise_report import PromiseReport, promise_report
from projections.read_models import build_engine
from projections.timers import Timers
from service.assembly import Service
from tests.given import BEGAN_AT, circumstances, details_for
from tests.projections.test_owed import NOBODYS, a_promising_case
from tests.still_clocks import TimeMachine

DAY = timedelta(days=1)
PERIOD = Period(BEGAN_AT - DAY, BEGAN_AT + 40 * DAY)

TOLD = """
    WITH told AS (
        SELECT position, originator_id AS case_id, split_part(topic, ':', 1) AS name,
            convert_from(state, 'UTF8')::jsonb AS said
        FROM events
    ),
    made AS (SELECT case_id, said ->> 'commitment_id' AS id, said ->> 'kind' AS kind,
                    (said ->> 'due_at')::timestamptz AS due_at
             FROM told WHERE name = 'commitment_made'),
    kept AS (SELECT case_id, said ->> 'commitment_id' AS id,
                    (said ->> 'occurred_at')::timestamptz AS at
             FROM told WHERE name = 'commitment_kept'),
    broken AS (SELECT case_id, said ->> 'commitment_id' AS id
               FROM told WHERE name = 'commitment_broken')
"""
"""What the events say, without any of our own code."""
PROMISES = text(
    TOLD
    + """
    SELECT count(*) AS made,
        count(*) FILTER (WHERE kept.at <= made.due_at AND broken.id IS NULL) AS kept,
        count(*) FILTER (WHERE kept.at > made.due_at
                            OR kept.at IS NOT NULL AND broken.id IS NOT NULL) AS late,
        count(*) FILTER (WHERE kept.at <= made.due_at AND broken.id IS NOT NULL) AS backdated,
        count(*) FILTER (WHERE kept.at IS NULL AND broken.id IS NOT NULL) AS broken
    FROM made LEFT JOIN kept USING (case_id, id) LEFT JOIN broken USING (case_id, id)
"""
)
BREACHES = text(
    TOLD
    + """
    , breaches AS (
        SELECT case_id, id AS about, due_at FROM made JOIN broken USING (case_id, id)
        UNION ALL
        SELECT case_id, concat(said ->> 'clock', said ->> 'run'), (said ->> 'due_at')::timestamptz
        FROM told WHERE name = 'deadline_missed' AND said ->> 'clock' = ANY (:told)
    ),
    disclosed AS (
        SELECT case_id, coalesce(said ->> 'commitment_id',
                                 concat(said ->> 'clock', said ->> 'run')) AS about,
               min((said ->> 'occurred_at')::timestamptz) AS at
        FROM told WHERE name = 'delay_disclosed' GROUP BY 1, 2
    )
    SELECT count(*) FILTER (WHERE disclosed.at <= breaches.due_at), count(*)
    FROM breaches LEFT JOIN disclosed USING (case_id, about)
"""
)
MISSED = text(
    TOLD
    + """
    SELECT said ->> 'clock', count(*) FROM told WHERE name = 'deadline_missed' GROUP BY 1
"""
)
REMINDERS = text(TOLD + "SELECT count(*) FROM told WHERE name = 'reminder_given'")
TOLD_CLOCKS = ["first_plan", "solution_plan", "technical_report", "minutes", "supplement"]


@pytest.fixture(scope="module")
def service(shared_service: Service) -> Service:
    random = Random(7)
    cases = [a_promising_case(shared_service, random) for _ in range(60)]
    for case_id in cases:
        if random.random() < 0.4:
            disclose(shared_service, case_id, random)
    time = TimeMachine(BEGAN_AT + 25 * DAY)
    for _ in range(6):
        build_engine(shared_service).catch_up()
        Timers(shared_service.engine, shared_service.cases, time).fire_due()
    for case_id in cases[:20]:
        keep_as_if_in_time(shared_service, case_id)
    build_engine(shared_service).catch_up()
    return shared_service


def disclose(service: Service, case_id: Any, random: Random) -> None:
    """Tell the customer of a delay, in time or not."""
    case = service.cases.get(case_id)
    open_ones = [each for each in case.commitments.values() if each.owed.is_open(case.occasions)]
    if not open_ones or case.status != "reported":
        return
    promise = random.choice(open_ones)
    at = promise.made.due_at + timedelta(hours=random.choice((-1, 1)))
    about: dict[str, Any] = {"commitment_id": promise.id, "clock": None, "run": None}
    if random.random() < 0.5:
        about = {"commitment_id": None, "clock": "first_plan", "run": 1}
        at = BEGAN_AT + timedelta(hours=random.choice((47, 49)))
    told = details_for("disclose_delay", NOBODYS) | about
    by = circumstances(at=at)
    service.cases.take_step(case_id, "disclose_delay", told, expected_version=None, by=by)


def keep_as_if_in_time(service: Service, case_id: Any) -> None:
    """Tell of each breach on record that the promise was kept before it was due."""
    case = service.cases.get(case_id)
    broken = [each for each in case.commitments.values() if each.broken and not each.kept]
    for promise in broken if case.status == "reported" else ():
        if promise.owed.ended_at is None:
            by = circumstances(
                at=BEGAN_AT + 25 * DAY, occurred_at=promise.made.due_at - timedelta(minutes=5)
            )
            kept = details_for("keep_commitment", NOBODYS) | {"commitment_id": promise.id}
            service.cases.take_step(case_id, "keep_commitment", kept, expected_version=None, by=by)


@pytest.fixture
def report(service: Service) -> PromiseReport:
    with service.engine.connect() as connection:
        return promise_report(connection, PERIOD, BEGAN_AT + 25 * DAY)


def counted(service: Service, question: Any, **given: Any) -> list[Any]:
    with service.engine.connect() as connection:
        return list(connection.execute(question, given))


def test_promises_are_counted_as_the_events_say(service: Service, report: PromiseReport) -> None:
    (told,) = counted(service, PROMISES)

    states = report.total.states
    assert report.total.made == told.made
    assert (states["kept"], states["late"], states["broken"]) == (
        told.kept, told.late, told.broken,
    )  # fmt: skip
    assert (
        min(
            told.kept,
            told.late,
            told.backdated,
            told.broken,
            states["replaced"],
            states["cancelled"],
        )
        > 0
    )
    assert report.total.in_time == Share(told.kept, told.kept + told.late + told.broken)
    assert sum(each.made for each in report.by_kind) == told.made
    assert sum(each.made for each in report.by_owner) == told.made


def test_breaches_that_were_told_of_in_time_are_counted(
    service: Service, report: PromiseReport
) -> None:
    ((in_time, breaches),) = counted(service, BREACHES, told=TOLD_CLOCKS)

    assert report.disclosed == Share(in_time, breaches)
    assert 0 < in_time < breaches


def test_missed_targets_and_reminders_are_counted(service: Service, report: PromiseReport) -> None:
    missed = {each.clock: each.missed for each in report.targets if each.missed}

    assert missed == dict(map(tuple, counted(service, MISSED)))
    assert missed["progress_update"] > 0
    assert report.reminders == counted(service, REMINDERS)[0][0] > 0


def test_another_period_has_none_of_it(service: Service) -> None:
    before = Period(BEGAN_AT - 9 * DAY, BEGAN_AT - 2 * DAY)

    with service.engine.connect() as connection:
        report = promise_report(connection, before, BEGAN_AT + 25 * DAY)

    assert (report.total.made, report.reminders, report.targets) == (0, 0, ())
    assert report.total.in_time.share is None
