"""Cases folded from their events, with what figures that are counted by hand ask of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain import events as kinds
from domain.conflict_case import ConflictCase
from domain.events import CaseEvent, InteractionLogged
from projections.lessons_period import Period

REPLIES = (
    kinds.ConflictAcknowledged,
    kinds.ConflictConfirmed,
    kinds.ConflictDismissed,
    kinds.ConflictResolved,
    kinds.CustomerConsulted,
    kinds.DelayDisclosed,
    kinds.MinutesSent,
    kinds.ProgressUpdated,
    kinds.SupplementSent,
)


@dataclass
class Replayed:
    """A case with what its fold alone does not keep: when it reached each stage first."""

    case: ConflictCase
    events: list[CaseEvent]
    reached: dict[str, datetime]

    @property
    def status(self) -> str:
        return self.case.status.value

    @property
    def reported_at(self) -> datetime:
        assert self.case.report
        return self.case.report.occurred_at

    @property
    def ever_resolved(self) -> bool:
        return "resolved" in self.reached

    @property
    def ever_decided(self) -> bool:
        return self.ever_resolved or bool(self.case.reopenings) or self.status == "dismissed"

    @property
    def disputed(self) -> bool:
        return any(not event.customer_accepts for event in self.case.resolutions.values())

    @property
    def first_reply_at(self) -> datetime | None:
        replies = [
            event.occurred_at
            for event in self.events
            if isinstance(event, REPLIES)
            or (isinstance(event, InteractionLogged) and event.direction == "outbound")
        ]
        return min(replies, default=None)

    def group(self, group_by: str) -> str:
        confirmation, report = self.case.confirmation, self.case.report
        assert report
        values = {"product": report.product_ref, "channel": report.channel}
        if confirmation:
            values |= {
                "type": confirmation.conflict_type,
                "subtype": confirmation.conflict_subtype,
                "customer_type": confirmation.customer_type,
                "cause": confirmation.complaint_cause,
            }
        return values.get(group_by) or ""

    def took(self, moment: datetime | None) -> float | None:
        return max(0.0, (moment - self.reported_at).total_seconds()) if moment else None

    def answer(self, question: str, attempt: int) -> bool | None:
        given = [getattr(event, question) for n, event in self.case.follow_ups if n == attempt]
        known = [answer for answer in given if answer is not None]
        return known[-1] if known else None


def replay(events: list[CaseEvent]) -> Replayed:
    """Fold the events one by one and note when each stage was reached first."""
    case = ConflictCase(events[0].originator_id)
    reached: dict[str, datetime] = {}
    for event in events:
        case.remember(event)
        reached.setdefault(case.status.value, event.occurred_at)
    return Replayed(case, events, reached)


def own(cases: Iterable[Replayed], period: Period) -> list[Replayed]:
    """Cases of our own that were reported in the period."""
    return [
        each for each in cases if each.case.report and period.start <= each.reported_at < period.end
    ]
