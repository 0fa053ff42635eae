"""Severity routes: what a severity asks for before a case is decided and resolved (S39)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain import errors, events

if TYPE_CHECKING:
    from domain.circumstances import Caller, Circumstances
    from domain.conflict_case import ConflictCase

BOOK = "severity_routes"
BEFORE_CHOICE, BEFORE_RESOLUTION = "choice", "resolution"


@dataclass(frozen=True)
class Demand:
    """Something that a route asks for: `code` of the book, before which step, and whether met."""

    code: str
    before: str
    is_met: bool


def each_member_once(case: ConflictCase, event: events.TaskForceNamed, by: Circumstances) -> None:
    if len({event.lead, *event.members}) != 1 + len(event.members):
        raise errors.InvalidValue(field="members", reason="repeated_item")


def has_task_force(case: ConflictCase) -> bool:
    return bool(case.task_forces)


def knows_director(case: ConflictCase) -> bool:
    """Whether the case was escalated to a director, or higher."""
    levels = case.edition.book("escalation_levels")
    needed = levels.entry("director").details["rank"]
    return any(levels.entry(each.level).details["rank"] >= needed for each in case.escalations)


CHECKS = {"task_force_named": has_task_force, "director_informed": knows_director}
REFUSALS = {
    "task_force_named": errors.TaskForceMissing,
    "director_informed": errors.DirectorNotInformed,
}


def demands(case: ConflictCase) -> tuple[Demand, ...]:
    """What the route of the case asks for; nothing before it is confirmed, or in old editions."""
    severity = case.confirmation.severity if case.confirmation else None
    if severity is None or BOOK not in case.edition.books:
        return ()
    return tuple(
        Demand(entry.code, entry.details["before"], CHECKS[entry.code](case))
        for entry in case.edition.book(BOOK).entries
        if severity in entry.details["severities"]
    )


def followed_before_choice(case: ConflictCase, by: Caller) -> None:
    _followed(case, BEFORE_CHOICE)


def followed_before_resolution(case: ConflictCase, by: Caller) -> None:
    _followed(case, BEFORE_CHOICE)
    _followed(case, BEFORE_RESOLUTION)


def _followed(case: ConflictCase, before: str) -> None:
    """Raise the refusal of the first demand that is not met."""
    for demand in demands(case):
        if demand.before == before and not demand.is_met:
            severity = case.confirmation.severity if case.confirmation else None
            raise REFUSALS[demand.code](severity=severity)
