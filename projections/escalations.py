"""Escalations with a due time, as rows of the read model of due times: work of the level named.

No breach of one is recorded: they order the work. What anybody above a handler decides ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from domain import events
from domain.clocks.run import State
from domain.events import CaseEvent
from projections.deadline_tables import CASES, ESCALATION, RUNS
from projections.read_model import CaseRows, Row


def escalated(case: CaseRows, event: events.CaseEscalated) -> None:
    """The level named has to see to the case; what was escalated before is passed on."""
    answered(case, event)
    if event.due is None:
        return
    kept = case.row(CASES)
    case.row(RUNS, ESCALATION, len(_all(case)) + 1).update(
        reference=kept["reference"],
        edition=kept["edition"],
        unit=event.level,
        owed_kind=event.level,
        started_at=event.occurred_at,
        due_at=event.due,
        **_standing(State.RUNNING, event.due),
    )


def answered(case: CaseRows, event: CaseEvent) -> None:
    """Somebody decided about the case since it was escalated, or it is resolved."""
    for row in _all(case):
        if row["is_open"] and row["started_at"] <= event.occurred_at:
            _row(case, row).update(_standing(State.MET))


def ended(case: CaseRows, event: CaseEvent) -> None:
    """The case is over: nothing is to be seen to, also where the end was told late."""
    for row in _all(case):
        if row["is_open"]:
            _row(case, row).update(_standing(State.MET))


def merged(case: CaseRows, event: events.CaseMerged) -> None:
    """The case goes on as part of another one."""
    for row in _all(case):
        if row["is_open"]:
            _row(case, row).update(_standing(State.CANCELLED))


def unmerged(case: CaseRows, event: events.CaseUnmerged) -> None:
    """What stood open before the merge does so again."""
    for row in _all(case):
        if row["state"] == State.CANCELLED:
            _row(case, row).update(_standing(State.RUNNING, row["due_at"]))


def _all(case: CaseRows) -> list[Row]:
    return [row for row in case.rows(RUNS) if row["clock"] == ESCALATION]


def _row(case: CaseRows, row: Row) -> Row:
    return case.row(RUNS, ESCALATION, row["run"])


def _standing(state: State, listed_at: Any = None) -> Row:
    return {"state": state, "is_open": state is State.RUNNING, "listed_at": listed_at}


HANDLERS: Final[dict[type[CaseEvent], Callable[[CaseRows, Any], None]]] = {
    events.CaseEscalated: escalated,
    events.SolutionApproved: answered,
    events.SolutionRejected: answered,
    events.ApprovalWithdrawn: answered,
    events.CommitmentApproved: answered,
    events.DirectorPlanDelivered: answered,
    events.TaskForceNamed: answered,
    events.CaseAssigned: answered,
    events.CaseReferred: answered,
    events.ConflictResolved: answered,
    events.ConflictDismissed: ended,
    events.ConflictWithdrawn: ended,
    events.CaseClosed: ended,
    events.CaseMerged: merged,
    events.CaseUnmerged: unmerged,
}
"""What begins and ends one: an event names no level, so the decisions of approvers count, and who
is put in charge."""
