"""Records about alarms of early warning (S54, S55)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from domain.kinds import CodeOf
from domain.records.base import Measured, Position, Record
from domain.value_kinds import Count, ExternalRef, SourceText


@dataclass(frozen=True, kw_only=True)
class AlarmRaised(Record):
    """A rule of early warning found something; it stores what it saw (S54).

    `occurred_at` is the time of the look, where the window ends. The positions are those of the
    first and the last fact in the windows that were looked at; of the rest see `Finding`.
    """

    NAME = "alarm_raised"

    rule: Annotated[str, CodeOf("warning_rules")]
    rule_version: Count
    level: Annotated[str, CodeOf("alarm_levels")]
    indicator: Annotated[str, CodeOf("indicators")]
    scope: Annotated[str, CodeOf("warning_scopes")]
    scope_value: SourceText | None = None
    window_from: datetime
    value: Measured
    expected: Measured | None = None
    deviation: Measured | None = None
    count: Position
    baseline_count: Position
    from_position: Position
    to_position: Position


@dataclass(frozen=True, kw_only=True)
class AlarmAcknowledged(Record):
    """Somebody saw the alarm and sees to it."""

    NAME = "alarm_acknowledged"

    file_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class AlarmCaseLinked(Record):
    """A case looks for the root of what the alarm shows (S55)."""

    NAME = "alarm_case_linked"

    case_id: UUID


@dataclass(frozen=True, kw_only=True)
class AlarmClosed(Record):
    """Nothing more is to be done about the alarm, on this ground."""

    NAME = "alarm_closed"

    ground: Annotated[str, CodeOf("alarm_grounds")]
    file_ref: ExternalRef | None = None
