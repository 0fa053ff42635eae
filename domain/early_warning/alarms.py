"""An alarm from its raising to its close: what may follow what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid5

from domain.early_warning.judging import Finding
from domain.early_warning.rules import CUSTOMER, WarningRule
from domain.errors import (
    AlarmAlreadyAcknowledged,
    AlarmAlreadyClosed,
    CaseAlreadyLinked,
    RootCauseCaseMissing,
)
from domain.records import (
    AlarmAcknowledged,
    AlarmCaseLinked,
    AlarmClosed,
    AlarmRaised,
    Record,
)
from domain.reference_books import CURRENT_EDITION, book, edition
from domain.times import CLOCK_TOLERANCE

ALARMS: Final = UUID("0d9c4f6e-59f0-5f0b-9f53-5b1e3b7f6a21")
"""The namespace of the ids of alarms (UUID version 5)."""
_FOUR_DECIMALS: Final = Decimal("0.0001")


class AlarmState(StrEnum):
    """Where an alarm stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm, folded from its records."""

    raised: AlarmRaised
    version: int = 1
    acknowledged: AlarmAcknowledged | None = None
    closed: AlarmClosed | None = None
    case_ids: tuple[UUID, ...] = ()

    @property
    def id(self) -> UUID:
        return self.raised.originator_id

    @property
    def customer(self) -> str | None:
        """Whom it is about; None where that is no customer."""
        return self.raised.scope_value if self.raised.scope == CUSTOMER else None

    @property
    def moved_version(self) -> int:
        """No timer takes a step of an alarm."""
        return self.version

    @property
    def state(self) -> AlarmState:
        if self.closed:
            return AlarmState.CLOSED
        return AlarmState.ACKNOWLEDGED if self.acknowledged else AlarmState.OPEN

    def after(self, record: Record) -> Alarm:
        """The alarm with one more record, whatever the rules say now."""
        version = record.originator_version
        if isinstance(record, AlarmAcknowledged):
            return replace(self, version=version, acknowledged=record)
        if isinstance(record, AlarmCaseLinked):
            return replace(self, version=version, case_ids=(*self.case_ids, record.case_id))
        if isinstance(record, AlarmClosed):
            return replace(self, version=version, closed=record)
        return self

    def require_may(self, record: Record) -> None:
        """Raises AlarmAlreadyAcknowledged, AlarmAlreadyClosed, CaseAlreadyLinked, or
        RootCauseCaseMissing where the ground says that the cause is gone and nobody looked for it.
        """
        if self.closed:
            raise AlarmAlreadyClosed
        if isinstance(record, AlarmAcknowledged) and self.acknowledged:
            raise AlarmAlreadyAcknowledged
        if isinstance(record, AlarmCaseLinked) and record.case_id in self.case_ids:
            raise CaseAlreadyLinked
        if isinstance(record, AlarmClosed) and not self.case_ids:
            needs_case = edition(CURRENT_EDITION).entry("alarm_grounds", record.ground).details
            if needs_case["is_seen_to"] and self.needs_case:
                raise RootCauseCaseMissing

    @property
    def needs_case(self) -> bool:
        """Whether a case has to look for the root of what it shows (S55)."""
        rules = book("warning_rules", self.raised.rule_version)
        return bool(rules.entry(self.raised.rule).details.get("needs_case", False))


def folded(records: Iterable[Record]) -> Alarm | None:
    """The alarm that its records in order make; None of none."""
    alarm: Alarm | None = None
    for record in records:
        if isinstance(record, AlarmRaised):
            alarm = Alarm(raised=record)
        elif alarm is not None:
            alarm = alarm.after(record)
    return alarm


def alarm_id(rule: WarningRule, scope_value: str | None, at: datetime) -> UUID:
    """The id of the alarm of a rule about a value of its scope at a look: there is one at most."""
    name = (rule.code, str(rule.version), rule.scope, scope_value or "", at.isoformat())
    return uuid5(ALARMS, "\n".join(name))


def raised_fields(
    rule: WarningRule, scope_value: str | None, at: datetime, finding: Finding
) -> dict[str, Any]:
    """What an alarm says besides who and when."""
    return {
        "rule": rule.code,
        "rule_version": rule.version,
        "level": rule.level,
        "indicator": rule.indicator,
        "scope": rule.scope,
        "scope_value": scope_value,
        "window_from": at - rule.window,
        "value": _measured(finding.value),
        "expected": _measured(finding.expected),
        "deviation": _measured(finding.deviation),
        "count": finding.count,
        "baseline_count": finding.baseline_count,
        "from_position": finding.from_position,
        "to_position": finding.to_position,
    }


def erased_since(window_from: datetime, erased_at: datetime | None) -> datetime | None:
    """When a person was erased, if what an alarm about them counted is erased with it.

    A look after an erasure counts what came before it too, as far back as its window begins; what
    was recorded before may have occurred a little later by its caller's clock (decision 0174).
    """
    return erased_at if erased_at and window_from <= erased_at + CLOCK_TOLERANCE else None


def _measured(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(_FOUR_DECIMALS)
