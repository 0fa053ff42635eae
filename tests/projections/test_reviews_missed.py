"""A review that nobody held in time is missed, once, and can still be held."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from domain.records import Record, ReviewHeld, ReviewMissed
from domain.reviews.review import ReviewState
from service.assembly import Service
from tests.projections.watching_reviews import BEGAN, DAY, MONDAY, hold, of_kind, review, watch


def test_what_is_held_in_time_is_not_missed_and_what_is_not_is_missed_once(
    service: Service,
) -> None:
    watch(service, BEGAN)
    watch(service, MONDAY + 7 * DAY)
    first, second = (partial(review, service, day) for day in ("2026-03-09", "2026-03-16"))

    hold(service, "2026-03-16", MONDAY + 7 * DAY)
    for days in (8, 9, 10, 11):
        watch(service, MONDAY + days * DAY)

    assert (first().state, second().state) == (ReviewState.MISSED, ReviewState.HELD)
    assert not second().is_late
    missed = Counter(each.originator_id for each in of_kind(service, ReviewMissed))
    assert missed[first().id] == 1


def test_a_timer_stands_in_nobodys_way(service: Service) -> None:
    watch(service, BEGAN)
    watch(service, MONDAY)
    watch(service, MONDAY + 5 * DAY)

    hold(service, "2026-03-09", MONDAY + 5 * DAY, expected_version=1)

    held = review(service, "2026-03-09")
    assert (held.version, held.state, held.is_late) == (3, ReviewState.HELD, True)


def test_a_timer_that_is_faster_by_a_moment_refuses_nobody(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(service, BEGAN)
    watch(service, MONDAY)
    append, faster = service.records.append, [True]

    def append_after_the_timer(record: Record, **more: object) -> object:
        if faster and isinstance(record, ReviewHeld):
            faster.clear()
            watch(service, MONDAY + 5 * DAY)
        return append(record, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(service.records, "append", append_after_the_timer)
    hold(service, "2026-03-09", MONDAY + DAY)

    held = review(service, "2026-03-09")
    assert not faster
    assert (held.version, held.state, held.is_late) == (3, ReviewState.HELD, True)
