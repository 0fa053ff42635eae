"""What every step asks for: a role, a clock, and who is speaking."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest

from domain import errors
from domain.lifecycle import TABLE, Step
from domain.values import ActorKind, Role, Status, Via
from tests.domain.refusing import refused
from tests.given import BEGAN_AT, Story, circumstances, circumstances_for
from tests.given_ready import a_story_ready_for

CHINA = timezone(timedelta(hours=8))
EVERY_ROLE = frozenset(Role)


@pytest.mark.parametrize("step", TABLE, ids=lambda step: step.command)
def test_every_role_but_those_of_the_table_is_refused(step: Step) -> None:
    status = min(step.allowed_in, default=Status.REPORTED)
    story = a_story_ready_for(step.command, status)

    refusal = refused(story, step.command, circumstances("bob", EVERY_ROLE - step.roles))

    assert isinstance(refusal, errors.RoleNotAllowed)
    assert refusal.params == {"step": step.command, "needs": sorted(step.roles)}


@pytest.mark.parametrize("step", TABLE, ids=lambda step: step.command)
@pytest.mark.parametrize("role", Role)
def test_each_single_role_of_the_table_is_enough(step: Step, role: Role) -> None:
    if role not in step.roles:
        return
    story = a_story_ready_for(step.command, min(step.allowed_in, default=Status.REPORTED))

    at = BEGAN_AT + timedelta(hours=story.case.version)
    at = circumstances_for(step.command, at).now
    event = story.take(step.command, circumstances("bob", [role], at))

    assert event.actor.id == "bob"


def test_a_step_may_be_told_late_but_not_ahead_of_time() -> None:
    story = Story().to(Status.REPORTED)
    much_later = BEGAN_AT + timedelta(days=400)

    event = story.take("acknowledge", circumstances(at=much_later, occurred_at=BEGAN_AT))
    refusal = refused(
        story, "acknowledge", circumstances(occurred_at=BEGAN_AT + timedelta(seconds=301))
    )

    assert event.occurred_at == BEGAN_AT
    assert isinstance(refusal, errors.OccurredInFuture)
    assert refusal.params == {"field": "occurred_at", "tolerance_seconds": 300}


def test_five_minutes_ahead_is_a_clock_that_is_wrong() -> None:
    story = Story().to(Status.REPORTED)

    story.take("acknowledge", circumstances(occurred_at=BEGAN_AT + timedelta(seconds=300)))

    assert len(story.case.acknowledgements) == 1


def test_times_are_kept_in_utc() -> None:
    story = Story().to(Status.REPORTED)
    here = datetime(2026, 11, 2, 17, 3, tzinfo=CHINA)

    event = story.take("acknowledge", circumstances(occurred_at=here))

    assert event.occurred_at == here
    assert event.occurred_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("occurred_at", "reason"),
    [
        (datetime(2026, 11, 2, 8, 30), "no_offset"),  # noqa: DTZ001
        (datetime.min.replace(tzinfo=CHINA), "year_out_of_range"),
        (datetime.max.replace(tzinfo=timezone(-timedelta(hours=8))), "year_out_of_range"),
    ],
)
def test_a_time_that_is_no_instant_is_refused(occurred_at: datetime, reason: str) -> None:
    story = Story().to(Status.REPORTED)

    refusal = refused(story, "acknowledge", circumstances(occurred_at=occurred_at))

    assert isinstance(refusal, errors.InvalidValue)
    assert refusal.params == {"field": "occurred_at", "reason": reason}


def test_an_event_names_its_actor_its_door_and_its_conversation() -> None:
    story = Story().to(Status.REPORTED)
    by = circumstances("cleo", via=Via.CLI, correlation_id="c-9", causation_id="e-8")

    event = story.take("assign", by)

    assert (event.actor.id, event.actor.kind, event.via) == ("cleo", ActorKind.PERSON, Via.CLI)
    assert (event.correlation_id, event.causation_id) == ("c-9", "e-8")
    assert (event.case_id, event.version, event.subject_ref) == (story.case.id, 2, "K-1001")


@pytest.mark.parametrize(
    "given", [{"correlation_id": ""}, {"correlation_id": "x" * 129}, {"causation_id": "a\x00"}]
)
def test_a_conversation_has_a_storable_name(given: dict[str, Any]) -> None:
    refusal = refused(Story().to(Status.REPORTED), "assign", circumstances(**given))

    assert isinstance(refusal, errors.InvalidValue)
    assert [refusal.params["field"]] == list(given)


def test_an_id_of_text_is_no_id() -> None:
    refusal = refused(Story().to(Status.ANALYSED), "merge_into", into_case_id=str(uuid4()))

    assert refusal.params == {"field": "into_case_id", "reason": "wrong_type"}
