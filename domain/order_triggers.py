"""When a customer's scores and complaints, over all their cases, raise a director's order (S50).

A pure function of the cases: the same cases always give the same answer, whoever asks, however
often. What has raised an order, or had happened when one was opened, raises no other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from domain.reference_books import edition
from domain.satisfaction import GivenScore, Key, in_order, invalid_scores, scores_of
from domain.values import OrderGround, Status

if TYPE_CHECKING:
    from domain.conflict_case import ConflictCase

BOOK: Final = "order_triggers"
LOW_SCORES: Final = "low_scores"
REPEAT_COMPLAINT: Final = "repeat_complaint"
NO_COMPLAINT: Final = frozenset({Status.MERGED, Status.DISMISSED})
"""A report that was the same once more, or that we did not pursue."""


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """What raises an order: by which rule, on which events, and when the last of them happened.

    The order belongs to the case of that last event.
    """

    code: str
    at: datetime
    grounds: tuple[OrderGround, ...]

    @property
    def case_id(self) -> UUID:
        return self.grounds[-1].case_id


@dataclass(frozen=True, kw_only=True, slots=True)
class Complaint:
    """A report of the customer, by one channel."""

    case_id: UUID
    at: datetime
    channel: str
    edition: int

    @property
    def key(self) -> Key:
        return self.case_id, 1


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What the customer's earlier orders answer for: nothing of it raises another one."""

    grounds: frozenset[Key] = frozenset()
    until: datetime | None = None

    def is_new(self, fact: GivenScore | Complaint) -> bool:
        return fact.key not in self.grounds and (self.until is None or fact.at > self.until)


def due_order(cases: Collection[ConflictCase]) -> Trigger | None:
    """What raises an order now, from all cases of one customer; None while one is open."""
    if any(case.open_order for case in cases):
        return None
    answered = _answered(cases)
    found = [*_low_scores(cases, answered), *_repeat_complaints(cases, answered)]
    return min(found, key=lambda each: (each.at, each.code), default=None)


def orders_of(cases: Iterable[ConflictCase]) -> int:
    """How many orders the customer's cases have borne."""
    return sum(len(case.orders) for case in cases)


def _answered(cases: Iterable[ConflictCase]) -> Answered:
    opened = [order for case in cases for order in case.orders.values()]
    grounds = {(each.case_id, each.version) for order in opened for each in order.grounds}
    until = max((order.occurred_at for order in opened), default=None)
    return Answered(grounds=frozenset(grounds), until=until)


def _low_scores(cases: Iterable[ConflictCase], answered: Answered) -> Iterator[Trigger]:
    """So many valid scores in a row that are low, by whichever channel and scale."""
    scores = in_order(score for case in cases for score in scores_of(case))
    invalid = invalid_scores(scores)
    valid = [score for score in scores if score.key not in invalid]
    for number, last in enumerate(valid, start=1):
        rule = _rule(last.edition, LOW_SCORES)
        length = rule["in_a_row"] if rule else len(valid) + 1
        row = valid[max(number - length, 0) : number]
        if len(row) == length and all(each.is_low and answered.is_new(each) for each in row):
            yield _trigger(LOW_SCORES, row)


def _repeat_complaints(cases: Iterable[ConflictCase], answered: Answered) -> Iterator[Trigger]:
    """A complaint that follows another one by the same channel soon enough."""
    complaints = sorted(_complaints(cases), key=lambda each: (each.channel, each.at, each.case_id))
    for _, by_channel in groupby(complaints, key=lambda each: each.channel):
        for first, again in pairwise(by_channel):
            rule = _rule(again.edition, REPEAT_COMPLAINT)
            within = timedelta(days=rule["within_days"] if rule else -1)
            if again.at - first.at <= within and answered.is_new(again):
                yield _trigger(REPEAT_COMPLAINT, [first, again])


def _complaints(cases: Iterable[ConflictCase]) -> Iterator[Complaint]:
    for case in cases:
        if case.report is not None and case.status not in NO_COMPLAINT:
            yield Complaint(
                case_id=case.id,
                at=case.report.occurred_at,
                channel=case.report.channel,
                edition=case.edition.number,
            )


def _rule(number: int, code: str) -> Mapping[str, Any] | None:
    """What the books of an edition say of a trigger; None where they know of no orders."""
    books = edition(number)
    return books.entry(BOOK, code).details if BOOK in books.books else None


def _trigger(code: str, facts: Iterable[GivenScore | Complaint]) -> Trigger:
    told = list(facts)
    grounds = tuple(OrderGround(case_id=fact.key[0], version=fact.key[1]) for fact in told)
    return Trigger(code=code, at=told[-1].at, grounds=grounds)
