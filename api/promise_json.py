"""The promises of a case as JSON: what was promised, by whom, until when, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from api.json_body import rfc3339
from api.json_schema import FLAG, NUMBER, TEXT, TIME, Json, SchemaBook, an_object, list_of, or_null
from api.rendering import Reader, fact
from domain import events
from domain.clocks.policy import policy_of
from domain.commitments import (
    Commitment,
    CommitmentState,
    Minutes,
    Owed,
    reminder_days,
    warn_hours,
)
from domain.conflict_case import ConflictCase
from domain.impact import BOOK as IMPACT_BOOK
from domain.impact import COEFFICIENTS, impact_of
from domain.telling import disclosure_of, promise_to_disclose

PARTS: Final = {
    "approval": events.CommitmentApproved,
    "kept": events.CommitmentKept,
    "withdrawal": events.CommitmentWithdrawn,
    "broken": events.CommitmentBroken,
}


def promise_parts(case: ConflictCase, reader: Reader, seen_at: datetime) -> dict[str, Any]:
    """Every promise with its state at `seen_at`, and the open points of every minutes."""
    return {
        "commitments": [
            _commitment(case, each, reader, seen_at) for each in case.commitments.values()
        ],
        "open_points": [
            _open_points(case, each, reader) for each in case.sent_minutes if each.sent.open_points
        ],
        "agreements_confirmed": [fact(event, reader) for event in case.agreements_confirmed],
        "supplements": [fact(event, reader) for event in case.supplements],
        "progress": [fact(event, reader) for event in case.progress],
        "disclosures": [_disclosure(event, reader) for event in case.disclosures],
    }


def impact_part(case: ConflictCase, reader: Reader) -> dict[str, Any] | None:
    """What the customer will probably do, by the coefficients of the case's edition (S21)."""
    found = impact_of(case)
    if found is None:
        return None
    mood, coefficients = found
    return {"mood": reader.note(IMPACT_BOOK, mood), **coefficients}


def _disclosure(event: events.DelayDisclosed, reader: Reader) -> dict[str, Any]:
    return {**fact(event, reader), "in_time": event.occurred_at <= event.due_at}


def _commitment(
    case: ConflictCase, commitment: Commitment, reader: Reader, seen_at: datetime
) -> dict[str, Any]:
    replaced_by = commitment.replacement
    shown = fact(commitment.made, reader)
    shown["state"] = commitment.owed.state(case.occasions, seen_at).value
    shown["approved"] = commitment.may_be_given
    shown["replaced_by"] = replaced_by.commitment_id if replaced_by else None
    confirmed = [each for each in case.agreements_confirmed if each.about == commitment.id]
    shown["confirmed"] = bool(confirmed)
    # A spoken promise that is confirmed in writing is a written one (S12).
    shown["in_writing"] |= any(each.in_writing for each in confirmed)
    for name in PARTS:
        event = getattr(commitment, name)
        shown[name] = fact(event, reader) if event else None
    hours = warn_hours(case.edition, commitment.made.kind)
    shown["disclose"] = promise_to_disclose(case, commitment, hours, seen_at)
    shown["disclosed_at"] = disclosed_at(case, commitment.id)
    shown["reminders"] = _reminders(case, commitment.id, commitment.owed, reader)
    return shown


def disclosed_at(case: ConflictCase, key: tuple[str, int] | str) -> str | None:
    """When the customer was first told of a delay of a promise or of a run of a clock."""
    disclosure = disclosure_of(case, key) if case.disclosures else None
    return rfc3339(disclosure.occurred_at) if disclosure else None


def _open_points(case: ConflictCase, minutes: Minutes, reader: Reader) -> dict[str, Any]:
    return {
        "minutes_id": minutes.id,
        "sent_at": rfc3339(minutes.sent.occurred_at),
        "open": minutes.owed.is_open(case.occasions),
        "settled": fact(minutes.settled, reader) if minutes.settled else None,
        "reminders": _reminders(case, minutes.id, minutes.owed, reader),
    }


def _reminders(case: ConflictCase, about: str, owed: Owed, reader: Reader) -> list[dict[str, Any]]:
    """Those that were given, and those that are to come while it is open."""
    days = reminder_days(case.edition)
    given = {each.reminder: each.due_at for each in case.reminders if each.about == about}
    times = owed.reminders(days, policy_of(case.edition.number), case.occasions) | given
    return [
        {
            "reminder": reader.note("reminders", code),
            "due_at": rfc3339(times[code]),
            "given": code in given,
        }
        for code in days
        if code in times
    ]


def promise_schemas(book: SchemaBook) -> dict[str, Json]:
    """The schemas of the parts, by their names in the case."""
    reminders = list_of(an_object(reminder=TEXT, due_at=TIME, given=FLAG))
    parts = {name: or_null(book.fact(event)) for name, event in PARTS.items()}
    commitment = book.fact(
        events.CommitmentMade,
        state={"enum": [state.value for state in CommitmentState]},
        state_label=TEXT,
        owner_label=TEXT,
        approved=FLAG,
        replaced_by=or_null(TEXT),
        confirmed=FLAG,
        **parts,
        disclose=FLAG,
        disclosed_at=or_null(TIME),
        reminders=reminders,
    )
    open_points = an_object(
        minutes_id=TEXT,
        sent_at=TIME,
        open=FLAG,
        settled=or_null(book.fact(events.OpenPointsSettled)),
        reminders=reminders,
    )
    return {
        "commitments": list_of(commitment),
        "open_points": list_of(open_points),
        "agreements_confirmed": list_of(book.fact(events.AgreementConfirmed)),
        "supplements": list_of({"type": "object"}),
        "progress": list_of(book.fact(events.ProgressUpdated)),
        "disclosures": list_of(book.fact(events.DelayDisclosed, in_time=FLAG)),
        "impact": or_null(an_object(mood=TEXT, **dict.fromkeys(COEFFICIENTS, NUMBER))),
    }
