"""Running an import: rows in batches, each stored in one transaction, known ones left out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

from domain.circumstances import Circumstances
from domain.values import Actor, ActorKind, Role, Via
from service.assembly import Service
from service.event_store import VersionConflict
from service.importers import cfpb, uci_incidents
from service.importers.batch import Batch, ReadRow
from service.importers.columns import Columns
from service.importers.reading import BrokenRow, FileDamaged, Row, RowFile
from service.importers.record import BadRow, Record
from service.importers.report import ImportReport, Progress, UnreadableRow
from service.reference_numbers import ReferenceNumbers

BATCH_ROWS = 400
"""Rows stored together. Readers of the log wait for an append, so it takes tens of milliseconds."""
BATCH_ROWS_MOST = 2_000
"""However long the log of one case: a row makes two events at most, an append takes 4,096."""
ATTEMPTS = 5


class Source(StrEnum):
    """A kind of file that can be imported."""

    CFPB = cfpb.SYSTEM
    UCI_INCIDENTS = uci_incidents.SYSTEM


@dataclass(frozen=True)
class _Reading:
    columns: Columns
    read: Callable[[Mapping[str, str]], Record]


_READINGS = {
    Source.CFPB: _Reading(cfpb.COLUMNS, cfpb.read),
    Source.UCI_INCIDENTS: _Reading(uci_incidents.COLUMNS, uci_incidents.read),
}


def import_file(
    source: Source,
    path: Path,
    service: Service,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> ImportReport:
    """Take over every row of a file that is not in the store yet.

    Stopping it at any moment does no harm: what is stored stays, and the next run goes on from
    there. Raises FileRefused (nothing imported), StoreUnavailable (stored batches stay).
    """
    run = _Run(service, _READINGS[source], source, path.name, clock)
    with RowFile(path, run.reading.columns) as rows:
        for batch in run.batches(rows):
            run.store(batch)
            report = run.report
            on_progress(Progress(report.rows, report.imported, rows.bytes_read, rows.bytes_total))
    return run.finished()


class _Run:
    """One run over one file."""

    def __init__(
        self,
        service: Service,
        reading: _Reading,
        source: Source,
        file: str,
        clock: Callable[[], datetime],
    ) -> None:
        self.reading = reading
        self.report = ImportReport(run_id=f"import-{uuid4()}", file=file)
        self._service = service
        self._numbers = ReferenceNumbers(service.engine)
        self._clock = clock
        self._actor = Actor(id=f"importer:{source}", kind=ActorKind.SYSTEM)
        self._began = time.monotonic()

    def batches(self, rows: RowFile) -> Iterator[list[ReadRow]]:
        """Readable rows, cut where another case begins so that a case is rarely read back."""
        batch: list[ReadRow] = []
        for row in self._read(rows):
            is_other = bool(batch) and batch[-1].record.external_id != row.record.external_id
            if (len(batch) >= BATCH_ROWS and is_other) or len(batch) >= BATCH_ROWS_MOST:
                yield batch
                batch = []
            batch.append(row)
        yield batch

    def _read(self, rows: RowFile) -> Iterator[ReadRow]:
        try:
            for row in rows:
                self.report.rows += 1
                if (read := self._understood(row)) is not None:
                    yield read
        except FileDamaged as damage:
            self.report.stopped = str(damage)

    def _understood(self, row: Row | BrokenRow) -> ReadRow | None:
        try:
            if isinstance(row, Row):
                return ReadRow(row.line, self.reading.read(row.values))
            reason = row.reason
        except BadRow as fault:
            reason = str(fault)
        self.report.unreadable.append(UnreadableRow(self.report.file, row.line, reason))
        return None

    def store(self, rows: list[ReadRow]) -> None:
        """Store one batch. Where somebody else changed one of its cases meanwhile, once more."""
        for attempt in range(1, ATTEMPTS + 1):
            batch = self._taken(rows)
            try:
                if batch.events:
                    self._service.cases.record(batch.events)
            except VersionConflict:
                if attempt == ATTEMPTS:
                    raise
            else:
                self.report.add(batch.tally)
                return

    def _taken(self, rows: list[ReadRow]) -> Batch:
        known = self._service.cases.find({row.record.case_id for row in rows})
        tally = ImportReport(self.report.run_id, self.report.file)
        batch = Batch(known, self._circumstances(), self._numbers.next, tally)
        for row in rows:
            batch.take(row)
        return batch

    def _circumstances(self) -> Circumstances:
        return Circumstances(
            actor=self._actor,
            roles=frozenset({Role.ADMIN}),
            now=self._clock(),
            correlation_id=self.report.run_id,
            via=Via.IMPORT,
        )

    def finished(self) -> ImportReport:
        """The report, its rows in the order of the file."""
        self.report.unreadable.sort(key=lambda row: row.line)
        self.report.seconds = round(time.monotonic() - self._began, 3)
        return self.report
