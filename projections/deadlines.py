"""Read model of due times: a row per run of a service clock or promise, and what is to do when.

A case's occasions are kept with it, since the clocks are computed from all of them. They hold
codes and times only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from domain import events
from domain.clocks.occasions import Occasion, terms_of
from domain.clocks.of_events import NAMES, occasion_of
from domain.clocks.policy import ClockKind, policy_of
from domain.clocks.run import ClockRun, State
from domain.clocks.running import clock_runs
from domain.events import CaseEvent
from domain.overdue import INSTANT
from projections import escalations, owed, spans
from projections.deadline_tables import CASES, ESCALATION, NAME, OWED, OWED_CLOCKS, RUNS
from projections.read_model import CaseRows, ReadModel, Row

Handler = Callable[[CaseRows, Any], None]
Kept = tuple[str, int, list[str], dict[str, str]]
"""An occasion as it is stored: when, version, names, terms."""


def reported(case: CaseRows, event: events.ConflictReported) -> None:
    """The clocks of a case begin with its report."""
    _begin(case, event)
    happened(case, event)


def imported(case: CaseRows, event: events.CaseImported) -> None:
    """Whatever was owed elsewhere was owed there: clocks begin if the case is taken on here."""
    _begin(case, event)


def _begin(case: CaseRows, event: events.ConflictReported | events.CaseImported) -> None:
    case.row(CASES).update(reference=event.reference, edition=event.edition)


def happened(case: CaseRows, event: CaseEvent) -> None:
    """An occasion may start, stop, pause or move any clock of the case."""
    occasion = occasion_of(event)
    if occasion is not None:
        occasions = case.row(CASES)["occasions"]
        if _may_end_runs(occasions, occasion):
            settle(case)
        occasions.append(_kept(occasion))
        case.is_unsettled = True


def _may_end_runs(kept: list[Kept], occasion: Occasion) -> bool:
    """Whether a run that there is now may be none any more: it has to be on record before.

    It may be where a term gets another value, or where something turns out to have happened
    earlier. Anything else only adds runs and moves them on.
    """
    if any(datetime.fromisoformat(at) > occasion.at for at, *_ in kept):
        return True
    terms = terms_of(_occasion(*each) for each in kept) if occasion.terms else {}
    return any(terms.get(name, code) != code for name, code in occasion.terms.items())


def minutes_sent(case: CaseRows, event: events.MinutesSent) -> None:
    """Minutes stop a clock, and what they leave open is owed."""
    happened(case, event)
    owed.minutes_sent(case, event)


def assigned(case: CaseRows, event: events.CaseAssigned) -> None:
    """The open runs are somebody else's work now."""
    settle(case)
    case.row(CASES).update(handler=event.handler, unit=event.unit)
    for row in case.rows(RUNS):
        is_led = row["clock"] == ESCALATION or leader_of(row["edition"], row["clock"])
        if row["is_open"] and not is_led:
            case.row(RUNS, row["clock"], row["run"]).update(handler=event.handler, unit=event.unit)


def warned(case: CaseRows, event: events.DeadlineWarned) -> None:
    """What is left to do for the run is to see whether it is missed."""
    settle(case)
    row = case.row(RUNS, event.clock, event.run)
    row["warning_recorded"] = True
    row["next_at"] = next_look(row)


def missed(case: CaseRows, event: events.DeadlineMissed) -> None:
    """Nothing more is to be recorded of the run, however long it stays open."""
    settle(case)
    row = case.row(RUNS, event.clock, event.run)
    row.update(miss_recorded=True, missed_at=event.due_at, state=State.MISSED)
    row["next_at"] = None
    kept = case.row(CASES)
    kept["missed_to"] = max(kept["missed_to"] or event.due_at, event.due_at)
    case.is_unsettled = kind_of(kept["edition"], event.clock).rounds > 1


def disclosed(case: CaseRows, event: events.DelayDisclosed) -> None:
    """The customer knows that a run or a promise will be late."""
    happened(case, event)
    settle(case)
    key = owed.run_of(event.commitment_id) if event.commitment_id else (event.clock, event.run)
    row = case.row(RUNS, *key)
    row["disclosed_at"] = row["disclosed_at"] or event.occurred_at


def settle(case: CaseRows) -> None:
    """Compute the runs: once for all events of a page, where nothing looks at them between."""
    if not case.is_unsettled:
        return
    case.is_unsettled = False
    kept = case.row(CASES)
    history = [_occasion(*each) for each in kept["occasions"]]
    missed_to: datetime | None = kept["missed_to"]
    known_to = missed_to + INSTANT if missed_to else None
    found = clock_runs(policy_of(kept["edition"]), history, known_to)
    runs = {(run.clock, run.number): run for run in found}
    for key, run in runs.items():
        _write(case, key, _columns(kept, run))
    for row in case.rows(RUNS):
        if (row["clock"], row["run"]) not in runs and row["clock"] not in OWED_CLOCKS:
            # Terms changed, and no rule sets this run any more.
            gone = {"is_open": False, "state": State.CANCELLED, "listed_at": None}
            _write(case, (row["clock"], row["run"]), gone)
    owed.settle(case, kept, history)


def _columns(kept: Row, run: ClockRun) -> Row:
    is_open = not run.is_over
    leader = leader_of(kept["edition"], run.clock)
    return {
        "reference": kept["reference"],
        "handler": None if leader else kept["handler"],
        "unit": leader or kept["unit"],
        "edition": kept["edition"],
        "rule": run.rule,
        "state": run.state,
        "is_open": is_open,
        "started_at": run.started_at,
        "due_at": run.due_at,
        "warn_at": run.warn_at,
        "paused_since": run.paused_since,
        "remaining_seconds": run.remaining_seconds,
        "missed_at": run.missed_at,
        "told": kind_of(kept["edition"], run.clock).told,
        "listed_at": (run.due_at or run.paused_since) if is_open else None,
    }


@cache
def kind_of(edition: int, clock: str) -> ClockKind:
    """The clock of that name in an edition's policy."""
    return next(kind for kind in policy_of(edition).clocks if kind.code == clock)


def leader_of(edition: int, clock: str) -> str | None:
    """Who answers for a clock whoever handles the case; None for others, and for promises."""
    return None if clock in OWED_CLOCKS else kind_of(edition, clock).led_by


def _write(case: CaseRows, key: tuple[str, int], columns: Row) -> None:
    """Change the row of a run, where it is not the same already."""
    before = case.find(RUNS, *key)
    if before is None or any(before[name] != value for name, value in columns.items()):
        row = case.row(RUNS, *key)
        row.update(columns)
        row["next_at"] = next_look(row)


def next_look(row: Row) -> datetime | None:
    """When a timer has to look at a run next; None when there is nothing to record of it.

    A breach is recorded also of a run that was stopped too late, before any timer saw it.
    """
    due_at: datetime | None = row["due_at"]
    if due_at is None or row["miss_recorded"] or row["state"] not in WATCHED:
        return None
    if row["state"] == State.MISSED or row["warn_at"] is None or row["warning_recorded"]:
        return due_at
    warn_at: datetime = row["warn_at"]
    return min(warn_at, due_at)


WATCHED = (State.RUNNING, State.MISSED)


def _kept(occasion: Occasion) -> Kept:
    names = sorted(occasion.names)
    return occasion.at.isoformat(), occasion.version, names, dict(occasion.terms)


def _occasion(at: str, version: int, names: list[str], terms: dict[str, str]) -> Occasion:
    moment = datetime.fromisoformat(at)
    return Occasion(at=moment, version=version, names=frozenset(names), terms=terms)


def _both(*handlers: Handler | None) -> Handler:
    """For events that concern clocks and escalations, or only the one of both."""
    given = [handler for handler in handlers if handler is not None]

    def handle(case: CaseRows, event: Any) -> None:
        for handler in given:
            handler(case, event)

    return handle


_OF_CLOCKS: dict[type[CaseEvent], Handler] = {
    **dict.fromkeys(NAMES, happened),
    events.ConflictReported: reported,
    events.CaseImported: imported,
    events.CaseAssigned: assigned,
    events.DeadlineWarned: warned,
    events.DeadlineMissed: missed,
    events.MinutesSent: minutes_sent,
    events.DelayDisclosed: disclosed,
    **owed.HANDLERS,
}
HANDLERS: dict[type[CaseEvent], Handler] = {
    **_OF_CLOCKS,
    **{
        event: _both(_OF_CLOCKS.get(event), handler)
        for event, handler in escalations.HANDLERS.items()
    },
}
NO_OCCASION = "it starts, stops and pauses no clock"
IGNORED: dict[type[CaseEvent], str] = {
    events.ImportedEntryNoted: "what was owed elsewhere was owed there",
    events.EvidenceAttached: NO_OCCASION,
    events.RiskAssessed: NO_OCCASION,
    events.PlanStepCompleted: NO_OCCASION,
    events.PlanRevised: NO_OCCASION,
    events.LessonsRecorded: NO_OCCASION,
    events.PreventionPlanned: NO_OCCASION,
    events.PreventionCompleted: NO_OCCASION,
    events.PreventionChecked: NO_OCCASION,
    events.TrainingHeld: NO_OCCASION,
    events.DirectorOrderClosed: NO_OCCASION,
    events.PersonalDataErased: "it holds nothing personal",
    events.PlaybookRecorded: NO_OCCASION,
}

READ_MODEL = ReadModel(
    name=NAME,
    version=10,
    tables=(CASES, RUNS, OWED),
    handlers=spans.noted(HANDLERS, lambda _: CASES),
    ignored=IGNORED,
    settle=settle,
)
