"""The list shows, filters, sorts, pages and searches cases; texts stay sealed until opened."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from domain.conflict_case import ConflictCase
from domain.personal import ERASED
from domain.values import Status
from projections import case_list
from projections.case_questions import (
    CaseFilter,
    CasePage,
    CaseQuestions,
    NothingToSearch,
    Order,
)
from projections.cursors import InvalidCursor, encode
from projections.forgetting import forget_cases
from projections.read_models import READ_MODELS, build_engine, tools_of
from service.assembly import Service, build
from service.settings import Settings
from tests.given import BEGAN_AT, Story, an_imported_story, circumstances_for

HANDLER = frozenset({"handler"})
NO_TERMS = dict.fromkeys(
    ("urgency", "request_kind", "customer_tier", "regulation", "calendar", "reason")
)


@dataclass(frozen=True)
class Reading:
    """A service with some cases recorded and read."""

    service: Service
    stories: tuple[Story, ...]

    def ask(self, *, roles: frozenset[str] = HANDLER, **asked: object) -> CasePage:
        """A page of the list; `asked` are fields of the filter or of the question."""
        options = {name: asked.pop(name) for name in ("order", "limit", "cursor") if name in asked}
        questions = CaseQuestions(self.service.keys, tools_of(self.service).blind_index)
        with self.service.engine.connect() as connection:
            return questions.list_cases(
                connection,
                CaseFilter(**asked),  # type: ignore[arg-type]
                roles=roles,
                **options,  # type: ignore[arg-type]
            )


def stories() -> tuple[Story, ...]:
    """Seven cases, reported a day apart from each other, and an imported one."""
    found = []
    for day, status in enumerate([Status.REPORTED] * 3 + [Status.CONFIRMED] * 2 + [Status.CLOSED]):
        story = Story(ConflictCase(uuid4()))
        by = circumstances_for("report", BEGAN_AT - timedelta(days=day))
        story.take("report", by)
        found.append(story.to(status))
    found[0].after("assign")
    return (*found, an_imported_story())


@pytest.fixture(scope="module")
def reading(shared_service: Service) -> Reading:
    known = stories()
    for story in known:
        shared_service.cases.record(story.events)
    engine = build_engine(shared_service)
    engine.catch_up()
    assert engine.parked_cases(case_list.NAME) == []
    return Reading(shared_service, known)


def test_a_row_shows_what_the_case_shows(reading: Reading) -> None:
    shown = {case.case_id: case for case in reading.ask().cases}

    for story in reading.stories:
        case, row = story.case, shown[story.case.id]
        assert (row.status, row.version) == (case.status, case.version)
        assert (row.reference, row.imported) == (case.reference, case.imported is not None)
        assert (row.reported_at, row.updated_at) == (case.began_at, case.updated_at)
        if case.report:
            assert row.summary == case.report.summary
            assert row.customer_name == case.report.customer.name
        if case.confirmation:
            assert row.severity == case.confirmation.severity
            assert row.conflict_subtype == case.confirmation.conflict_subtype


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"statuses": ["confirmed"]}, 2),
        ({"conflict_type": "quality"}, 3),
        ({"channel": "phone"}, 6),
        ({"imported": True}, 1),
        ({"imported": False, "statuses": ["reported"]}, 3),
        ({"external_id": "1290161"}, 1),
        ({"customer_ref": "K-1001"}, 6),
        ({"customer_ref": "K-\0"}, 0),
        ({"reported_from": BEGAN_AT, "imported": False}, 1),
        ({"reported_to": BEGAN_AT}, 5),
        ({"severity": "serious"}, 0),
        ({"statuses": ["confirmed", "reported"], "imported": False}, 5),
        ({"statuses": ["merged"]}, 0),
    ],
)
def test_filters_narrow_the_list(reading: Reading, asked: dict[str, object], count: int) -> None:
    assert len(reading.ask(**asked).cases) == count


@pytest.mark.parametrize("order", Order)
def test_pages_make_up_the_whole_list(reading: Reading, order: Order) -> None:
    whole = [case.case_id for case in reading.ask(order=order).cases]
    paged, cursor = [], None

    while True:
        page = reading.ask(order=order, limit=3, cursor=cursor)
        paged += [case.case_id for case in page.cases]
        if (cursor := page.next_cursor) is None:
            break

    assert paged == whole


@pytest.mark.parametrize("order", [order for order in Order if order is not Order.URGENCY])
def test_a_list_is_sorted_by_a_time(reading: Reading, order: Order) -> None:
    name = order.value.removeprefix("-")

    times = [getattr(case, name) for case in reading.ask(order=order).cases]

    assert times == sorted(times, reverse=order.newest_first)


def test_the_most_urgent_come_first_and_of_those_who_wait_longest(settings: Settings) -> None:
    service = build(settings)
    reported = []
    for day, urgency in enumerate(("normal", "urgent", None, "urgent", "normal")):
        story = Story(ConflictCase(uuid4()))
        by = circumstances_for("report", BEGAN_AT - timedelta(days=day))
        reported.append(story.take("report", by, urgency=urgency))
    service.cases.record(reported)
    build_engine(service).catch_up()

    page = Reading(service, ()).ask(order=Order.URGENCY)

    expected = [reported[day].case_id for day in (3, 1, 4, 0, 2)]
    assert [case.case_id for case in page.cases] == expected
    service.engine.dispose()


def test_an_urgency_that_was_set_later_counts(settings: Settings) -> None:
    service = build(settings)
    stories = [Story(ConflictCase(uuid4())) for _ in range(2)]
    for story, urgency in zip(stories, ("urgent", "normal"), strict=True):
        story.take("report", urgency=urgency)
    calmed, risen = stories
    calmed.take("set_service_terms", **{**NO_TERMS, "urgency": "normal"})
    risen.take("set_service_terms", **{**NO_TERMS, "urgency": "urgent"})
    risen.take("set_service_terms", **{**NO_TERMS, "customer_tier": "gold"})
    service.cases.record([*calmed.events, *risen.events])
    build_engine(service).catch_up()

    page = Reading(service, ()).ask(order=Order.URGENCY)

    shown = [(case.case_id, case.urgency, case.tier) for case in page.cases]
    assert shown == [(risen.case.id, "urgent", "silver"), (calmed.case.id, "normal", "silver")]
    service.engine.dispose()


def test_a_list_is_counted_up_to_a_limit(reading: Reading) -> None:
    questions = CaseQuestions(reading.service.keys, tools_of(reading.service).blind_index)

    with reading.service.engine.connect() as connection:
        whole, some, words = (
            questions.count(connection, wanted, roles=HANDLER, most=most)
            for wanted, most in (
                (CaseFilter(), 100),
                (CaseFilter(), 4),
                (CaseFilter(text="charged twice"), 100),
            )
        )

    assert (whole, some, words) == (7, 4, 1)


def test_a_case_is_found_by_its_reference(reading: Reading) -> None:
    questions = CaseQuestions(reading.service.keys, tools_of(reading.service).blind_index)
    imported = reading.stories[-1].case

    with reading.service.engine.connect() as connection:
        found = questions.with_reference(connection, imported.reference)
        missed = questions.with_reference(connection, "C-1999-000001")

    assert found is not None
    assert missed is None


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "\u4e2d",
        "A" * 600,
        base64.urlsafe_b64encode(b"[1, 2]").decode().rstrip("="),
        encode("reported_at", BEGAN_AT, UUID(int=0)),
        encode("-reported_at", "yesterday", UUID(int=0)),
    ],
)
def test_a_cursor_of_other_making_is_refused(reading: Reading, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        reading.ask(cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_a_limit_out_of_bounds_is_refused(reading: Reading, limit: int) -> None:
    with pytest.raises(ValueError, match="1 to 200"):
        reading.ask(limit=limit)


@pytest.mark.parametrize(
    ("text", "roles", "count"),
    [
        ("parcel", HANDLER, 6),
        ("包裹", HANDLER, 6),
        ("退还运费", HANDLER, 6),
        ("张三", HANDLER, 6),
        ("张三", frozenset({"analyst"}), 0),
        ("ORD-2026-118", frozenset({"reporter"}), 6),
        ("charged twice", HANDLER, 1),
        ("parcel unicorn", HANDLER, 0),
    ],
)
def test_search_finds_words_the_reader_may_read(
    reading: Reading, text: str, roles: frozenset[str], count: int
) -> None:
    assert len(reading.ask(text=text, roles=roles).cases) == count


def test_a_search_for_nothing_is_refused(reading: Reading) -> None:
    with pytest.raises(NothingToSearch):
        reading.ask(text="the of !")


def test_an_erased_person_is_found_by_no_word(settings: Settings) -> None:
    service = build(settings)
    service.cases.record(Story().to(Status.REPORTED).events)
    build_engine(service).catch_up()
    asker = Reading(service, ())

    service.keys.destroy("K-1001")
    forget_cases(service.engine, READ_MODELS, service.subjects.cases_of("K-1001"))

    assert asker.ask(text="parcel").cases == []
    (case,) = asker.ask(text="ORD-2026-118").cases
    assert case.summary is not None
    assert case.summary.reveal() == ERASED
    service.engine.dispose()
