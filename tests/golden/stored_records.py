"""One record of each kind as it is stored, with every field filled, for ever."""

from __future__ import annotations

import json
from dataclasses import dataclass, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from domain import records
from domain.kinds import Between, CodeOf, Kind, Shape, fields_of
from domain.records import Record
from domain.reference_books import CURRENT_EDITION, edition
from service.record_book import as_stored
from service.topics import topic_of
from tests.golden.stored import digest_of

RECORDS = Path(__file__).with_name("records.jsonl")
DIGESTS = Path(__file__).with_name("records.sha256")
ID = UUID("66416ee1-774d-465d-9890-234f3594c999")
PLAIN: dict[type, Any] = {
    str: "text",
    bool: True,
    int: 7,
    Decimal: Decimal("2.5"),
    datetime: datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    date: date(2026, 11, 22),
    UUID: ID,
}
SHAPES = {"sha256": "0" * 64, "local_id": "S1", "playbook_step": "a.b.1", "uri": "urn:a"}
"""Where a word of letters has not the shape."""


@dataclass(frozen=True)
class StoredRecord:
    """A line of the file, and what stands in it."""

    line: str

    @property
    def stored(self) -> StoredEvent:
        row = json.loads(self.line)
        return StoredEvent(
            originator_id=ID,
            originator_version=row["version"],
            topic=row["topic"],
            state=json.dumps(row["state"]).encode(),
        )


def lines() -> list[StoredRecord]:
    """The stored records, in the order in which their kinds came."""
    texts = RECORDS.read_text("utf-8").splitlines() if RECORDS.exists() else []
    return [StoredRecord(text) for text in texts]


def one_of(kind: type) -> Any:
    """A record, or a value inside it, with every field filled."""
    return kind(**{field.name: _filled(field.kind) for field in fields_of(kind)})


def _filled(kind: Kind) -> Any:
    return (_one(kind),) if kind.many else _one(kind)


def _one(kind: Kind) -> Any:
    if is_dataclass(kind.base):
        return one_of(kind.base)
    if issubclass(kind.base, Enum):
        return next(iter(kind.base))
    if code_of := kind.mark(CodeOf):
        return edition(CURRENT_EDITION).book(code_of.book).entries[0].code
    if shape := kind.mark(Shape):
        return SHAPES.get(shape.name, "text")
    between = kind.mark(Between)
    return kind.base(max(between.least, 1)) if between else PLAIN[kind.base]


def add_missing() -> None:
    """Append every kind, or new schema of one, that is not stored. Lines are never edited."""
    known = {each.stored.topic for each in lines()}
    new = [one_of(kind) for kind in records.ALL if topic_of(kind) not in known]
    with RECORDS.open("a", encoding="utf-8") as file, DIGESTS.open("a", encoding="ascii") as kept:
        for record in new:
            text = _line_of(record)
            file.write(f"{text}\n")
            kept.write(f"{digest_of(text)}  {topic_of(type(record))}\n")


def _line_of(record: Record) -> str:
    stored = as_stored(record)
    row = {"topic": stored.topic, "version": stored.originator_version}
    return json.dumps({**row, "state": json.loads(stored.state)}, ensure_ascii=False)
