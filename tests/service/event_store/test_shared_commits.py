"""Appends that share a commit: each gets its own answer, whatever becomes of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from os import sched_yield
from random import Random
from threading import Event, Lock, Thread
from time import monotonic
from uuid import uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from psycopg2.extensions import connection as PgConnection  # noqa: N812

from service.event_store import (
    CommandAlreadyRecorded,
    EventRecorder,
    StoreBusy,
    StoreUnavailable,
    SubjectKeyDestroyed,
    VersionConflict,
)
from service.event_store.records import NewKey, Place
from service.event_store.shared_commits import MOST_APPENDS, Append, SharedCommits
from service.event_store.statements import MOST_SPELT_OUT
from tests.service.event_store.steps import (
    a_command,
    all_at_once,
    an_event,
    append_without_commit,
    ask,
    until,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Store:
    """Records in memory; the first append is held up until `go`, so that others gather."""

    def __init__(self) -> None:
        self.alone: list[Append] = []
        self.groups: list[Sequence[Append]] = []
        self.first_is_in, self.go = Event(), Event()
        self.refusal: BaseException | None = None
        self.commits = SharedCommits(self._record_alone, self._record_together)

    def _record_alone(self, append: Append) -> Place:
        self.alone.append(append)
        if len(self.alone) == 1:
            self.first_is_in.set()
            self.go.wait()
        return len(self.alone), NOW

    def _record_together(self, group: Sequence[Append]) -> list[Place]:
        self.groups.append(group)
        if self.refusal:
            raise self.refusal
        return [(1000 + number, NOW) for number in range(len(group))]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("service.event_store.shared_commits.LONGEST_WAIT_SECONDS", 20.0)
    return Store()


def behind_the_first(store: Store, count: int, appends: int = 1) -> list[Place | Exception]:
    """What so many threads were told that came while another append was under way."""
    told: list[Place | Exception] = []

    def record() -> None:
        for _ in range(appends):
            try:
                told.append(store.commits.record(Append(an_event())))
            except Exception as error:
                told.append(error)

    first = Thread(target=lambda: store.commits.record(Append(an_event())))
    first.start()
    store.first_is_in.wait()
    others = [Thread(target=record) for _ in range(count)]
    for other in others:
        other.start()
    until(lambda: len(store.commits._waiting) == count)
    store.go.set()
    for thread in (first, *others):
        thread.join()
    return told


def test_appends_that_come_meanwhile_share_the_next_commit(store: Store) -> None:
    told = behind_the_first(store, 5)

    assert [len(group) for group in store.groups] == [5]
    assert sorted(told) == [(1000 + number, NOW) for number in range(5)]
    assert len(store.alone) == 1


def test_an_append_that_nobody_joins_goes_alone(store: Store) -> None:
    store.go.set()

    places = [store.commits.record(Append(an_event())) for _ in range(3)]

    assert places == [(1, NOW), (2, NOW), (3, NOW)]
    assert store.groups == []


def test_those_who_shared_a_commit_share_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.event_store.shared_commits.RETURN_SECONDS", 20.0)

    told = behind_the_first(store, 4, appends=2)

    assert [len(group) for group in store.groups] == [4, 4]
    assert len(told) == 8


def test_those_who_come_back_wait_only_a_moment_for_one_who_does_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.event_store.shared_commits.RETURN_SECONDS", 0.05)
    behind_the_first(store, 4)

    all_at_once([lambda: store.commits.record(Append(an_event()))] * 3)

    assert [len(group) for group in store.groups] == [4, 3]
    assert not store.commits._is_busy


def test_who_comes_back_later_waits_for_nobody(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.event_store.shared_commits.RETURN_SECONDS", 20.0)
    behind_the_first(store, 4)
    store.commits._returning_until = 0.0
    began = monotonic()

    place = store.commits.record(Append(an_event()))

    assert place == (2, NOW)
    assert monotonic() - began < 10


def test_who_takes_over_at_once_lets_those_come_who_were_just_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_away: list[float] = []
    monkeypatch.setattr("service.event_store.shared_commits.sleep", given_away.append)

    behind_the_first(store, MOST_APPENDS + 2)

    assert sorted(len(group) for group in store.groups) == [2, MOST_APPENDS]
    assert given_away == [0]


def test_a_lone_writer_waits_for_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("service.event_store.shared_commits.sleep", waits.append)
    store.go.set()

    for _ in range(3):
        store.commits.record(Append(an_event()))

    assert waits == []


def test_no_group_is_larger_than_its_limit(store: Store) -> None:
    told = behind_the_first(store, MOST_APPENDS + 5)

    assert sorted(len(group) for group in store.groups) == [5, MOST_APPENDS]
    assert len(told) == MOST_APPENDS + 5


def test_a_refused_group_is_tried_one_by_one(store: Store) -> None:
    store.refusal = VersionConflict(None)

    told = behind_the_first(store, 4)

    assert sorted(told) == [(number, NOW) for number in range(2, 6)]


def test_a_group_without_an_answer_is_not_tried_again(store: Store) -> None:
    store.refusal = StoreUnavailable("gone")

    told = behind_the_first(store, 4)

    assert told == [store.refusal] * 4
    assert len(store.alone) == 1


def test_nobody_waits_for_a_thread_that_was_torn_away(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    store.refusal = SystemExit()

    told = behind_the_first(store, 4)

    assert len(told) == 3
    assert all(isinstance(each, StoreUnavailable) for each in told)
    assert store.commits.record(Append(an_event())) == (2, NOW)


def test_nobody_waits_long_for_an_append_that_is_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.event_store.shared_commits.LONGEST_WAIT_SECONDS", 0.001)
    store = Store()
    first = Thread(target=lambda: store.commits.record(Append(an_event())))
    first.start()
    store.first_is_in.wait()

    place = store.commits.record(Append(an_event()))

    assert place == (2, NOW)
    store.go.set()
    first.join()


class Storm:
    """Records in memory and fails at random, before or after it has recorded."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.recorded: Counter[int] = Counter()
        self.largest_group = 0
        self._one_at_a_time = Lock()
        self.commits = SharedCommits(
            lambda append: self._transaction([append])[0], self._transaction
        )

    def _transaction(self, group: Sequence[Append]) -> list[Place]:
        with self._one_at_a_time:
            self.largest_group = max(self.largest_group, len(group))
            sched_yield()  # as a round trip would, so that others gather
            before, after = self.random.choices(FAULTS, WEIGHTS, k=2)
            if before is not None:
                raise before
            self.recorded.update(map(id, group))
            if after in UNSURE:
                raise after
            return [(number, NOW) for number in range(len(group))]


UNSURE = (StoreUnavailable("gone"), SystemExit())
FAULTS = (None, StoreBusy("busy"), VersionConflict(None), *UNSURE)
WEIGHTS = (80, 8, 8, 3, 1)
SURELY_NOT = (StoreBusy, VersionConflict)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_fails_each_append_is_recorded_once_at_most_and_told_so(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr("service.event_store.shared_commits.LONGEST_WAIT_SECONDS", 0.0005)
    storm, told = Storm(seed), []

    def append_many() -> None:
        for _ in range(200):
            append = Append(an_event())
            try:
                storm.commits.record(append)
                told.append((append, None))
            except (Exception, SystemExit) as error:
                told.append((append, error))

    all_at_once([append_many] * 8)

    times = [(storm.recorded[id(append)], error) for append, error in told]
    assert len(told) == 8 * 200
    assert all(count == 1 for count, error in times if error is None)
    assert all(count == 0 for count, error in times if isinstance(error, SURELY_NOT))
    assert max(count for count, _ in times) == 1
    assert storm.largest_group > 1
    assert not storm.commits._is_busy


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
    monkeypatch.setattr("service.event_store.shared_commits.LONGEST_WAIT_SECONDS", 20.0)
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
