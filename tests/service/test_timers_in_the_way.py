"""A timer's event makes nobody's view of a case stale; another person's change does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain import errors
from domain.conflict_case import ConflictCase
from domain.lifecycle import TABLE
from domain.lifecycle.step import TIMER
from domain.values import Role
from service.assembly import Service
from service.conflict_cases import Taken
from tests.given import BEGAN_AT, circumstances, details_for

WRITERS = 50
IMPORTERS = {"import_record", "note_imported_entry"}


def report(service: Service) -> UUID:
    """An urgent case, whose clocks run out within a month."""
    details = details_for("report", ConflictCase(uuid4())) | {"urgency": "urgent"}
    return service.cases.begin("report", details, circumstances()).case.id


def miss(service: Service, case_id: UUID, clock: str = "first_plan") -> Taken:
    """What a timer does a month later."""
    later = circumstances("timer", [Role.ADMIN], BEGAN_AT + timedelta(days=31))
    run = {"clock": clock, "run": 1}
    return service.cases.take_step(case_id, "miss_deadline", run, expected_version=None, by=later)


def take(service: Service, case_id: UUID, step: str, seen: int) -> Taken:
    details = details_for(step, service.cases.get(case_id))
    return service.cases.take_step(
        case_id, step, details, expected_version=seen, by=circumstances()
    )


def test_the_steps_of_timers_are_those_that_need_no_caller() -> None:
    of_system = {step.command for step in TABLE if step.roles == TIMER} - IMPORTERS

    assert {step.command for step in TABLE if step.by_timers} == of_system


def test_timers_lead_to_no_other_status() -> None:
    moving = [step for step in TABLE if step.by_timers and (step.leads_to or step.begins_a_case)]

    assert moving == []


def test_a_change_that_only_a_timer_overtook_is_taken(service: Service) -> None:
    case_id = report(service)
    miss(service, case_id)

    taken = take(service, case_id, "acknowledge", seen=1)

    assert taken.case.version == 3
    assert [logged.event.NAME for logged in service.cases.history(case_id)] == [
        "conflict_reported",
        "deadline_missed",
        "conflict_acknowledged",
    ]


def test_a_change_that_somebody_overtook_is_refused_though_a_timer_came_last(
    service: Service,
) -> None:
    case_id = report(service)
    take(service, case_id, "acknowledge", seen=1)
    miss(service, case_id)

    with pytest.raises(errors.CaseHasMoved) as refusal:
        take(service, case_id, "acknowledge", seen=1)

    assert refusal.value.params == {"current_version": 3}
    assert take(service, case_id, "acknowledge", seen=2).case.version == 4


def test_no_version_ahead_of_the_case_is_taken_for_seen(service: Service) -> None:
    case_id = report(service)
    miss(service, case_id)

    with pytest.raises(errors.CaseHasMoved):
        take(service, case_id, "acknowledge", seen=3)

    assert service.cases.get(case_id).version == 2


def test_a_timer_that_is_faster_by_a_moment_costs_another_look(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = report(service)
    overtaken_by(service, monkeypatch, lambda: miss(service, case_id))

    taken = take(service, case_id, "acknowledge", seen=1)

    assert taken.case.version == 3


def test_a_person_who_is_faster_by_a_moment_wins(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = report(service)
    overtaken_by(service, monkeypatch, lambda: take(service, case_id, "acknowledge", seen=1))

    with pytest.raises(errors.CaseHasMoved):
        take(service, case_id, "acknowledge", seen=1)

    assert service.cases.get(case_id).version == 2


def overtaken_by(
    service: Service, monkeypatch: pytest.MonkeyPatch, overtake: Callable[[], object]
) -> None:
    """Let somebody else append just before the next append."""
    append = service.recorder.append

    def late(*values: Any, **named: Any) -> Any:
        monkeypatch.setattr(service.recorder, "append", append)
        overtake()
        return append(*values, **named)

    monkeypatch.setattr(service.recorder, "append", late)


def test_of_fifty_writers_beside_timers_one_writes_and_every_timer_too(service: Service) -> None:
    case_id = report(service)

    def write(number: int) -> str:
        try:
            return str(take(service, case_id, "acknowledge", seen=1).case.version)
        except errors.CaseHasMoved:
            return "refused"

    def fire(clock: str) -> int:
        while True:
            try:
                return miss(service, case_id, clock).case.version
            except errors.CaseHasMoved:
                continue

    clocks = [run.clock for run in service.cases.get(case_id).clock_runs(BEGAN_AT)]
    with ThreadPoolExecutor(WRITERS + len(clocks)) as pool:
        writing = [pool.submit(write, number) for number in range(WRITERS)]
        fired = list(pool.map(fire, [clock for clock in clocks if clock != "first_reply"]))
        written = [each.result() for each in writing]

    assert written.count("refused") == WRITERS - 1
    history = service.cases.history(case_id)
    assert len(history) == 2 + len(fired)
    assert [logged.event.version for logged in history] == list(range(1, len(history) + 1))
