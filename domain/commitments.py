"""What is owed: promises and open points as a pure function of times and of the case's occasions.

Nothing that happens after a due time moves it: a promise that was not kept by then stays broken.
Once a breach is on record, nothing that is told later takes it away, whenever it is said to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from domain.clocks import occasions as on
from domain.clocks.calendar import ALWAYS
from domain.clocks.occasions import Occasion, in_order, terms_of
from domain.clocks.policy import Policy

if TYPE_CHECKING:
    from domain import events
    from domain.book import Edition

TO_THE_CUSTOMER = frozenset({"customer", "customer_representative"})
"""Promises to others are kept in the ledger too, but need nobody's approval or agreement."""


class CommitmentState(StrEnum):
    """How it stands with a promise; `proposed` waits for its approval and binds nobody yet."""

    PROPOSED = "proposed"
    OPEN = "open"
    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Owed:
    """The times of a promise, or of the open points of minutes, which have no `due_at`.

    `made_at` and `version` are those of the event that made it; `since` is when it began to bind:
    None while it waits for an approval. `ended_at`: withdrawn, or replaced by another one.
    `breach_recorded`: that it was broken is an event; what is told after that never undoes it.
    """

    made_at: datetime
    version: int
    since: datetime | None
    due_at: datetime | None
    kept_at: datetime | None = None
    ended_at: datetime | None = None
    replaced: bool = False
    breach_recorded: bool = False

    def cancelled_at(self, history: Iterable[Occasion]) -> datetime | None:
        """When the end or the merge of the case let it lapse; None where it still binds.

        What was broken by then comes back with a reopened case, and all of it with an unmerged one.
        """
        ended: datetime | None = None
        merged: datetime | None = None
        for occasion in in_order(history):
            if (occasion.at, occasion.version) <= (self.made_at, self.version):
                continue
            if on.MERGED in occasion.names:
                merged = merged or occasion.at
            if on.UNMERGED in occasion.names:
                merged = None
            if on.ENDED in occasion.names:
                ended = ended or occasion.at
            if on.REOPENED in occasion.names and ended and self._is_past(ended):
                ended = None
        return min((at for at in (ended, merged) if at), default=None)

    def _is_past(self, at: datetime) -> bool:
        return self.breach_recorded or (self.due_at is not None and self.due_at < at)

    def breach_at(self, history: Iterable[Occasion]) -> datetime | None:
        """The due time at which it is, or was, broken; None where it cannot be any more."""
        if self.since is None or self.due_at is None:
            return None
        if self.breach_recorded:
            return self.due_at
        stops = (self.kept_at, self.ended_at, self.cancelled_at(history))
        in_time = any(at is not None and at <= self.due_at for at in stops)
        return None if in_time else self.due_at

    def is_open(self, history: Iterable[Occasion]) -> bool:
        """Whether something is still to be done about it."""
        return not (self.kept_at or self.ended_at or self.cancelled_at(history))

    def state(self, history: Iterable[Occasion], now: datetime) -> CommitmentState:
        """How it stands as seen at an instant: on time is at the due time or before.

        A breach on record shows from the version on that records it, which is of the due time.
        """
        breach_at = self.breach_at(history)
        if breach_at is not None and (self.breach_recorded or breach_at < now):
            return CommitmentState.LATE if self.kept_at else CommitmentState.BROKEN
        return self.otherwise(history)

    def otherwise(self, history: Iterable[Occasion]) -> CommitmentState:
        """How it stands where it is not broken, or until it is."""
        if self.kept_at:
            return CommitmentState.KEPT
        if self.ended_at:
            return CommitmentState.REPLACED if self.replaced else CommitmentState.WITHDRAWN
        if self.cancelled_at(history):
            return CommitmentState.CANCELLED
        return CommitmentState.OPEN if self.since else CommitmentState.PROPOSED

    def warn_at(self, hours: int) -> datetime | None:
        """From when a breach is to be expected: so many hours before the due time.

        Never before three quarters of the time have passed (our own choice).
        """
        if self.since is None or self.due_at is None:
            return None
        return self.due_at - min(timedelta(hours=hours), (self.due_at - self.since) / 4)

    def reminders(
        self, days: Mapping[str, int], policy: Policy, history: Iterable[Occasion]
    ) -> dict[str, datetime]:
        """When to remind of it, by reminder, while it is open; nothing once it is not (S48).

        A day later is at the same time of day in the zone of the case's calendar.
        """
        history = tuple(history)
        if self.since is None or not self.is_open(history):
            return {}
        zone = zone_at(policy, history, self.since)
        local = self.since.astimezone(zone)
        return {
            code: (local + timedelta(days=n)).astimezone(self.since.tzinfo)
            for code, n in days.items()
        }


def zone_at(policy: Policy, history: Iterable[Occasion], at: datetime) -> ZoneInfo:
    """The zone of the calendar that a case had at an instant; UTC where it had none."""
    terms = terms_of(occasion for occasion in history if occasion.at <= at)
    return policy.calendars.get(terms.get("calendar", ""), ALWAYS).zone


@dataclass
class Commitment:
    """A promise and what became of it, told by its events."""

    made: events.CommitmentMade
    approval: events.CommitmentApproved | None = None
    kept: events.CommitmentKept | None = None
    withdrawal: events.CommitmentWithdrawn | None = None
    replacement: events.CommitmentMade | None = None
    broken: events.CommitmentBroken | None = None

    @property
    def id(self) -> str:
        return self.made.commitment_id

    @property
    def may_be_given(self) -> bool:
        """Whether it binds: no approval was needed, or there is one."""
        return self.approval is not None or not self.made.needs_approval

    @property
    def since(self) -> datetime | None:
        """From when it binds; None while it waits for an approval."""
        if not self.made.needs_approval:
            return self.made.occurred_at
        return self.approval.occurred_at if self.approval else None

    @property
    def owed(self) -> Owed:
        """Its times."""
        end = self.withdrawal or self.replacement
        return Owed(
            made_at=self.made.occurred_at,
            version=self.made.originator_version,
            since=self.since,
            due_at=self.made.due_at,
            kept_at=self.kept.occurred_at if self.kept else None,
            ended_at=end.occurred_at if end else None,
            replaced=self.withdrawal is None and self.replacement is not None,
            breach_recorded=self.broken is not None,
        )


@dataclass
class Minutes:
    """The minutes of a meeting, and what became of their open points."""

    sent: events.MinutesSent
    number: int
    settled: events.OpenPointsSettled | None = None

    @property
    def id(self) -> str:
        return f"M{self.number}"

    @property
    def owed(self) -> Owed:
        """Their times; without open points nothing is owed."""
        at = self.sent.occurred_at
        settled_at = self.settled.occurred_at if self.settled else None
        return Owed(
            made_at=at,
            version=self.sent.originator_version,
            since=at,
            due_at=None,
            kept_at=settled_at if self.sent.open_points else at,
        )


def warn_hours(books: Edition, kind: str) -> int:
    """How many hours before its due time a promise of this kind is looked at again."""
    return int(books.entry("commitment_kinds", kind).details["warn_hours"])


def reminder_days(books: Edition) -> dict[str, int]:
    """After how many days to remind of what is open, by reminder; none in the first editions."""
    if "reminders" not in books.books:
        return {}
    return {entry.code: int(entry.details["days"]) for entry in books.book("reminders").entries}
