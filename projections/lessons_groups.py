"""The figures of each group in the lessons-learned report, put together from what is counted."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import CTE, Connection, Select

from projections.lessons_codes import code_counts
from projections.lessons_impact import ImpactFigures, impact_counts, impact_figures
from projections.lessons_playbooks import playbook_counts, playbook_figures
from projections.lessons_prevention import (
    learning_counts,
    prevention_counts,
    prevention_figures,
    repeat_counts,
    repeat_figures,
    training_counts,
)
from projections.lessons_queries import case_figures, earlier_attempts, earlier_figures
from projections.lessons_targets import TargetFigures, target_counts
from projections.lessons_values import CodeCount, CodeFigures, GroupFigures

CODE_FAMILIES = tuple(CodeFigures.__dataclass_fields__)

GroupCode = str | None
ByGroup = dict[GroupCode, dict[str, Any]]
CodesByGroup = dict[GroupCode, tuple[CodeCount, ...]]


def by_group(connection: Connection, statement: Select[Any]) -> ByGroup:
    """The rows of a statement that counts per group."""
    return {row["grp"]: dict(row) for row in connection.execute(statement).mappings()}


def group_figures(
    connection: Connection, c: CTE, counts: ByGroup, now: datetime
) -> tuple[GroupFigures, ...]:
    """All groups together first, then each: the largest first, the unknown one last."""
    earlier = by_group(connection, earlier_attempts(c))
    codes = {name: _codes(connection, code_counts(c, name)) for name in CODE_FAMILIES}
    effects = _codes(connection, code_counts(c, "effects"))
    learning = _learning(connection, c, now.date())
    repeats = by_group(connection, repeat_counts(c, now))
    playbooks = by_group(connection, playbook_counts(c))
    targets = _targets(connection, c, now)
    impacts = _impacts(connection, c)
    made = [
        GroupFigures(
            code=code,
            counts=case_figures(row),
            earlier=earlier_figures(earlier.get(code, {})),
            codes=CodeFigures(**{name: found.get(code, ()) for name, found in codes.items()}),
            preventions=prevention_figures(learning[code], effects.get(code, ())),
            repeats=repeat_figures(repeats.get(code, {})),
            playbooks=playbook_figures(playbooks.get(code, {})),
            targets=tuple(targets[code]),
            impact=impacts[code],
        )
        for code, row in counts.items()
    ]
    return tuple(sorted(made, key=_order))


def _learning(
    connection: Connection, c: CTE, today: date
) -> defaultdict[GroupCode, dict[str, Any]]:
    """What is counted of lessons, preventive actions and trainings, in one row of each group."""
    rows: defaultdict[GroupCode, dict[str, Any]] = defaultdict(dict)
    for statement in (prevention_counts(c, today), learning_counts(c), training_counts(c)):
        for code, row in by_group(connection, statement).items():
            rows[code].update(row)
    return rows


def _targets(
    connection: Connection, c: CTE, now: datetime
) -> defaultdict[GroupCode, list[TargetFigures]]:
    """The service clocks of each group, by name."""
    found: defaultdict[GroupCode, list[TargetFigures]] = defaultdict(list)
    for group, *figures in connection.execute(target_counts(c, now)):
        found[group].append(TargetFigures(*figures))
    return found


def _impacts(connection: Connection, c: CTE) -> defaultdict[GroupCode, ImpactFigures]:
    """What the cases of each group may do to the company's name."""
    found: defaultdict[GroupCode, list[tuple[int, str | None, int]]] = defaultdict(list)
    for group, *counted in connection.execute(impact_counts(c)):
        found[group].append((counted[0], counted[1], counted[2]))
    figures = {group: impact_figures(rows) for group, rows in found.items()}
    return defaultdict(ImpactFigures, figures)


def _order(group: GroupFigures) -> tuple[bool, bool, int, str]:
    return group.code is not None, group.code == "", -group.counts.cases, group.code or ""


def _codes(connection: Connection, statement: Select[Any]) -> CodesByGroup:
    """The codes of each group: the most frequent first, then by code."""
    found: defaultdict[GroupCode, list[CodeCount]] = defaultdict(list)
    for row in connection.execute(statement):
        found[row.grp].append(CodeCount(row.code, row.standing, row.earlier))
    return {
        code: tuple(sorted(counts, key=lambda each: (-each.standing, -each.earlier, each.code)))
        for code, counts in found.items()
    }
