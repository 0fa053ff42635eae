"""The calendar through editions of the books, also those that this process does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain import reference_books
from domain.errors import InvalidValue
from domain.records import ReviewMissed, ReviewOpened
from domain.reference_books import CURRENT_EDITION
from domain.reviews.review import opened_fields, review_id
from domain.reviews.rhythm import Occurrence, ReviewKind, kinds_of
from domain.reviews.values import FindingCount
from projections.review_watch import ReviewWatch
from service.assembly import Service
from service.record_book import envelope
from tests.given import circumstances
from tests.other_books import other_books
from tests.projections.watching_reviews import (
    BEGAN,
    DAY,
    MONDAY,
    hold,
    occurrence,
    of_kind,
    opened,
    watch,
)

NEWER = CURRENT_EDITION + 1
AUDIT = kinds_of()["quarterly_audit"]


@pytest.fixture
def newer_edition() -> Iterator[None]:
    """One more edition, with the same books."""
    editions = reference_books.EDITIONS
    with other_books({**editions, NEWER: editions[CURRENT_EDITION]}):
        yield


def kinds_of_two(number: int) -> Mapping[str, ReviewKind]:
    """The next edition holds the weekly review on Thursdays, and no two-week cycle."""
    if number < NEWER:
        return kinds_of(number)
    weekly = replace(kinds_of()["voice_of_customer"], weekday=4, edition=number)
    return {"voice_of_customer": weekly, "quarterly_audit": replace(AUDIT, edition=number)}


@pytest.mark.usefixtures("newer_edition")
def test_a_new_edition_holds_from_when_it_is_first_known(service: Service) -> None:
    def look(now: datetime, number: int) -> int:
        return ReviewWatch(
            service.engine, service.reviews, lambda: now, number, kinds_of_two
        ).look()

    watch(service, BEGAN)
    changed = datetime(2026, 3, 24, 12, tzinfo=UTC)

    look(changed, NEWER)
    by_older = look(changed + 9 * DAY, CURRENT_EDITION)
    look(changed + 9 * DAY, NEWER)

    # A standstill before the change is caught up by the rhythm that held then.
    weekly = [str(day) for kind, day in opened(service) if kind == "voice_of_customer"]
    assert weekly == ["2026-03-09", "2026-03-16", "2026-03-23", "2026-03-26", "2026-04-02"]
    assert by_older == 0
    two_weekly = [str(day) for kind, day in opened(service) if kind == "improvement_cycle"]
    assert two_weekly == ["2026-03-18"]


def test_a_review_is_held_by_the_codes_of_its_own_edition(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(service, MONDAY - DAY)
    watch(service, MONDAY)
    finding = FindingCount(finding="target_missed", times=1)
    current = reference_books.edition(CURRENT_EDITION)
    findings = current.book("review_findings")
    fewer = replace(findings, entries=findings.entries[1:])
    books = replace(current, books={**current.books, "review_findings": fewer})
    monkeypatch.setattr("service.record_streams.edition", lambda number: books)

    with pytest.raises(InvalidValue) as refusal:
        hold(service, "2026-03-09", MONDAY, findings=(finding,))

    assert refusal.value.params == {"field": "findings.0.finding", "reason": "unknown_code"}


def unreadable(service: Service, day: str) -> Occurrence:
    """An audit as a newer process opens it: this one knows neither edition nor rules."""
    newer = replace(occurrence(day, "quarterly_audit"), kind=replace(AUDIT, edition=NEWER))
    said = opened_fields(newer)
    by = circumstances(at=newer.opens_at)
    service.records.append(ReviewOpened(**envelope(review_id(newer), 1, by), **said))
    return newer


def test_one_that_cannot_be_read_stops_no_other_and_the_watch_says_that_it_fails(
    service: Service,
) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 5 * DAY)
    newer = unreadable(service, "2026-03-10")
    looking = ReviewWatch(service.engine, service.reviews, lambda: BEGAN + 40 * DAY)

    looking.look()

    missed = {each.originator_id for each in of_kind(service, ReviewMissed)}
    assert review_id(occurrence("2026-03-09")) in missed
    assert review_id(newer) not in missed
    assert ("voice_of_customer", date(2026, 3, 30)) in opened(service)
    assert looking.pulse.silent_seconds() is None


def test_a_watch_that_fails_in_nothing_says_so(service: Service) -> None:
    looking = ReviewWatch(service.engine, service.reviews, lambda: BEGAN)
    before = looking.pulse.silent_seconds()

    looking.look()

    assert before is None
    assert looking.pulse.silent_seconds() is not None
