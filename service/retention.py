"""Erasing people whose data is past its time, as the log itself knows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.book import Edition
from domain.circumstances import Circumstances
from domain.errors import LegalHoldStands
from domain.retention import aged, person_over
from service.conflict_cases import ConflictCases
from service.erasure import Erasures, NotToBeErased
from service.legal_holds import LegalHolds
from service.risk_indicators import RiskIndicators
from service.subjects import Subjects

GROUND = "retention_period_over"


class Outcome(StrEnum):
    """What became of a person: erased, or would be; held by a legal hold; or still to be kept."""

    ERASED = "erased"
    DUE = "due"
    HELD = "held"
    KEPT = "kept"


@dataclass(frozen=True)
class Decided:
    """One person, and what became of them."""

    subject_ref: str
    outcome: Outcome
    cases: tuple[UUID, ...]


@dataclass(frozen=True)
class Retention:
    """Decides about people one by one. `books`: the rules in force today, for all cases."""

    cases: ConflictCases
    subjects: Subjects
    holds: LegalHolds
    erasures: Erasures
    risks: RiskIndicators
    books: Edition

    def decide(
        self, subject_refs: Iterator[str], by: Circumstances, *, dry_run: bool
    ) -> Iterator[Decided]:
        """Erase each of them who is due and under no hold; with `dry_run` only say so."""
        for subject_ref in subject_refs:
            case_ids = self._case_ids(subject_ref)
            yield Decided(subject_ref, self._outcome(subject_ref, case_ids, by, dry_run), case_ids)

    def _case_ids(self, subject_ref: str) -> tuple[UUID, ...]:
        return tuple(self.subjects.cases_of(subject_ref))

    def _outcome(
        self, subject_ref: str, case_ids: tuple[UUID, ...], by: Circumstances, dry_run: bool
    ) -> Outcome:
        if not self._is_over(subject_ref, case_ids, by.now):
            return Outcome.KEPT
        if dry_run:
            held = self.holds.standing_for(subject_ref, case_ids)
            return Outcome.HELD if held else Outcome.DUE
        try:
            self._erase(subject_ref, by)
        except LegalHoldStands:
            return Outcome.HELD
        except NotToBeErased:
            return Outcome.KEPT
        return Outcome.ERASED

    def _erase(self, subject_ref: str, by: Circumstances) -> None:
        """Unless a case or an indicator came since. Raises LegalHoldStands, NotToBeErased."""
        rules = self.books.book("retention_periods")
        self.erasures.erase(
            subject_ref,
            by,
            ground=GROUND,
            request_ref=f"{rules.name}.v{rules.version}",
            still=lambda: self._is_over(subject_ref, self._case_ids(subject_ref), by.now),
        )

    def _is_over(self, subject_ref: str, case_ids: Sequence[UUID], now: datetime) -> bool:
        histories = self.cases.histories(case_ids).values()
        cases = [aged([logged.event for logged in history]) for history in histories]
        newest = self.risks.last_supplied([subject_ref]).get(subject_ref)
        return person_over(cases, newest, self.books, now)
