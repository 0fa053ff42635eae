"""The eventsourcing library's own test cases for recorders, run against this store."""

from typing import Any, ClassVar
from unittest import TestCase

import pytest
from eventsourcing.persistence import InfrastructureFactoryError, StoredEvent
from eventsourcing.tests import persistence
from sqlalchemy import Engine

from service.event_store import (
    AggregateEventRecorder,
    EventRecorder,
    Factory,
    PositionTracker,
    SnapshotRecorder,
    TrackingEventRecorder,
)
from service.event_store.connections import connections_of
from tests.service.event_store.steps import readable


class OnThisStore(TestCase):
    """Hands the engine of a fresh database to the library's test cases."""

    engine: Engine
    recorder_class: ClassVar[type[Any]]

    @pytest.fixture(autouse=True)
    def take_engine(self, engine: Engine) -> None:
        self.engine = engine

    def create_recorder(self) -> Any:
        return self.recorder_class(self.engine)


class PatientRecorder(EventRecorder):
    """Waits until what was written may be read: the server's upkeep can hold readers a moment."""

    def insert_events(self, stored_events: Any, **kwargs: Any) -> Any:
        positions = super().insert_events(stored_events, **kwargs)
        if positions:
            readable(self, positions[-1])
        return positions


class RankedRecorder(PatientRecorder):
    """Shows ranks 1, 2, 3 in place of positions, for a test that expects ids without holes.

    Only ids are changed: what is read, and in which order, comes from the store.
    """

    def insert_events(self, stored_events: Any, **kwargs: Any) -> Any:
        return [self._rank(each) for each in super().insert_events(stored_events, **kwargs)]

    def select_notifications(
        self, start: Any, limit: int, stop: Any = None, topics: Any = (), **kwargs: Any
    ) -> Any:
        begin, end = self._position(start), self._position(stop)
        found = super().select_notifications(begin, limit, end, topics, **kwargs)
        return [persistence.Notification(**self._ranked(each)) for each in found]

    def max_notification_id(self) -> int | None:
        newest = super().max_notification_id()
        return None if newest is None else self._rank(newest)

    def _ranked(self, event: Any) -> dict[str, Any]:
        names = StoredEvent.__dataclass_fields__
        return {**{name: getattr(event, name) for name in names}, "id": self._rank(event.id)}

    def _rank(self, position: int) -> int:
        count = "SELECT count(*) FROM events WHERE position <= %s"
        return connections_of(self.engine).read(count, (position,))[0][0]

    def _position(self, rank: int | None) -> int | None:
        if rank is None:
            return None
        nth = "SELECT position FROM events ORDER BY position OFFSET %s LIMIT 1"
        return connections_of(self.engine).read(nth, (rank - 1,))[0][0]

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.engine = engine


class TestEventsOfAggregates(OnThisStore, persistence.AggregateRecorderTestCase):
    recorder_class = AggregateEventRecorder


class TestSnapshots(OnThisStore, persistence.AggregateRecorderTestCase):
    recorder_class = SnapshotRecorder


class TestLog(OnThisStore, persistence.ApplicationRecorderTestCase):
    """Only `test_insert_select` expects ids 1, 2, 3, so only it gets ranks for positions."""

    EXPECT_CONTIGUOUS_NOTIFICATION_IDS = False

    def create_recorder(self) -> Any:
        ranked = self._testMethodName == "test_insert_select"
        return RankedRecorder(self.engine) if ranked else EventRecorder(self.engine)

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestTracking(OnThisStore, persistence.TrackingRecorderTestCase):
    recorder_class = PositionTracker


class TestProcess(OnThisStore, persistence.ProcessRecorderTestCase):
    recorder_class = TrackingEventRecorder


class TestNonInterleaving(OnThisStore, persistence.NonInterleavingNotificationIDsBaseCase):
    recorder_class = PatientRecorder


class OtherTracker(PositionTracker):
    """A tracker as an application could bring its own."""


class TestFactory(persistence.InfrastructureFactoryTestCase[Factory]):
    @pytest.fixture(autouse=True)
    def take_database(self, database_url: str) -> None:
        self.env = persistence.Environment(
            env={"PERSISTENCE_MODULE": "service.event_store", "AMENDS_DATABASE_URL": database_url}
        )

    def expected_factory_class(self) -> type[Factory]:
        return Factory

    def expected_aggregate_recorder_class(self) -> type[AggregateEventRecorder]:
        return AggregateEventRecorder

    def expected_application_recorder_class(self) -> type[EventRecorder]:
        return EventRecorder

    def expected_tracking_recorder_class(self) -> type[PositionTracker]:
        return PositionTracker

    def tracking_recorder_subclass(self) -> type[PositionTracker]:
        return OtherTracker

    def expected_process_recorder_class(self) -> type[TrackingEventRecorder]:
        return TrackingEventRecorder


def test_the_factory_needs_an_address():
    with pytest.raises(InfrastructureFactoryError, match="AMENDS_DATABASE_URL"):
        Factory(persistence.Environment())


NOT_OURS = {"RecorderTestCase", "TranscoderTestCase"}
"""What the others build on, and the library's own JSON, which no event of ours passes through."""


def test_no_test_case_of_the_library_is_left_out():
    """Also not one that a later version of it brings."""
    theirs = {
        each
        for each in vars(persistence).values()
        if isinstance(each, type)
        and issubclass(each, TestCase)
        and each.__module__ == persistence.__name__
        and each.__name__ not in NOT_OURS
    }

    run_here = {
        base
        for each in globals().values()
        if isinstance(each, type) and issubclass(each, TestCase) and each.__module__ == __name__
        for base in each.__mro__
    }

    assert len(theirs) >= 6
    assert theirs <= run_here
