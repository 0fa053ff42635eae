"""What a shared commit records: each append as it is, and each refusal to whom it concerns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from psycopg2.extensions import connection as PgConnection  # noqa: N812

from service.event_store import (
    CommandAlreadyRecorded,
    EventRecorder,
    SubjectKeyDestroyed,
    VersionConflict,
)
from service.event_store.records import NewKey
from service.event_store.shared_commits import Append
from service.event_store.statements import MOST_SPELT_OUT
from tests.service.event_store.steps import (
    a_command,
    all_at_once,
    an_event,
    append_without_commit,
    ask,
    until,
)


def gathered(
    recorder: EventRecorder, other_writer: PgConnection, works: Sequence[Callable[[], None]]
) -> None:
    """Let these appends meet behind one that waits for another writer's commit."""
    held = an_event()
    append_without_commit(other_writer, held)

    def be_held_up() -> None:
        with pytest.raises(VersionConflict):
            recorder.append([held])

    def let_go() -> None:
        until(lambda: len(recorder._commits._waiting) == len(works))
        other_writer.commit()

    def after_the_held_one(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            until(lambda: recorder._commits._is_busy)
            work()

        return run

    all_at_once([be_held_up, let_go, *map(after_the_held_one, works)])


@pytest.fixture
def patient(recorder: EventRecorder, monkeypatch: pytest.MonkeyPatch) -> EventRecorder:
    """A recorder whose appends wait for each other as long as the test likes."""
    monkeypatch.setattr("service.event_store.connections._LOCK_TIMEOUT", "60s")
    monkeypatch.setattr("service.event_store.shared_commits.LONGEST_WAIT_SECONDS", 60.0)
    return recorder


def test_a_group_is_one_transaction_with_a_command_for_each(
    patient: EventRecorder, other_writer: PgConnection
) -> None:
    events, commands = [an_event() for _ in range(6)], [a_command() for _ in range(5)]
    told = {}

    def append(place: int) -> Callable[[], None]:
        command = commands[place] if place < 5 else None
        return lambda: told.update({place: patient.append([events[place]], command=command)[0]})

    gathered(patient, other_writer, [append(place) for place in range(6)])

    assert len({each.id >> 12 for each in told.values()}) == 1
    assert len({each.id for each in told.values()}) == 6
    for place, event in enumerate(events):
        assert patient.select_events(event.originator_id) == [told[place]]
    for place, command in enumerate(commands):
        outcome = patient.find_command(command.command_id)
        assert outcome is not None
        assert (outcome.position, outcome.originator_id) == (
            told[place].id,
            events[place].originator_id,
        )


@pytest.mark.parametrize("size", [2, MOST_SPELT_OUT, MOST_SPELT_OUT + 1])
def test_a_group_of_any_size_records_each_as_it_is(recorder: EventRecorder, size: int) -> None:
    events = [
        StoredEvent(uuid4(), number, f"客户's_{number}:1", bytes([number, 0, 39, 92, 255]))
        for number in range(size)
    ]
    group = [
        Append(event, a_command() if number % 2 else None) for number, event in enumerate(events)
    ]

    places = recorder._append_together(group)

    for append, (position, recorded_at) in zip(group, places, strict=True):
        (stored,) = recorder.select_events(append.event.originator_id)
        assert (stored.topic, stored.state) == (append.event.topic, append.event.state)
        assert (stored.originator_version, stored.id) == (append.event.originator_version, position)
        assert stored.recorded_at == recorded_at
        if append.command:
            outcome = recorder.find_command(append.command.command_id)
            assert outcome is not None
            assert outcome.position == position


def test_one_conflict_in_a_group_is_nobody_elses(
    patient: EventRecorder, other_writer: PgConnection
) -> None:
    known, repeated = an_event(), a_command()
    patient.append([known], command=repeated)
    told: list[object] = []

    def append(event: object, command: object) -> Callable[[], None]:
        def run() -> None:
            try:
                told.append(patient.append([event], command=command)[0].originator_id)
            except Exception as error:
                told.append(type(error))

        return run

    good = [an_event() for _ in range(3)]
    works = [append(event, a_command()) for event in good]
    works += [append(known, a_command()), append(an_event(), repeated)]
    gathered(patient, other_writer, works)

    assert set(told) == {
        VersionConflict,
        CommandAlreadyRecorded,
        *(event.originator_id for event in good),
    }


def test_a_destroyed_key_refuses_only_those_who_used_it(
    patient: EventRecorder, other_writer: PgConnection, owner: PgConnection
) -> None:
    live, gone = uuid4(), uuid4()
    keys = [NewKey(key_id, "s-1", b"wrapped") for key_id in (live, gone)]
    patient.append([an_event()], new_keys=keys)
    destroy = (
        "UPDATE subject_keys SET wrapped_key = NULL, destroyed_at = now() WHERE key_id = %s"
        " RETURNING 1"
    )
    ask(owner, destroy, str(gone))
    told: list[object] = []

    def append(key_id: object) -> Callable[[], None]:
        def run() -> None:
            try:
                told.append(len(patient.append([an_event()], used_key_ids=[key_id])))
            except SubjectKeyDestroyed as error:
                told.append(type(error))

        return run

    gathered(patient, other_writer, [append(live), append(gone), append(live)])

    assert sorted(told, key=str) == [1, 1, SubjectKeyDestroyed]


def test_two_versions_of_one_case_in_a_group_keep_their_order(
    patient: EventRecorder, other_writer: PgConnection
) -> None:
    case = uuid4()

    gathered(
        patient,
        other_writer,
        [lambda v=version: patient.append([an_event(case, v)]) for version in (3, 1, 2)],
    )

    stored = patient.select_events(case)
    assert [each.originator_version for each in stored] == [1, 2, 3]
    assert [each.id for each in stored] == sorted(each.id for each in stored)
