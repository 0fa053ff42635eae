"""Legal holds: placed and released once, listed for ever, changed by nobody."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from uuid import uuid4

import psycopg2
import pytest

from domain import errors
from service.assembly import Service
from service.event_store import Command
from tests.service.event_store.steps import all_at_once
from tests.service.privacy_steps import a_case_of, count, hold, privacy_officer

CHANGES = ["UPDATE records SET state = 'x'", "DELETE FROM records", "TRUNCATE records"]


def test_a_hold_says_who_placed_it_when_and_why(service: Service) -> None:
    a_case_of(service, "K-1")

    held = service.holds.get(hold(service, "K-1"))

    placed = held.hold.placed
    assert (placed.subject_ref, placed.case_id) == ("K-1", None)
    assert (placed.ground, placed.matter, placed.actor.id) == ("litigation", "court-2026-77", "pia")
    assert held.hold.stands
    assert held.placed_at.tzinfo is not None
    assert service.holds.all() == [held]


def test_a_released_hold_stays_on_record(service: Service) -> None:
    a_case_of(service, "K-1")
    hold_id = hold(service, "K-1")

    released = service.holds.release(hold_id, privacy_officer(), ground="ordered")

    assert not released.hold.stands
    assert released.hold.released is not None
    assert released.hold.released.ground == "ordered"
    assert released.released_at is not None
    assert service.holds.all() == [released]
    assert service.holds.standing() == []


def test_a_hold_is_released_once(service: Service) -> None:
    a_case_of(service, "K-1")
    hold_id = hold(service, "K-1")
    service.holds.release(hold_id, privacy_officer(), ground="ordered")

    with pytest.raises(errors.HoldAlreadyReleased):
        service.holds.release(hold_id, privacy_officer(), ground="matter_closed")

    assert count(service, "records") == 2


@pytest.mark.parametrize(
    ("scope", "refusal"),
    [
        ({"subject_ref": "K-404", "case_id": None}, errors.SubjectNotFound),
        ({"subject_ref": None, "case_id": uuid4()}, errors.CaseNotFound),
        ({"subject_ref": None, "case_id": None}, errors.InvalidValue),
        ({"subject_ref": "K-1", "case_id": uuid4()}, errors.InvalidValue),
    ],
)
def test_a_hold_names_one_person_or_case_that_is_known(
    service: Service, scope: dict[str, object], refusal: type[errors.Refusal]
) -> None:
    a_case_of(service, "K-1")

    with pytest.raises(refusal):
        service.holds.place(privacy_officer(), **scope, ground="litigation", matter="m-1")

    assert count(service, "records") == 0


def test_there_is_nothing_to_release_where_nothing_is_held(service: Service) -> None:
    with pytest.raises(errors.HoldNotFound):
        service.holds.release(uuid4(), privacy_officer(), ground="ordered")


def test_the_same_request_again_places_and_releases_once(service: Service) -> None:
    a_case_of(service, "K-1")
    placing, releasing = Command(uuid4(), b"p" * 32), Command(uuid4(), b"r" * 32)
    asked = {"subject_ref": "K-1", "case_id": None, "ground": "litigation", "matter": "m-1"}

    first = service.holds.place(privacy_officer(), **asked, command=placing)
    again = service.holds.place(privacy_officer(), **asked, command=placing)
    done = service.holds.release(
        first.hold.id, privacy_officer(), ground="ordered", command=releasing
    )
    repeated = service.holds.release(
        first.hold.id, privacy_officer(), ground="ordered", command=releasing
    )

    assert again == replace(first, replayed=True)
    assert repeated == replace(done, replayed=True)
    assert count(service, "records") == 2


def test_the_same_release_sent_many_times_at_once_is_one(service: Service) -> None:
    a_case_of(service, "K-1")
    hold_id, answers = hold(service, "K-1"), []
    command = Command(uuid4(), b"r" * 32)

    def release() -> None:
        by = privacy_officer()
        answers.append(service.holds.release(hold_id, by, ground="ordered", command=command))

    all_at_once([release] * 12)

    assert sum(not held.replayed for held in answers) == 1
    assert len(answers) == 12


@pytest.mark.parametrize("change", CHANGES)
def test_nobody_changes_a_record(service: Service, owner_database_url: str, change: str) -> None:
    a_case_of(service, "K-1")
    hold(service, "K-1")

    with closing(psycopg2.connect(owner_database_url)) as owner:
        cursor = owner.cursor()
        with pytest.raises(psycopg2.Error, match="records are insert-only"):
            cursor.execute(change)


@pytest.mark.parametrize("change", CHANGES)
def test_the_service_may_not_even_try(service: Service, database_url: str, change: str) -> None:
    with closing(psycopg2.connect(database_url)) as connection:
        cursor = connection.cursor()
        with pytest.raises(psycopg2.Error, match="permission denied"):
            cursor.execute(change)
