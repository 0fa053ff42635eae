"""Whose cases there are is known at once, whatever a worker has summed up so far."""

from __future__ import annotations

import random
from importlib import import_module
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from sqlalchemy import Engine, text

from projections.ledger import feeding
from projections.ledger.feeding import LedgerFeeder
from service.assembly import Service
from service.database import create_owner_engine
from service.settings import Settings
from tests.service.event_store.steps import readable

REFS = ("K-1", "K-10", "K-2", "Acme:Ltd/7")

MIGRATION = import_module("service.migrations.versions.0016_runs_of_events")


def begin_cases(service: Service, count: int, chance: random.Random) -> dict[UUID, str]:
    """Cases of two events each; whose they are."""
    whose = {uuid4(): chance.choice(REFS) for _ in range(count)}
    for case_id, ref in whose.items():
        state = f'{{"actor":{{"id":"x"}},"subject_ref":"{ref}","y":"subject_ref"}}'.encode()
        for version in (1, 2):
            event = StoredEvent(case_id, version, "interaction_logged:1", state)
            position = service.recorder.append([event])[0].id
    readable(service.recorder, position)
    return whose


def cases_by_ref(service: Service) -> dict[str, set[UUID]]:
    return {ref: set(service.subjects.cases_of(ref)) for ref in REFS}


def sorted_out(whose: dict[UUID, str]) -> dict[str, set[UUID]]:
    return {ref: {each for each, of in whose.items() if of == ref} for ref in REFS}


def summed_up(service: Service) -> int:
    with service.engine.connect() as connection:
        asked = text("SELECT count(*) FROM ledger.subjects")
        return int(connection.execute(asked).scalar_one())


def test_cases_are_found_before_and_after_a_worker_sums_them_up(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "RUN_LENGTH", 20)
    chance, feeder = random.Random(3), LedgerFeeder(service.engine, page_size=8)
    whose: dict[UUID, str] = {}
    found = []

    for _ in range(6):
        whose |= begin_cases(service, chance.randint(1, 15), chance)
        found.append((cases_by_ref(service), sorted_out(whose)))
        feeder.catch_up()
        found.append((cases_by_ref(service), sorted_out(whose)))
    whose |= begin_cases(service, 3, chance)
    found.append((cases_by_ref(service), sorted_out(whose)))

    assert all(cases == expected for cases, expected in found)
    assert 0 < summed_up(service) < len(whose)


def test_cases_come_in_the_order_in_which_they_began(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "RUN_LENGTH", 10)
    begin_cases(service, 10, random.Random(4))
    LedgerFeeder(service.engine, page_size=10).catch_up()
    begin_cases(service, 4, random.Random(5))

    places = list(service.subjects.cases_of("K-1").values())

    assert len(places) > 2
    assert places == sorted(places)


def test_the_migration_sums_up_what_is_there(settings: Settings, service: Service) -> None:
    whose = begin_cases(service, 30, random.Random(6))

    with create_owner_engine(settings).connect() as connection:
        MIGRATION.sum_up(connection)

    assert summed_up(service) == len(whose)
    assert cases_by_ref(service) == sorted_out(whose)
    with service.engine.connect() as connection:
        runs = connection.execute(text("SELECT after_position, last_position FROM ledger.runs"))
        newest = connection.execute(text("SELECT max(position) FROM events")).scalar_one()
        assert runs.all() == [(-1, newest)]


LONGEST = "K" + "9" * 200
FAR = b'{"x":"' + b"y" * 1960


@pytest.mark.parametrize(
    ("state", "subject"),
    [
        (b'{"actor":{"id":"ann"},"subject_ref":"K-1","channel":"phone"}', "K-1"),
        (b'{"subject_ref":"Acme:Ltd/7#2_x.y"}', "Acme:Ltd/7#2_x.y"),
        ('{"text":"她说","subject_ref":"K-1"}'.encode(), "K-1"),
        (f'{{"subject_ref":"{LONGEST}"}}'.encode(), LONGEST),
        (rb'{"text":"\"subject_ref\":\"K-2\"","subject_ref":"K-1"}', "K-1"),
        (FAR + b'","subject_ref":"K-1"}', "K-1"),
        (FAR + b'","subject_ref":"K-100000000000000000"}', None),
        (FAR + b"y" * 40 + b'","subject_ref":"K-1"}', None),
        (b'{"subject_ref":"K-1', None),
        (b'{"subject_ref":""}', None),
        (b'{"subject_ref":"a b"}', None),
        (b'{"subject_ref":null}', None),
        (b"\x00\xff no JSON", None),
        (b"", None),
    ],
)
def test_the_subject_of_a_first_event(
    shared_engine: Engine, state: bytes, subject: str | None
) -> None:
    with shared_engine.connect() as connection:
        asked = text("SELECT subject_of_event(:state)")
        found = connection.execute(asked, {"state": state}).scalar_one()

    assert found == subject
