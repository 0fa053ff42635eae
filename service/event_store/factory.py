"""The store as the persistence module of any application of the eventsourcing library."""

from __future__ import annotations

from eventsourcing.persistence import InfrastructureFactory, InfrastructureFactoryError
from eventsourcing.utils import Environment, EnvType, resolve_topic
from sqlalchemy import Engine

from service.database import create_engine
from service.event_store.recorder import AggregateEventRecorder, EventRecorder
from service.event_store.snapshots import SnapshotRecorder
from service.event_store.tracking import PositionTracker, TrackingEventRecorder
from service.settings import Settings


class Factory(InfrastructureFactory[PositionTracker]):
    """Makes recorders on the database that AMENDS_DATABASE_URL names in the application's env.

    One database holds one log: applications that must not share it need databases of their
    own. Tables come from the migrations, never from here.
    """

    DATABASE_URL = "AMENDS_DATABASE_URL"

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        url = self.env.get(self.DATABASE_URL)
        if not url:
            raise InfrastructureFactoryError(f"{self.DATABASE_URL} is not set")
        self.engine: Engine = create_engine(Settings(database_url=url))

    def aggregate_recorder(
        self, purpose: str = "events"
    ) -> AggregateEventRecorder | SnapshotRecorder:
        """A recorder without positions: of events, or of `snapshots`."""
        if purpose == "snapshots":
            return SnapshotRecorder(self.engine)
        return AggregateEventRecorder(self.engine)

    def application_recorder(self) -> EventRecorder:
        """The recorder of the log."""
        return EventRecorder(self.engine)

    def tracking_recorder(
        self, tracking_recorder_class: type[PositionTracker] | None = None
    ) -> PositionTracker:
        """A tracker, of the class given here or named in TRACKING_RECORDER_TOPIC."""
        if tracking_recorder_class is None:
            topic = self.env.get(self.TRACKING_RECORDER_TOPIC)
            tracking_recorder_class = resolve_topic(topic) if topic else PositionTracker
        return tracking_recorder_class(self.engine)

    def process_recorder(self) -> TrackingEventRecorder:
        """The recorder of a log that follows another one."""
        return TrackingEventRecorder(self.engine)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
