"""Telling the cases of an erased person that it happened, each of them once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.circumstances import Circumstances
from domain.conflict_case import ConflictCase
from domain.values import Role
from service.conflict_cases import ConflictCases
from service.erasure_records import Erasure
from service.event_store import StoreBusy, VersionConflict
from service.tries import MOST_TRIES

CASES_AT_ONCE: Final = 200
"""Told in one append: few enough for tens of milliseconds."""


def tell_cases(
    cases: ConflictCases,
    erasure: Erasure,
    began: Mapping[UUID, int],
    now: datetime,
) -> None:
    """Let every case of the person say that it happened, unless it has said so before.

    `began`: the position at which each case begins; those behind the erasure have nothing to say.
    Raises StoreBusy.
    """
    concerned = [case_id for case_id, position in began.items() if position < erasure.position]
    for start in range(0, len(concerned), CASES_AT_ONCE):
        _tell_some(cases, erasure, concerned[start : start + CASES_AT_ONCE], now)


def _tell_some(
    cases: ConflictCases, erasure: Erasure, case_ids: Sequence[UUID], now: datetime
) -> None:
    """In one append; again where a case moved on meanwhile."""
    by, details = _as_recorded(erasure, now)
    for _ in range(MOST_TRIES):
        silent = _silent(cases.find(case_ids).values(), erasure)
        if not silent:
            return
        events = [case.take("erase_personal_data", details, by) for case in silent]
        try:
            cases.record(events)
        except VersionConflict:
            continue
        return
    raise StoreBusy("the cases of an erased person kept moving")


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
