"""Alarms of early warning: raised once, found again, acknowledged, linked to a case, closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from domain.circumstances import Circumstances
from domain.early_warning.alarms import (
    Alarm,
    AlarmState,
    alarm_id,
    erased_since,
    folded,
    raised_fields,
)
from domain.early_warning.answering import ACKNOWLEDGE, CLOSE, AlarmTarget, alarm_targets
from domain.early_warning.judging import Finding
from domain.early_warning.rules import WarningRule
from domain.errors import AlarmHasMoved, AlarmNotFound, CaseNotFound, OtherCaseNotFound
from domain.records import (
    AlarmAcknowledged,
    AlarmCaseLinked,
    AlarmClosed,
    AlarmRaised,
    Record,
)
from domain.values import Actor, ActorKind, Via
from service.alarm_statements import ABOUT_CUSTOMER, COUNTED, LAST_OF_RULE, OPEN_BY_LEVEL, PAGE
from service.erasure_records import erasures_of
from service.event_store import Command
from service.event_store.records import HIGHEST_POSITION
from service.record_book import RecordBook, envelope
from service.record_streams import Kept, RecordStreams
from service.subjects import Subjects

WATCH: Final = Actor(id="early-warning", kind=ActorKind.SYSTEM)


@dataclass(frozen=True)
class KeptAlarm:
    """An alarm with when its first and last records were taken, and where the last one stands.

    `erased_at`: when the customer it is about was erased last, if its window reaches back to
    before that; what it saw is not told then. See decision 0174.
    """

    alarm: Alarm
    raised_at: datetime
    changed_at: datetime
    position: int
    raised_position: int
    replayed: bool = False
    erased_at: datetime | None = None

    @property
    def owner(self) -> str | None:
        """Who acknowledged it, else who leads alarms of its level; None once it is closed."""
        if self.alarm.closed:
            return None
        seen = self.alarm.acknowledged
        return seen.actor.id if seen else self._target.led_by

    @property
    def due_at(self) -> datetime | None:
        """Until when the next is to be done about it; None once it is closed."""
        if self.alarm.closed:
            return None
        work = CLOSE if self.alarm.acknowledged else ACKNOWLEDGE
        return self.raised_at + self._target.within(work)

    def is_overdue(self, now: datetime) -> bool:
        return self.due_at is not None and self.due_at < now

    @property
    def _target(self) -> AlarmTarget:
        return alarm_targets()[self.alarm.raised.level]


@dataclass(frozen=True, kw_only=True)
class AlarmFilter:
    """Which alarms are asked for; None does not narrow. `since`: recorded at this time or later."""

    state: AlarmState | None = None
    level: str | None = None
    rule: str | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class Alarms:
    """Every alarm. Threads may share it."""

    book: RecordBook
    subjects: Subjects

    @cached_property
    def streams(self) -> RecordStreams[Alarm]:
        return RecordStreams(
            book=self.book, folded=folded, not_found=AlarmNotFound, has_moved=AlarmHasMoved
        )

    def raise_once(
        self, rule: WarningRule, scope_value: str | None, at: datetime, finding: Finding
    ) -> bool:
        """Record the alarm of a look; False where it is on record already."""
        return self.streams.begin(as_raised(rule, scope_value, at, finding))

    def last_raised(
        self, connection: Connection, rule: WarningRule, before: datetime
    ) -> Mapping[str | None, datetime]:
        """When the rule last raised an alarm about each value, within its cool-down."""
        values = {
            "rule": rule.code,
            "version": rule.version,
            "after": _written(before - rule.cool_down),
            "before": _written(before),
        }
        found = connection.execute(LAST_OF_RULE, values)
        return {value: datetime.fromisoformat(at) for value, at in found}

    def get(self, alarm_id: UUID) -> KeptAlarm:
        """One alarm. Raises AlarmNotFound."""
        return self._told(_alarm(self.streams.get(alarm_id)))

    def page(
        self, connection: Connection, wanted: AlarmFilter, limit: int, before: int | None = None
    ) -> Sequence[KeptAlarm]:
        """The newest alarms raised before a position, at most `limit`."""
        values: dict[str, Any] = {
            "before": HIGHEST_POSITION if before is None else before,
            "rule": wanted.rule,
            "level": wanted.level,
            "since": wanted.since,
            "state": wanted.state.value if wanted.state else None,
            "limit": limit,
        }
        return self._of_rows(connection, connection.execute(PAGE, values))

    def about(self, connection: Connection, subject_ref: str) -> Sequence[KeptAlarm]:
        """Every alarm about this customer, oldest first."""
        found = connection.execute(ABOUT_CUSTOMER, {"subject_ref": subject_ref})
        return self._of_rows(connection, found)

    def open_by_level(self, connection: Connection) -> Mapping[str, int]:
        """How many alarms are not closed, by level; levels without any are left out."""
        return {row.level: row.number for row in connection.execute(OPEN_BY_LEVEL)}

    def counted(self, connection: Connection, since: datetime, until: datetime) -> tuple[int, int]:
        """How many alarms were raised between two times, and how many are not closed now."""
        row = connection.execute(COUNTED, {"since": since, "until": until}).one()
        return row.raised, row.not_closed

    def acknowledge(
        self,
        alarm_id: UUID,
        by: Circumstances,
        *,
        expected_version: int,
        file_ref: str | None = None,
        command: Command | None = None,
    ) -> KeptAlarm:
        """Say that somebody sees to it. Raises a Refusal, StoreUnavailable."""
        return self._change(
            alarm_id, AlarmAcknowledged, {"file_ref": file_ref}, expected_version, by, command
        )

    def link_case(
        self,
        alarm_id: UUID,
        by: Circumstances,
        *,
        expected_version: int,
        case_id: UUID,
        command: Command | None = None,
    ) -> KeptAlarm:
        """Link the case that looks for the root cause. Raises a Refusal, StoreUnavailable."""
        try:
            self.subjects.subject_of(case_id)
        except CaseNotFound:
            raise OtherCaseNotFound from None
        return self._change(
            alarm_id, AlarmCaseLinked, {"case_id": case_id}, expected_version, by, command
        )

    def close(
        self,
        alarm_id: UUID,
        by: Circumstances,
        *,
        expected_version: int,
        ground: str,
        file_ref: str | None = None,
        command: Command | None = None,
    ) -> KeptAlarm:
        """Close it on a ground. Raises a Refusal, StoreUnavailable."""
        said = {"ground": ground, "file_ref": file_ref}
        return self._change(alarm_id, AlarmClosed, said, expected_version, by, command)

    def _change(
        self,
        alarm_id: UUID,
        kind: type[Record],
        said: Mapping[str, Any],
        expected_version: int,
        by: Circumstances,
        command: Command | None,
    ) -> KeptAlarm:
        kept = self.streams.change(
            alarm_id, kind, lambda _: said, by, expected_version=expected_version, command=command
        )
        return self._told(_alarm(kept))

    def _of_rows(self, connection: Connection, rows: Iterable[Any]) -> Sequence[KeptAlarm]:
        """The alarms of these rows, each with what followed, in the order of the rows."""
        return self._all_told([_alarm(kept) for kept in self.streams.of_rows(connection, rows)])

    def _told(self, kept: KeptAlarm) -> KeptAlarm:
        (told,) = self._all_told([kept])
        return told

    def _all_told(self, found: Sequence[KeptAlarm]) -> Sequence[KeptAlarm]:
        """Each with the erasure of its customer; asked only where one is about a customer."""
        customers = {ref for each in found if (ref := each.alarm.customer) is not None}
        erased = self.book.last_recorded([erasures_of(ref) for ref in customers])
        if not erased:
            return found
        return [_with_erasure(each, erased) for each in found]


def as_raised(
    rule: WarningRule, scope_value: str | None, at: datetime, finding: Finding
) -> AlarmRaised:
    """The alarm of a look, which occurred at the look, whenever it was taken."""
    by = Circumstances(
        actor=WATCH,
        roles=frozenset(),
        now=at,
        correlation_id=f"early-warning:{rule.code}",
        via=Via.TIMER,
    )
    identity = alarm_id(rule, scope_value, at)
    return AlarmRaised(**envelope(identity, 1, by), **raised_fields(rule, scope_value, at, finding))


def _with_erasure(kept: KeptAlarm, erased: Mapping[UUID, datetime]) -> KeptAlarm:
    customer = kept.alarm.customer
    erased_at = None if customer is None else erased.get(erasures_of(customer))
    return replace(kept, erased_at=erased_since(kept.alarm.raised.window_from, erased_at))


def _written(moment: datetime) -> str:
    """As the store writes times, so that texts compare."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _alarm(kept: Kept[Alarm]) -> KeptAlarm:
    return KeptAlarm(
        kept.standing,
        kept.opened_at,
        kept.changed_at,
        kept.position,
        kept.opened_position,
        kept.replayed,
    )
