"""Terms, waiting, minutes, warnings and breaches of service clocks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain import errors
from domain.events import ConflictReported
from domain.kinds import fields_of
from domain.lifecycle import OPEN
from domain.values import Role, Status
from tests.domain.refusing import refused
from tests.domain.steps.times import at
from tests.given import BEGAN_AT, Story, circumstances

TIMER = {Role.ADMIN}
NO_TERMS = dict.fromkeys(
    ("urgency", "request_kind", "customer_tier", "regulation", "calendar", "reason")
)


def after(**duration: float):
    """The timer, so long after the report."""
    return circumstances("timer", TIMER, BEGAN_AT + timedelta(**duration))


def a_reported_story(**changes) -> Story:
    story = Story()
    story.take("report", **changes)
    return story


def run(story: Story, clock: str, **duration: float):
    """The newest run of a clock, so long after the report."""
    runs = story.case.clock_runs(BEGAN_AT + timedelta(**duration))
    return [run for run in runs if run.clock == clock][-1]


# Terms


def test_a_report_states_what_its_targets_depend_on() -> None:
    story = a_reported_story(channel="chat", urgency=None, request_kind=None)

    assert story.case.terms == {
        "channel": "chat",
        "urgency": "normal",
        "request_kind": "ordinary",
        "tier": "silver",
    }
    assert run(story, "first_reply").rule == "chat_ordinary"


def test_terms_are_set_one_by_one() -> None:
    story = a_reported_story()

    story.take("set_service_terms", **{**NO_TERMS, "customer_tier": "gold"})
    story.take("set_service_terms", **{**NO_TERMS, "regulation": "eu_psd2"})

    assert story.case.terms["tier"] == "gold"
    assert story.case.terms["regulation"] == "eu_psd2"
    assert run(story, "solution_plan").rule == "gold_express"


def test_setting_terms_names_at_least_one() -> None:
    refusal = refused(a_reported_story(), "set_service_terms", **NO_TERMS)

    assert isinstance(refusal, errors.NoTermsGiven)


def test_confirming_states_the_severity() -> None:
    story = Story().to(Status.CONFIRMED)

    assert story.case.terms["severity"] == "minor"


def test_a_case_of_the_first_edition_has_no_clocks_and_takes_no_newer_codes() -> None:
    story = a_reported_story()
    story.events[0] = first = replace_edition(story.events[0], 1)
    story.case = type(story.case).folded(story.case.id, [first])

    refusal = refused(story, "set_service_terms", **{**NO_TERMS, "regulation": "eu_psd2"})

    assert story.case.clock_runs(BEGAN_AT) == ()
    assert isinstance(refusal, errors.InvalidValue)
    assert refusal.params == {"field": "regulation", "reason": "unknown_code"}


def replace_edition(report: ConflictReported, edition: int) -> ConflictReported:
    told = {own.name: getattr(report, own.name) for own in fields_of(type(report))}
    return ConflictReported(**{**told, "edition": edition})


# Waiting


@pytest.mark.parametrize("status", sorted(OPEN))
def test_clocks_rest_while_the_customer_is_awaited(status: Status) -> None:
    story = Story().to(status).after("await_customer")

    assert story.case.awaits_customer

    story.take("hear_customer")

    assert not story.case.awaits_customer


def test_waiting_stops_the_time_of_a_plan() -> None:
    story = a_reported_story()

    story.take("await_customer", at(hours=1))
    paused = run(story, "first_plan", hours=20)
    story.take("hear_customer", at(hours=21))
    going_on = run(story, "first_plan", hours=22)

    assert (paused.state, paused.remaining) == ("paused", timedelta(hours=47))
    assert going_on.due_at == BEGAN_AT + timedelta(hours=68)


@pytest.mark.parametrize(
    ("command", "changes"), [("log_interaction", {}), ("hear_customer", {"text": None})]
)
def test_any_word_of_the_customer_ends_the_wait(command: str, changes: dict[str, None]) -> None:
    story = a_reported_story()
    story.take("await_customer")

    story.take(command, **changes)

    assert not story.case.awaits_customer
    assert isinstance(refused(story, "hear_customer"), errors.NotAwaitingCustomer)


def test_our_own_call_does_not_end_the_wait() -> None:
    story = a_reported_story()
    story.take("await_customer")

    story.take("log_interaction", direction="outbound")

    assert isinstance(refused(story, "await_customer"), errors.AlreadyAwaitingCustomer)


@pytest.mark.parametrize(
    ("direction", "replied"), [("outbound", True), ("internal", False), ("third_party", False)]
)
def test_only_what_we_say_to_the_customer_is_a_reply(direction: str, replied: bool) -> None:
    story = a_reported_story(channel="phone")

    story.take("log_interaction", direction=direction)

    assert (run(story, "first_reply", hours=2).stopped_at is not None) is replied


# Minutes


def test_a_meeting_owes_minutes_until_they_are_sent() -> None:
    story = a_reported_story().after("assign")
    story.take("log_interaction", channel="video_call")
    owed = run(story, "minutes", hours=3)

    story.take("send_minutes")

    assert owed.due_at == BEGAN_AT + timedelta(hours=2 + 24)
    assert run(story, "minutes", days=9).state == "met"


# Warnings and breaches


def test_a_breach_is_recorded_with_its_rule_and_due_time() -> None:
    story = a_reported_story(urgency="urgent")

    event = story.take("miss_deadline", after(minutes=30, seconds=1), clock="first_reply", run=1)

    assert (event.rule, event.due_at) == ("reply_urgent", BEGAN_AT + timedelta(minutes=30))


def test_a_breach_shows_from_the_event_on_that_records_it() -> None:
    story = a_reported_story(urgency="urgent")
    due = at(minutes=30).now
    later = BEGAN_AT + timedelta(minutes=31)
    before = run(story, "first_reply", minutes=30)

    by = circumstances("timer", TIMER, later, occurred_at=due)
    story.take("miss_deadline", by, clock="first_reply", run=1)

    shown = run(story, "first_reply", minutes=30)
    assert (before.state, before.missed_at) == ("running", None)
    assert (shown.state, shown.missed_at) == ("missed", due)
    assert story.case.updated_at == due


@pytest.mark.parametrize("minutes", [0, 20, 30])
def test_a_breach_is_not_recorded_before_it_happened(minutes: int) -> None:
    story = a_reported_story(urgency="urgent")

    refusal = refused(story, "miss_deadline", after(minutes=minutes), clock="first_reply", run=1)

    assert isinstance(refusal, errors.DeadlineNotReached)


def test_what_was_met_is_no_breach() -> None:
    story = a_reported_story(urgency="urgent")
    story.take("acknowledge", at(minutes=30))

    refusal = refused(story, "miss_deadline", after(days=1), clock="first_reply", run=1)

    assert isinstance(refusal, errors.DeadlineNotReached)


def test_a_breach_is_recorded_even_if_the_reply_came_before_the_timer() -> None:
    story = a_reported_story(urgency="urgent")
    story.take("acknowledge", at(minutes=31))

    story.take("miss_deadline", after(days=1), clock="first_reply", run=1)

    assert len(story.case.deadlines_missed) == 1


@pytest.mark.parametrize("command", ["warn_deadline", "miss_deadline"])
def test_nothing_is_recorded_twice(command: str) -> None:
    story = a_reported_story(urgency="urgent")
    at = after(minutes=25) if command == "warn_deadline" else after(minutes=31)
    story.take(command, at, clock="first_reply", run=1)

    refusal = refused(story, command, at, clock="first_reply", run=1)

    assert isinstance(refusal, errors.DeadlineAlreadyRecorded)


def test_a_warning_comes_in_its_time_only() -> None:
    story = a_reported_story(urgency="urgent")
    named = {"clock": "first_reply", "run": 1}

    early = refused(story, "warn_deadline", after(minutes=19, seconds=59), **named)
    event = story.take("warn_deadline", after(minutes=20), **named)

    assert isinstance(early, errors.DeadlineNotReached)
    assert event.due_at == BEGAN_AT + timedelta(minutes=30)


def test_nobody_is_warned_of_what_was_missed() -> None:
    story = a_reported_story(urgency="urgent")

    refusal = refused(story, "warn_deadline", after(minutes=31), clock="first_reply", run=1)

    assert isinstance(refusal, errors.DeadlineNotReached)


@pytest.mark.parametrize(("clock", "number"), [("survey", 1), ("first_reply", 2)])
def test_a_run_that_the_case_does_not_have_is_refused(clock: str, number: int) -> None:
    story = a_reported_story()

    refusal = refused(story, "miss_deadline", after(days=9), clock=clock, run=number)

    assert isinstance(refusal, errors.UnknownClockRun)


def test_a_reopened_case_runs_again_and_keeps_its_breach() -> None:
    story = a_reported_story(urgency="urgent").to(Status.RESOLVED)
    story.take("miss_deadline", clock="first_reply", run=1)

    story.take("reopen")

    runs = [
        r for r in story.case.clock_runs(BEGAN_AT + timedelta(days=9)) if r.clock == "first_reply"
    ]
    assert [(r.number, r.state) for r in runs] == [(1, "missed"), (2, "missed")]
    assert runs[0].missed_at == BEGAN_AT + timedelta(minutes=30)
