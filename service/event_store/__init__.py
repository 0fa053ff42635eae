"""The event store: one insert-only log per database, appended without locks, read in order."""

from service.event_store.adoption import (
    adopt_store,
    check_cluster,
    pass_lost_positions,
    was_adopted,
)
from service.event_store.errors import (
    AlreadyTracked,
    CommandAlreadyRecorded,
    NotFirstWrite,
    PositionNotInLog,
    StoreBusy,
    StoreFromAnotherCluster,
    StoreUnavailable,
    SubjectKeyDestroyed,
    TooManyEvents,
    VersionConflict,
)
from service.event_store.factory import Factory
from service.event_store.horizon import Blocker, HorizonHealth, horizon_health
from service.event_store.recorder import AggregateEventRecorder, EventRecorder
from service.event_store.records import (
    MAX_EVENTS_PER_APPEND,
    Command,
    CommandOutcome,
    NewKey,
    Page,
    RecordedEvent,
)
from service.event_store.snapshots import SnapshotRecorder
from service.event_store.subscription import Pacing
from service.event_store.tracking import PositionTracker, TrackingEventRecorder

__all__ = [
    "MAX_EVENTS_PER_APPEND",
    "AggregateEventRecorder",
    "AlreadyTracked",
    "Blocker",
    "Command",
    "CommandAlreadyRecorded",
    "CommandOutcome",
    "EventRecorder",
    "Factory",
    "HorizonHealth",
    "NewKey",
    "NotFirstWrite",
    "Pacing",
    "Page",
    "PositionNotInLog",
    "PositionTracker",
    "RecordedEvent",
    "SnapshotRecorder",
    "StoreBusy",
    "StoreFromAnotherCluster",
    "StoreUnavailable",
    "SubjectKeyDestroyed",
    "TooManyEvents",
    "TrackingEventRecorder",
    "VersionConflict",
    "adopt_store",
    "check_cluster",
    "horizon_health",
    "pass_lost_positions",
    "was_adopted",
]
