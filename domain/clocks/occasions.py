"""Occasions: what may start, stop, pause or change the clocks of a case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from operator import attrgetter

from domain.clocks.policy import Terms

REPORTED = "reported"
CONFIRMED = "confirmed"
ANALYSED = "analysed"
PROPOSED = "solution_proposed"
CHOSEN = "solution_chosen"
RESOLVED = "resolved"
FOLLOWED_UP = "followed_up"
ENDED = "ended"
REOPENED = "reopened"
MERGED = "merged"
UNMERGED = "unmerged"
REPLIED = "replied"
CONTACTED = "contacted"
HEARD = "customer_heard"
WAITING = "customer_awaited"
ANGERED = "customer_angered"
ESCALATED = "escalated"
TAKEN_OVER = "taken_over"
MET = "met"
MINUTES_SENT = "minutes_sent"
SUPPLEMENT_ASKED = "supplement_asked"
SUPPLEMENT_SENT = "supplement_sent"
PROGRESS_TOLD = "progress_told"
TALKED = "talked"
SURVEY_SENT = "survey_sent"
CONTACT_SURVEY_SENT = "contact_survey_sent"
ORDER_OPENED = "order_opened"
ORDER_PLANNED = "order_planned"


_NO_LONGER_WAITING = frozenset({HEARD, ENDED, REOPENED})
_ABOUT_WAITING = _NO_LONGER_WAITING | {WAITING}


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """Something that may start, stop, pause or change clocks: what it was, and at which instant.

    `terms` are those that it states; others stay as they were. `version` is that of the event,
    and puts occasions of the same instant into order.
    """

    at: datetime
    version: int
    names: frozenset[str] = frozenset()
    terms: Terms = field(default_factory=dict)

    @cached_property
    def place(self) -> tuple[bool, datetime, int]:
        """Its place among the occasions of its case: see `in_order`."""
        return self.version > 1, self.at, self.version


def in_order(history: Iterable[Occasion]) -> list[Occasion]:
    """The occasions as they happened: the first event first, others by time."""
    return sorted(history, key=attrgetter("place"))


def terms_of(history: Iterable[Occasion]) -> dict[str, str]:
    """The terms that hold after all occasions."""
    terms: dict[str, str] = {}
    for occasion in in_order(each for each in history if each.terms):
        terms |= occasion.terms
    return terms


def is_waiting(history: Sequence[Occasion]) -> bool:
    """Whether the customer is awaited after all occasions."""
    deciding = [each for each in history if not each.names.isdisjoint(_ABOUT_WAITING)]
    newest = max(deciding, key=attrgetter("place"), default=None)
    return newest is not None and newest.names.isdisjoint(_NO_LONGER_WAITING)
