"""Which cases are exported. A case is taken with all its events or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.conflict_case import ConflictCase

ORIGINS: Final = ("reported", "imported")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What does not narrow is empty or None.

    `began_from` up to, not including, `began_to`: when the case began. `case_ids`: these cases
    alone, none where it is an empty set. `origin`: one of ORIGINS.
    """

    began_from: datetime | None = None
    began_to: datetime | None = None
    statuses: frozenset[str] = frozenset()
    conflict_types: frozenset[str] = frozenset()
    case_ids: frozenset[UUID] | None = None
    origin: str | None = None

    @property
    def names_cases(self) -> bool:
        return self.case_ids is not None

    def takes(self, case: ConflictCase) -> bool:
        """Whether a case as it stands now is wanted."""
        return (
            self._in_period(case.began_at)
            and (not self.statuses or case.status in self.statuses)
            and (not self.conflict_types or _type_of(case) in self.conflict_types)
            and self.origin in (None, origin_of(case))
        )

    def _in_period(self, began_at: datetime | None) -> bool:
        if began_at is None:
            return self.began_from is None and self.began_to is None
        return (self.began_from is None or self.began_from <= began_at) and (
            self.began_to is None or began_at < self.began_to
        )


def origin_of(case: ConflictCase) -> str:
    """`imported` where another system told the case, else `reported`."""
    return "imported" if case.imported else "reported"


def _type_of(case: ConflictCase) -> str | None:
    return case.confirmation.conflict_type if case.confirmation else None
