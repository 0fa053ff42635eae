"""The audit trail as it was and as it was known: entries as if what came later were not there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

import pytest

from domain.conflict_case import ConflictCase
from projections.audit_questions import AuditEntry, AuditFilter, AuditQuestions
from projections.read_models import build_engine
from service.assembly import Service
from service.instants import Instants
from service.mapper import LoggedEvent
from tests.every_event import stories
from tests.late_lives import some_instants, with_late_events

SEED = 20261122
LOOKS = 150


@dataclass(frozen=True)
class Reading:
    """A service whose cases have many late events, recorded one by one and read."""

    service: Service
    histories: dict[UUID, list[LoggedEvent]]

    def ask(self, instants: Instants, **asked: Any) -> list[AuditEntry]:
        questions = AuditQuestions(self.service.keys, self.service.mapper)
        wanted = AuditFilter(instants=instants, **asked)
        found: list[AuditEntry] = []
        cursor = None
        with self.service.engine.connect() as connection:
            while True:
                page = questions.entries(connection, wanted, limit=40, cursor=cursor)
                found += page.entries
                cursor = page.next_cursor
                if cursor is None:
                    return found

    def moments(self, dice: Random) -> list[tuple[datetime, datetime]]:
        """Random pairs: an instant by which things occurred, one by which they were recorded."""
        logged = [each for history in self.histories.values() for each in history]
        occurred = some_instants((each.event.occurred_at for each in logged), dice, LOOKS)
        recorded = some_instants((each.recorded_at for each in logged), dice, LOOKS)
        return list(zip(occurred, recorded, strict=True))


@pytest.fixture(scope="module")
def reading(shared_service: Service) -> Reading:
    dice = Random(SEED)
    known = stories()
    for story in known:
        for event in with_late_events(story, dice):
            shared_service.cases.record([event])
    build_engine(shared_service).catch_up()
    return Reading(
        shared_service,
        {story.case.id: shared_service.cases.history(story.case.id) for story in known},
    )


def seen(history: list[LoggedEvent], instants: Instants) -> list[LoggedEvent]:
    """What of a case was there by then; nothing where its first event was not."""
    there = [
        logged
        for logged in history
        if (instants.as_of is None or logged.event.occurred_at <= instants.as_of)
        and (instants.known_at is None or logged.recorded_at <= instants.known_at)
    ]
    return there if there and there[0].event.version == 1 else []


def test_entries_are_those_of_the_events_that_were_there(reading: Reading) -> None:
    dice = Random(SEED)
    for occurred, recorded in reading.moments(dice):
        case_id, history = dice.choice(list(reading.histories.items()))
        for instants in (
            Instants(occurred),
            Instants(None, recorded),
            Instants(occurred, recorded),
        ):
            entries = reading.ask(instants, case_id=case_id)

            case = ConflictCase(case_id)
            expected = seen(history, instants)
            assert [entry.position for entry in entries] == [each.position for each in expected]
            for entry, logged in zip(entries, expected, strict=True):
                before = case.status if case.version else None
                case.remember(logged.event)
                assert (entry.status_before, entry.status_after) == (before, case.status)


def test_old_values_come_from_events_that_were_there(reading: Reading) -> None:
    dice = Random(SEED)
    for occurred, recorded in reading.moments(dice)[:50]:
        instants = Instants(occurred, dice.choice([None, recorded]))
        for case_id in reading.histories:
            shown: dict[str, Any] = {}
            for entry in reading.ask(instants, case_id=case_id):
                for change in entry.changes:
                    # The steps of a plan stood in its solution before.
                    if change.field in shown or change.field != "plan.steps":
                        assert change.old == shown.get(change.field)
                    shown[change.field] = change.new


def test_the_trail_over_all_cases_is_that_of_each(reading: Reading) -> None:
    for occurred, recorded in reading.moments(Random(SEED))[:10]:
        instants = Instants(occurred, recorded)

        together = reading.ask(instants)

        each = [
            entry
            for case_id in reading.histories
            for entry in reading.ask(instants, case_id=case_id)
        ]
        assert together == sorted(each, key=lambda entry: entry.position)


def test_without_instants_nothing_is_left_out(reading: Reading) -> None:
    whole = sum(len(history) for history in reading.histories.values())

    assert len(reading.ask(Instants())) == whole
