"""What happens while a person is erased: others write, connections break, two erase at once."""

from __future__ import annotations

from threading import Thread

import pytest

from domain.personal import PersonalText
from service.assembly import Service
from service.erasure_register import Entry, ErasureRegister
from service.event_store import StoreBusy, VersionConflict
from tests.given import circumstances
from tests.service.privacy_steps import (
    a_case_of,
    erase,
    is_erased,
    summary_of,
)


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
