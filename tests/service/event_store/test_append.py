"""Appending: all of it or nothing, in one statement, with positions that rise."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg2
import pytest
from eventsourcing.persistence import IntegrityError, RecordConflictError

from service.event_store import (
    CommandAlreadyRecorded,
    EventRecorder,
    NewKey,
    SubjectKeyDestroyed,
    TooManyEvents,
    VersionConflict,
)
from tests.service.event_store.steps import a_command, an_event, append_without_commit, ask


def test_an_appended_event_comes_back_with_its_place_and_time(recorder):
    event = an_event(state=b'{"\x00": "\\ \' \xff"}', topic='odd "topic" \\, {1}')

    (recorded,) = recorder.append([event])

    assert recorder.select_events(event.originator_id) == [recorded]
    assert (recorded.topic, recorded.state) == (event.topic, event.state)
    assert abs(datetime.now(UTC) - recorded.recorded_at) < timedelta(minutes=1)


def test_events_of_one_append_follow_each_other(recorder):
    case, other = uuid4(), uuid4()

    recorded = recorder.append([an_event(case, 1), an_event(other, 1), an_event(case, 2)])

    first = recorded[0].id
    assert [each.id for each in recorded] == [first, first + 1, first + 2]
    assert recorder.select_events(case) == [recorded[0], recorded[2]]


def test_a_later_append_gets_a_higher_position(recorder):
    (first,) = recorder.append([an_event()])

    (second,) = recorder.append([an_event()])

    assert second.id > first.id


def test_an_append_takes_4096_events(recorder):
    case = uuid4()

    recorded = recorder.append([an_event(case, version) for version in range(1, 4097)])

    assert recorded[-1].id - recorded[0].id == 4095
    assert len(recorder.select_events(case)) == 4096


@pytest.mark.parametrize("number", [0, 4097])
def test_an_append_of_none_or_too_many_events_is_refused(recorder, number):
    case = uuid4()

    with pytest.raises(TooManyEvents):
        recorder.append([an_event(case, version) for version in range(number)])

    assert recorder.select_events(case) == []


def test_the_database_itself_refuses_too_many_events(owner):
    ids = [str(uuid4())] * 4097

    with pytest.raises(psycopg2.Error, match="1 to 4096"):
        ask(
            owner,
            "SELECT * FROM append_events(%s::uuid[],%s,%s,NULL,NULL,NULL,NULL,NULL,NULL,NULL)",
            ids,
            [1] * 4097,
            ["topic"] * 4097,
        )


def test_an_append_must_be_the_first_write_of_its_transaction(other_writer, recorder):
    event = an_event()
    append_without_commit(other_writer, an_event())

    with pytest.raises(psycopg2.Error, match="first write") as refusal:
        append_without_commit(other_writer, event)

    assert refusal.value.pgcode == "AM001"
    assert recorder.select_events(event.originator_id) == []


@pytest.mark.parametrize("number", [1, 2])
def test_a_version_that_is_taken_is_a_conflict(recorder, number):
    case = uuid4()
    recorder.append([an_event(case, 1)])
    command, key = a_command(), NewKey(uuid4(), "customer-7", b"wrapped")

    with pytest.raises(VersionConflict) as conflict:
        recorder.append(
            [an_event(), an_event(case, 1)][-number:],
            command=command,
            new_keys=[key] * (number - 1),
        )

    assert conflict.value.originator_id == case
    assert isinstance(conflict.value, RecordConflictError)
    assert recorder.find_command(command.command_id) is None


def test_after_a_conflict_nothing_is_left(recorder, owner):
    case = uuid4()
    recorder.append([an_event(case, 1)])

    with pytest.raises(VersionConflict):
        recorder.append(
            [an_event(), an_event(case, 1)],
            command=a_command(),
            new_keys=[NewKey(uuid4(), "customer-7", b"wrapped")],
        )

    assert ask(owner, "SELECT count(*) FROM events") == 1
    assert ask(owner, "SELECT count(*) FROM commands") == 0
    assert ask(owner, "SELECT count(*) FROM subject_keys") == 0


@pytest.mark.parametrize("number", [1, 3])
def test_a_command_is_recorded_with_the_last_event_it_led_to(recorder, number):
    case, command = uuid4(), a_command()

    recorded = recorder.append(
        [an_event(case, version + 1) for version in range(number)], command=command
    )

    outcome = recorder.find_command(command.command_id)
    assert outcome is not None
    assert (outcome.command_id, outcome.fingerprint) == (command.command_id, command.fingerprint)
    assert (outcome.originator_id, outcome.originator_version) == (case, number)
    assert (outcome.position, outcome.recorded_at) == (recorded[-1].id, recorded[-1].recorded_at)


def test_a_repeated_command_is_found_before_a_conflict_of_versions(recorder):
    case, command = uuid4(), a_command()
    recorder.append([an_event(case, 1)], command=command)

    with pytest.raises(CommandAlreadyRecorded) as repeated:
        recorder.append([an_event(case, 1)], command=command)

    assert repeated.value.command_id == command.command_id
    assert not isinstance(repeated.value, IntegrityError)


def test_an_unknown_command_has_no_outcome(recorder):
    assert recorder.find_command(uuid4()) is None


def test_only_old_commands_are_purged(recorder, owner):
    old, new = a_command(), a_command()
    for command in (old, new):
        recorder.append([an_event()], command=command)
    outcome = recorder.find_command(new.command_id)
    assert outcome is not None

    purged = recorder.purge_commands(older_than=outcome.recorded_at)

    assert purged == 1
    assert recorder.find_command(old.command_id) is None
    assert recorder.find_command(new.command_id) == outcome
    assert ask(owner, "SELECT count(*) FROM events") == 2


def test_new_keys_are_stored_with_the_append(recorder, owner):
    keys = [NewKey(uuid4(), "customer-7", b"\x00one"), NewKey(uuid4(), "', --", b"two")]

    recorder.append([an_event()], new_keys=keys)

    for key in keys:
        found = "SELECT subject_ref || ':' || encode(wrapped_key, 'hex') FROM subject_keys"
        stored = ask(owner, found + " WHERE key_id = %s", str(key.key_id))
        assert stored == f"{key.subject_ref}:{key.wrapped_key.hex()}"


@pytest.mark.parametrize("number", [1, 2])
def test_an_append_sealed_with_a_destroyed_key_is_refused(recorder, owner, number):
    case, key = uuid4(), NewKey(uuid4(), "customer-7", b"wrapped")
    recorder.append([an_event(case, 1)], new_keys=[key])
    ask(
        owner,
        "UPDATE subject_keys SET wrapped_key = NULL, destroyed_at = now() RETURNING 1",
    )

    with pytest.raises(SubjectKeyDestroyed):
        recorder.append([an_event(case, 2 + n) for n in range(number)], used_key_ids=[key.key_id])

    assert len(recorder.select_events(case)) == 1


def test_an_append_sealed_with_a_live_key_is_taken(recorder: EventRecorder):
    case, key = uuid4(), NewKey(uuid4(), "customer-7", b"wrapped")
    recorder.append([an_event(case, 1)], new_keys=[key])

    recorder.append([an_event(case, 2)], used_key_ids=[key.key_id])

    assert len(recorder.select_events(case)) == 2


def test_recorded_times_of_a_case_never_go_back(recorder, other_writer):
    case = uuid4()
    ask(other_writer, "SELECT now()")  # a transaction that began before the first event
    (first,) = recorder.append([an_event(case, 1)])

    append_without_commit(other_writer, an_event(case, 2))
    other_writer.commit()

    second = recorder.select_events(case)[1]
    assert second.recorded_at >= first.recorded_at
    assert second.id > first.id


def test_text_that_postgresql_cannot_hold_is_refused(recorder):
    event = an_event(topic="nul \x00")

    with pytest.raises(ValueError, match="NUL"):
        recorder.append([event])

    assert recorder.select_events(event.originator_id) == []
