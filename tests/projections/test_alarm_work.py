"""Alarms as work at a moment of the past: as it was, and as it was known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.early_warning.alarms import alarm_id
from domain.early_warning.answering import ACKNOWLEDGE, CLOSE
from projections.alarm_work import AlarmWorkFilter, list_alarm_work
from service.alarms import KeptAlarm
from service.assembly import Service
from service.instants import Instants
from tests.an_alarm import LOOK, RULE, raise_one
from tests.given import circumstances

INSTANT, DAY = timedelta(microseconds=1), timedelta(days=1)


def work(service: Service, instants: Instants) -> list[str]:
    wanted = AlarmWorkFilter(now=LOOK, instants=instants)
    with service.engine.connect() as connection:
        return [each.work for each in list_alarm_work(connection, wanted, 10)]


def test_the_list_of_a_moment_shows_what_was_known_and_had_occurred_then(service: Service) -> None:
    raise_one(service, "phone")
    alarm = alarm_id(RULE, "phone", LOOK)
    seen_by = replace(circumstances(), now=LOOK + DAY)
    closed_by = replace(circumstances(), now=LOOK + 2 * DAY)
    raised = service.alarms.get(alarm)
    seen = service.alarms.acknowledge(alarm, seen_by, expected_version=1)
    closed = service.alarms.close(alarm, closed_by, expected_version=2, ground="expected_event")

    def known(kept: KeptAlarm, later: timedelta = timedelta(0)) -> list[str]:
        return work(service, Instants(known_at=kept.changed_at + later))

    assert known(raised, -INSTANT) == []
    assert known(raised) == [ACKNOWLEDGE]
    assert known(seen, -INSTANT) == [ACKNOWLEDGE]
    assert known(seen) == known(closed, -INSTANT) == [CLOSE]
    assert known(closed) == work(service, Instants()) == []
    days = (-INSTANT, timedelta(0), DAY, 2 * DAY)
    occurred = [work(service, Instants(as_of=LOOK + after)) for after in days]
    assert occurred == [[], [ACKNOWLEDGE], [CLOSE], []]
