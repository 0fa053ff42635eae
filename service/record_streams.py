"""What is folded from records of its own, such as a review: read, changed once, listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, Protocol, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import Connection, TextClause, text

from domain.book import ReferenceBookError
from domain.checking import check
from domain.circumstances import Circumstances
from domain.errors import Refusal
from domain.records import Record
from domain.reference_books import CURRENT_EDITION, edition
from service.event_store import Command, CommandAlreadyRecorded, StoreBusy, VersionConflict
from service.event_store.records import HIGHEST_POSITION
from service.instants import NOW, Instants
from service.record_book import (
    LoggedRecord,
    RecordBook,
    UnreadableRecord,
    envelope,
    logged_record,
)
from service.tries import MOST_TRIES

log = structlog.get_logger(__name__)

UNREADABLE: Final = (UnreadableRecord, ReferenceBookError, LookupError, ValueError)
"""What reading and folding records raise that do not fit this process."""
BATCH: Final = 200
LATER_OF: Final = text("""
    SELECT position, recorded_at, originator_id::text, originator_version, topic, state
    FROM records WHERE originator_id = ANY (CAST(:ids AS uuid[])) AND originator_version > 1
    ORDER BY originator_id, originator_version
""")


class Standing(Protocol):
    """Something folded from its records. `moved_version`: see decision 0125."""

    @property
    def version(self) -> int: ...

    @property
    def moved_version(self) -> int: ...

    def require_may(self, record: Any) -> None: ...


T = TypeVar("T", bound=Standing)


@dataclass(frozen=True)
class Kept(Generic[T]):
    """What stands, when its first and last records were taken, and where those stand."""

    standing: T
    opened_at: datetime
    changed_at: datetime
    position: int
    opened_position: int
    replayed: bool = False


Said = Callable[[T], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class RecordStreams(Generic[T]):
    """All streams of one kind. `folded` makes what stands; the refusals are named after it.

    `edition_of`: whose books hold for it, whatever later ones say. Threads may share it.
    Everything here raises StoreUnavailable.
    """

    book: RecordBook
    folded: Callable[[Iterable[Record]], T | None]
    not_found: type[Refusal]
    has_moved: type[Refusal]
    edition_of: Callable[[T], int] = lambda _: CURRENT_EDITION

    def get(
        self, originator_id: UUID, *, instants: Instants = NOW, replayed: bool = False
    ) -> Kept[T]:
        """One of them. Raises `not_found`."""
        found = self._kept(self.book.of_originator(originator_id), instants, replayed)
        if found is None:
            raise self.not_found
        return found

    def begin(self, first: Record) -> bool:
        """Record the first of a stream; False where it is on record already."""
        self._check(first, self.folded([first]))
        return self._appended(first)

    def note(self, kept: Kept[T], kind: type[Record], by: Circumstances, at: UUID) -> bool:
        """Record what a timer found; False where somebody was faster, and it is to look again."""
        record = kind(**envelope(at, kept.standing.version + 1, by))
        self._check(record, kept.standing)
        return self._appended(record)

    def change(
        self,
        originator_id: UUID,
        kind: type[Record],
        said: Said[T],
        by: Circumstances,
        *,
        expected_version: int,
        command: Command | None,
    ) -> Kept[T]:
        """Record what follows, once. Raises a Refusal, StoreBusy.

        Where a timer was faster by a moment, it is looked at again; where a person was, refused.
        """
        for _ in range(MOST_TRIES):
            try:
                record = self._next(originator_id, kind, said, by, expected_version)
                self.book.append(record, command=command)
            except (Refusal, VersionConflict, CommandAlreadyRecorded) as fault:
                # A change that was made is refused when it is asked for again.
                if known := self.book.first_of(command):
                    return self.get(known, replayed=True)
                if isinstance(fault, VersionConflict):
                    continue
                raise
            return self.get(originator_id)
        raise StoreBusy("timers kept changing what a person would change")

    def of_rows(
        self,
        connection: Connection,
        rows: Iterable[Any],
        instants: Instants = NOW,
        unreadable: list[UUID] | None = None,
    ) -> Iterator[Kept[T]]:
        """What stands of these first records, in the order of the rows.

        What cannot be read, e.g. since a newer process wrote it, is logged and left out; its ids
        are added to `unreadable`.
        """
        histories = {UUID(row.originator_id): [row] for row in rows}
        ids = [str(each) for each in histories]
        for row in connection.execute(LATER_OF, {"ids": ids}) if ids else ():
            histories[UUID(row.originator_id)].append(row)
        kept = (self._of_one(*each, instants, unreadable) for each in histories.items())
        return (each for each in kept if each is not None)

    def _of_one(
        self, id_: UUID, rows: Sequence[Any], instants: Instants, unreadable: list[UUID] | None
    ) -> Kept[T] | None:
        try:
            return self._kept([logged_record(tuple(row)) for row in rows], instants)
        except UNREADABLE as error:
            say_unreadable(id_, error)
            if unreadable is not None:
                unreadable.append(id_)
            return None

    def page(
        self,
        connection: Connection,
        statement: TextClause,
        wanted: Callable[[T], bool],
        limit: int | None,
        before: int | None = None,
        instants: Instants = NOW,
    ) -> list[Kept[T]]:
        """The newest that are wanted and were begun before a position: `limit` at most, or all."""
        found: list[Kept[T]] = []
        position = HIGHEST_POSITION if before is None else before
        while limit is None or len(found) < limit:
            rows = connection.execute(statement, {"before": position, "limit": BATCH}).all()
            found += [
                each for each in self.of_rows(connection, rows, instants) if wanted(each.standing)
            ]
            if len(rows) < BATCH:
                break
            position = rows[-1].position
        return found[:limit]

    def _next(
        self, originator_id: UUID, kind: type[Record], said: Said[T], by: Circumstances, seen: int
    ) -> Record:
        standing = self.get(originator_id).standing
        if not standing.moved_version <= seen <= standing.version:
            raise self.has_moved(current_version=standing.version)
        record = kind(**envelope(originator_id, standing.version + 1, by), **said(standing))
        self._check(record, standing)
        standing.require_may(record)
        return record

    def _check(self, record: Record, standing: T | None) -> None:
        number = CURRENT_EDITION if standing is None else self.edition_of(standing)
        check(record, edition(number))

    def _appended(self, record: Record) -> bool:
        try:
            self.book.append(record)
        except VersionConflict:
            return False
        return True

    def _kept(
        self, history: Iterable[LoggedRecord], instants: Instants, replayed: bool = False
    ) -> Kept[T] | None:
        shown = [
            each for each in history if instants.cover(each.record.occurred_at, each.recorded_at)
        ]
        standing = self.folded(each.record for each in shown)
        if standing is None:
            return None
        first, last = shown[0], shown[-1]
        return Kept(
            standing, first.recorded_at, last.recorded_at, last.position, first.position, replayed
        )


def say_unreadable(id_: UUID, error: Exception) -> None:
    """Log which stream of records cannot be read, and nothing of what it says."""
    log.error("records cannot be read", originator_id=str(id_), error=type(error).__name__)
