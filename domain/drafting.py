"""The event of a step as its caller tells it, before any rule was asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any

from domain.checking import check
from domain.errors import InvalidValue

if TYPE_CHECKING:
    from domain.circumstances import Circumstances
    from domain.conflict_case import ConflictCase
    from domain.events import CaseEvent
    from domain.lifecycle import Step


def draft_of(
    case: ConflictCase, step: Step, details: Mapping[str, Any], by: Circumstances
) -> CaseEvent:
    """The event with what the caller supplied, checked; decided fields are still None.

    The subject follows from fields that are checked under their own names. Raises InvalidValue.
    """
    _require_names(step, details)
    draft: CaseEvent = step.event(
        originator_id=case.id,
        originator_version=case.version + 1,
        occurred_at=(by.occurred_at or by.now).astimezone(UTC),
        actor=by.actor,
        via=by.via,
        correlation_id=by.correlation_id,
        causation_id=by.causation_id,
        subject_ref=case.subject_ref or _subject_of(details),
        **dict.fromkeys(step.decides),
        **details,
    )
    check(draft, case.edition, undecided=frozenset({*step.decides, "subject_ref"}))
    return draft


def _require_names(step: Step, details: Mapping[str, Any]) -> None:
    known = {own.name: own.required for own in step.body_fields}
    for name in details:
        if name not in known:
            raise InvalidValue(field=name, reason="unknown_field")
    for name, required in known.items():
        if required and name not in details:
            raise InvalidValue(field=name, reason="missing")


def _subject_of(details: Mapping[str, Any]) -> str:
    """Whose key seals a new case's texts: the customer, or the imported record where none is."""
    if "customer" in details:
        return str(getattr(details["customer"], "ref", ""))
    source = details.get("source")
    return f"{getattr(source, 'system', '')}:{getattr(source, 'external_id', '')}"
