"""Service targets in the lessons-learned report equal what plain SQL counts in the log."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import text

from projections.lessons_period import Period
from projections.lessons_report import ReportRequest, lessons_report
from projections.lessons_targets import TargetFigures
from projections.read_models import build_engine
from projections.timers import Timers
from service.assembly import Service
from tests.given import BEGAN_AT, circumstances, details_for
from tests.projections.test_timers import NOBODYS

SEED = 5
CASES = 90
LATEST_REPLY_MINUTES = 400
LOOKED_AT = BEGAN_AT + timedelta(days=3)

MISSES = """
    SELECT convert_from(state, 'UTF8')::jsonb ->> 'clock' AS clock, count(*)
    FROM events WHERE topic LIKE 'deadline_missed:%' GROUP BY 1 ORDER BY 1
"""
REPLIES_IN_TIME = """
    WITH told AS (
        SELECT originator_id, topic, convert_from(state, 'UTF8')::jsonb AS said FROM events
    ), reported AS (
        SELECT originator_id, (said ->> 'occurred_at')::timestamptz AS at,
            CASE WHEN said ->> 'urgency' = 'urgent' AND said ->> 'channel' = 'chat' THEN 15
                 WHEN said ->> 'urgency' = 'urgent' THEN 30
                 WHEN said ->> 'channel' = 'chat' THEN 120 ELSE 240 END AS minutes
        FROM told WHERE topic LIKE 'conflict_reported:%'
    ), replied AS (
        SELECT originator_id, (said ->> 'occurred_at')::timestamptz AS at
        FROM told WHERE topic LIKE 'conflict_acknowledged:%'
    )
    SELECT count(*) FROM reported JOIN replied USING (originator_id)
    WHERE replied.at <= reported.at + reported.minutes * interval '1 minute'
"""


def live(service: Service, random: Random) -> None:
    """Cases of different urgency by two channels, replied to in time, late or never."""
    for number in range(CASES):
        at = BEGAN_AT + timedelta(minutes=number)
        details = details_for("report", NOBODYS) | {
            "source": None,
            "channel": random.choice(["phone", "chat"]),
            "urgency": random.choice(["urgent", None]),
            "request_kind": None,
            "emotion": None,
        }
        case = service.cases.begin("report", details, circumstances(at=at)).case
        if random.random() < 0.8:
            replied_at = at + timedelta(minutes=random.randint(1, LATEST_REPLY_MINUTES))
            service.cases.take_step(
                case.id,
                "acknowledge",
                details_for("acknowledge", case),
                expected_version=case.version,
                by=circumstances(at=replied_at),
            )


def run_timers(service: Service, now: datetime) -> None:
    timers, engine = Timers(service.engine, service.cases, lambda: now), build_engine(service)
    engine.catch_up()
    while timers.fire_due():
        engine.catch_up()
    engine.catch_up()


def targets(service: Service) -> dict[str, TargetFigures]:
    asked = ReportRequest(now=LOOKED_AT, period=Period(BEGAN_AT, LOOKED_AT))
    with service.engine.connect() as connection:
        total = lessons_report(connection, asked).total
    return {each.clock: each for each in total.targets}


def test_targets_met_and_missed_equal_an_independent_count(service: Service) -> None:
    live(service, Random(SEED))

    run_timers(service, LOOKED_AT)

    found = targets(service)
    with service.engine.connect() as connection:
        missed = dict(connection.execute(text(MISSES)).all())
        in_time = connection.execute(text(REPLIES_IN_TIME)).scalar_one()
    assert {clock: each.missed for clock, each in found.items() if each.missed} == missed
    assert found["first_reply"].met == in_time > 0
    assert found["first_reply"].met + found["first_reply"].missed == CASES


def test_a_target_is_missed_before_a_timer_has_said_so(service: Service) -> None:
    live(service, Random(SEED))
    build_engine(service).catch_up()
    before = targets(service)["first_reply"]

    run_timers(service, LOOKED_AT)

    assert targets(service)["first_reply"] == before
    assert before.missed > 0
