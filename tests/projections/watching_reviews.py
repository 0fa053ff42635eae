"""The calendar of reviews: what a watch puts on record, and holding what it opened."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from domain.records import Record, ReviewOpened
from domain.reviews.review import Review, review_id
from domain.reviews.rhythm import Occurrence, kinds_of
from domain.reviews.values import Attendance
from projections.review_watch import ReviewWatch
from service.assembly import Service
from tests.given import circumstances

DAY = timedelta(days=1)
BEGAN = datetime(2026, 3, 4, 12, tzinfo=UTC)
"""When the watch first looks."""
MONDAY = datetime(2026, 3, 9, 1, tzinfo=UTC)
"""When the first weekly review opens after that."""

Kind = TypeVar("Kind", bound=Record)


def watch(service: Service, now: datetime) -> int:
    return ReviewWatch(service.engine, service.reviews, lambda: now).look()


def of_kind(service: Service, kind: type[Kind]) -> list[Kind]:
    records = (logged.record for logged in service.records.of_kinds(kind))
    return [record for record in records if isinstance(record, kind)]


def opened(service: Service) -> list[tuple[str, date]]:
    return [(each.kind, each.scheduled_on) for each in of_kind(service, ReviewOpened)]


def occurrence(day: str, kind: str = "voice_of_customer") -> Occurrence:
    return Occurrence(kind=kinds_of()[kind], scheduled_on=date.fromisoformat(day))


def review(service: Service, day: str, kind: str = "voice_of_customer") -> Review:
    return service.reviews.get(review_id(occurrence(day, kind))).standing


def hold(service: Service, day: str, at: datetime, expected_version: int = 1, **more: Any) -> None:
    parties = (Attendance(party="customer_service", people=3), Attendance(party="sales", people=1))
    service.reviews.hold(
        review_id(occurrence(day)),
        circumstances(at=at),
        expected_version=expected_version,
        attendees=parties,
        **more,
    )
