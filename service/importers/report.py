"""What an import tells while it runs and when it is done."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class UnreadableRow:
    """A row that left nothing behind; the reason names columns, never what they hold."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class ChangedRow:
    """A row whose record was imported before and says something else now; it added nothing."""

    file: str
    line: int
    external_id: str


@dataclass(frozen=True)
class Progress:
    """How far an import is; bytes are those of the file itself, packed where it is packed."""

    rows: int
    imported: int
    bytes_read: int
    bytes_total: int


@dataclass
class ImportReport:
    """The outcome of one run over one file.

    `rows` is all rows looked at; `imported` counts cases begun, `entries` log entries added to
    cases, `already_known` rows that had been imported before. `stopped` says why the rest of the
    file could not be read; None when its end was reached.
    """

    run_id: str
    file: str
    rows: int = 0
    imported: int = 0
    entries: int = 0
    already_known: int = 0
    changed: list[ChangedRow] = field(default_factory=list)
    unreadable: list[UnreadableRow] = field(default_factory=list)
    stopped: str | None = None
    seconds: float = 0.0

    def add(self, tally: ImportReport) -> None:
        """Count what one batch did."""
        self.imported += tally.imported
        self.entries += tally.entries
        self.already_known += tally.already_known
        self.changed += tally.changed
        self.unreadable += tally.unreadable

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds if self.seconds else 0.0

    @property
    def complete(self) -> bool:
        """Whether every row of the file is in the store now."""
        return not (self.changed or self.unreadable or self.stopped)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {**asdict(self), "complete": self.complete}
