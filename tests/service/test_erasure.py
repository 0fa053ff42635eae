"""Erasing a person: every word of theirs is gone, every fact about their cases stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain import errors
from domain.personal import PersonalText
from domain.records import SubjectErased
from service.assembly import Service, build
from service.erasure import NotToBeErased
from service.erasure_register import Entry, ErasureRegister
from service.event_store import Command, StoreBusy, VersionConflict
from service.settings import Settings
from tests.given import an_imported_story, circumstances
from tests.service.privacy_steps import (
    a_case_of,
    count,
    erase,
    hold,
    is_erased,
    privacy_officer,
    summary_of,
)


@pytest.fixture
def register(tmp_path: Path) -> ErasureRegister:
    return ErasureRegister(tmp_path / "kept" / "erasures.jsonl")


@pytest.fixture
def service(settings: Settings, register: ErasureRegister) -> Iterator[Service]:
    service = build(replace(settings, erasure_register=register.path))
    yield service
    service.engine.dispose()


@pytest.fixture
def other_process(service: Service) -> Iterator[Service]:
    """Another process on the same store, with keys of its own at hand."""
    other = build(service.settings)
    yield other
    other.engine.dispose()


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


def test_an_erasure_that_was_interrupted_is_finished_when_asked_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = a_case_of(service, "K-1")
    with monkeypatch.context() as patched:
        patched.setattr(type(service.cases), "record", _lose_connection)
        with pytest.raises(ConnectionError):
            erase(service, "K-1")
    assert is_erased(service, case_id)
    assert service.cases.get(case_id).erasures == []

    erasure = erase(service, "K-1")

    (event,) = service.cases.get(case_id).erasures
    assert event.erasure_id == erasure.id


def _lose_connection(*_: object) -> None:
    raise ConnectionError


def test_a_case_that_moves_on_meanwhile_is_told_all_the_same(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = a_case_of(service, "K-1")
    kind = type(service.cases)
    record, moves = kind.record, [True]

    def after_a_move(cases: object, events: object) -> object:
        if moves.pop() if moves else False:
            service.cases.take_step(
                case_id,
                "assign",
                {"handler": "ann"},
                expected_version=None,
                by=circumstances(),
            )
        return record(cases, events)

    monkeypatch.setattr(kind, "record", after_a_move)

    erase(service, "K-1")

    names = [each.event.NAME for each in service.cases.history(case_id)]
    assert names == ["conflict_reported", "case_assigned", "personal_data_erased"]


def test_one_command_for_two_people_is_refused(service: Service) -> None:
    a_case_of(service, "K-1")
    other = a_case_of(service, "K-2")
    command_id = uuid4()
    erase(service, "K-1", command=Command(command_id, b"1" * 32))

    with pytest.raises(errors.IdempotencyKeyReused):
        erase(service, "K-2", command=Command(command_id, b"2" * 32))

    assert summary_of(service, other) == "Late parcel"


def test_two_erasures_at_once_are_one(service: Service, other_process: Service) -> None:
    case_id = a_case_of(service, "K-1")
    answers = []
    both = [
        Thread(target=lambda each=each: answers.append(erase(each, "K-1")))
        for each in (service, other_process)
    ]

    for thread in both:
        thread.start()
    for thread in both:
        thread.join()

    assert len({answer.id for answer in answers}) == 1
    assert len(service.cases.get(case_id).erasures) == 1


def test_a_text_written_after_the_erasure_is_sealed_under_a_new_key(
    service: Service, other_process: Service
) -> None:
    case_id = a_case_of(other_process, "K-1")
    erase(service, "K-1")

    taken = other_process.cases.take_step(
        case_id,
        "acknowledge",
        {"channel": "phone", "text": PersonalText("We will call")},
        expected_version=2,
        by=circumstances(),
    )

    (event,) = service.cases.get(case_id).acknowledgements
    assert event.text.reveal() == "We will call"
    assert is_erased(other_process, taken.case.id)


def test_a_step_without_a_word_lets_the_process_forget_too(
    service: Service, other_process: Service
) -> None:
    case_id = a_case_of(other_process, "K-1")
    assert summary_of(other_process, case_id) == "Late parcel"
    erase(service, "K-1")

    other_process.cases.take_step(
        case_id, "assign", {"handler": "ann"}, expected_version=2, by=circumstances()
    )

    assert is_erased(other_process, case_id)


def test_an_imported_case_that_was_erased_still_follows_its_source(service: Service) -> None:
    story = an_imported_story()
    service.cases.record(story.events)
    (subject,) = {event.subject_ref for event in story.events}

    erase(service, subject)

    case = service.cases.get(story.case.id)
    assert len(case.erasures) == 1
    assert not case.is_handled_here


# The register


def test_the_register_notes_keys_and_no_name(service: Service, register: ErasureRegister) -> None:
    a_case_of(service, "K-1")
    (key_id,) = service.keys.live_keys("K-1")

    erase(service, "K-1")

    (entry,) = register.entries()
    assert entry.key_ids == (key_id,)
    assert "K-1" not in register.path.read_text()
    assert register.path.stat().st_mode & 0o077 == 0


def test_a_person_who_came_back_with_a_backup_is_erased_again(
    service: Service, register: ErasureRegister
) -> None:
    case_id = a_case_of(service, "K-1")
    (key_id,) = service.keys.live_keys("K-1")
    now = privacy_officer().now
    register.add(Entry(now, (key_id,), "objection", privacy_officer().actor))
    assert list(service.erasures.came_back()) == ["K-1"]

    returned = service.erasures.repeat(now)

    assert returned == 1
    assert service.erasures.came_back() == {}
    assert is_erased(service, case_id)
    (event,) = service.cases.get(case_id).erasures
    assert (event.ground, event.actor.id, event.via) == ("objection", "pia", "timer")
    assert service.erasures.repeat(now) == 0


def test_two_processes_that_start_at_once_erase_again_once(
    service: Service, other_process: Service, register: ErasureRegister
) -> None:
    case_id = a_case_of(service, "K-1")
    now, officer = privacy_officer().now, privacy_officer().actor
    register.add(Entry(now, tuple(service.keys.live_keys("K-1")), "objection", officer))
    starting = [
        Thread(target=each.erasures.repeat, args=[now]) for each in (service, other_process)
    ]

    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()

    assert count(service, "records") == 1
    assert len(service.cases.get(case_id).erasures) == 1


def test_where_the_register_cannot_be_written_nothing_is_destroyed(
    service: Service, register: ErasureRegister
) -> None:
    case_id = a_case_of(service, "K-1")
    register.path.parent.mkdir()
    register.path.mkdir()

    with pytest.raises(OSError, match="directory"):
        erase(service, "K-1")

    assert summary_of(service, case_id) == "Late parcel"
    assert count(service, "records") == 0


def test_a_case_that_is_reported_in_the_moment_of_the_erasure_says_that_it_was_erased(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_case_of(service, "K-1")
    reported = []
    add = ErasureRegister.add

    def reported_meanwhile(register: ErasureRegister, entry: Entry) -> None:
        reported.append(a_case_of(service, "K-1"))
        add(register, entry)

    monkeypatch.setattr(ErasureRegister, "add", reported_meanwhile)

    erasure = erase(service, "K-1")

    (case_id,) = reported
    assert is_erased(service, case_id)
    assert [event.erasure_id for event in service.cases.get(case_id).erasures] == [erasure.id]


def test_whoever_no_longer_wants_it_erases_nothing(
    service: Service, register: ErasureRegister
) -> None:
    case_id = a_case_of(service, "K-1")

    with pytest.raises(NotToBeErased):
        erase(service, "K-1", still=lambda: False)

    assert summary_of(service, case_id) == "Late parcel"
    assert count(service, "records") == 0
    assert list(register.entries()) == []


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


def test_cases_that_never_stop_moving_are_reported_as_busy(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = a_case_of(service, "K-1")

    def always_late(*_: object) -> None:
        raise VersionConflict(case_id)

    monkeypatch.setattr(type(service.cases), "record", always_late)

    with pytest.raises(StoreBusy):
        erase(service, "K-1")

    assert is_erased(service, case_id)
