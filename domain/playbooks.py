"""Playbooks: what to do for this customer, in this state, in this type of conflict (S6 to S9, S34).

The steps come from the books of the case's edition. A step is named by its place in them, such as
`customer_types.emotional.2`, so that what was followed can be counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain import errors, events
from domain.book import Edition, Labels
from domain.emotions import emotion_now

if TYPE_CHECKING:
    from domain.circumstances import Circumstances
    from domain.conflict_case import ConflictCase


@dataclass(frozen=True)
class PlaybookStep:
    """One step: the code of the book that it belongs to, its number there from 1, and its words."""

    book: str
    code: str
    number: int
    text: Labels
    source: str

    @property
    def id(self) -> str:
        return f"{self.book}.{self.code}.{self.number}"


def playbook(case: ConflictCase) -> tuple[PlaybookStep, ...]:
    """The steps for the case as it stands: for its type of customer, emotion, conflict, barrier."""
    return tuple(
        step for book, code in _situation(case) for step in _steps(case.edition, book, code)
    )


def _situation(case: ConflictCase) -> Iterator[tuple[str, str]]:
    confirmed = case.confirmation
    found = {
        "customer_types": confirmed.customer_type if confirmed else None,
        "emotions": emotion_now(case),
        "conflict_types": confirmed.conflict_type if confirmed else None,
        "barriers": confirmed.barrier if confirmed else None,
    }
    return ((book, code) for book, code in found.items() if code is not None)


def _steps(edition: Edition, book: str, code: str) -> Iterator[PlaybookStep]:
    details = edition.entry(book, code).details
    texts = details.get("steps") or details.get("playbook") or ()
    if not texts and "strategy" in details:
        texts = (details["strategy"],)
    source = str(details.get("source", SOURCES[book]))
    for number, text in enumerate(texts, start=1):
        yield PlaybookStep(book, code, number, Labels(**text), source)


SOURCES = {"customer_types": "S6", "emotions": "S9", "conflict_types": "S34", "barriers": "S8"}


def own_rules(case: ConflictCase) -> tuple[Labels, ...]:
    """What must be kept to with this type of customer, besides the steps (S7)."""
    code = case.confirmation.customer_type if case.confirmation else None
    details: Any = case.edition.entry("customer_types", code).details if code else {}
    return tuple(Labels(**text) for text in details.get("rules", ()))


def steps_of_playbook(
    case: ConflictCase, event: events.PlaybookRecorded, by: Circumstances
) -> None:
    """Only steps of the case's playbook are recorded, and each once."""
    known = {step.id for step in playbook(case)} | case.playbook_marks.keys()
    named = [mark.step for mark in event.steps]
    for number, step in enumerate(named):
        if step not in known:
            raise errors.UnknownPlaybookStep(field=f"steps.{number}.step")
        if step in named[:number]:
            raise errors.InvalidValue(field=f"steps.{number}.step", reason="repeated_item")


def skipped_with_reason(
    case: ConflictCase, event: events.PlaybookRecorded, by: Circumstances
) -> None:
    """What was left out is left out for a reason, which is what can be learned from it."""
    for number, mark in enumerate(event.steps):
        if not mark.followed and mark.reason is None:
            raise errors.SkippedWithoutReason(field=f"steps.{number}.reason")
