"""A corrective action: opened by a deviating figure, done by one, verified by another (S64)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid5

from domain.errors import (
    CorrectiveActionAlreadyDone,
    CorrectiveActionAlreadyVerified,
    CorrectiveActionNotDone,
    OwnerUnchanged,
    VerifierDidIt,
    VerifierNotAPerson,
)
from domain.records import (
    CorrectiveActionAssigned,
    CorrectiveActionDone,
    CorrectiveActionMissed,
    CorrectiveActionOpened,
    CorrectiveActionVerified,
    Record,
)
from domain.reference_books import EDITIONS, edition
from domain.reviews.audit import deviation_percent
from domain.reviews.review import Review
from domain.reviews.rhythm import after, kinds_of_any
from domain.reviews.values import AuditedFigure
from domain.values import ActorKind

ACTIONS: Final = UUID("c1f1c0de-5b52-5c1d-8f0a-9b7c6d5e4f30")
"""The namespace of the ids of corrective actions (UUID version 5)."""
RESULTS: Final = "corrective_results"


class ActionState(StrEnum):
    """Where a corrective action stands. Late: open, and its time ran out before it was done."""

    OPEN = "open"
    LATE = "late"
    DONE = "done"
    VERIFIED = "verified"


@dataclass(frozen=True, kw_only=True)
class CorrectiveAction:
    """A corrective action, folded from its records.

    `done` is the doing that waits for somebody to verify it, or was verified; `did_it` holds all
    who ever said that it is done. `moved_version`: the newest that was no timer's doing.
    """

    opened: CorrectiveActionOpened
    owner: str
    version: int = 1
    moved_version: int = 1
    missed: CorrectiveActionMissed | None = None
    done: CorrectiveActionDone | None = None
    verified: CorrectiveActionVerified | None = None
    did_it: frozenset[str] = frozenset()
    was_done_late: bool = False
    sent_back: int = 0
    sent_back_at: datetime | None = None

    @property
    def id(self) -> UUID:
        return self.opened.originator_id

    @property
    def state(self) -> ActionState:
        if self.verified:
            return ActionState.VERIFIED
        if self.done:
            return ActionState.DONE
        return ActionState.LATE if self.missed else ActionState.OPEN

    @property
    def is_late(self) -> bool:
        """A breach on record stands, whatever was done after it."""
        return self.missed is not None or self.was_done_late

    @property
    def due_at(self) -> datetime:
        """Whoever sends it back gives it as much time again, from then on."""
        kind = kinds_of_any(self.opened.edition).get(self.opened.kind)
        if self.sent_back_at is None or kind is None or kind.correct_within is None:
            return self.opened.due_at
        return after(kind.correct_within, self.sent_back_at, kind.calendar)

    def after(self, record: Record) -> CorrectiveAction:
        """The action with one more record, whatever the rules say now."""
        version = record.originator_version
        if isinstance(record, CorrectiveActionMissed):
            return replace(self, version=version, missed=record)
        moved = replace(self, version=version, moved_version=version)
        if isinstance(record, CorrectiveActionAssigned):
            return replace(moved, owner=record.owner)
        if isinstance(record, CorrectiveActionDone):
            return moved._done(record, is_late=record.occurred_at > self.due_at)
        if isinstance(record, CorrectiveActionVerified):
            if closes(record, self.opened.edition):
                return replace(moved, verified=record)
            times, at = self.sent_back + 1, record.occurred_at
            return replace(moved, done=None, sent_back=times, sent_back_at=at)
        return self

    def _done(self, record: CorrectiveActionDone, *, is_late: bool) -> CorrectiveAction:
        return replace(
            self,
            done=record,
            did_it=self.did_it | {record.actor.id},
            was_done_late=self.was_done_late or is_late,
        )

    def require_may(self, record: Record) -> None:
        """Raises a Refusal where the record may not follow."""
        if self.verified:
            raise CorrectiveActionAlreadyVerified
        if isinstance(record, CorrectiveActionDone) and self.done:
            raise CorrectiveActionAlreadyDone
        if isinstance(record, CorrectiveActionAssigned) and record.owner == self.owner:
            raise OwnerUnchanged(field="owner")
        if isinstance(record, CorrectiveActionVerified):
            self._require_verifier(record)

    def _require_verifier(self, record: CorrectiveActionVerified) -> None:
        if self.done is None:
            raise CorrectiveActionNotDone
        if record.actor.id in self.did_it:
            raise VerifierDidIt
        if record.actor.kind is not ActorKind.PERSON:
            raise VerifierNotAPerson


def closes(record: CorrectiveActionVerified, edition_number: int) -> bool:
    """Whether nothing more is to be done, as an edition says; else the action is open again.

    Of an edition that this process does not know all that it knows is asked.
    """
    if edition_number not in EDITIONS:
        return record.result in closing_results()
    return bool(edition(edition_number).entry(RESULTS, record.result).details["closes"])


def closing_results() -> frozenset[str]:
    """The results that close an action whichever edition it was opened under."""
    editions = [edition(number) for number in EDITIONS if RESULTS in EDITIONS[number]]
    entries = [entry for books in editions for entry in books.book(RESULTS).entries]
    open_again = {entry.code for entry in entries if not entry.details["closes"]}
    return frozenset(entry.code for entry in entries) - open_again


def folded(records: Iterable[Record]) -> CorrectiveAction | None:
    """The action that its records in order make; None of none."""
    action: CorrectiveAction | None = None
    for record in records:
        if isinstance(record, CorrectiveActionOpened):
            action = CorrectiveAction(opened=record, owner=record.owner)
        elif action is not None:
            action = action.after(record)
    return action


def action_id(review: UUID, figure: str) -> UUID:
    """The id of the action about a figure of a review: there is one at most."""
    return uuid5(ACTIONS, f"{review}\n{figure}")


def opened_fields(review: Review, told: AuditedFigure, at: datetime) -> dict[str, Any]:
    """What the opening of an action says besides who and when; its time runs from `at`."""
    kind = review.kind
    if kind.correct_within is None or kind.threshold_percent is None:
        raise ValueError("only audits open corrective actions")
    books = edition(review.opened.edition)
    return {
        "review_id": review.id,
        "kind": review.opened.kind,
        "edition": review.opened.edition,
        "figure": told.figure,
        "sampled": told.sampled,
        "expected": told.expected,
        "found": told.found,
        "deviation_percent": deviation_percent(told.expected, told.found),
        "threshold_percent": kind.threshold_percent,
        "owner": str(books.entry("audit_figures", told.figure).details["owner"]),
        "due_at": after(kind.correct_within, at, kind.calendar),
    }
