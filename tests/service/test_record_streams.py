"""What is folded from records of its own, where others change it at the same time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.reviews.review import review_id
from domain.reviews.rhythm import Occurrence, kinds_of
from domain.reviews.values import Attendance
from service.assembly import Service
from service.event_store import StoreBusy, VersionConflict
from service.record_book import RecordBook
from tests.given import circumstances

PARTIES = ("customer_service", "logistics")
HELD = {"attendees": tuple(Attendance(party=each, people=3) for each in PARTIES)}


def test_a_change_that_is_always_outrun_is_given_up(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    weekly = Occurrence(kind=kinds_of()["voice_of_customer"], scheduled_on=date(2026, 3, 9))
    service.reviews.open_once(weekly)
    opened = service.reviews.get(review_id(weekly))

    def outrun(*_: Any, **__: Any) -> None:
        raise VersionConflict(opened.standing.id)

    monkeypatch.setattr(RecordBook, "append", outrun)
    by = circumstances(at=datetime(2026, 3, 10, tzinfo=UTC))

    with pytest.raises(StoreBusy):
        service.reviews.hold(opened.standing.id, by, expected_version=1, **HELD)

    assert service.reviews.get(opened.standing.id) == opened
