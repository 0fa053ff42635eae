"""A small read model over made-up events, and a log in memory, to try the engine with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from projections.chunks import Plan
from projections.event_log import EventLog
from projections.read_model import CaseRows, ReadModel

START = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Opened:
    """A case begins."""

    NAME: ClassVar[str] = "opened"
    title: str


@dataclass(frozen=True)
class Counted:
    """Something is added up."""

    NAME: ClassVar[str] = "counted"
    amount: int


@dataclass(frozen=True)
class Tagged:
    """A word is put on the case."""

    NAME: ClassVar[str] = "tagged"
    tag: str


@dataclass(frozen=True)
class Looked:
    """Somebody looked, which changes nothing."""

    NAME: ClassVar[str] = "looked"


ToyEvent = Opened | Counted | Tagged | Looked
KINDS: dict[str, Any] = {kind.NAME: kind for kind in (Opened, Counted, Tagged, Looked)}

METADATA = MetaData(schema="toy")
CASES = Table(
    "cases",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("title", Text),
    Column("total", Integer, nullable=False, default=0),
    Column("seen_at", DateTime(timezone=True)),
    Column("log", JSONB, nullable=False, default=list),
    Column("numbers", ARRAY(BigInteger), nullable=False, default=list),
    Index("cases_by_title", "title"),
    Index("cases_by_number", "numbers", postgresql_using="gin"),
)
TAGS = Table(
    "tags",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("tag", Text, primary_key=True),
    Column("times", Integer, nullable=False, default=0),
)
ENTRIES = Table(
    "entries",
    METADATA,
    Column("position", BigInteger, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("what", Text, nullable=False),
)


def opened(case: CaseRows, event: Opened) -> None:
    """The case gets its title."""
    row = case.row(CASES)
    row["title"], row["seen_at"] = event.title, case.recorded_at
    note(case, event)


def counted(case: CaseRows, event: Counted) -> None:
    """The total grows. A negative amount is what this model cannot take."""
    if event.amount < 0:
        raise ValueError("negative")
    row = case.row(CASES)
    row["total"] += event.amount
    row["numbers"].append(event.amount)
    row["log"].append({"at": case.position, "amount": event.amount})
    note(case, event)


def tagged(case: CaseRows, event: Tagged) -> None:
    """The word is counted in a row of its own."""
    case.row(TAGS, event.tag)["times"] += 1
    note(case, event)


def note(case: CaseRows, event: ToyEvent) -> None:
    """Every event leaves a row."""
    case.add(ENTRIES, position=case.position, case_id=case.id, what=event.NAME)


HANDLERS = {Opened: opened, Counted: counted, Tagged: tagged}
IGNORED = {Looked: "looking changes nothing"}
TOY = ReadModel("toy", 1, (CASES, TAGS, ENTRIES), HANDLERS, IGNORED)


@dataclass(frozen=True)
class Stored:
    """A stored event with the fields that the engine reads."""

    originator_id: UUID
    originator_version: int
    topic: str
    state: bytes
    id: int
    recorded_at: datetime


@dataclass(frozen=True)
class Page:
    """What a recorder answers when asked for a page."""

    events: Sequence[Stored]
    read_to: int


class ToyLog:
    """A log in memory: recorder and mapper in one. Positions have gaps, as real ones do."""

    GAP = 7

    def __init__(self) -> None:
        self.stored: list[Stored] = []
        self.versions: dict[UUID, int] = {}
        self.pages_read = 0

    def record(self, case_id: UUID, *events: ToyEvent) -> int:
        """Append events of one case; returns the last position."""
        for event in events:
            version = self.versions[case_id] = self.versions.get(case_id, 0) + 1
            place = self.GAP * (len(self.stored) + 1)
            state = json.dumps(vars(event)).encode()
            at = START + timedelta(seconds=place)
            self.stored.append(Stored(case_id, version, f"{event.NAME}:1", state, place, at))
        return self.stored[-1].id

    def damage(self, position: int) -> None:
        """Make an event unreadable: its name means nothing any more."""
        self.stored = [
            replace(each, topic="forgotten:9") if each.id == position else each
            for each in self.stored
        ]

    def mend(self, position: int) -> None:
        """Make such an event readable again, as a counted one."""
        self.stored = [
            replace(each, topic="counted:1") if each.id == position else each
            for each in self.stored
        ]

    def read_page(self, after: int, limit: int) -> Page:
        """Events after a position."""
        self.pages_read += 1
        stored = self.stored
        found = [each for each in stored[after // self.GAP :] if each.id > after]
        return Page(found[:limit], max(after, *(each.id for each in found[:limit]), 0))

    def plan(self, chunk_events: int = 10) -> Plan:
        """How a rebuild cuts this log."""
        plan = EventLog(self, self).plan(chunk_events)
        assert plan is not None
        return plan

    def max_notification_id(self) -> int | None:
        """The newest position."""
        return self.stored[-1].id if self.stored else None

    def select_boundaries(self, every: int) -> list[UUID]:
        """Cases that end a chunk of about so many events."""
        ids = sorted(each.originator_id for each in self.stored)
        return sorted(set(ids[every - 1 :: every]))

    def select_events_between(self, after: UUID, up_to: UUID, position: int) -> list[Stored]:
        """Events of a range of cases, up to a position."""
        found = [
            each
            for each in self.stored
            if after < each.originator_id <= up_to and each.id <= position
        ]
        return sorted(found, key=attrgetter("originator_id", "originator_version"))

    def select_events(self, originator_id: UUID, *, gt: int | None = None) -> list[Stored]:
        """Events of one case after a version."""
        mine = [each for each in self.stored if each.originator_id == originator_id]
        return [each for each in mine if each.originator_version > (gt or 0)]

    def to_domain_event(self, stored_event: Stored) -> ToyEvent:
        """Read a stored event; KeyError for an unknown name."""
        kind = KINDS[stored_event.topic.partition(":")[0]]
        event: ToyEvent = kind(**json.loads(stored_event.state))
        return event


def new_case_id() -> UUID:
    """An id for a case."""
    return uuid4()
