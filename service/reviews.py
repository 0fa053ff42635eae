"""Reviews: opened once each, held, audited; and since when which rhythm holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection

from domain.circumstances import Circumstances
from domain.errors import ReviewHasMoved, ReviewNotFound
from domain.records import (
    AuditFiguresRecorded,
    ReviewHeld,
    ReviewMissed,
    ReviewOpened,
    ReviewRhythmBegan,
)
from domain.reference_books import EDITIONS, edition
from domain.reviews import corrective
from domain.reviews.audit import completed
from domain.reviews.corrective import CorrectiveAction
from domain.reviews.decisions import TakenDecision, undone
from domain.reviews.review import (
    Review,
    ReviewState,
    folded,
    opened_fields,
    review_id,
    rhythm_id,
)
from domain.reviews.rhythm import BOOK, Occurrence
from domain.reviews.values import FigureGiven
from service.corrective_actions import CLOSING, CorrectiveActions, by_calendar
from service.event_store import Command
from service.instants import NOW, Instants
from service.record_book import RecordBook, envelope, logged_record
from service.record_streams import UNREADABLE, Kept, RecordStreams, say_unreadable
from service.review_decisions import ReviewDecisions
from service.review_statements import (
    AUDITED_BUT_NOT_HELD,
    DECIDED,
    NEITHER_HELD_NOR_MISSED,
    NEWEST_OF_KINDS,
    REVIEWS,
    WAITING,
)

KINDS: Final = sorted(
    {code for n in EDITIONS if BOOK in edition(n).books for code in edition(n).book(BOOK).codes}
)
"""Of every edition: what was opened once stays to be held."""


@dataclass(frozen=True, kw_only=True)
class ReviewFilter:
    """Which reviews are asked for; None does not narrow. The period is one that they cover."""

    kind: str | None = None
    state: ReviewState | None = None
    late: bool | None = None
    period_from: datetime | None = None
    period_to: datetime | None = None

    def takes(self, review: Review) -> bool:
        opened = review.opened
        return (
            self.kind in (None, opened.kind)
            and self.state in (None, review.state)
            and self.late in (None, review.is_late)
            and (self.period_from is None or opened.period_to > self.period_from)
            and (self.period_to is None or opened.period_from < self.period_to)
        )


@dataclass(frozen=True)
class Reviews:
    """Every review. Threads may share it."""

    book: RecordBook
    actions: CorrectiveActions

    @cached_property
    def streams(self) -> RecordStreams[Review]:
        return RecordStreams(
            book=self.book,
            folded=folded,
            not_found=ReviewNotFound,
            has_moved=ReviewHasMoved,
            edition_of=lambda review: review.opened.edition,
        )

    @cached_property
    def decisions(self) -> ReviewDecisions:
        """What happens to decisions after their review."""
        return ReviewDecisions(self.streams)

    def rhythms(self) -> Mapping[str, Sequence[ReviewRhythmBegan]]:
        """Of each kind, which editions held since when, in order."""
        found: dict[str, list[ReviewRhythmBegan]] = {}
        for logged in self.book.of_kinds(ReviewRhythmBegan):
            found.setdefault(logged.record.kind, []).append(logged.record)
        return found

    def begin_rhythm(self, kind: str, edition_number: int, version: int, now: datetime) -> bool:
        """From now on the kind is as this edition says; False where somebody was faster."""
        by = by_calendar(now, f"reviews:{kind}:{edition_number}")
        said = envelope(rhythm_id(kind), version, by)
        return self.streams.begin(ReviewRhythmBegan(**said, kind=kind, edition=edition_number))

    def open_once(self, occurrence: Occurrence) -> bool:
        """Open the review; False where it is on record already."""
        name = f"reviews:{occurrence.kind.code}:{occurrence.scheduled_on}"
        by = by_calendar(occurrence.opens_at, name)
        said = envelope(review_id(occurrence), 1, by)
        return self.streams.begin(ReviewOpened(**said, **opened_fields(occurrence)))

    def miss(self, kept: Kept[Review]) -> bool:
        """Record that its time ran out; False where somebody was faster."""
        opened = kept.standing.opened
        by = by_calendar(opened.due_at, opened.correlation_id)
        return self.streams.note(kept, ReviewMissed, by, kept.standing.id)

    def get(self, review_id: UUID, instants: Instants = NOW) -> Kept[Review]:
        """One review. Raises ReviewNotFound."""
        return self.streams.get(review_id, instants=instants)

    def page(
        self,
        connection: Connection,
        wanted: ReviewFilter,
        limit: int | None,
        before: int | None = None,
        instants: Instants = NOW,
    ) -> list[Kept[Review]]:
        """The reviews opened last before a position: `limit` at most, or all."""
        return self.streams.page(connection, REVIEWS, wanted.takes, limit, before, instants)

    def newest(self, connection: Connection, instants: Instants = NOW) -> list[Kept[Review]]:
        """Of each kind the review that was opened last."""
        rows = connection.execute(NEWEST_OF_KINDS, {"kinds": KINDS})
        return list(self.streams.of_rows(connection, rows, instants))

    def waiting(self, connection: Connection) -> tuple[list[Review], list[CorrectiveAction]]:
        """Of each kind the newest review, those that decided what is not done, and open actions."""
        values = {"kinds": KINDS, "closing": CLOSING}
        reviews: list[Review] = []
        actions: list[CorrectiveAction] = []
        rows = connection.execute(WAITING, values)
        for originator_id, history in groupby(rows, key=lambda row: row.originator_id):
            try:
                told = [logged_record(tuple(row)).record for row in history]
                review, action = folded(told), corrective.folded(told)
            except UNREADABLE as error:
                say_unreadable(UUID(originator_id), error)
                continue
            reviews += [review] if review else []
            actions += [action] if action else []
        return reviews, actions

    def undone(self, connection: Connection, instants: Instants = NOW) -> list[TakenDecision]:
        """What reviews decided and nobody has reported done, the most urgent first."""
        if not instants.are_past:
            decided = list(self.streams.of_rows(connection, connection.execute(DECIDED)))
        else:
            decided = self.page(connection, ReviewFilter(), None, instants=instants)
        found = [each for kept in decided for each in undone(kept.standing)]
        return sorted(found, key=lambda each: (each.due_at, each.id))

    def running(
        self, connection: Connection, unreadable: list[UUID] | None = None
    ) -> list[Kept[Review]]:
        """What is neither held nor on record as missed; `unreadable` gets what cannot be read."""
        rows = connection.execute(NEITHER_HELD_NOR_MISSED)
        return list(self.streams.of_rows(connection, rows, unreadable=unreadable))

    def audited(
        self, connection: Connection, unreadable: list[UUID] | None = None
    ) -> list[Kept[Review]]:
        """Audits that told figures and are not held: a broken request may have left actions."""
        rows = connection.execute(AUDITED_BUT_NOT_HELD)
        return list(self.streams.of_rows(connection, rows, unreadable=unreadable))

    def record_figures(
        self,
        review_id: UUID,
        by: Circumstances,
        *,
        expected_version: int,
        figures: Sequence[FigureGiven],
        command: Command | None = None,
    ) -> Kept[Review]:
        """Record figures of an audit, and open an action for each that deviates.

        Raises a Refusal.
        """

        def said(review: Review) -> dict[str, Any]:
            books = edition(review.opened.edition)
            told = (completed(given, n, books) for n, given in enumerate(figures))
            return {"figures": tuple(told)}

        kept = self.streams.change(
            review_id,
            AuditFiguresRecorded,
            said,
            by,
            expected_version=expected_version,
            command=command,
        )
        self.actions.open_for(kept.standing)
        return kept

    def hold(
        self,
        review_id: UUID,
        by: Circumstances,
        *,
        expected_version: int,
        held_at: datetime | None = None,
        command: Command | None = None,
        **told: Any,
    ) -> Kept[Review]:
        """Record that it was held: `told` are the fields of ReviewHeld. Raises a Refusal."""
        self.actions.open_for(self.get(review_id).standing)
        said = {"held_at": held_at or by.now, **told}
        return self.streams.change(
            review_id,
            ReviewHeld,
            lambda _: said,
            by,
            expected_version=expected_version,
            command=command,
        )
