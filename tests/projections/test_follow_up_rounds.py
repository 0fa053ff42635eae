"""Follow-up rounds: due one after the other, each warned of and missed once, through restarts."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.conflict_case import ConflictCase
from domain.values import Customer, Status
from projections.deadlines import READ_MODEL
from projections.read_models import build_engine
from projections.timers import Timers
from service.assembly import Service, build
from service.settings import Settings
from tests.given import BEGAN_AT, STAGES, WAY_TO, circumstances_for, details_for
from tests.projections.rows import stored_rows

DAY = timedelta(days=1)


def a_resolved_case(service: Service, tier: str, at: datetime) -> UUID:
    """Reported and resolved on the same day, by real commands."""
    new = ConflictCase(UUID(int=0))
    details = details_for("report", new) | {
        "source": None,
        "customer": Customer(ref=f"K-{tier}", tier=tier),
    }
    case = service.cases.begin("report", details, circumstances_for("report", at)).case
    for stage in STAGES[1 : STAGES.index(Status.RESOLVED) + 1]:
        for command in WAY_TO[stage]:
            at += timedelta(minutes=1)
            by = circumstances_for(command, at)
            taken = service.cases.take_step(
                case.id, command, details_for(command, case), expected_version=None, by=by
            )
            case = taken.case
    return case.id


def pass_time(service: Service, settings: Settings, days: int, step_days: int = 3) -> datetime:
    """Days pass; every worker is made anew each time, and three of them run at once."""
    now = BEGAN_AT
    while now < BEGAN_AT + days * DAY:
        now += step_days * DAY
        workers = [build(settings) for _ in range(3)]
        build_engine(service).catch_up()
        with ThreadPoolExecutor(3) as pool:
            for each in workers:
                pool.submit(Timers(each.engine, each.cases, lambda now=now: now).fire_due)
        for worker in workers:
            worker.engine.dispose()
    build_engine(service).catch_up()
    return now


def rounds(case: ConflictCase, name: str) -> list[tuple[int, datetime]]:
    told = case.deadlines_missed if name == "missed" else case.deadlines_warned
    return [(each.run, each.due_at) for each in told if each.clock == "follow_up_round"]


def test_each_round_is_missed_once_on_its_day(service: Service, settings: Settings) -> None:
    gold = a_resolved_case(service, "gold", BEGAN_AT)
    silver = a_resolved_case(service, "silver", BEGAN_AT)

    pass_time(service, settings, 150, step_days=10)

    midnights = [datetime(2026, 11, day, tzinfo=UTC) for day in (10, 17, 24)]
    weeks = [*midnights, datetime(2026, 12, 1, tzinfo=UTC)]
    months = [
        datetime(year, month, 3, tzinfo=UTC)
        for year, month in ((2026, 12), (2027, 1), (2027, 2), (2027, 3))
    ]
    assert rounds(service.cases.get(gold), "missed") == list(enumerate(weeks, start=1))
    assert rounds(service.cases.get(silver), "missed") == list(enumerate(months, start=1))


def test_closing_ends_the_rounds_and_every_event_is_there_once(
    service: Service, settings: Settings
) -> None:
    case_id = a_resolved_case(service, "gold", BEGAN_AT)
    now = pass_time(service, settings, 10)
    for command in ("follow_up", "record_lessons", "close"):
        case = service.cases.get(case_id)
        by = circumstances_for(command, now)
        details = details_for(command, case)
        service.cases.take_step(case_id, command, details, expected_version=None, by=by)

    pass_time(service, settings, 60, step_days=10)

    case = service.cases.get(case_id)
    told = Counter(
        (event.NAME, event.clock, event.run)
        for event in (*case.deadlines_missed, *case.deadlines_warned)
    )
    assert set(told.values()) == {1}
    assert rounds(case, "missed") == [(1, datetime(2026, 11, 10, tzinfo=UTC))]


def test_a_rebuild_gives_the_same_rows_of_missed_rounds(
    service: Service, settings: Settings
) -> None:
    a_resolved_case(service, "gold", BEGAN_AT)
    pass_time(service, settings, 40, step_days=9)
    before = stored_rows(service.engine, READ_MODEL)
    engine = build_engine(service)

    engine.begin_rebuilds([READ_MODEL.name])
    engine.catch_up()

    assert stored_rows(service.engine, READ_MODEL) == before


def test_the_director_is_warned_of_a_plan_also_where_the_case_is_closed(
    service: Service, settings: Settings
) -> None:
    case_id = a_resolved_case(service, "gold", BEGAN_AT)
    at = BEGAN_AT + timedelta(hours=1)
    for command in ("follow_up", "open_director_order", "record_lessons", "close"):
        case = service.cases.get(case_id)
        details = details_for(command, case)
        by = circumstances_for(command, at)
        service.cases.take_step(case_id, command, details, expected_version=None, by=by)
    build_engine(service).catch_up()

    for hours in (46, 50):
        now = at + timedelta(hours=hours)
        Timers(service.engine, service.cases, lambda now=now: now).fire_due()
        build_engine(service).catch_up()

    case = service.cases.get(case_id)
    assert [event.clock for event in case.deadlines_warned] == ["director_plan"]
    assert [event.clock for event in case.deadlines_missed] == ["director_plan"]
    assert case.status is Status.CLOSED
