"""One batch of rows: what they add to their cases, worked out before anything is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from uuid import UUID

from domain.circumstances import Circumstances
from domain.conflict_case import ConflictCase
from domain.errors import InvalidValue, Refusal
from domain.events import CaseEvent
from domain.values import Status
from service.importers.record import BadRow, Record, Saying
from service.importers.report import ChangedRow, ImportReport, UnreadableRow


@dataclass(frozen=True)
class ReadRow:
    """A row that could be read, with the line it begins on."""

    line: int
    record: Record


@dataclass
class Batch:
    """Takes rows one by one into their cases. `cases` are those already stored, by id.

    It counts on a tally of its own, since a batch that meets a conflict is dropped and redone.

    Every event passes through the aggregate, so the rules hold here as on every other path.
    """

    cases: dict[UUID, ConflictCase]
    by: Circumstances
    next_number: Callable[[], int]
    tally: ImportReport
    events: list[CaseEvent] = field(default_factory=list)

    def take(self, row: ReadRow) -> None:
        """Add what the row says; a row that is refused leaves nothing behind."""
        try:
            known = self.cases.get(row.record.case_id)
            if known is None:
                self._begin(row.record)
            elif row.record.entry is None:
                self._compare(known, row)
            else:
                self._append(known, row.record, row.record.entry)
        except BadRow as fault:
            self.tally.unreadable.append(UnreadableRow(self.tally.file, row.line, str(fault)))

    def _begin(self, record: Record) -> None:
        case = ConflictCase(record.case_id)
        by = replace(self.by, reference_number=self.next_number())
        taken = [_taken(case, "import_record", record.beginning, by)]
        if record.entry:
            taken.append(self._entry(case, record.entry))
        self.cases[case.id] = case
        self.events += taken
        self.tally.imported += 1
        self.tally.entries += len(taken) - 1

    def _append(self, case: ConflictCase, record: Record, entry: Saying) -> None:
        if any(noted.row_digest == record.digest for noted in case.imported_entries):
            self.tally.already_known += 1
            return
        self.events.append(self._entry(case, entry))
        self.tally.entries += 1

    def _compare(self, case: ConflictCase, row: ReadRow) -> None:
        if case.imported and case.imported.row_digest == row.record.digest:
            self.tally.already_known += 1
        else:
            changed = ChangedRow(self.tally.file, row.line, row.record.external_id)
            self.tally.changed.append(changed)

    def _entry(self, case: ConflictCase, entry: Saying) -> CaseEvent:
        details = {**entry.details, "leads_to": _status_after(case, entry)}
        return _taken(case, "note_imported_entry", replace(entry, details=details), self.by)


def _status_after(case: ConflictCase, entry: Saying) -> Status:
    """Once people go on with a case here, the old system's log no longer moves it."""
    stated: Status | None = entry.details["leads_to"]
    return stated if stated and not case.is_handled_here else case.status


def _taken(case: ConflictCase, command: str, saying: Saying, by: Circumstances) -> CaseEvent:
    try:
        return case.take(command, saying.details, replace(by, occurred_at=saying.occurred_at))
    except Refusal as refusal:
        raise BadRow(_reason(refusal, saying)) from None


def _reason(refusal: Refusal, saying: Saying) -> str:
    """Codes and names of columns; neither a refusal nor this repeats what was written."""
    if not isinstance(refusal, InvalidValue):
        return refusal.code
    column, *place = str(refusal.params["field"]).split(".")
    if column == "facts" and place:
        column = saying.details["facts"][int(place[0])].name
    return f"{column}: {refusal.params['reason']}"
