"""Erasing a person: their keys are destroyed, their cases say so, everything else stays."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.circumstances import Circumstances
from domain.customer_risk.supplying import stream_of
from domain.errors import LegalHoldStands, SubjectNotFound
from domain.records import SubjectErased, checked
from domain.values import Role, Via
from service.conflict_cases import ConflictCases
from service.erasure_records import Erasure, as_erasure, erasure_record, erasures_of
from service.erasure_register import Entry, ErasureRegister
from service.erasure_telling import tell_cases
from service.event_store import Command
from service.keys import SubjectKeys
from service.legal_holds import LegalHolds
from service.record_book import RecordBook
from service.subjects import Subjects

REPEATED: Final = "erasure-register"
"""The correlation id of an erasure that was repeated because a backup had been restored."""
KEYS_AT_ONCE: Final = 5_000


class NotToBeErased(Exception):
    """Whoever asked for the erasure of a person no longer wants it; nothing has changed."""


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
            erasure = self.newest(subject_ref)
            if live or erasure is None or self._is_told_since(erasure):
                self._require_erasable(subject_ref, cases, live)
                record = erasure_record(
                    subject_ref, by, erasure, ground, request_ref, len(live), len(cases)
                )
                erasure = self._erase_now(record, live, command, still)
                # Also those that were reported meanwhile, with a key that is gone now.
                cases = self._subjects.cases_of(subject_ref)
        tell_cases(self._cases, erasure, cases, by.now)
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
        if not (cases or live or self._subjects.are_known(subject_ref)):
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
        return as_erasure(logged, is_new=True)

    def of(self, subject_ref: str) -> list[Erasure]:
        """Every erasure of the person, oldest first."""
        found = self._book.of_originator(erasures_of(subject_ref))
        return [as_erasure(each, is_new=False) for each in found]

    def _is_told_since(self, erasure: Erasure) -> bool:
        """Whether a value stands behind it whose own append was under way with a key of before."""
        told = self._book.of_originator(stream_of(erasure.record.subject_ref))
        return any(not erasure.covers(each) for each in told)

    def newest(self, subject_ref: str) -> Erasure | None:
        """The last erasure of the person; None without any."""
        return found[-1] if (found := self.of(subject_ref)) else None

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
            record = erasure_record(
                subject_ref,
                by,
                self.newest(subject_ref),
                entry.ground,
                entry.request_ref,
                len(live),
                len(cases),
            )
            erasure = self._destroy(record, live)
        tell_cases(self._cases, erasure, cases, now)
