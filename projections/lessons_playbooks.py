"""The counting of the lessons-learned report: what became of cases whose playbook was followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, func, select, true

from domain import events
from projections.figures import Share, answer_conditions, answers_in
from projections.lessons_queries import RESOLVED, UNRESOLVED
from projections.lessons_values import PlaybookCases, PlaybookFigures
from projections.read_model import CaseRows, Row

KINDS = tuple(PlaybookFigures.__dataclass_fields__)


def recorded(case: CaseRows, row: Row, event: events.PlaybookRecorded) -> None:
    """The newest record of each step counts."""
    marks = {**row["playbook"], **{mark.step: mark.followed for mark in event.steps}}
    row["playbook"] = marks
    row["playbook_skipped"] = sum(not followed for followed in marks.values())


def playbook_counts(c: CTE) -> Select[Any]:
    """One row per group with a column for every count of `PlaybookFigures`."""
    is_recorded = c.c.playbook != func.jsonb_build_object()
    kinds = {
        "followed": and_(is_recorded, c.c.playbook_skipped == 0),
        "skipped": c.c.playbook_skipped > 0,
        "unrecorded": ~is_recorded,
    }
    return select(
        c.c.grp,
        *(
            func.count().filter(and_(kind, when)).label(f"{name}_{counted}")
            for name, kind in kinds.items()
            for counted, when in _counted(c).items()
        ),
    ).group_by(func.rollup(c.c.grp))


def _counted(c: CTE) -> dict[str, ColumnElement[bool]]:
    stands = c.c.status.in_(RESOLVED)
    answers = answer_conditions("satisfied", c.c.satisfied)
    return {
        "cases": true(),
        "resolved": stands,
        "open": c.c.status.in_(UNRESOLVED),
        **{name: and_(stands, given) for name, given in answers.items()},
    }


def playbook_figures(row: Mapping[str, Any]) -> PlaybookFigures:
    """The figures in a row of `playbook_counts`."""
    return PlaybookFigures(**{name: _cases(row, name) for name in KINDS})


def _cases(row: Mapping[str, Any], name: str) -> PlaybookCases:
    resolved, still_open = row.get(f"{name}_resolved", 0), row.get(f"{name}_open", 0)
    return PlaybookCases(
        cases=row.get(f"{name}_cases", 0),
        resolved=Share(resolved, resolved + still_open),
        satisfied=answers_in(row, f"{name}_satisfied"),
    )
