"""The case list as it was and as it was known: what it would have shown, had it been asked then."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from domain.conflict_case import ConflictCase
from domain.values import Status
from projections.case_questions import CaseFilter, CasePage, CaseQuestions, ListedCase, Order
from projections.past_cases import PastCases
from projections.read_models import build_engine, tools_of
from projections.rewinding import TooMuchHasMoved
from service.assembly import Service
from service.instants import NOW, Instants
from service.mapper import LoggedEvent
from tests.every_event import stories
from tests.given import a_story_to
from tests.late_lives import some_instants, with_late_events

SEED = 20261123
LOOKS = 120
HANDLER = frozenset({"handler"})


@dataclass(frozen=True)
class Reading:
    """A service whose cases were recorded event by event, and the list after every fifth."""

    service: Service
    seen: dict[datetime, list[ListedCase]] = field(default_factory=dict)
    histories: dict[UUID, list[LoggedEvent]] = field(default_factory=dict)

    def ask(
        self,
        instants: Instants,
        *,
        most_events: int | None = 50_000,
        order: Order = Order.NEWEST_REPORTED,
        **asked: Any,
    ) -> list[ListedCase]:
        """The whole list, page by page."""
        questions = CaseQuestions(self.service.keys, tools_of(self.service).blind_index)
        past = PastCases(self.service.mapper, tools_of(self.service), most_events)
        wanted = CaseFilter(**asked)
        found: list[ListedCase] = []
        cursor: str | None = None

        def page(connection: Connection) -> CasePage:
            return questions.list_cases(
                connection, wanted, roles=HANDLER, order=order, limit=4, cursor=cursor
            )

        with self.service.engine.connect() as connection:
            while True:
                shown = past.of(wanted).ask(connection, instants, page)
                found += shown.cases
                cursor = shown.next_cursor
                if cursor is None:
                    return found


@pytest.fixture(scope="module")
def reading(shared_service: Service) -> Reading:
    dice = Random(SEED)
    reading, engine = Reading(shared_service), build_engine(shared_service)
    lives = [with_late_events(story, dice) for story in (*stories(), a_story_to(Status.CONFIRMED))]
    while any(lives):
        life = dice.choice([life for life in lives if life])
        (recorded,) = shared_service.cases.record([life.pop(0)])
        if dice.random() < 0.2:
            engine.catch_up()
            reading.seen[recorded.recorded_at] = reading.ask(NOW)
    engine.catch_up()
    ids = {case.case_id for case in reading.ask(NOW)}
    reading.histories.update({case_id: shared_service.cases.history(case_id) for case_id in ids})
    return reading


def test_the_list_as_it_was_known_is_the_list_that_was_shown(reading: Reading) -> None:
    for moment, shown in reading.seen.items():
        assert reading.ask(Instants(known_at=moment)) == shown


def test_the_list_holds_the_cases_as_they_were(reading: Reading) -> None:
    dice = Random(SEED)
    logged = [each for history in reading.histories.values() for each in history]
    occurred = some_instants((each.event.occurred_at for each in logged), dice, LOOKS)
    recorded = some_instants((each.recorded_at for each in logged), dice, LOOKS)
    for as_of, known_at in zip(occurred, recorded, strict=True):
        instants = Instants(as_of, dice.choice([None, known_at]))

        listed = {case.case_id: case for case in reading.ask(instants)}

        expected = {
            case_id: case
            for case_id, history in reading.histories.items()
            if (case := as_it_was(case_id, history, instants)).version
        }
        assert listed.keys() == expected.keys()
        for case_id, case in expected.items():
            row = listed[case_id]
            assert (row.status, row.version) == (case.status, case.version)
            assert (row.reported_at, row.updated_at) == (case.began_at, case.updated_at)
            handler = case.assignments[-1].handler if case.assignments else None
            assert row.handler == handler


def as_it_was(case_id: UUID, history: list[LoggedEvent], instants: Instants) -> ConflictCase:
    there = [
        each.event for each in history if instants.cover(each.event.occurred_at, each.recorded_at)
    ]
    return ConflictCase.folded(case_id, there if there and there[0].version == 1 else [])


@pytest.mark.parametrize("order", list(Order))
def test_filters_and_order_apply_to_the_past(reading: Reading, order: Order) -> None:
    for moment, shown in list(reading.seen.items())[::4]:
        instants = Instants(known_at=moment)
        for status in {case.status for case in shown}:
            listed = reading.ask(instants, order=order, statuses={status})

            assert {case.case_id for case in listed} == {
                case.case_id for case in shown if case.status == status
            }
            times = [[getattr(case, column.name, 0) for column in order.columns] for case in listed]
            if order is not Order.URGENCY:
                assert times == sorted(times, reverse=order.newest_first)


def test_words_find_a_case_only_once_they_were_written(reading: Reading) -> None:
    (case_id, history) = next(
        (case_id, history)
        for case_id, history in reading.histories.items()
        if [each.event.NAME for each in history].count("conflict_confirmed")
    )
    confirmed = next(each for each in history if each.event.NAME == "conflict_confirmed")
    word = str(confirmed.event.restatement.fact.reveal()).split()[-1]  # type: ignore[attr-defined]
    just_before = confirmed.recorded_at - timedelta(microseconds=1)

    before = reading.ask(Instants(known_at=just_before), text=word)
    after = reading.ask(Instants(known_at=confirmed.recorded_at), text=word)

    assert case_id not in {case.case_id for case in before}
    assert case_id in {case.case_id for case in after}


def test_what_is_asked_of_few_cases_folds_few(reading: Reading) -> None:
    moment, shown = next(
        (moment, shown) for moment, shown in reading.seen.items() if any(c.imported for c in shown)
    )
    imported = [case for case in shown if case.imported]
    events = sum(len(reading.histories[case.case_id]) for case in imported)

    with pytest.raises(TooMuchHasMoved) as fault:
        reading.ask(Instants(known_at=moment), most_events=events)
    found = reading.ask(Instants(known_at=moment), most_events=events, imported=True)

    assert fault.value.most_events == events
    assert found == imported
