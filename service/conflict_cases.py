"""The application: load a case, take a step, store its event. Every door goes through here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import errors
from domain.circumstances import Circumstances
from domain.conflict_case import ConflictCase
from domain.events import CaseEvent, CaseMerged
from domain.lifecycle import STEPS
from service.case_ids import case_id_for
from service.event_store import (
    Command,
    CommandAlreadyRecorded,
    CommandOutcome,
    EventRecorder,
    RecordedEvent,
    StoreBusy,
    StoreUnavailable,
    SubjectKeyDestroyed,
    VersionConflict,
)
from service.hearing import DEAF, Hearing
from service.mapper import CaseEventMapper, LoggedEvent
from service.merging import check_merge
from service.reference_numbers import ReferenceNumbers


@dataclass(frozen=True)
class Taken:
    """A step that was taken: the case after it, and where its event stands in the log.

    `replayed`: the command had been recorded before, and this is its first outcome again.
    """

    case: ConflictCase
    position: int
    recorded_at: datetime
    replayed: bool = False


class ConflictCases:
    """Every change of every case: load, take the step, store.

    A `command` names the caller's request. It is stored with the event, so that the same
    request sent again finds its first outcome: never a second event, never a false conflict.
    """

    def __init__(
        self,
        recorder: EventRecorder,
        mapper: CaseEventMapper,
        numbers: ReferenceNumbers,
        merging: Callable[[], AbstractContextManager[None]],
        hearing: Hearing = DEAF,
    ) -> None:
        """`merging` lets one merge at a time be checked and stored; `hearing` notices anger."""
        self._recorder = recorder
        self._mapper = mapper
        self._numbers = numbers
        self._merging = merging
        self._hearing = hearing

    def begin(
        self,
        step: str,
        details: Mapping[str, Any],
        by: Circumstances,
        *,
        case_id: UUID | None = None,
        command: Command | None = None,
    ) -> Taken:
        """Begin a case by `report` or `import_record`.

        Raises a Refusal (AlreadyReported where its `source` has a case, or what the domain
        refuses), StoreUnavailable.
        """
        case = ConflictCase(case_id or case_id_for(details))
        numbered = replace(by, reference_number=self._numbers.next())
        event = case.take(step, details, numbered)
        return self._store(case, (event, *self._hearing.after(case, event, numbered)), command)

    def take_step(
        self,
        case_id: UUID,
        step: str,
        details: Mapping[str, Any],
        *,
        expected_version: int | None,
        by: Circumstances,
        command: Command | None = None,
    ) -> Taken:
        """Take one step of an existing case.

        `expected_version` is the version the caller saw; what timers noted since does not make
        it stale. None takes the newest. Raises a Refusal (CaseNotFound, CaseHasMoved, or what
        the domain refuses), StoreUnavailable.
        """
        # Two merges at once could each be right and together make a circle.
        with self._merging() if STEPS[step].event is CaseMerged else nullcontext():
            while True:
                try:
                    case = self._seen(case_id, expected_version)
                    event = case.take(step, details, by)
                    check_merge(event, self.get)
                    taken = (event, *self._hearing.after(case, event, by))
                except errors.Refusal:
                    # A step that was taken is often refused when asked for again.
                    if command and (outcome := self._first_outcome(command, None)):
                        return outcome
                    raise
                try:
                    return self._store(case, taken, command)
                except errors.CaseHasMoved:
                    # Where a timer was faster, look again: each look finds a newer version.
                    if expected_version is None:
                        raise

    def _seen(self, case_id: UUID, version: int | None) -> ConflictCase:
        """The case as it stands, which is still as the caller saw it. Raises CaseHasMoved."""
        case = self.get(case_id)
        if version is not None and not case.is_still(version):
            raise errors.CaseHasMoved(current_version=case.version)
        return case

    def get(
        self,
        case_id: UUID,
        *,
        version: int | None = None,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
    ) -> ConflictCase:
        """The case now, at a version, as it was (occurred) or as it was known (recorded).

        Raises CaseNotFound, also for an instant before the case began, whatever else is said to
        have happened by then; VersionNotFound.
        """
        recorded = self._recorder.select_events(case_id, lte=version)
        if not recorded:
            raise errors.CaseNotFound
        if version is not None and recorded[-1].originator_version != version:
            raise errors.VersionNotFound(current_version=recorded[-1].originator_version)
        seen = [
            event
            for event in map(self._mapper.to_domain_event, _known(recorded, known_at))
            if as_of is None or event.occurred_at <= as_of
        ]
        if not seen or seen[0].version != 1:
            raise errors.CaseNotFound
        return ConflictCase.folded(case_id, seen)

    def find(self, case_ids: Collection[UUID]) -> dict[UUID, ConflictCase]:
        """Those of the cases that exist, in one round trip (for imports)."""
        cases: dict[UUID, ConflictCase] = {}
        for recorded in self._recorder.select_events_of(case_ids):
            event = self._mapper.to_domain_event(recorded)
            cases.setdefault(event.case_id, ConflictCase(event.case_id)).remember(event)
        return cases

    def history(self, case_id: UUID) -> list[LoggedEvent]:
        """The case's events in order. Raises CaseNotFound."""
        recorded = self._recorder.select_events(case_id)
        if not recorded:
            raise errors.CaseNotFound
        return [self._mapper.logged(event) for event in recorded]

    def histories(self, case_ids: Collection[UUID]) -> dict[UUID, list[LoggedEvent]]:
        """The events of those of the cases that exist, in order, in one round trip."""
        histories: dict[UUID, list[LoggedEvent]] = {}
        for recorded in self._recorder.select_events_of(case_ids):
            logged = self._mapper.logged(recorded)
            histories.setdefault(logged.event.case_id, []).append(logged)
        return histories

    def record(self, case_events: Sequence[CaseEvent]) -> list[RecordedEvent]:
        """Store events that their cases have just taken, in one transaction (for imports).

        Raises VersionConflict or StoreUnavailable; a conflict leaves nothing of them behind.
        """
        return self._append(case_events, None)

    def _append(
        self, case_events: Sequence[CaseEvent], command: Command | None
    ) -> list[RecordedEvent]:
        try:
            return self._append_sealed(case_events, command)
        except SubjectKeyDestroyed:
            # The subject was erased a moment ago, by another process: what is new gets a new key.
            return self._append_sealed(case_events, command)

    def _append_sealed(
        self, case_events: Sequence[CaseEvent], command: Command | None
    ) -> list[RecordedEvent]:
        with self._mapper.sealing() as sealing:
            stored = self._mapper.stored(case_events, sealing)
            # Also where nothing was sealed: the answer will show the case with the key at hand.
            sealing.check({event.subject_ref for event in case_events})
            return self._recorder.append(
                stored,
                command=command,
                new_keys=sealing.new_keys,
                used_key_ids=sealing.used_key_ids,
            )

    def _store(
        self, case: ConflictCase, taken: Sequence[CaseEvent], command: Command | None
    ) -> Taken:
        try:
            recorded = self._append(taken, command)[-1]
        except (CommandAlreadyRecorded, VersionConflict, StoreUnavailable) as fault:
            if command and (outcome := self._first_outcome(command, fault)):
                return outcome
            if isinstance(fault, VersionConflict) and taken[0].version == 1:
                raise errors.AlreadyReported(case_id=case.id) from fault
            if isinstance(fault, VersionConflict):
                newest = self.get(case.id)
                raise errors.CaseHasMoved(current_version=newest.version) from fault
            raise
        return Taken(case, recorded.id, recorded.recorded_at)

    def _first_outcome(self, command: Command, fault: Exception | None) -> Taken | None:
        """What the command led to if it was recorded before, be it a lost moment ago.

        When the connection broke, nobody knows whether the append had been committed; the
        command record, which commits with it, does.
        """
        outcome = self._recorder.find_command(command.command_id)
        if outcome is None:
            return None
        if outcome.fingerprint != command.fingerprint:
            raise errors.IdempotencyKeyReused from fault
        last = self._last_of(outcome)
        case = self.get(outcome.originator_id, version=last.originator_version)
        unsure = isinstance(fault, StoreUnavailable) and not isinstance(fault, StoreBusy)
        return Taken(case, last.id, outcome.recorded_at, replayed=not unsure)

    def _last_of(self, outcome: CommandOutcome) -> RecordedEvent:
        """The last event of a command's append: the step itself, or what was heard in its words."""
        version = outcome.originator_version
        near = self._recorder.select_events(outcome.originator_id, gt=version - 1, lte=version + 1)
        return [event for event in near if event.recorded_at == outcome.recorded_at][-1]


def _known(recorded: Iterable[RecordedEvent], known_at: datetime | None) -> Iterable[RecordedEvent]:
    return (event for event in recorded if known_at is None or event.recorded_at <= known_at)
