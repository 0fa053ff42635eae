"""Many writers at once: nothing lost, skipped, doubled or out of order."""

from collections import Counter
from threading import Event
from uuid import uuid4

from eventsourcing.persistence import StoredEvent

from service.event_store import CommandAlreadyRecorded, EventRecorder, VersionConflict
from tests.service.event_store.steps import (
    a_command,
    all_at_once,
    an_event,
    append_without_commit,
    readable,
    until,
)


class Tail:
    """A reader that follows the log from its start."""

    def __init__(self, recorder: EventRecorder) -> None:
        self._recorder = recorder
        self.positions: list[int] = []

    def read(self) -> None:
        after = self.positions[-1] if self.positions else 0
        self.positions += [each.id for each in self._recorder.read_page(after, 50).events]


def test_a_tailing_reader_sees_each_event_once_and_in_order(recorder, other_writer):
    """Eight writers, and between them a transaction that stays open for a long time."""
    tail, written, late = Tail(recorder), [], []

    def write() -> None:
        case = uuid4()
        for version in range(1, 26):
            if version == 25:
                until(lambda: bool(late))
            written.append(recorder.append([an_event(case, version)])[0].id)

    def write_late() -> None:
        late.append(append_without_commit(other_writer, an_event()))
        until(lambda: len(written) > 100)
        other_writer.commit()

    def follow() -> None:
        def caught_up() -> bool:
            tail.read()
            return len(tail.positions) == 201

        until(caught_up)

    all_at_once([follow, write_late, *[write] * 8])

    assert tail.positions == sorted({*written, *late})
    assert any(position > late[0] for position in written)


def test_a_reader_behind_an_open_append_gets_nothing_beyond_it(recorder, other_writer):
    tail = Tail(recorder)
    held = append_without_commit(other_writer, an_event())
    all_at_once([lambda: recorder.append([an_event()])] * 8)

    tail.read()

    assert tail.positions == []
    other_writer.commit()
    readable(recorder, recorder.append([an_event()])[0].id)
    tail.read()
    assert tail.positions[0] == held
    assert len(tail.positions) == 10


def test_fifty_writers_on_one_case_lose_nothing(recorder):
    case, conflicts = uuid4(), Counter()

    def add_one(writer: int) -> None:
        while True:
            version = len(recorder.select_events(case)) + 1
            try:
                recorder.append([StoredEvent(case, version, "t:1", str(writer).encode())])
            except VersionConflict:
                conflicts[writer] += 1
            else:
                return

    all_at_once([lambda writer=writer: add_one(writer) for writer in range(50)])

    events = recorder.select_events(case)
    assert [each.originator_version for each in events] == list(range(1, 51))
    assert {int(each.state) for each in events} == set(range(50))
    assert [each.id for each in events] == sorted(each.id for each in events)


def test_a_command_sent_a_hundred_times_at_once_is_recorded_once(recorder):
    command, cases, outcomes = a_command(), [], []

    def send() -> None:
        try:
            cases.append(recorder.append([an_event()], command=command)[0].originator_id)
        except CommandAlreadyRecorded as repeated:
            outcomes.append(recorder.find_command(repeated.command_id))

    all_at_once([send] * 100)

    assert len(cases) == 1
    assert len(outcomes) == 99
    assert {outcome.originator_id for outcome in outcomes} == set(cases)


def test_subscribers_in_several_threads_get_the_same_log(recorder):
    seen: list[list[int]] = [[], []]
    done = Event()

    def follow(mine: list[int]) -> None:
        with recorder.subscribe(gt=0) as subscription:
            for notification in subscription:
                mine.append(notification.id)
                if len(mine) == 40:
                    return

    def write() -> None:
        for _ in range(10):
            recorder.append([an_event()])
        done.set()

    all_at_once([lambda: follow(seen[0]), lambda: follow(seen[1]), *[write] * 4])

    assert seen[0] == seen[1] == sorted(set(seen[0]))
