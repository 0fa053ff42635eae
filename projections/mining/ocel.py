"""OCEL 2.0 as JSON: events, the objects that they touch, and how these belong together.

https://www.ocel-standard.org. An object is told once, so those that were met wait in a temporary
database until every event is written; it lives on the disk when it grows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from projections.mining.activities import activity
from projections.mining.cases import MinedCase, MinedEvent
from projections.mining.objects import (
    OBJECT_ATTRIBUTES,
    TouchedObject,
    objects_of_case,
    objects_of_event,
)
from projections.mining.pseudonyms import Pseudonyms

EVENT_ATTRIBUTES: Final = {
    "step": "string",
    "version": "integer",
    "recorded_at": "time",
    "via": "string",
    "status": "string",
}
SINCE_EVER: Final = "1970-01-01T00:00:00Z"
"""The time of an attribute that never changes (OCEL 2.0, 3.2)."""
MOST_KEPT: Final = 10_000
TABLES: Final = """
CREATE TABLE objects (id TEXT PRIMARY KEY, type TEXT, attributes BLOB) WITHOUT ROWID;
CREATE TABLE relations (
    id TEXT, target TEXT, qualifier TEXT, PRIMARY KEY (id, target, qualifier)
) WITHOUT ROWID;
"""
# An object that no selected case told about is not there, so nothing may point at it.
RELATIONS: Final = """
SELECT target, qualifier FROM relations
WHERE id = ? AND EXISTS (SELECT 1 FROM objects WHERE objects.id = relations.target)
ORDER BY target, qualifier
"""

Json = dict[str, Any]
_encode: Final = msgspec.json.Encoder().encode


def ocel(cases: Iterable[MinedCase], names: Pseudonyms, language: str) -> Iterator[bytes]:
    """The log in parts, one for each case, and one for each object at the end."""
    with closing(sqlite3.connect("", check_same_thread=False)) as database:
        database.executescript(TABLES)
        writer = _Writer(database, names, language)
        yield b'{"events":['
        yield from _separated(writer.events(case) for case in cases)
        yield b'],\n"objects":['
        yield from _separated([each] for each in writer.objects())
        yield b"],\n" + writer.types()


def _separated(groups: Iterable[Iterable[Json]]) -> Iterator[bytes]:
    before = b"\n"
    for group in groups:
        for item in group:
            yield before + _encode(item)
            before = b",\n"


@dataclass
class _Writer:
    database: sqlite3.Connection
    names: Pseudonyms
    language: str
    activities: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    """Objects that were met lately: most events touch what the one before touched."""

    def events(self, case: MinedCase) -> Iterator[Json]:
        """The events of a case; its objects are kept for later."""
        for touched in objects_of_case(case, self.names):
            self._keep(touched)
        for mined in case.events:
            yield self._event(case, mined)

    def _event(self, case: MinedCase, mined: MinedEvent) -> Json:
        touched = objects_of_event(case, mined, self.names)
        for each in touched:
            self._keep(each)
        name = activity(mined.step, self.language)
        self.activities.add(name)
        told = {
            "step": mined.step,
            "version": mined.version,
            "recorded_at": _instant(mined.recorded_at),
            "via": mined.event.via.value if mined.event else None,
            "status": mined.status,
        }
        return {
            "id": str(mined.position),
            "type": name,
            "time": _instant(mined.occurred_at),
            "attributes": _listed(told),
            "relationships": [
                {"objectId": each.id, "qualifier": each.qualifier} for each in touched
            ],
        }

    def _keep(self, touched: TouchedObject) -> None:
        if touched.id in self.kept:
            return
        if len(self.kept) >= MOST_KEPT:
            self.kept.clear()
        self.kept.add(touched.id)
        row = (touched.id, touched.type, _encode(touched.attributes))
        self.database.execute("INSERT OR IGNORE INTO objects VALUES (?, ?, ?)", row)
        if not touched.relations:
            return
        relations = [(touched.id, target, qualifier) for target, qualifier in touched.relations]
        self.database.executemany("INSERT OR IGNORE INTO relations VALUES (?, ?, ?)", relations)

    def objects(self) -> Iterator[Json]:
        """Every object that was met, once."""
        rows = self.database.execute("SELECT id, type, attributes FROM objects ORDER BY type, id")
        for object_id, kind, attributes in rows:
            told = [
                {**each, "time": SINCE_EVER} for each in _listed(msgspec.json.decode(attributes))
            ]
            related = self.database.execute(RELATIONS, (object_id,))
            yield {
                "id": object_id,
                "type": kind,
                "attributes": told,
                "relationships": [
                    {"objectId": target, "qualifier": qualifier} for target, qualifier in related
                ],
            }

    def types(self) -> bytes:
        """The end of the log: which types of object and event there are."""
        kinds = [(name, attributes) for name, attributes in OBJECT_ATTRIBUTES.items()]
        names = [(name, EVENT_ATTRIBUTES) for name in sorted(self.activities)]
        types = {"objectTypes": _types(kinds), "eventTypes": _types(names)}
        return _encode(types)[1:] + b"\n"


def _types(named: Iterable[tuple[str, dict[str, str]]]) -> list[Json]:
    return [
        {
            "name": name,
            "attributes": [{"name": each, "type": kind} for each, kind in attributes.items()],
        }
        for name, attributes in named
    ]


def _listed(values: Json) -> list[Json]:
    return [{"name": name, "value": value} for name, value in values.items() if value is not None]


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
