"""Reading the log: in order, complete below the horizon, nothing beyond it."""

from contextlib import closing
from uuid import uuid4

import psycopg2
import pytest

from service.event_store import statements
from tests.service.event_store.steps import (
    an_event,
    append_without_commit,
    ask,
    readable,
)


@pytest.fixture
def log(recorder):
    """Five events of one case, readable."""
    case = uuid4()
    events = [recorder.append([an_event(case, n, topic=f"t:{n % 2}")])[0] for n in range(1, 6)]
    readable(recorder, events[-1].id)
    return events


def test_pages_give_every_event_in_order(recorder, log):
    first = recorder.read_page(0, 3)

    second = recorder.read_page(first.events[-1].id, 3)

    assert [*first.events, *second.events] == log


def test_a_page_names_the_horizon_above_its_events(recorder, log):
    page = recorder.read_page(0, 2)

    assert page.horizon > log[-1].id


def test_an_empty_page_names_the_horizon_too(recorder, log):
    page = recorder.read_page(log[-1].id, 10)

    assert page.events == []
    assert page.horizon > log[-1].id


def test_an_empty_log_has_a_horizon(recorder):
    page = recorder.read_page(0, 10)

    assert page.events == []
    assert 0 < page.horizon <= recorder.horizon()


@pytest.mark.parametrize(
    ("limit", "wanted", "read_to"),
    [
        (2, {}, 1),  # a full page: up to its last event
        (9, {}, 4),
        (9, {"topics": ["t:1"]}, 4),
        (9, {"topics": ["t:0"]}, 4),  # the last event is of no interest, and read all the same
        (2, {"topics": ["t:0"]}, 3),
    ],
)
def test_a_page_says_up_to_which_event_nothing_is_left_to_read(
    recorder, log, limit, wanted, read_to
):
    page = recorder.read_page(0, limit, **wanted)

    assert page.read_to == log[read_to].id


def test_a_reader_at_the_end_stays_where_it_is(recorder, log):
    page = recorder.read_page(log[-1].id + 1, 10)

    assert page.read_to == log[-1].id + 1


def test_a_page_can_end_at_a_position_and_name_topics(recorder, log):
    page = recorder.read_page(0, 10, up_to=log[3].id, topics=["t:1"])

    assert page.events == [log[0], log[2]]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"gt": 2}, [3, 4, 5]),
        ({"lte": 2}, [1, 2]),
        ({"gt": 1, "lte": 4, "limit": 2}, [2, 3]),
        ({"desc": True, "limit": 1}, [5]),
        ({"gt": 5}, []),
    ],
)
def test_a_case_is_read_by_version(recorder, log, wanted, expected):
    events = recorder.select_events(log[0].originator_id, **wanted)

    assert [each.originator_version for each in events] == expected


def test_a_case_is_found_by_index_however_small_the_log_was_when_that_was_planned(owner):
    looking = owner.cursor()
    looking.execute(statements.PREPARE_EVENTS_OF)
    looking.execute("SET plan_cache_mode = force_generic_plan")

    looking.execute(f"EXPLAIN {statements.EVENTS_OF}", (uuid4().hex, 0, 9, None))

    plan = "".join(line for (line,) in looking.fetchall())
    assert "Index Scan using events_version" in plan
    assert "Sort" not in plan


def test_a_running_append_holds_readers_back(recorder, other_writer):
    held = an_event()
    position = append_without_commit(other_writer, held)

    (later,) = recorder.append([an_event()])

    assert later.id > position
    assert recorder.read_page(0, 10).events == []
    assert recorder.horizon() <= position
    assert recorder.max_notification_id() is None
    other_writer.commit()
    readable(recorder, later.id)
    assert [each.id for each in recorder.read_page(0, 10).events] == [position, later.id]
    assert recorder.max_notification_id() == later.id


def test_an_append_that_is_rolled_back_lets_readers_pass(recorder, other_writer):
    append_without_commit(other_writer, an_event())
    (later,) = recorder.append([an_event()])

    other_writer.rollback()

    readable(recorder, later.id)
    assert recorder.read_page(0, 10).events == [later]


def test_without_the_horizon_a_reader_would_skip_an_event(recorder, other_writer, owner):
    """The test of the tests above: the danger is real."""
    position = append_without_commit(other_writer, an_event())
    (later,) = recorder.append([an_event()])

    cursor_of_naive_reader = ask(owner, "SELECT max(position) FROM events")
    other_writer.commit()

    readable(recorder, later.id)
    missed = ask(owner, "SELECT count(*) FROM events WHERE position > %s", cursor_of_naive_reader)
    assert missed == 0
    assert position < cursor_of_naive_reader


def test_a_writer_in_another_database_holds_readers_back(recorder, postgres_url):
    with closing(psycopg2.connect(postgres_url)) as elsewhere:
        ask(elsewhere, "SELECT pg_current_xact_id()::text")

        (recorded,) = recorder.append([an_event()])

        assert recorder.read_page(0, 10).events == []
        elsewhere.rollback()
    readable(recorder, recorded.id)
    assert recorder.read_page(0, 10).events == [recorded]


def test_a_statement_sees_no_event_beyond_its_own_horizon(recorder, other_writer):
    """In a transaction that keeps its snapshot, later events stay out of sight."""
    with other_writer.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    before = ask(other_writer, "SELECT horizon FROM event_horizon")

    (recorded,) = recorder.append([an_event()])

    readable(recorder, recorded.id)
    assert ask(other_writer, "SELECT horizon FROM event_horizon") == before
    assert before <= recorded.id < recorder.horizon()


def test_boundaries_cut_the_store_into_ranges_of_whole_cases(recorder):
    cases = sorted(uuid4() for _ in range(12))
    for case in cases:
        recorder.append([an_event(case, version) for version in (1, 2, 3)])

    boundaries = recorder.select_boundaries(10)

    assert boundaries == [cases[3], cases[6], cases[9]]


def test_events_between_are_those_of_whole_cases_up_to_a_position(recorder):
    first, second, third, other = sorted(uuid4() for _ in range(4))
    for case in (third, first, second, other):
        recorder.append([an_event(case, 1)])
    (newest,) = recorder.append([an_event(third, 2)])
    recorder.append([an_event(second, 2)])

    found = recorder.select_events_between(first, third, newest.id)

    places = [(each.originator_id, each.originator_version) for each in found]
    assert places == [(second, 1), (third, 1), (third, 2)]
