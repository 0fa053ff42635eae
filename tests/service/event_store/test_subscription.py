"""Following the log for ever: prompt while events come, quiet while none do."""

from threading import Event, Thread
from uuid import uuid4

import pytest

from service.event_store import Pacing, PositionNotInLog, statements
from service.event_store.subscription import PAGE_LIMIT
from tests.service.event_store.steps import an_event, append_without_commit, readable, until


class RecordingStop(Event):
    """An event that is never set and writes down how long it was waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.waits_seconds: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits_seconds.append(timeout)
        return False


def test_pauses_double_while_nothing_comes_and_start_again_when_something_does():
    pacing, stop = Pacing(shortest_seconds=0.01, longest_seconds=0.05), RecordingStop()

    for _ in range(4):
        pacing.wait(stop)
    pacing.found()
    pacing.wait(stop)

    assert stop.waits_seconds == [0.01, 0.02, 0.04, 0.05, 0.01]


def test_a_subscriber_that_waits_gets_the_next_event(recorder):
    (old,) = recorder.append([an_event()])
    readable(recorder, old.id)

    with recorder.subscribe(gt=old.id) as subscription:
        (new,) = recorder.append([an_event()])
        received = next(subscription)

    assert received == new


def test_a_subscriber_reads_on_over_many_pages(recorder):
    number = PAGE_LIMIT + 10
    case = uuid4()
    recorded = recorder.append([an_event(case, version) for version in range(1, number + 1)])

    with recorder.subscribe(gt=0) as subscription:
        received = [next(subscription) for _ in range(number)]

    assert received == recorded


def test_a_subscriber_to_topics_does_not_read_the_rest_again(recorder):
    recorder.append([an_event(topic="common:1")])
    (wanted,) = recorder.append([an_event(topic="rare:1")])

    with recorder.subscribe(gt=0, topics=["rare:1"]) as subscription:
        received = next(subscription)

    assert received == wanted
    assert subscription._after >= wanted.id


def test_a_waiting_subscriber_can_be_stopped_from_another_thread(recorder):
    (seen,) = recorder.append([an_event()])
    with recorder.subscribe(gt=None) as subscription:
        received: list[object] = []
        follower = Thread(target=lambda: received.extend(subscription))
        follower.start()
        until(lambda: bool(received))

        subscription.stop()

        follower.join()
    assert received == [seen]


def test_a_follower_that_is_ahead_of_the_log_learns_so(recorder):
    """It read events that are lost: waiting in silence, it would pass over those that come."""
    ((next_position, _),) = recorder._connections.read(statements.NEXT_POSITION)

    with pytest.raises(PositionNotInLog, match=str(next_position + 4096)):
        recorder.subscribe(gt=next_position + 4096)


def test_a_follower_of_its_own_append_is_not_ahead(recorder, other_writer):
    append_without_commit(other_writer, an_event())
    (mine,) = recorder.append([an_event()])

    with recorder.subscribe(gt=mine.id) as subscription:
        assert mine.id > recorder.horizon()
        subscription.stop()

    other_writer.rollback()
