"""What goes into the event store and what comes out of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from eventsourcing.persistence import Notification

MAX_EVENTS_PER_APPEND = 4096
"""Positions leave twelve bits for the events of one transaction."""
HIGHEST_POSITION: Final = 2**63 - 1
"""The most that the column holds (bigint); no position is negative."""

Place = tuple[int, datetime]
"""Where an append was recorded: the position of its first event, and when."""


@dataclass(frozen=True)
class RecordedEvent(Notification):
    """A stored event with its place in the log.

    `id` is the position: rising in the order in which readers see the log, with holes.
    """

    recorded_at: datetime
    """When the store took it, by the database's clock (UTC)."""

    @classmethod
    def placed(
        cls,
        originator_id: UUID | str,
        originator_version: int,
        topic: str,
        state: bytes,
        position: int,
        recorded_at: datetime,
    ) -> Self:
        """The same as calling the class, three times faster: a frozen one is slow to fill."""
        event = object.__new__(cls)
        values = event.__dict__
        values["originator_id"] = originator_id
        values["originator_version"] = originator_version
        values["topic"] = topic
        values["state"] = state
        values["id"] = position
        values["recorded_at"] = recorded_at
        return event


@dataclass(frozen=True)
class NewKey:
    """A data key first used in an append, wrapped by the master key."""

    key_id: UUID
    subject_ref: str
    wrapped_key: bytes = field(repr=False)


@dataclass(frozen=True)
class Command:
    """The identity of a request; its fingerprint (SHA-256) tells if a repeated one is the same."""

    command_id: UUID
    fingerprint: bytes


@dataclass(frozen=True)
class CommandOutcome:
    """What a command led to when it was recorded: the last event of its append."""

    command_id: UUID
    fingerprint: bytes
    originator_id: UUID
    originator_version: int
    position: int
    recorded_at: datetime


@dataclass(frozen=True)
class Page:
    """Events in order, all below `horizon`: no event can appear below it any more.

    A page that is shorter than its limit read everything below the horizon. `read_to` is what a
    reader may remember: nothing at or below it is left to read, for ever. The horizon is not: a
    crash of the server gives out transaction ids again that never reached the disk.
    """

    events: Sequence[RecordedEvent]
    horizon: int
    read_to: int
