"""The calendar: every review exactly once, by any number of workers, through restarts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from domain import reference_books
from domain.errors import InvalidValue
from domain.records import (
    CorrectiveActionMissed,
    CorrectiveActionOpened,
    Record,
    ReviewHeld,
    ReviewMissed,
    ReviewOpened,
    ReviewRhythmBegan,
)
from domain.reference_books import CURRENT_EDITION
from domain.reviews.review import Review, ReviewState, opened_fields, review_id
from domain.reviews.rhythm import Occurrence, ReviewKind, due_between, kinds_of
from domain.reviews.values import Attendance, FigureGiven, FindingCount
from domain.values import Actor, ActorKind, Via
from projections.review_watch import OPENED_PER_ROUND, ReviewWatch
from service.assembly import Service, build
from service.corrective_actions import CorrectiveActions
from service.record_book import envelope
from service.review_statements import NEWEST_OF_KINDS
from service.reviews import KINDS, ReviewFilter
from service.settings import Settings
from tests.given import circumstances
from tests.other_books import other_books

DAY = timedelta(days=1)
BEGAN = datetime(2026, 3, 4, 12, tzinfo=UTC)
YEAR = 366 * DAY
AUDIT = kinds_of()["quarterly_audit"]


@dataclass
class TimeMachine:
    """A clock that stands still until it is moved."""

    now: datetime = BEGAN

    def __call__(self) -> datetime:
        return self.now


def watch(service: Service, now: datetime) -> int:
    return ReviewWatch(service.engine, service.reviews, lambda: now).look()


def of_kind(service: Service, kind: type[Record]) -> list[Record]:
    return [logged.record for logged in service.records.of_kinds(kind)]


def opened(service: Service) -> list[tuple[str, date]]:
    found = service.records.of_kinds(ReviewOpened)
    return [(logged.record.kind, logged.record.scheduled_on) for logged in found]


def due(since: datetime, until: datetime) -> Counter[tuple[str, date]]:
    """What the book asks for in this time."""
    found = (each for kind in kinds_of().values() for each in due_between(kind, since, until))
    return Counter((each.kind.code, each.scheduled_on) for each in found)


def test_nothing_is_due_before_a_worker_first_looked(service: Service) -> None:
    assert watch(service, BEGAN) == 0
    assert watch(service, BEGAN) == 0

    began = of_kind(service, ReviewRhythmBegan)
    assert sorted(each.kind for each in began) == sorted(kinds_of())  # type: ignore[attr-defined]
    assert {each.occurred_at for each in began} == {BEGAN}


def test_a_review_is_opened_once_and_says_what_it_covers(service: Service) -> None:
    monday = datetime(2026, 3, 9, 1, tzinfo=UTC)
    watch(service, monday - DAY)

    found = [watch(service, now) for now in (monday - timedelta(seconds=1), monday, monday + DAY)]

    (record,) = of_kind(service, ReviewOpened)
    assert found == [0, 1, 0]
    assert isinstance(record, ReviewOpened)
    assert (record.occurred_at, record.known_at) == (monday, monday)
    assert (record.kind, record.owner) == ("voice_of_customer", "customer_service")
    assert record.period_from.isoformat() == "2026-03-01T16:00:00+00:00"
    assert record.period_to.isoformat() == "2026-03-08T16:00:00+00:00"
    assert record.due_at.isoformat() == "2026-03-11T16:00:00+00:00"
    assert (record.actor.id, record.via) == ("review-calendar", Via.TIMER)


def test_over_a_year_three_workers_open_each_once_through_restarts(
    service: Service, settings: Settings
) -> None:
    random, time = Random(64), TimeMachine()
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
    assert len(missed) == sum(
        each.due_at < time.now  # type: ignore[attr-defined]
        for each in of_kind(service, ReviewOpened)
    )


def test_after_a_standstill_each_is_opened_in_order_as_if_on_its_day(service: Service) -> None:
    watch(service, BEGAN)
    after = BEGAN + YEAR

    found = [watch(service, after), watch(service, after)]

    records = of_kind(service, ReviewOpened)
    assert found == [sum(due(BEGAN, after).values()), 0]
    assert Counter(opened(service)) == due(BEGAN, after)
    assert [each.occurred_at for each in records] == sorted(each.occurred_at for each in records)
    missed = of_kind(service, ReviewMissed)
    due_at = {each.originator_id: each.due_at for each in records}  # type: ignore[attr-defined]
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


def test_what_is_held_in_time_is_not_missed_and_what_is_not_is_missed_once(
    service: Service,
) -> None:
    watch(service, BEGAN)
    monday = datetime(2026, 3, 9, 1, tzinfo=UTC)
    watch(service, monday + 7 * DAY)
    first, second = (partial(review, service, day) for day in ("2026-03-09", "2026-03-16"))

    hold(service, "2026-03-16", monday + 7 * DAY)
    for days in (8, 9, 10, 11):
        watch(service, monday + days * DAY)

    assert (first().state, second().state) == (ReviewState.MISSED, ReviewState.HELD)
    assert not second().is_late
    missed = Counter(each.originator_id for each in of_kind(service, ReviewMissed))
    assert missed[first().id] == 1


def test_a_timer_stands_in_nobodys_way(service: Service) -> None:
    watch(service, BEGAN)
    monday = datetime(2026, 3, 9, 1, tzinfo=UTC)
    watch(service, monday)
    watch(service, monday + 5 * DAY)

    hold(service, "2026-03-09", monday + 5 * DAY, expected_version=1)

    held = review(service, "2026-03-09")
    assert (held.version, held.state, held.is_late) == (3, ReviewState.HELD, True)


def test_a_timer_that_is_faster_by_a_moment_refuses_nobody(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(service, BEGAN)
    monday = datetime(2026, 3, 9, 1, tzinfo=UTC)
    watch(service, monday)
    append, faster = service.records.append, [True]

    def append_after_the_timer(record: Record, **more: object) -> object:
        if faster and isinstance(record, ReviewHeld):
            faster.clear()
            watch(service, monday + 5 * DAY)
        return append(record, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(service.records, "append", append_after_the_timer)
    hold(service, "2026-03-09", monday + DAY)

    held = review(service, "2026-03-09")
    assert not faster
    assert (held.version, held.state, held.is_late) == (3, ReviewState.HELD, True)


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


# Audits


def audit(service: Service, found: Mapping[str, str], at: datetime | None = None) -> None:
    """Tell figures of the audit of April."""
    when = occurrence("2026-04-10", "quarterly_audit")
    figures = [
        FigureGiven(figure=code, sampled=40, expected=Decimal(80), found=Decimal(each))
        for code, each in found.items()
    ]
    by = circumstances(at=at or when.opens_at + DAY)
    version = service.reviews.get(review_id(when)).standing.version
    service.reviews.record_figures(review_id(when), by, expected_version=version, figures=figures)


FOUND = {"records_complete": "70", "cases_within_time": "76", "cases_with_finding": "85"}


def test_each_figure_that_deviates_opens_one_action(service: Service) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 40 * DAY)

    audit(service, FOUND)
    audit(service, {"records_complete": "60"})
    watch(service, BEGAN + 41 * DAY)

    actions = of_kind(service, CorrectiveActionOpened)
    assert Counter(each.figure for each in actions) == {  # type: ignore[attr-defined]
        "records_complete": 1,
        "cases_with_finding": 1,
    }


def test_an_action_that_a_broken_request_left_is_opened_by_any_worker_once(
    service: Service, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 40 * DAY)
    with monkeypatch.context() as patch:
        patch.setattr(CorrectiveActions, "open_for", lambda self, review: 0)
        audit(service, FOUND)
    before = of_kind(service, CorrectiveActionOpened)

    workers = [build(settings) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda each: watch(each, BEGAN + 41 * DAY), workers))

    told_at = occurrence("2026-04-10", "quarterly_audit").opens_at + DAY
    actions = of_kind(service, CorrectiveActionOpened)
    assert before == []
    assert [each.occurred_at for each in actions] == [told_at] * 2
    for worker in workers:
        worker.engine.dispose()


def test_a_deviation_whose_request_broke_opens_its_action_though_it_was_told_better_since(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 40 * DAY)
    with monkeypatch.context() as patch:
        patch.setattr(CorrectiveActions, "open_for", lambda self, review: 0)
        audit(service, {"records_complete": "50"})
        audit(service, {"records_complete": "80"}, BEGAN + 40 * DAY)

    watch(service, BEGAN + 41 * DAY)

    told_at = occurrence("2026-04-10", "quarterly_audit").opens_at + DAY
    (action,) = of_kind(service, CorrectiveActionOpened)
    assert isinstance(action, CorrectiveActionOpened)
    assert (action.figure, action.found, action.occurred_at) == (
        "records_complete",
        Decimal(50),
        told_at,
    )


def test_a_look_writes_no_action_that_is_on_record(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 40 * DAY)
    audit(service, FOUND)
    written: list[Record] = []
    append = service.records.append

    def counted(record: Record, **more: Any) -> object:
        written.append(record)
        return append(record, **more)

    monkeypatch.setattr(service.records, "append", counted)
    watch(service, BEGAN + 40 * DAY)

    assert len(of_kind(service, CorrectiveActionOpened)) == 2
    assert written == []


def test_an_action_that_is_not_done_in_time_is_late_once(service: Service) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 40 * DAY)
    audit(service, FOUND)
    (late, done) = of_kind(service, CorrectiveActionOpened)
    service.reviews.actions.do(
        done.originator_id, circumstances(at=BEGAN + 45 * DAY), expected_version=1,
        measure="train_staff",
    )  # fmt: skip

    for days in (60, 100, 101, 102):
        watch(service, BEGAN + days * DAY)

    assert [each.originator_id for each in of_kind(service, CorrectiveActionMissed)] == [
        late.originator_id
    ]


def test_an_action_that_is_sent_back_is_missed_at_its_new_time_and_not_before(
    service: Service,
) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 40 * DAY)
    audit(service, {"records_complete": "50"})
    (first,) = of_kind(service, CorrectiveActionOpened)
    assert isinstance(first, CorrectiveActionOpened)
    actions, other = service.reviews.actions, Actor(id="bob", kind=ActorKind.PERSON)
    in_time = circumstances(at=first.due_at - DAY)
    actions.do(first.originator_id, in_time, expected_version=1, measure="train_staff")
    sent_back = replace(in_time, now=first.due_at + DAY, actor=other)
    actions.verify(first.originator_id, sent_back, expected_version=2, result="deviation_remains")
    due_at = actions.get(first.originator_id).standing.due_at

    watch(service, due_at)
    before = of_kind(service, CorrectiveActionMissed)
    watch(service, due_at + timedelta(seconds=1))

    (missed,) = of_kind(service, CorrectiveActionMissed)
    assert before == []
    assert missed.occurred_at == due_at > first.due_at


# What cannot be read


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


# Editions


NEWER = CURRENT_EDITION + 1


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
    monday = datetime(2026, 3, 9, 1, tzinfo=UTC)
    watch(service, monday - DAY)
    watch(service, monday)
    finding = FindingCount(finding="target_missed", times=1)
    current = reference_books.edition(CURRENT_EDITION)
    findings = current.book("review_findings")
    fewer = replace(findings, entries=findings.entries[1:])
    books = replace(current, books={**current.books, "review_findings": fewer})
    monkeypatch.setattr("service.record_streams.edition", lambda number: books)

    with pytest.raises(InvalidValue) as refusal:
        hold(service, "2026-03-09", monday, findings=(finding,))

    assert refusal.value.params == {"field": "findings.0.finding", "reason": "unknown_code"}


def test_a_worker_rests_until_the_next_review_or_a_minute(service: Service) -> None:
    time = TimeMachine()
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


def test_reviews_are_found_by_kind_state_and_period(service: Service) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 400 * DAY)
    moment = partial(datetime, tzinfo=UTC)

    def found(**wanted: object) -> list[str]:
        with service.engine.connect() as connection:
            page = service.reviews.page(connection, ReviewFilter(**wanted), 1_000)  # type: ignore[arg-type]
        return [f"{each.standing.opened.scheduled_on}" for each in page]

    in_may = {"period_from": moment(2026, 5, 1), "period_to": moment(2026, 5, 2)}
    assert found(kind="quarterly_audit") == [
        f"{day}" for kind, day in reversed(opened(service)) if kind == "quarterly_audit"
    ]
    assert found(kind="quarterly_audit", **in_may) == ["2026-07-10"]
    assert found(state=ReviewState.HELD) == []
    assert len(found()) == len(found(state=ReviewState.OPEN)) + len(found(state=ReviewState.MISSED))
    assert len(found(late=True)) == len(found(state=ReviewState.MISSED))


def test_the_newest_of_a_kind_is_found_by_an_index(service: Service) -> None:
    watch(service, BEGAN)
    watch(service, BEGAN + 400 * DAY)

    with service.engine.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        asked = text(f"EXPLAIN {NEWEST_OF_KINDS.text}")
        plan = "\n".join(connection.execute(asked, {"kinds": KINDS}).scalars())
        newest = {each.standing.opened.kind for each in service.reviews.newest(connection)}

    assert "records_reviews_by_kind" in plan
    assert newest == set(kinds_of())
