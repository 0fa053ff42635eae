"""Erasing a person: their keys are destroyed, their cases say so, everything else stays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from domain.circumstances import Circumstances
from domain.conflict_case import ConflictCase
from domain.errors import LegalHoldStands, SubjectNotFound
from domain.records import SubjectErased, checked
from domain.values import Role, Via
from service.conflict_cases import ConflictCases
from service.erasure_register import Entry, ErasureRegister
from service.event_store import Command, StoreBusy, VersionConflict
from service.keys import SubjectKeys
from service.legal_holds import LegalHolds
from service.record_book import LoggedRecord, RecordBook, envelope
from service.subjects import Subjects
from service.tries import MOST_TRIES

ERASURES_OF: Final = UUID("6f1d8f0e-4a0c-5e1b-9a55-2b0f3c7d1e66")
"""The name space (RFC 9562, version 5) in which a person's erasures have their originator."""
REPEATED: Final = "erasure-register"
"""The correlation id of an erasure that was repeated because a backup had been restored."""
CASES_AT_ONCE: Final = 200
"""Told in one append: few enough for tens of milliseconds."""
KEYS_AT_ONCE: Final = 5_000

Told = Callable[[int, int], object]
"""Called with how many cases have been told, and how many there are."""


class NotToBeErased(Exception):
    """Whoever asked for the erasure of a person no longer wants it; nothing has changed."""


@dataclass(frozen=True)
class Erasure:
    """A person was erased: the record of it, and where it stands in the log.

    `is_new` is False where it had been done before, and this is the same answer again.
    """

    record: SubjectErased
    position: int
    recorded_at: datetime
    is_new: bool

    @property
    def id(self) -> UUID:
        """What the events of the cases name it by."""
        return uuid5(self.record.originator_id, str(self.record.originator_version))


def erasures_of(subject_ref: str) -> UUID:
    """The originator of a person's erasures."""
    return uuid5(ERASURES_OF, subject_ref)


class Erasures:
    """Erases people, and keeps erased whom a restored backup brought back."""

    def __init__(
        self,
        cases: ConflictCases,
        keys: SubjectKeys,
        book: RecordBook,
        holds: LegalHolds,
        subjects: Subjects,
        register: ErasureRegister | None,
        turn: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """`turn` lets one erasure or hold at a time be decided."""
        self._cases = cases
        self._keys = keys
        self._book = book
        self._holds = holds
        self._subjects = subjects
        self._register = register
        self._turn = turn

    def erase(
        self,
        subject_ref: str,
        by: Circumstances,
        *,
        ground: str,
        request_ref: str | None = None,
        command: Command | None = None,
        told: Told = lambda done, total: None,
        still: Callable[[], bool] = lambda: True,
    ) -> Erasure:
        """Destroy the person's keys and let each of their cases say so.

        Once it is done, asking again gives the same answer; what was interrupted is finished
        then. `still` is asked last before anything is noted or destroyed. Raises LegalHoldStands,
        NotToBeErased (it says no; either way nothing has changed), SubjectNotFound, InvalidValue,
        IdempotencyKeyReused, StoreUnavailable.
        """
        with self._turn():
            self._book.first_of(command)
            cases = self._subjects.cases_of(subject_ref)
            live = self._keys.live_keys(subject_ref)
            erasure = self._newest(subject_ref)
            if live or erasure is None:
                self._require_erasable(subject_ref, cases, live)
                record = _record(
                    subject_ref, by, erasure, ground, request_ref, len(live), len(cases)
                )
                erasure = self._erase_now(record, live, command, still)
                # Also those that were reported meanwhile, with a key that is gone now.
                cases = self._subjects.cases_of(subject_ref)
        self._tell(erasure, cases, by.now, told)
        return erasure

    def _erase_now(
        self,
        record: SubjectErased,
        key_ids: Collection[UUID],
        command: Command | None,
        still: Callable[[], bool],
    ) -> Erasure:
        checked(record)
        if not still():
            raise NotToBeErased
        self._note(record, key_ids)
        return self._destroy(record, key_ids, command)

    def _require_erasable(
        self, subject_ref: str, cases: Collection[UUID], live: Collection[UUID]
    ) -> None:
        if not cases and not live:
            raise SubjectNotFound
        if standing := self._holds.standing_for(subject_ref, cases):
            raise LegalHoldStands(holds=[str(hold.id) for hold in standing])

    def _note(self, record: SubjectErased, key_ids: Collection[UUID]) -> None:
        """Outside the database, before anything is destroyed: see `repeat`."""
        if self._register is not None and key_ids:
            self._register.add(
                Entry(
                    record.occurred_at,
                    tuple(key_ids),
                    record.ground,
                    record.actor,
                    record.request_ref,
                )
            )

    def _destroy(
        self, record: SubjectErased, key_ids: Collection[UUID], command: Command | None = None
    ) -> Erasure:
        logged = self._book.append(record, command=command, destroyed_key_ids=key_ids)
        self._keys.note_destroyed(record.subject_ref, key_ids)
        return _erasure(logged, is_new=True)

    def of(self, subject_ref: str) -> list[Erasure]:
        """Every erasure of the person, oldest first."""
        found = self._book.of_originator(erasures_of(subject_ref))
        return [_erasure(each, is_new=False) for each in found]

    def _newest(self, subject_ref: str) -> Erasure | None:
        return found[-1] if (found := self.of(subject_ref)) else None

    def _tell(self, erasure: Erasure, cases: dict[UUID, int], now: datetime, told: Told) -> None:
        """Every case that began before the erasure says that it happened, once."""
        concerned = [case_id for case_id, began in cases.items() if began < erasure.position]
        for start in range(0, len(concerned), CASES_AT_ONCE):
            self._tell_some(erasure, concerned[start : start + CASES_AT_ONCE], now)
            told(min(start + CASES_AT_ONCE, len(concerned)), len(concerned))

    def _tell_some(self, erasure: Erasure, case_ids: Sequence[UUID], now: datetime) -> None:
        """In one append; again where a case moved on meanwhile."""
        for _ in range(MOST_TRIES):
            silent = _silent(self._cases.find(case_ids).values(), erasure)
            if not silent:
                return
            by, details = _as_recorded(erasure, now)
            events = [case.take("erase_personal_data", details, by) for case in silent]
            try:
                self._cases.record(events)
            except VersionConflict:
                continue
            return
        raise StoreBusy("the cases of an erased person kept moving")

    def repeat(self, now: datetime) -> int:
        """Destroy again what the register says was destroyed; how many people came back.

        A hold does not keep it: the person was erased before it came back with a backup, or the
        hold was already asked for when the erasure was begun. Raises RegisterDamaged.
        """
        came_back = self.came_back()
        for subject_ref, (key_ids, entry) in came_back.items():
            self._erase_again(subject_ref, key_ids, entry, now)
        return len(came_back)

    def came_back(self) -> dict[str, tuple[list[UUID], Entry]]:
        """Who was erased and has those keys all the same, with the keys and the newest entry.

        Raises RegisterDamaged.
        """
        by_key = {
            key_id: entry
            for entry in (self._register.entries() if self._register else ())
            for key_id in entry.key_ids
        }
        known = list(by_key)
        found: dict[str, tuple[list[UUID], Entry]] = {}
        for start in range(0, len(known), KEYS_AT_ONCE):
            some = known[start : start + KEYS_AT_ONCE]
            for subject_ref, key_ids in self._keys.live_among(some).items():
                before = found[subject_ref][0] if subject_ref in found else []
                found[subject_ref] = ([*before, *key_ids], by_key[key_ids[-1]])
        return found

    def _erase_again(
        self, subject_ref: str, key_ids: Collection[UUID], entry: Entry, now: datetime
    ) -> None:
        by = Circumstances(
            actor=entry.actor,
            roles=frozenset({Role.PRIVACY}),
            now=entry.erased_at,
            correlation_id=REPEATED,
            via=Via.TIMER,
        )
        cases = self._subjects.cases_of(subject_ref)
        with self._turn():
            live = self._keys.live_among(key_ids).get(subject_ref, [])
            if not live:  # another process that started at the same time was faster
                return
            record = _record(
                subject_ref,
                by,
                self._newest(subject_ref),
                entry.ground,
                entry.request_ref,
                len(live),
                len(cases),
            )
            erasure = self._destroy(record, live)
        self._tell(erasure, cases, now, lambda done, total: None)


def _record(
    subject_ref: str,
    by: Circumstances,
    before: Erasure | None,
    ground: str,
    request_ref: str | None,
    keys: int,
    cases: int,
) -> SubjectErased:
    """The record that follows the one before, if the person was erased before."""
    version = before.record.originator_version + 1 if before else 1
    return SubjectErased(
        **envelope(erasures_of(subject_ref), version, by),
        subject_ref=subject_ref,
        ground=ground,
        request_ref=request_ref,
        keys=keys,
        cases=cases,
    )


def _erasure(logged: LoggedRecord, *, is_new: bool) -> Erasure:
    return Erasure(logged.record, logged.position, logged.recorded_at, is_new)


def _silent(cases: Iterable[ConflictCase], erasure: Erasure) -> list[ConflictCase]:
    return [
        case for case in cases if all(event.erasure_id != erasure.id for event in case.erasures)
    ]


def _as_recorded(erasure: Erasure, now: datetime) -> tuple[Circumstances, dict[str, object]]:
    """Every case says the same, whoever finishes an erasure that was interrupted."""
    record = erasure.record
    by = Circumstances(
        actor=record.actor,
        roles=frozenset({Role.PRIVACY}),
        now=now,
        occurred_at=record.occurred_at,
        correlation_id=record.correlation_id,
        via=record.via,
    )
    details = {
        "erasure_id": erasure.id,
        "ground": record.ground,
        "request_ref": record.request_ref,
    }
    return by, details
