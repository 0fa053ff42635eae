"""Appends that share a commit: each gets its own answer, whatever becomes of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from os import sched_yield
from random import Random
from threading import Event, Lock, Thread
from time import monotonic

import pytest

from service.event_store import (
    StoreBusy,
    StoreUnavailable,
    VersionConflict,
)
from service.event_store.records import Place
from service.event_store.shared_commits import MOST_APPENDS, Append, SharedCommits
from tests.service.event_store.steps import (
    all_at_once,
    an_event,
    until,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
UNSURE = (StoreUnavailable("gone"), SystemExit())
FAULTS = (None, StoreBusy("busy"), VersionConflict(None), *UNSURE)
WEIGHTS = (80, 8, 8, 3, 1)
SURELY_NOT = (StoreBusy, VersionConflict)


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
    monkeypatch.setattr("service.event_store.shared_commits.RETURN_SECONDS", 0.5)
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
    assert monotonic() - began < 60


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
