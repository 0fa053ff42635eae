"""What is owed beside the clocks: promises and open points, as rows of the read model of due times.

Each has a row of facts in `owed`, and one among the runs, which the work list and timers read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from domain import events
from domain.clocks.occasions import Occasion
from domain.clocks.policy import policy_of
from domain.clocks.run import State
from domain.commitments import TO_THE_CUSTOMER, Owed, reminder_days, warn_hours
from domain.events import CaseEvent
from domain.reference_books import edition
from projections.deadline_tables import CASES, OPEN_POINTS, OWED, PROMISE, RUNS
from projections.read_model import CaseRows, Row

BREAK = "break_commitment"
Act = tuple[datetime | None, str | None]
"""When a timer has something to record, and what: a breach, or the code of a reminder."""


def made(case: CaseRows, event: events.CommitmentMade) -> None:
    """A promise; one that it replaces is over."""
    case.row(OWED, event.commitment_id).update(
        kind=event.kind,
        owner=event.owner,
        promised_to=event.promised_to,
        channel=event.channel,
        in_writing=event.in_writing,
        made_at=event.occurred_at,
        version=event.originator_version,
        since=None if event.needs_approval else event.occurred_at,
        due_at=event.due_at,
    )
    if event.replaces is not None:
        note(case, event.replaces, ended_at=event.occurred_at, replaced_by=event.commitment_id)
    case.is_unsettled = True


def approved(case: CaseRows, event: events.CommitmentApproved) -> None:
    """A promise that waited for it binds from now on."""
    row = case.find(OWED, event.commitment_id)
    if row is not None:
        note(case, event.commitment_id, since=row["since"] or event.occurred_at)


def minutes_sent(case: CaseRows, event: events.MinutesSent) -> None:
    """What minutes leave open is owed until it is settled."""
    kept = case.row(CASES)
    kept["minutes"] += 1
    if event.open_points:
        case.row(OWED, f"M{kept['minutes']}").update(
            owner=event.owner,
            channel=event.channel,
            made_at=event.occurred_at,
            version=event.originator_version,
            since=event.occurred_at,
        )


def settled(case: CaseRows, event: events.OpenPointsSettled) -> None:
    """Nothing of these minutes is open any more."""
    note(case, event.minutes_id, kept_at=event.occurred_at)


def confirmed(case: CaseRows, event: events.AgreementConfirmed) -> None:
    """A promise was confirmed on a second channel; other agreements have no row."""
    if case.find(OWED, event.about) is not None:
        row = case.row(OWED, event.about)
        row["confirmed"] = True
        row["in_writing"] = row["in_writing"] or event.in_writing


def reminded(case: CaseRows, event: events.ReminderGiven) -> None:
    """The next reminder is waited for."""
    row = case.find(OWED, event.about)
    if row is not None:
        note(case, event.about, reminders=[*row["reminders"], event.reminder])


def _noted(**columns: Callable[[Any], Any]) -> Callable[[CaseRows, Any], None]:
    """For events that tell one more thing about a promise."""

    def tell_of(case: CaseRows, event: Any) -> None:
        note(case, event.commitment_id, **{name: tell(event) for name, tell in columns.items()})

    return tell_of


def note(case: CaseRows, about: str, **columns: Any) -> None:
    """Note one more thing about what is owed.

    Where the past is asked for, what was told of a promise may have been there before it was.
    """
    if case.find(OWED, about) is not None:
        case.row(OWED, about).update(columns)
        case.is_unsettled = True


HANDLERS: dict[type[CaseEvent], Callable[[CaseRows, Any], None]] = {
    events.CommitmentMade: made,
    events.CommitmentApproved: approved,
    events.CommitmentKept: _noted(kept_at=lambda event: event.occurred_at),
    events.CommitmentWithdrawn: _noted(ended_at=lambda event: event.occurred_at),
    events.CommitmentBroken: _noted(broken_recorded=lambda event: True),
    events.AgreementConfirmed: confirmed,
    events.OpenPointsSettled: settled,
    events.ReminderGiven: reminded,
}


def settle(case: CaseRows, kept: Row, history: Sequence[Occasion]) -> None:
    """Compute what stands of everything that is owed in a case."""
    for row in case.rows(OWED):
        owed = owed_of(row)
        _write_owed(case, row, owed, history)
        _write_run(case, row, owed, kept, history)


def owed_of(row: Row) -> Owed:
    """The times of a promise or of open points, as the domain judges them."""
    return Owed(
        made_at=row["made_at"],
        version=row["version"],
        since=row["since"],
        due_at=row["due_at"],
        kept_at=row["kept_at"],
        ended_at=row["ended_at"],
        replaced=row["replaced_by"] is not None,
        breach_recorded=row["broken_recorded"],
    )


def _write_owed(case: CaseRows, row: Row, owed: Owed, history: Sequence[Occasion]) -> None:
    columns = {
        "breach_at": owed.breach_at(history),
        "otherwise": owed.otherwise(history).value,
        "is_open": owed.is_open(history),
    }
    if any(row[name] != value for name, value in columns.items()):
        case.row(OWED, row["about"]).update(columns)


def _write_run(
    case: CaseRows, row: Row, owed: Owed, kept: Row, history: Sequence[Occasion]
) -> None:
    act_at, next_step = _next_act(row, owed, kept["edition"], history)
    due_at = row["due_at"] or act_at or _last_look(row, kept, history)
    columns = {
        "reference": kept["reference"],
        "handler": kept["handler"],
        "unit": kept["unit"],
        "edition": kept["edition"],
        "owner": row["owner"],
        "owed_kind": row["kind"],
        "state": State.RUNNING if row["is_open"] else State.CANCELLED,
        "is_open": row["is_open"],
        "started_at": row["made_at"],
        "due_at": due_at,
        "warn_at": _warn_at(row, owed, kept["edition"]),
        "miss_recorded": row["broken_recorded"],
        "told": row["promised_to"] in TO_THE_CUSTOMER,
        "listed_at": due_at if row["is_open"] else None,
        "act_at": act_at,
        "next_step": next_step,
    }
    key = run_of(row["about"])
    before = case.find(RUNS, *key)
    if before is None or any(before[name] != value for name, value in columns.items()):
        case.row(RUNS, *key).update(columns, next_at=act_at)


def run_of(about: str) -> tuple[str, int]:
    """Where it stands among the runs: C3 is the third promise, M2 the second minutes."""
    return (PROMISE if about[0] == "C" else OPEN_POINTS), int(about[1:])


def _next_act(row: Row, owed: Owed, books: int, history: Sequence[Occasion]) -> Act:
    times = owed.reminders(reminder_days(edition(books)), policy_of(books), history)
    acts: dict[str | None, datetime | None] = {
        code: at for code, at in times.items() if code not in row["reminders"]
    }
    breach_at = owed.breach_at(history)
    if breach_at is not None and not row["broken_recorded"]:
        acts[BREAK] = breach_at
    return min(((at, step) for step, at in acts.items() if at), default=(None, None))


def _last_look(row: Row, kept: Row, history: Sequence[Occasion]) -> datetime:
    """Open points that one was reminded of for the last time have been due since."""
    days = reminder_days(edition(kept["edition"]))
    times = owed_of(row).reminders(days, policy_of(kept["edition"]), history)
    made_at: datetime = row["made_at"]
    return max(times.values(), default=made_at)


def _warn_at(row: Row, owed: Owed, books: int) -> datetime | None:
    return None if row["kind"] is None else owed.warn_at(warn_hours(edition(books), row["kind"]))
