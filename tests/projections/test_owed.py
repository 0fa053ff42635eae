"""What is owed: rows that say what the domain says, and timers that record it exactly once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.commitments import CommitmentState
from domain.conflict_case import ConflictCase
from domain.values import Agreement, Status
from projections.commitment_questions import CommitmentFilter, list_commitments, state_at
from projections.deadline_tables import OWED, RUNS
from projections.read_models import build_engine
from projections.timers import Timers
from service.assembly import Service, build
from service.settings import Settings
from tests.every_event import stories
from tests.given import BEGAN_AT, Story, circumstances, details_for
from tests.projections.test_deadlines import rows_of
from tests.still_clocks import TimeMachine

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOBODYS = ConflictCase(UUID(int=0))


# Rows


@pytest.mark.parametrize("number", range(len(stories())))
def test_the_rows_of_every_kind_of_story_say_what_its_promises_say(number: int) -> None:
    story = stories()[number]

    rows = {row["about"]: row for row in rows_of(story).rows(OWED)}

    case = story.case
    owed = {each.id: each.owed for each in case.commitments.values()}
    owed |= {each.id: each.owed for each in case.sent_minutes if each.sent.open_points}
    assert {about: told(row) for about, row in rows.items()} == {
        about: (each.since, each.kept_at, each.ended_at, each.breach_at(case.occasions),
                each.is_open(case.occasions))
        for about, each in owed.items()
    }  # fmt: skip


def told(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("since", "kept_at", "ended_at", "breach_at", "is_open"))


def test_a_promise_stands_in_the_work_until_it_is_done() -> None:
    story = Story().after("report", "assign")
    story.take("make_commitment", in_writing=False)

    promised = run_of(story, "commitment")
    done = run_of(story.after("keep_commitment"), "commitment")

    due = BEGAN_AT + HOUR + DAY
    assert (promised["listed_at"], promised["owner"], promised["handler"]) == (due, "财务组", "ann")
    assert promised["warn_at"] == due - timedelta(hours=5.75)
    assert (promised["act_at"], promised["next_step"]) == (due, "break_commitment")
    assert (done["is_open"], done["listed_at"], done["next_at"]) == (False, None, None)


def test_open_points_stand_in_the_work_until_the_next_reminder() -> None:
    story = Story().after("report", "send_minutes")

    left_open = run_of(story, "open_points")
    reminded = run_of(story.after("assign"), "open_points")
    story.take("remind", about="M1")
    later = run_of(story, "open_points")

    assert left_open["due_at"] == BEGAN_AT + HOUR + 3 * DAY
    assert (left_open["next_step"], left_open["owner"]) == ("day_3", "ann")
    assert reminded["handler"] == "ann"
    assert (later["next_step"], later["due_at"]) == ("day_7", BEGAN_AT + HOUR + 7 * DAY)


def run_of(story: Story, clock: str) -> dict[str, Any]:
    (row,) = [row for row in rows_of(story).rows(RUNS) if row["clock"] == clock]
    return row


# Timers


def test_three_workers_and_their_restarts_record_breaches_and_reminders_once(
    service: Service, settings: Settings
) -> None:
    """Weeks pass in steps; every worker is made anew each time, and all of them run at once."""
    random, time = Random(5), TimeMachine()
    cases = [a_promising_case(service, random) for _ in range(25)]

    for hours in (1, 3, 30, 73, 80, 169, 200, 24 * 16, 24 * 40):
        time.now = BEGAN_AT + timedelta(hours=hours)
        for _ in range(4):
            build_engine(service).catch_up()
            workers = [build(settings) for _ in range(3)]
            with ThreadPoolExecutor(3) as pool:
                list(
                    pool.map(lambda each: Timers(each.engine, each.cases, time).fire_due(), workers)
                )
            for worker in workers:
                worker.engine.dispose()

    build_engine(service).catch_up()
    given: Counter[str] = Counter()
    for case_id in cases:
        case = service.cases.get(case_id)
        recorded = Counter(
            str(getattr(event, "commitment_id", "") or (event.about, event.reminder))
            for event in events_of(service, case_id, "commitment_broken", "reminder_given")
        )
        assert set(recorded.values()) <= {1}
        assert breaches(case) == {
            each.id: each.made.due_at for each in case.commitments.values() if each.broken
        }
        assert {(e.about, e.reminder): e.due_at for e in case.reminders} == expected(case)
        given.update(e.reminder for e in case.reminders)
    assert set(given) == {"day_3", "day_7", "day_15"}
    assert Timers(service.engine, service.cases, time).fire_due() == 0
    with service.engine.connect() as connection:
        assert rows_state(connection, time.now) == domain_state(service, cases, time.now)


def a_promising_case(service: Service, random: Random) -> UUID:
    """A case with promises and open points, some of them kept, replaced, withdrawn or settled."""
    details = details_for("report", NOBODYS) | {"source": None}
    case_id = service.cases.begin("report", details, circumstances(at=BEGAN_AT)).case.id
    agreement = Agreement(agreed=True, at=BEGAN_AT + 0.8 * HOUR, channel="phone")

    def take(step: str, hours: float, **changes: object) -> None:
        by = circumstances(at=BEGAN_AT + timedelta(hours=hours))
        given = details_for(step, service.cases.get(case_id)) | changes
        service.cases.take_step(case_id, step, given, expected_version=None, by=by)

    for _ in range(random.randrange(1, 4)):
        due_at = BEGAN_AT + timedelta(hours=random.choice((2, 50, 73, 24 * 20)))
        take("make_commitment", 0.5, due_at=due_at, in_writing=False)
    if random.random() < 0.5:
        take("send_minutes", 0.6)
    if random.random() < 0.3:
        take("settle_open_points" if service.cases.get(case_id).minutes else "assign", 0.7)
    if random.random() < 0.5:
        take("keep_commitment", random.choice((0.9, 4)), commitment_id="C1")
    elif random.random() < 0.5:
        take("make_commitment", 0.9, replaces="C1", agreement=agreement, in_writing=False)
    if random.random() < 0.2:
        take("withdraw", 4.5)
    return case_id


def events_of(service: Service, case_id: UUID, *names: str) -> list[Any]:
    events = [logged.event for logged in service.cases.history(case_id)]
    return [event for event in events if event.NAME in names]


def breaches(case: ConflictCase) -> dict[str, datetime]:
    """The promises that were broken, long after all of them were due."""
    found = {each.id: each.owed.breach_at(case.occasions) for each in case.commitments.values()}
    return {commitment_id: at for commitment_id, at in found.items() if at is not None}


def expected(case: ConflictCase) -> dict[tuple[str, str], datetime]:
    """Three reminders of each thing that stayed open to the end."""
    left = [(each.id, each.owed) for each in case.commitments.values()]
    left += [(each.id, each.owed) for each in case.sent_minutes]
    return {
        (about, f"day_{days}"): owed.made_at + days * DAY
        for about, owed in left
        if owed.is_open(case.occasions)
        for days in (3, 7, 15)
    }


def rows_state(connection: Any, now: datetime) -> dict[tuple[UUID, str], str]:
    rows = connection.execute(
        select(OWED.c.case_id, OWED.c.about, state_at(now)).where(OWED.c.due_at.is_not(None))
    )
    return {(case_id, about): state for case_id, about, state in rows}


def domain_state(service: Service, cases: list[UUID], now: datetime) -> dict[tuple[UUID, str], str]:
    return {
        (case_id, each.id): each.owed.state(case.occasions, now).value
        for case_id in cases
        for case in [service.cases.get(case_id)]
        for each in case.commitments.values()
    }


def test_a_reminder_waits_for_the_one_before_and_says_when_its_day_had_come(
    service: Service,
) -> None:
    time = TimeMachine(BEGAN_AT + 30 * DAY)
    details = details_for("report", NOBODYS) | {"source": None}
    case_id = service.cases.begin("report", details, circumstances(at=BEGAN_AT)).case.id
    minutes = details_for("send_minutes", NOBODYS)
    service.cases.take_step(
        case_id, "send_minutes", minutes, expected_version=None, by=circumstances(at=BEGAN_AT)
    )

    for _ in range(4):
        build_engine(service).catch_up()
        Timers(service.engine, service.cases, time).fire_due()

    reminders = events_of(service, case_id, "reminder_given")
    assert [(e.reminder, e.occurred_at) for e in reminders] == [
        (f"day_{days}", BEGAN_AT + days * DAY) for days in (3, 7, 15)
    ]
    assert {e.actor.id for e in reminders} == {"timer"}


def test_each_missed_week_is_recorded_once_by_three_workers_and_their_restarts(
    service: Service, settings: Settings
) -> None:
    time = TimeMachine()
    details = details_for("report", NOBODYS) | {"source": None}
    case_ids = [
        service.cases.begin("report", details, circumstances(at=BEGAN_AT)).case.id for _ in range(3)
    ]
    by = circumstances(at=BEGAN_AT + 10 * DAY)
    told = details_for("update_progress", NOBODYS)
    service.cases.take_step(case_ids[0], "update_progress", told, expected_version=None, by=by)

    for days in (6, 9, 24, 24, 24, 24):
        time.now = BEGAN_AT + days * DAY
        build_engine(service).catch_up()
        workers = [build(settings) for _ in range(3)]
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda each: Timers(each.engine, each.cases, time).fire_due(), workers))
        for worker in workers:
            worker.engine.dispose()

    missed = [missed_weeks(service, case_id) for case_id in case_ids]
    assert missed == [[(1, 7), (3, 17)], [(1, 7), (2, 14), (3, 21)], [(1, 7), (2, 14), (3, 21)]]


def missed_weeks(service: Service, case_id: UUID) -> list[tuple[int, int]]:
    """Run and due day of every update that was recorded as missed."""
    missed = events_of(service, case_id, "deadline_missed")
    first_day_ends = BEGAN_AT + timedelta(hours=15)
    return [
        (e.run, (e.due_at - first_day_ends).days) for e in missed if e.clock == "progress_update"
    ]


# Questions


def test_promises_are_listed_by_owner_state_and_due_time(service: Service) -> None:
    details = details_for("report", NOBODYS) | {"source": None}
    case_id = service.cases.begin("report", details, circumstances(at=BEGAN_AT)).case.id
    for number, owner in enumerate(("care", "仓库", "care"), start=1):
        promise = details_for("make_commitment", NOBODYS) | {
            "owner": owner, "in_writing": False, "due_at": BEGAN_AT + number * DAY,
        }  # fmt: skip
        by = circumstances(at=BEGAN_AT + HOUR)
        service.cases.take_step(case_id, "make_commitment", promise, expected_version=None, by=by)
    build_engine(service).catch_up()
    now = BEGAN_AT + 1.5 * DAY

    with service.engine.connect() as connection:

        def listed(**wanted: Any) -> list[str]:
            page = list_commitments(connection, CommitmentFilter(now=now, **wanted))
            return [each.about for each in page.commitments]

        assert listed() == ["C1", "C2", "C3"]
        assert listed(owner="care") == ["C1", "C3"]
        assert listed(owner="仓库") == ["C2"]
        assert listed(state=CommitmentState.BROKEN) == ["C1"]
        assert listed(state=CommitmentState.OPEN, owner="care") == ["C3"]
        assert listed(due_before=BEGAN_AT + 3 * DAY) == ["C1", "C2"]
        first = list_commitments(connection, CommitmentFilter(now=now), limit=2)
        rest = list_commitments(connection, CommitmentFilter(now=now), cursor=first.next_cursor)
        assert [each.about for each in rest.commitments] == ["C3"]


def test_a_case_that_ended_owes_no_more(service: Service) -> None:
    story = Story().to(Status.CONFIRMED)
    story.take("make_commitment", in_writing=False)

    story.after("withdraw")

    assert run_of(story, "commitment")["is_open"] is False
    assert run_of(story, "commitment")["next_at"] is None
