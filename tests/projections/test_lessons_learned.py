"""What the handlers of the lessons-learned read model make of a case's events."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import chain

from domain import events
from domain.clocks.occasions import REPLIED
from domain.clocks.of_events import occasion_of
from domain.values import Status
from projections.lessons_learned import READ_MODEL
from projections.lessons_tables import ATTEMPTS, CASES, IMPORTED, LESSONS, PREVENTIONS
from projections.read_model import CaseRows, Fact, fold
from tests.every_event import stories
from tests.given import (
    BEGAN_AT,
    Story,
    a_failed_story,
    a_story_to,
    a_whole_story,
    an_imported_story,
    circumstances_for,
)


def rows(story: Story) -> CaseRows:
    """The rows of one story."""
    facts = [
        Fact(event.originator_id, event.version, event.version, BEGAN_AT, event.NAME, event)
        for event in story.events
    ]
    (case,) = fold(READ_MODEL, facts)
    return case


def test_every_event_is_counted_or_left_out_with_a_reason() -> None:
    assert READ_MODEL.handlers.keys() | READ_MODEL.ignored.keys() == set(events.ALL)
    assert not READ_MODEL.handlers.keys() & READ_MODEL.ignored.keys()


def test_a_reopened_case_keeps_its_lost_attempt() -> None:
    story = Story().to(Status.CLOSED).after("reopen").to(Status.RESOLVED)

    case = rows(story)

    first, second = case.rows(ATTEMPTS)
    assert (first["outcome"], first["satisfied"]) == ("remedied", True)
    assert (second["outcome"], second["satisfied"]) == ("remedied", None)
    (row,) = case.rows(CASES)
    assert (row["attempt"], row["reopenings"], row["status"]) == (2, 1, "resolved")


def test_analysing_again_after_a_failure_is_a_new_attempt() -> None:
    story = a_failed_story().after("analyse")

    case = rows(story)

    assert [attempt["attempt"] for attempt in case.rows(ATTEMPTS)] == [1, 2]
    assert case.rows(CASES)[0]["reopenings"] == 0


def test_a_stage_is_timed_when_it_is_first_reached() -> None:
    story = Story().to(Status.RESOLVED)
    first = story.events[-1].occurred_at
    story.after("reopen").to(Status.RESOLVED)

    (row,) = rows(story).rows(CASES)

    assert row["resolved_at"] == first < story.events[-1].occurred_at


def test_a_merge_can_be_undone() -> None:
    merged = a_story_to(Status.MERGED)
    status_while_merged = rows(merged).rows(CASES)[0]["status"]

    merged.after("unmerge")

    assert status_while_merged == "merged"
    assert rows(merged).rows(CASES)[0]["status"] == "analysed"


def test_the_earliest_word_to_the_customer_is_the_first_reply() -> None:
    story = Story().after("report")
    story.take("log_interaction", direction="inbound")
    story.take("acknowledge")
    called_at = BEGAN_AT + timedelta(minutes=5)
    late_entry = circumstances_for("log_interaction", BEGAN_AT + timedelta(days=1))
    story.take(
        "log_interaction", by=replace(late_entry, occurred_at=called_at), direction="outbound"
    )

    (row,) = rows(story).rows(CASES)

    assert row["first_reply_at"] == called_at


def test_telling_of_a_delay_is_a_first_reply_as_it_is_to_the_clock() -> None:
    story = Story().after("report")
    told = story.take("disclose_delay", commitment_id=None, clock="first_plan", run=1)

    (row,) = rows(story).rows(CASES)

    runs = {run.clock: run for run in story.case.clock_runs(told.occurred_at)}
    assert row["first_reply_at"] == runs["first_reply"].stopped_at == told.occurred_at


def test_what_stops_the_clock_of_the_first_reply_counts_in_the_report_too() -> None:
    may_reply = {
        type(event)
        for event in chain.from_iterable(story.events for story in stories())
        if (occasion := occasion_of(event)) and REPLIED in occasion.names
    }

    assert may_reply
    assert may_reply <= READ_MODEL.handlers.keys()


def test_every_record_of_lessons_stays() -> None:
    story = a_whole_story()

    case = rows(story)

    assert len(case.rows(LESSONS)) == 2
    (prevention,) = case.rows(PREVENTIONS)
    assert (prevention["effect"], prevention["done_on"] is not None) == ("effective", True)


def test_an_imported_case_stays_apart_and_shows_that_it_went_on() -> None:
    story = an_imported_story(Status.REPORTED)
    untouched = rows(story).rows(IMPORTED)[0]["went_on"]

    story.to(Status.CONFIRMED)

    case = rows(story)
    assert not untouched
    assert case.rows(CASES) == []
    (row,) = case.rows(IMPORTED)
    assert (row["went_on"], row["status"]) == (True, "confirmed")


def test_an_entry_that_is_silent_takes_nothing_back() -> None:
    story = an_imported_story(Status.CLOSED)
    story.take("note_imported_entry", timely=False, reopen_count=2)
    story.take("note_imported_entry", timely=None, reopen_count=None)

    (row,) = rows(story).rows(IMPORTED)

    assert (row["timely"], row["reopen_count"], row["went_on"]) == (False, 2, False)
