"""Legal holds: placing, releasing and listing the duties to keep what is stored about a person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from domain.circumstances import Circumstances
from domain.errors import HoldAlreadyReleased, HoldNotFound, SubjectNotFound
from domain.records import (
    LegalHold,
    LegalHoldPlaced,
    LegalHoldReleased,
    checked,
    require_one_scope,
)
from service.event_store import Command, CommandAlreadyRecorded, VersionConflict
from service.record_book import LoggedRecord, RecordBook, envelope
from service.subjects import Subjects


@dataclass(frozen=True)
class Held:
    """A hold with the times at which its records were taken. `replayed`: known from before."""

    hold: LegalHold
    placed_at: datetime
    released_at: datetime | None = None
    position: int = 0
    replayed: bool = False


@dataclass(frozen=True)
class LegalHolds:
    """Every hold. Placing one and erasing a person take turns, so that none slips past."""

    book: RecordBook
    subjects: Subjects
    turn: Callable[[], AbstractContextManager[None]]

    def place(
        self,
        by: Circumstances,
        *,
        subject_ref: str | None,
        case_id: UUID | None,
        ground: str,
        matter: str,
        command: Command | None = None,
    ) -> Held:
        """Place a hold on a person or on the person of a case.

        Raises InvalidValue, SubjectNotFound, CaseNotFound, IdempotencyKeyReused.
        """
        placed = LegalHoldPlaced(
            **envelope(uuid4(), 1, by),
            subject_ref=subject_ref,
            case_id=case_id,
            ground=ground,
            matter=matter,
        )
        require_one_scope(placed)
        checked(placed)
        self._require_known(placed)
        with self.turn():
            if known := self.book.first_of(command):
                return replace(self.get(known), replayed=True)
            self.book.append(placed, command=command)
        return self.get(placed.originator_id)

    def _require_known(self, placed: LegalHoldPlaced) -> None:
        """A hold on a mistyped reference would keep nothing, and nobody would notice."""
        if placed.case_id is not None:
            self.subjects.subject_of(placed.case_id)
        elif placed.subject_ref is not None and not self.subjects.are_known(placed.subject_ref):
            raise SubjectNotFound

    def release(
        self, hold_id: UUID, by: Circumstances, *, ground: str, command: Command | None = None
    ) -> Held:
        """Release a hold. Raises HoldNotFound, HoldAlreadyReleased, IdempotencyKeyReused."""
        released = LegalHoldReleased(**envelope(hold_id, 2, by), ground=ground)
        checked(released)
        try:
            self.get(hold_id).hold.release(released)
            self.book.append(released, command=command)
        except (HoldAlreadyReleased, VersionConflict, CommandAlreadyRecorded) as fault:
            # A release that was made is refused when it is asked for again, even at the same time.
            if known := self.book.first_of(command):
                return replace(self.get(known), replayed=True)
            raise HoldAlreadyReleased from fault
        return self.get(hold_id)

    def get(self, hold_id: UUID) -> Held:
        """One hold. Raises HoldNotFound."""
        for held in _folded(self.book.of_originator(hold_id)):
            return held
        raise HoldNotFound

    def all(self) -> list[Held]:
        """Every hold, released ones too, oldest first."""
        return _folded(self.book.of_kinds(LegalHoldPlaced, LegalHoldReleased))

    def standing(self) -> list[LegalHold]:
        """The holds in force."""
        return [held.hold for held in self.all() if held.hold.stands]

    def standing_for(self, subject_ref: str, case_ids: Collection[UUID]) -> list[LegalHold]:
        """The holds in force that keep this person's data."""
        cases = frozenset(case_ids)
        return [hold for hold in self.standing() if hold.concerns(subject_ref, cases)]


def _folded(logged: Iterable[LoggedRecord]) -> list[Held]:
    held: dict[UUID, Held] = {}
    for each in logged:
        record = each.record
        if isinstance(record, LegalHoldPlaced):
            held[record.originator_id] = Held(
                LegalHold(record), each.recorded_at, position=each.position
            )
        elif isinstance(record, LegalHoldReleased):
            before = held[record.originator_id]
            hold = LegalHold(before.hold.placed, record)
            held[record.originator_id] = Held(
                hold, before.placed_at, each.recorded_at, each.position
            )
    return list(held.values())
