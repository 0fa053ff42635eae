"""The calendar: every review exactly once, by any number of workers, through restarts."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from random import Random

import pytest

from domain.records import ReviewMissed, ReviewOpened, ReviewRhythmBegan
from domain.reviews.rhythm import Occurrence, due_between, kinds_of
from domain.values import Via
from projections.review_watch import OPENED_PER_ROUND, ReviewWatch
from service.assembly import Service, build
from service.settings import Settings
from tests.projections.watching_reviews import BEGAN, DAY, MONDAY, of_kind, opened, watch
from tests.still_clocks import TimeMachine

YEAR = 366 * DAY


def due(since: datetime, until: datetime) -> Counter[tuple[str, date]]:
    """What the book asks for in this time."""
    found = (each for kind in kinds_of().values() for each in due_between(kind, since, until))
    return Counter((each.kind.code, each.scheduled_on) for each in found)


def test_nothing_is_due_before_a_worker_first_looked(service: Service) -> None:
    assert watch(service, BEGAN) == 0
    assert watch(service, BEGAN) == 0

    began = of_kind(service, ReviewRhythmBegan)
    assert sorted(each.kind for each in began) == sorted(kinds_of())
    assert {each.occurred_at for each in began} == {BEGAN}


def test_a_review_is_opened_once_and_says_what_it_covers(service: Service) -> None:
    watch(service, MONDAY - DAY)

    found = [watch(service, now) for now in (MONDAY - timedelta(seconds=1), MONDAY, MONDAY + DAY)]

    (record,) = of_kind(service, ReviewOpened)
    assert found == [0, 1, 0]
    assert (record.occurred_at, record.known_at) == (MONDAY, MONDAY)
    assert (record.kind, record.owner) == ("voice_of_customer", "customer_service")
    assert record.period_from.isoformat() == "2026-03-01T16:00:00+00:00"
    assert record.period_to.isoformat() == "2026-03-08T16:00:00+00:00"
    assert record.due_at.isoformat() == "2026-03-11T16:00:00+00:00"
    assert (record.actor.id, record.via) == ("review-calendar", Via.TIMER)


def test_over_a_year_three_workers_open_each_once_through_restarts(
    service: Service, settings: Settings
) -> None:
    random, time = Random(64), TimeMachine(BEGAN)
    watch(service, BEGAN)
    with ThreadPoolExecutor(3) as pool:
        while time.now < BEGAN + YEAR:
            workers = [build(settings) for _ in range(3)]
            for _ in range(4):
                time.now += random.uniform(0.1, 12) * DAY
                watches = [ReviewWatch(each.engine, each.reviews, time) for each in workers]
                list(pool.map(ReviewWatch.look, watches))
            for worker in workers:
                worker.engine.dispose()

    assert Counter(opened(service)) == due(BEGAN, time.now)
    assert len(of_kind(service, ReviewRhythmBegan)) == len(kinds_of())
    missed = Counter(each.originator_id for each in of_kind(service, ReviewMissed))
    assert set(missed.values()) == {1}
    assert len(missed) == sum(each.due_at < time.now for each in of_kind(service, ReviewOpened))


def test_after_a_standstill_each_is_opened_in_order_as_if_on_its_day(service: Service) -> None:
    watch(service, BEGAN)
    after = BEGAN + YEAR

    found = [watch(service, after), watch(service, after)]

    records = of_kind(service, ReviewOpened)
    assert found == [sum(due(BEGAN, after).values()), 0]
    assert Counter(opened(service)) == due(BEGAN, after)
    assert [each.occurred_at for each in records] == sorted(each.occurred_at for each in records)
    missed = of_kind(service, ReviewMissed)
    due_at = {each.originator_id: each.due_at for each in records}
    assert all(each.occurred_at == due_at[each.originator_id] for each in missed)
    assert len(missed) == sum(at < after for at in due_at.values())


def test_a_very_long_standstill_is_caught_up_in_pieces(service: Service) -> None:
    watch(service, BEGAN)
    after, found = BEGAN + 4 * YEAR, []

    while not found or found[-1]:
        found.append(watch(service, after))

    assert found[0] == OPENED_PER_ROUND
    assert sum(found) == sum(due(BEGAN, after).values()) == len(opened(service))


def test_a_worker_that_dies_between_two_leaves_no_gap(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(service, BEGAN)
    open_once, left = service.reviews.open_once, [3]

    def die(self: object, occurrence: Occurrence) -> bool:
        if not left[0]:
            raise OSError("gone")
        left[0] -= 1
        return open_once(occurrence)

    with monkeypatch.context() as patch:
        patch.setattr(type(service.reviews), "open_once", die)
        with pytest.raises(OSError, match="gone"):
            watch(service, BEGAN + 60 * DAY)
    first = len(opened(service))
    watch(service, BEGAN + 60 * DAY)

    assert first == 3
    assert Counter(opened(service)) == due(BEGAN, BEGAN + 60 * DAY)


def test_a_clock_that_is_set_back_opens_nothing_again(service: Service) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 30 * DAY)
    before = opened(service)

    assert watch(service, BEGAN + 10 * DAY) == 0
    assert watch(service, BEGAN + 30 * DAY) == 0
    assert opened(service) == before


def test_a_worker_rests_until_the_next_review_or_a_minute(service: Service) -> None:
    time = TimeMachine(BEGAN)
    looked: list[datetime] = []
    resting = ReviewWatch(service.engine, service.reviews, time)
    is_at_rest = resting.round()
    began = of_kind(service, ReviewRhythmBegan)

    def look() -> int:
        looked.append(time.now)
        return 0

    resting.look = look  # type: ignore[method-assign]
    time.now += 30 * DAY
    resting.round()

    assert len(began) == len(kinds_of())
    assert (is_at_rest, looked) == (True, [])
    assert 0 < resting.due_seconds() <= 60
    assert timedelta() < resting._rest(time.now) <= timedelta(minutes=1)
