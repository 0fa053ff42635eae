"""When things can have happened: not before the report, and not in the future."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from domain.checking import instant_fault
from domain.errors import (
    DoneBeforeReport,
    DoneInFuture,
    DueInPast,
    InvalidValue,
    OccurredBeforeReport,
    OccurredInFuture,
)
from domain.kinds import HasHappened, LiesAhead, fields_of

if TYPE_CHECKING:
    from domain.circumstances import Circumstances
    from domain.conflict_case import ConflictCase
    from domain.events import CaseEvent

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far ahead of the service's clock a caller's `occurred_at` may lie."""
ENTERED_LATE = timedelta(days=1)
"""A report may be entered after the talk in which something was already agreed or done."""
_EASTMOST = timedelta(hours=14)
"""No place on Earth is further ahead of UTC: where a day has begun, it has begun there first."""
_WESTMOST = timedelta(hours=12)
"""No place on Earth is further behind UTC: a day that is over there is over everywhere."""


def require_occurred(case: ConflictCase, by: Circumstances, *, may_precede_report: bool) -> None:
    """Check what the caller says of when the step occurred.

    Raises InvalidValue, OccurredInFuture, OccurredBeforeReport.
    """
    if by.occurred_at is None:
        return
    if fault := instant_fault(by.occurred_at):
        raise InvalidValue(field="occurred_at", reason=fault)
    if by.occurred_at > by.now + CLOCK_TOLERANCE:
        raise OccurredInFuture(
            field="occurred_at", tolerance_seconds=int(CLOCK_TOLERANCE.total_seconds())
        )
    began = _began(case)
    if began and by.occurred_at < began and not may_precede_report:
        raise OccurredBeforeReport(field="occurred_at", reported_at=began)


def require_happened(case: ConflictCase, event: CaseEvent) -> None:
    """Check the times and days that an event tells as past, against the event's own time.

    Raises DoneInFuture, DoneBeforeReport.
    """
    for path, found in _told_as_past(event):
        if _earliest(found) > event.occurred_at + CLOCK_TOLERANCE:
            raise DoneInFuture(field=path)
        began = _began(case)
        if began and _latest(found) < began - ENTERED_LATE:
            raise DoneBeforeReport(field=path, reported_at=began)


def require_ahead(event: CaseEvent) -> None:
    """Check the times and days that an event sets, against the event's own time.

    Raises DueInPast.
    """
    for path, found in _told_as_ahead(event, ""):
        if _ends(found) <= event.occurred_at:
            raise DueInPast(field=path)


def _began(case: ConflictCase) -> datetime | None:
    """When the case was reported; for an imported one the day its source received it."""
    if case.imported:
        return datetime.combine(case.imported.received_on, time.min, UTC)
    return case.began_at


def _earliest(found: date) -> datetime:
    """The instant itself, or the first one at which the day has begun somewhere."""
    if isinstance(found, datetime):
        return found
    return datetime.combine(found, time.min, UTC) - _EASTMOST


def _latest(found: date) -> datetime:
    """The instant itself, or the end of the day in UTC."""
    return found if isinstance(found, datetime) else datetime.combine(found, time.max, UTC)


def _ends(found: date) -> datetime:
    """The instant itself, or the last one at which the day is not over somewhere."""
    return found if isinstance(found, datetime) else _latest(found) + _WESTMOST


def _told_as_ahead(owner: Any, path: str) -> Iterator[tuple[str, date]]:
    """(path, value) of what is marked LiesAhead, inside the items of lists too."""
    for name in fields_ahead(type(owner)):
        found = getattr(owner, name)
        if isinstance(found, tuple):
            for number, item in enumerate(found):
                yield from _told_as_ahead(item, f"{path}{name}.{number}.")
        elif found is not None:
            yield f"{path}{name}", found


_FIELDS_AHEAD: dict[type, tuple[str, ...]] = {}


def fields_ahead(owner: type) -> tuple[str, ...]:
    """The fields that are marked LiesAhead, and the lists whose items have such fields."""
    if owner not in _FIELDS_AHEAD:
        _FIELDS_AHEAD[owner] = tuple(
            own.name
            for own in fields_of(owner)
            if own.kind.mark(LiesAhead)
            or (own.kind.many and own.kind.is_nested and fields_ahead(own.kind.base))
        )
    return _FIELDS_AHEAD[owner]


def _told_as_past(event: CaseEvent) -> Iterator[tuple[str, Any]]:
    for path in past_fields(type(event)):
        found = attrgetter(path)(event)
        if found is not None:
            yield path, found


_PAST_FIELDS: dict[type, tuple[str, ...]] = {}


def past_fields(owner: type) -> tuple[str, ...]:
    """The paths of the fields marked HasHappened, nested ones too; lists hold none."""
    if owner not in _PAST_FIELDS:
        _PAST_FIELDS[owner] = tuple(_find_past_fields(owner))
    return _PAST_FIELDS[owner]


def _find_past_fields(owner: type) -> Iterator[str]:
    for own in fields_of(owner):
        if own.kind.mark(HasHappened):
            yield own.name
        elif own.kind.is_nested and not own.kind.many and not own.kind.optional:
            yield from (f"{own.name}.{path}" for path in past_fields(own.kind.base))
