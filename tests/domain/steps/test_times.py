"""When things can have happened: from the report on, and not in the future."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from domain import errors, events
from domain.errors import Refusal
from domain.events import ENVELOPE
from domain.kinds import fields_of
from domain.lifecycle import STEPS, TABLE
from domain.times import fields_ahead, past_fields
from domain.values import Agreement, Status
from tests.details.solving import plan
from tests.domain.refusing import refused
from tests.given import BEGAN_AT, Story, an_imported_story, circumstances, circumstances_for
from tests.given_ready import a_learned_story, a_story_ready_for

A_DAY = timedelta(days=1)
AHEAD = {
    "solution_proposed.steps.due",
    "plan_revised.steps.due",
    "prevention_planned.due_on",
    "director_plan_delivered.steps.due",
    "case_escalated.due",
    "minutes_sent.next_meeting_at",
    "commitment_made.due_at",
    "delay_disclosed.expected_at",
}
DECIDED = {
    "deadline_warned.due_at",
    "deadline_missed.due_at",
    "commitment_broken.due_at",
    "reminder_given.due_at",
    "delay_disclosed.due_at",
}
AS_AGREED = {"commitment_made.agreement.at", "commitment_withdrawn.agreement.at"}
AS_THE_CASE_SAYS = {"emotion_recognised.said_at"}
AS_THE_SOURCE_SAYS = {"case_imported.received_on", "case_imported.forwarded_on"}


def times_of(owner: type) -> Iterator[str]:
    """The paths of all fields that hold a time or a day, those of the envelope left out."""
    for own in fields_of(owner):
        if own.kind.is_nested:
            yield from (f"{own.name}.{path}" for path in times_of(own.kind.base))
        elif own.name not in ENVELOPE and issubclass(own.kind.base, date):
            yield own.name


def paths_ahead(owner: type) -> Iterator[str]:
    """The paths of the fields that must lie ahead of their step, those inside lists too."""
    for own in fields_of(owner):
        if own.name in fields_ahead(owner) and own.kind.is_nested:
            yield from (f"{own.name}.{path}" for path in paths_ahead(own.kind.base))
        elif own.name in fields_ahead(owner):
            yield own.name


def agreed(at: datetime) -> Agreement:
    return Agreement(agreed=True, at=at, channel="phone")


@pytest.mark.parametrize("step", TABLE, ids=lambda step: step.command)
def test_nothing_occurred_before_the_report_but_contacts_and_what_a_source_says(step) -> None:
    if step.begins_a_case:
        return
    story = a_story_ready_for(step.command, min(step.allowed_in))
    before = circumstances_for(step.command, BEGAN_AT + timedelta(hours=story.case.version))
    earlier = BEGAN_AT - timedelta(days=9000)
    by = type(before)(**{**vars(before), "occurred_at": earlier})

    if step.command in ("log_interaction", "note_imported_entry", "recognise_emotion"):
        assert story.take(step.command, by).occurred_at == earlier
    else:
        refusal = refused(story, step.command, by)
        assert isinstance(refusal, errors.OccurredBeforeReport)
        assert refusal.params["field"] == "occurred_at"


def test_a_step_may_have_occurred_with_the_report_itself() -> None:
    story = Story().to(Status.REPORTED)

    event = story.take("acknowledge", circumstances(occurred_at=BEGAN_AT))
    refusal = refused(
        story, "acknowledge", circumstances(occurred_at=BEGAN_AT - timedelta(microseconds=1))
    )

    assert event.occurred_at == BEGAN_AT
    assert refusal.params == {"field": "occurred_at", "reported_at": BEGAN_AT}


def test_a_step_may_be_told_after_a_later_one() -> None:
    story = Story().to(Status.CONFIRMED)
    between = BEGAN_AT + timedelta(minutes=30)

    event = story.take("escalate", circumstances(at=BEGAN_AT + A_DAY, occurred_at=between))

    assert event.occurred_at < story.events[-2].occurred_at


def test_an_imported_case_began_on_the_day_its_source_received_it() -> None:
    story = an_imported_story(Status.REPORTED)
    received = datetime(2014, 10, 30, tzinfo=UTC)

    event = story.take("acknowledge", circumstances(occurred_at=received))
    refusal = refused(story, "acknowledge", circumstances(occurred_at=received - A_DAY))

    assert event.occurred_at == received
    assert isinstance(refusal, errors.OccurredBeforeReport)


@pytest.mark.parametrize("ahead", [timedelta(minutes=6), A_DAY * 26_000])
def test_nobody_has_agreed_in_the_future(ahead: timedelta) -> None:
    story = Story().to(Status.REPORTED)
    by = circumstances(at=BEGAN_AT + A_DAY)

    refusal = refused(story, "confirm", by, agreement=agreed(by.now + ahead))

    assert isinstance(refusal, errors.DoneInFuture)
    assert refusal.params == {"field": "agreement.at"}


def test_a_confirmation_told_late_does_not_come_before_the_agreement() -> None:
    story = Story().to(Status.REPORTED)
    by = circumstances(at=BEGAN_AT + A_DAY * 9, occurred_at=BEGAN_AT + A_DAY)

    refusal = refused(story, "confirm", by, agreement=agreed(BEGAN_AT + A_DAY * 2))

    assert isinstance(refusal, errors.DoneInFuture)


def test_a_report_may_be_entered_within_a_day_of_the_talk_and_no_later() -> None:
    story = Story().to(Status.REPORTED)
    by = circumstances(at=BEGAN_AT + timedelta(hours=1))

    refusal = refused(story, "confirm", by, agreement=agreed(BEGAN_AT - A_DAY * 1.01))
    event = story.take("confirm", by, agreement=agreed(BEGAN_AT - A_DAY))

    assert isinstance(refusal, errors.DoneBeforeReport)
    assert refusal.params == {"field": "agreement.at", "reported_at": BEGAN_AT}
    assert event.agreement.at == BEGAN_AT - A_DAY


@pytest.mark.parametrize(
    ("command", "field"), [("complete_prevention", "done_on"), ("hold_training", "held_on")]
)
@pytest.mark.parametrize(
    ("day", "refusal_type"),
    [
        (date(2031, 1, 1), errors.DoneInFuture),
        (date(2026, 12, 12), errors.DoneInFuture),
        (date(2026, 12, 11), None),
        (date(2026, 12, 10), None),
        (date(2026, 11, 1), None),
        (date(2026, 10, 31), errors.DoneBeforeReport),
        (date(1950, 1, 1), errors.DoneBeforeReport),
    ],
)
def test_what_is_done_lies_between_report_and_today_wherever_today_has_begun(
    command: str, field: str, day: date, refusal_type: type[Refusal] | None
) -> None:
    story = a_learned_story(Status.CLOSED).after("plan_prevention")
    by = circumstances(at=datetime(2026, 12, 10, 10, 0, tzinfo=UTC))

    if refusal_type is None:
        assert getattr(story.take(command, by, **{field: day}), field) == day
    else:
        refusal = refused(story, command, by, **{field: day})
        assert type(refusal) is refusal_type
        assert refusal.params["field"] == field


SETTING = [
    ("escalate", {"due": BEGAN_AT}, "due"),
    ("escalate", {"due": datetime(2020, 1, 1, tzinfo=UTC)}, "due"),
    ("make_commitment", {"due_at": BEGAN_AT}, "due_at"),
    ("send_minutes", {"next_meeting_at": BEGAN_AT}, "next_meeting_at"),
    ("plan_prevention", {"due_on": date(2026, 10, 31)}, "due_on"),
    ("disclose_delay", {"expected_at": BEGAN_AT}, "expected_at"),
    ("propose_solution", {"steps": plan("a", "b", since=BEGAN_AT - A_DAY)}, "steps.0.due"),
    ("revise_plan", {"steps": (*plan("a"), *plan("b", since=BEGAN_AT - A_DAY))}, "steps.1.due"),
    ("deliver_director_plan", {"steps": plan(since=BEGAN_AT - A_DAY)}, "steps.0.due"),
]


@pytest.mark.parametrize(("command", "changes", "field"), SETTING)
def test_what_a_step_sets_lies_ahead_of_it(
    command: str, changes: dict[str, object], field: str
) -> None:
    story = a_story_ready_for(command, min(STEPS[command].allowed_in))
    by = circumstances_for(command, BEGAN_AT)
    began = story.case.began_at

    refusal = refused(story, command, by, **changes)

    assert began == BEGAN_AT
    assert isinstance(refusal, errors.DueInPast)
    assert refusal.params == {"field": field}


def test_a_step_told_late_is_judged_by_its_own_time() -> None:
    story = Story().to(Status.REPORTED)
    by = circumstances(at=BEGAN_AT + A_DAY * 9, occurred_at=BEGAN_AT + A_DAY)

    event = story.take("escalate", by, due=BEGAN_AT + A_DAY * 2)

    assert event.due < by.now


@pytest.mark.parametrize(
    ("hours", "is_over"), [(0, False), (35.9, False), (36, True)], ids=["early", "west", "over"]
)
def test_a_day_may_be_set_until_it_is_over_everywhere(hours: float, is_over: bool) -> None:
    story = a_learned_story(Status.CLOSED)
    day = datetime(2026, 12, 10, tzinfo=UTC)
    by = circumstances(at=day + timedelta(hours=hours))

    if is_over:
        refusal = refused(story, "plan_prevention", by, due_on=day.date())
        assert isinstance(refusal, errors.DueInPast)
    else:
        assert story.take("plan_prevention", by, due_on=day.date()).due_on == day.date()


def test_every_time_that_a_step_tells_is_bounded_or_lies_ahead() -> None:
    """A new field of an event that holds a time or a day belongs to one of the two."""
    told = {f"{event.NAME}.{path}" for event in events.ALL for path in times_of(event)}
    bounded = {f"{event.NAME}.{path}" for event in events.ALL for path in past_fields(event)}

    ahead = {f"{event.NAME}.{path}" for event in events.ALL for path in paths_ahead(event)}

    assert ahead == AHEAD
    assert told - bounded - ahead == DECIDED | AS_AGREED | AS_THE_CASE_SAYS | AS_THE_SOURCE_SAYS
    assert bounded == {
        "conflict_confirmed.agreement.at",
        "prevention_completed.done_on",
        "training_held.held_on",
    }
