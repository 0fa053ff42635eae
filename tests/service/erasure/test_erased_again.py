"""The register outside the database: what it notes, and who is erased again by it."""

from __future__ import annotations

from threading import Thread

import pytest

from service.assembly import Service
from service.erasure import NotToBeErased
from service.erasure_register import Entry, ErasureRegister
from tests.service.privacy_steps import (
    a_case_of,
    count,
    erase,
    is_erased,
    privacy_officer,
    summary_of,
)


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


def test_whoever_no_longer_wants_it_erases_nothing(
    service: Service, register: ErasureRegister
) -> None:
    case_id = a_case_of(service, "K-1")

    with pytest.raises(NotToBeErased):
        erase(service, "K-1", still=lambda: False)

    assert summary_of(service, case_id) == "Late parcel"
    assert count(service, "records") == 0
    assert list(register.entries()) == []
