"""Workers as processes: three at once, three times killed, and every breach recorded once."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.conflict_case import ConflictCase
from service.assembly import Service
from service.settings import Settings
from tests.cli.conftest import Start
from tests.cli.processes import environment_of, until
from tests.given import circumstances, details_for

CASES = 24
NOBODYS = ConflictCase(UUID(int=0))


def report_urgent_cases(service: Service) -> list[UUID]:
    """Chats that nobody answers, most of them due already, the rest within a few seconds."""
    now = datetime.now(UTC)
    details = details_for("report", NOBODYS) | {
        "channel": "chat",
        "urgency": "urgent",
        "emotion": None,
        "source": None,
    }
    return [
        service.cases.begin(
            "report",
            details,
            circumstances(at=now - timedelta(minutes=15) + timedelta(seconds=number / 3 - 2)),
        ).case.id
        for number in range(CASES)
    ]


def breaches(service: Service, case_id: UUID) -> Counter[str]:
    events = (logged.event for logged in service.cases.history(case_id))
    return Counter(f"{e.clock}#{e.run}" for e in events if e.NAME == "deadline_missed")


def test_three_workers_that_are_killed_record_every_breach_once(
    service: Service, settings: Settings, start: Start
) -> None:
    cases = report_urgent_cases(service)
    env = environment_of(settings)
    workers = [start("worker", env=env) for _ in range(3)]

    for number in range(3):
        until(lambda so_many=4 * number: recorded(service, cases) > so_many)
        workers[number].send_signal(signal.SIGKILL)
        workers.append(start("worker", env=env))
    until(lambda: recorded(service, cases) == CASES)
    for worker in workers:
        worker.terminate()
        worker.communicate(timeout=60)

    assert [breaches(service, case_id) for case_id in cases] == [{"first_reply#1": 1}] * CASES
    late = [delay_of(service, case_id) for case_id in cases[CASES // 2 :]]
    assert min(late) > timedelta(0)


def recorded(service: Service, cases: list[UUID]) -> int:
    return sum(breaches(service, case_id).total() for case_id in cases)


def delay_of(service: Service, case_id: UUID) -> timedelta:
    """How long after its due time a breach was recorded."""
    (missed,) = (
        logged
        for logged in service.cases.history(case_id)
        if logged.event.NAME == "deadline_missed"
    )
    return missed.recorded_at - missed.event.occurred_at
