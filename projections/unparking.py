"""Taking up a parked case again: replay what was held back, or pass over what cannot be applied."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from projections import builds, parking
from projections.event_log import EventLog
from projections.faults import is_fault_of_event, name_of
from projections.feeding import Feeder
from projections.parking import ParkedCase
from projections.read_model import Fact


class CaseNotParked(Exception):
    """The case is not parked for this read model."""


class _Moved(Exception):
    """The case waits at another event now."""


@dataclass(frozen=True)
class Unparking:
    """Takes up parked cases of one read model's build in use.

    Each event held back is applied in a transaction of its own together with the note where the
    case waits now, under the build's lock: no worker can add to what is held back meanwhile.
    """

    feeder: Feeder
    log: EventLog

    def retry(self, case_id: UUID) -> ParkedCase | None:
        """Replay what was held back; None when all is applied. Raises CaseNotParked."""
        tried = self._parked(case_id)
        while (parked := self._try_next(case_id)) is not None:
            if parked.position == tried.position:
                return parked
            tried = parked
        return None

    def skip(self, case_id: UUID, *, reason: str, actor: str) -> ParkedCase | None:
        """Pass over the event the case waits at and replay the rest. Raises CaseNotParked.

        Where somebody else has taken the case further meanwhile, nothing is passed over.
        """
        parked = self._parked(case_id)

        def pass_over(connection: Connection, fact: Fact) -> None:
            if fact.position != parked.position:
                raise _Moved
            parking.note_skip(connection, self.feeder.model.name, parked, reason, actor)

        with suppress(_Moved):
            if self._step(case_id, pass_over) is None:
                return None
        return self.retry(case_id)

    def _parked(self, case_id: UUID) -> ParkedCase:
        with self.feeder.database.begin() as connection:
            parked = parking.find(connection, self.feeder.model.name, case_id)
        if parked is None:
            raise CaseNotParked(str(case_id))
        return parked

    def _try_next(self, case_id: UUID) -> ParkedCase | None:
        try:
            return self._step(case_id, self._apply)
        except Exception as error:
            if not is_fault_of_event(error):
                raise
            return self._still_parked(case_id, error)

    def _apply(self, connection: Connection, fact: Fact) -> None:
        self.feeder.apply(connection, self.feeder.model.name, [fact])

    def _step(self, case_id: UUID, settle: Callable[[Connection, Fact], None]) -> ParkedCase | None:
        """Settle the event the case waits at, and let it wait at the next one, if there is one."""
        name = self.feeder.model.name
        with self.feeder.database.begin() as connection:
            build = builds.lock(connection, name)[name]
            parked = parking.find(connection, name, case_id)
            if parked is None:
                return None
            held = self.log.of_case(case_id, parked.version, build.position)
            settle(connection, held[0])
            if len(held) == 1:
                parking.release(connection, name, case_id)
                return None
            parking.park(connection, name, held[1], parked.error, attempts=0)
            return parking.find(connection, name, case_id)

    def _still_parked(self, case_id: UUID, error: Exception) -> ParkedCase | None:
        name = self.feeder.model.name
        with self.feeder.database.begin() as connection:
            builds.lock(connection, name)
            parked = parking.find(connection, name, case_id)
            if parked is not None:
                parking.note_attempt(connection, parked, name_of(error))
            return parking.find(connection, name, case_id)
