"""Erasing a person: every word of theirs is gone, every fact about their cases stays."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain import errors
from domain.records import SubjectErased
from service.assembly import Service
from service.erasure_register import ErasureRegister
from service.event_store import Command
from tests.given import an_imported_story
from tests.service.privacy_steps import (
    a_case_of,
    count,
    erase,
    hold,
    is_erased,
    privacy_officer,
    summary_of,
)


def test_every_case_of_the_person_says_that_it_was_erased(service: Service) -> None:
    theirs = [a_case_of(service, "K-1"), a_case_of(service, "K-1")]
    another = a_case_of(service, "K-2")

    erasure = erase(service, "K-1")

    for case_id in theirs:
        event = service.cases.history(case_id)[-1].event
        assert (event.NAME, event.version) == ("personal_data_erased", 2)
        assert event.erasure_id == erasure.id
        assert (event.ground, event.request_ref) == ("consent_withdrawn", "privacy-7")
        assert event.actor.id == "pia"
        assert is_erased(service, case_id)
    assert summary_of(service, another) == "Late parcel"
    assert service.cases.get(another).version == 1


def test_asking_again_gives_the_same_answer_and_records_nothing(service: Service) -> None:
    a_case_of(service, "K-1")
    first = erase(service, "K-1")
    before = count(service, "events"), count(service, "records")

    again = erase(service, "K-1", ground="objection")

    assert replace(again, is_new=True) == first
    assert (again.id, again.is_new) == (first.id, False)
    assert (count(service, "events"), count(service, "records")) == before


def test_what_the_person_tells_later_can_be_erased_again(service: Service) -> None:
    first = erase(service, "K-1") if a_case_of(service, "K-1") else None
    later = a_case_of(service, "K-1", "Broken again")
    assert summary_of(service, later) == "Broken again"

    second = erase(service, "K-1")

    assert first is not None
    assert second.id != first.id
    assert second.record.originator_version == 2
    assert is_erased(service, later)
    assert [each.record.cases for each in service.records.of_kinds(SubjectErased)] == [1, 2]


def test_somebody_nobody_knows_is_not_found(service: Service) -> None:
    with pytest.raises(errors.SubjectNotFound):
        erase(service, "K-404")

    assert count(service, "records") == 0


def test_a_ground_that_is_no_code_is_refused(service: Service) -> None:
    case_id = a_case_of(service, "K-1")

    with pytest.raises(errors.InvalidValue):
        erase(service, "K-1", ground="because")

    assert summary_of(service, case_id) == "Late parcel"
    assert count(service, "records") == 0


def test_under_a_hold_on_the_person_nothing_is_erased(
    service: Service, register: ErasureRegister
) -> None:
    case_id = a_case_of(service, "K-1")
    hold_id = hold(service, "K-1")

    with pytest.raises(errors.LegalHoldStands) as refusal:
        erase(service, "K-1")

    assert refusal.value.params == {"holds": [str(hold_id)]}
    assert summary_of(service, case_id) == "Late parcel"
    assert service.cases.get(case_id).version == 1
    assert list(register.entries()) == []


def test_under_a_hold_on_one_case_its_person_is_not_erased(service: Service) -> None:
    held, other = a_case_of(service, "K-1"), a_case_of(service, "K-1")
    hold_id = hold(service, case_id=held)

    with pytest.raises(errors.LegalHoldStands):
        erase(service, "K-1")

    service.holds.release(hold_id, privacy_officer(), ground="matter_closed")
    erase(service, "K-1")
    assert is_erased(service, held)
    assert is_erased(service, other)


def test_a_hold_placed_after_the_erasure_leaves_the_answer_as_it_is(service: Service) -> None:
    a_case_of(service, "K-1")
    first = erase(service, "K-1")
    hold(service, "K-1")

    assert erase(service, "K-1").id == first.id


def test_one_command_for_two_people_is_refused(service: Service) -> None:
    a_case_of(service, "K-1")
    other = a_case_of(service, "K-2")
    command_id = uuid4()
    erase(service, "K-1", command=Command(command_id, b"1" * 32))

    with pytest.raises(errors.IdempotencyKeyReused):
        erase(service, "K-2", command=Command(command_id, b"2" * 32))

    assert summary_of(service, other) == "Late parcel"


def test_an_imported_case_that_was_erased_still_follows_its_source(service: Service) -> None:
    story = an_imported_story()
    service.cases.record(story.events)
    (subject,) = {event.subject_ref for event in story.events}

    erase(service, subject)

    case = service.cases.get(story.case.id)
    assert len(case.erasures) == 1
    assert not case.is_handled_here


def test_a_destroyed_key_cannot_be_put_back(service: Service) -> None:
    a_case_of(service, "K-1")
    erase(service, "K-1")
    changes = (
        "UPDATE subject_keys SET wrapped_key = 'x', destroyed_at = NULL",
        "DELETE FROM subject_keys",
    )

    for change in changes:
        with (
            service.engine.begin() as connection,
            pytest.raises(DBAPIError, match=r"destroyed|denied"),
        ):
            connection.execute(text(change))
