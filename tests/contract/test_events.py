"""Events, steps, rememberings, kinds and books: where two lists must agree."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import pytest

from domain import events
from domain.events import ENVELOPE, CaseEvent
from domain.kinds import PLAIN_TYPES, Between, CodeOf, Kind, Shape, TextLimit, fields_of
from domain.lifecycle import STEP_OF_EVENT, STEPS, TABLE, Step
from domain.personal import PersonalText
from domain.reference_books import CURRENT_EDITION, edition
from domain.remembering import REMEMBER
from domain.values import Status
from tests.every_event import one_of_each
from tests.given_details import DETAILS

BOOKS_NO_FIELD_NAMES = {
    "actor_kinds": "the enum ActorKind",
    "alarm_grounds": "named by the record AlarmClosed",
    "alarm_levels": "named by the record AlarmRaised",
    "alarm_targets": "when alarms are due as work",
    "authority_matrix": "asked by the decision gate",
    "cost_benefit_quadrants": "an attribute for priority (S19)",
    "feasibility_dimensions": "the fields of Feasibility",
    "follow_up_cycles": "follows from the customer's tier (S52)",
    "impact_coefficients": "estimates what a case does to the company's name (S21)",
    "hold_grounds": "named by the record LegalHoldPlaced",
    "hold_release_grounds": "named by the record LegalHoldReleased",
    "indicators": "named by the record AlarmRaised",
    "journey_stages": "the parents of the touchpoints",
    "prevention_states": "follows from the prevention events",
    "retention_periods": "when the data of ended cases is erased",
    "survey_occasions": "the enum SurveyOccasion",
    "rfm_segments": "an attribute for priority (S19)",
    "roles": "the enum Role",
    "statuses": "the enum Status",
    "emotion_words": "what the built-in classifier listens for (S10)",
    "risk_bands": "follows from a customer's score (S56)",
    "risk_indicators": "named by the record IndicatorSupplied",
    "risk_scores": "what a customer's score needs (S56)",
    "risk_units": "named by the book risk_indicators",
    "severity_routes": "what a severity asks for, see domain.routes (S39)",
    "warning_rules": "named by the record AlarmRaised",
    "warning_scopes": "named by the record AlarmRaised",
    "audit_figures": "named by the record AuditFiguresRecorded",
    "corrective_results": "named by the record CorrectiveActionVerified",
    "improvement_measures": "named by the record ReviewHeld",
    "review_findings": "named by the record ReviewHeld",
    "review_kinds": "named by the record ReviewOpened",
    "review_parties": "named by the record ReviewHeld",
    "review_sources": "what a review looks at (S64)",
}
"""Books that no event's field takes its codes from, and what they are for."""

WORDS_OF_THE_SERVICE = {"Actor.id", "SolutionChosen.approval_reasons"}
"""Texts without a limit, since no caller supplies them."""
NUMBERS_OF_THE_DOMAIN = {
    "CaseEvent.originator_version",
    "CaseImported.edition",
    "ComparedSolution.feasibility_total",
    "ComparedSolution.highest_risk",
    "ConflictReported.edition",
    "ConflictAnalysed.attempt",
    "CaseReopened.attempt",
    "PlanRevised.revision",
}

each_event = pytest.mark.parametrize("event", events.ALL, ids=lambda event: event.NAME)
each_step = pytest.mark.parametrize("step", TABLE, ids=lambda step: step.command)


def owners(owner: type) -> Iterator[type]:
    """The class itself and every nested value class inside it."""
    yield owner
    for field in fields_of(owner):
        if is_dataclass(field.kind.base):
            yield from owners(field.kind.base)


def qualified(owner: type, name: str) -> str:
    """A field's name with the class that declares it, e.g. `CaseEvent.actor`."""
    declared_in = (c for c in reversed(owner.__mro__) if name in vars(c).get("__annotations__", {}))
    return f"{next(declared_in).__name__}.{name}"


ALL_OWNERS = sorted({o for event in events.ALL for o in owners(event)}, key=lambda o: o.__name__)
ALL_FIELDS = {
    qualified(owner, field.name): field.kind for owner in ALL_OWNERS for field in fields_of(owner)
}

each_field = pytest.mark.parametrize(("name", "kind"), ALL_FIELDS.items(), ids=list(ALL_FIELDS))


def snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


# Events, steps and rememberings


def test_every_event_is_told_by_one_step_and_every_step_tells_one_event() -> None:
    assert {step.event for step in TABLE} == set(events.ALL)
    assert len(TABLE) == len(STEPS) == len(STEP_OF_EVENT) == len(events.ALL)


def test_every_event_has_its_remembering() -> None:
    assert list(REMEMBER) == list(events.ALL)


def test_every_command_has_details_in_the_tests() -> None:
    assert list(DETAILS) == list(STEPS)


def test_the_stories_of_the_tests_tell_every_event() -> None:
    assert set(one_of_each()) == set(events.ALL)


@each_event
def test_an_event_is_stored_under_its_own_name(event: type[CaseEvent]) -> None:
    assert snake_case(event.__name__) == event.NAME
    assert events.BY_NAME[event.NAME] is event
    assert isinstance(event.SCHEMA, int)
    assert event.SCHEMA >= 1


@each_event
def test_an_event_says_in_a_sentence_what_happened(event: type[CaseEvent]) -> None:
    assert event.__doc__
    assert event.__doc__.split("\n")[0].endswith(".")


@pytest.mark.parametrize("owner", ALL_OWNERS, ids=lambda owner: owner.__name__)
def test_what_is_recorded_cannot_be_changed_and_is_named(owner: type) -> None:
    assert owner.__dataclass_params__.frozen
    assert all(field.kw_only for field in fields(owner))


@each_step
def test_decided_fields_are_fields_of_the_event_and_never_empty_once_recorded(step: Step) -> None:
    own = {field.name: field for field in fields_of(step.event)}
    recorded = one_of_each()[step.event]

    assert set(step.decides) <= set(own) - ENVELOPE
    for name in step.decides:
        assert own[name].required
        assert not own[name].kind.optional
        assert getattr(recorded, name) is not None


@each_step
def test_a_step_leads_one_way(step: Step) -> None:
    """A status in the row, or one in the event, or none: never two that could differ."""
    has_its_own = "leads_to" in {field.name for field in fields_of(step.event)}

    assert not (has_its_own and step.leads_to)
    assert not step.begins_a_case or has_its_own or step.leads_to


@each_step
def test_a_step_is_for_somebody(step: Step) -> None:
    assert step.roles


# Kinds


@each_field
def test_every_field_is_of_a_kind_that_is_checked(name: str, kind: Kind) -> None:
    assert (
        kind.base in PLAIN_TYPES
        or is_dataclass(kind.base)
        or issubclass(kind.base, PersonalText | StrEnum)
    )


@each_field
def test_every_text_has_a_limit_a_shape_or_a_book(name: str, kind: Kind) -> None:
    if kind.base is str and name not in WORDS_OF_THE_SERVICE:
        assert sum(bool(kind.mark(mark)) for mark in (TextLimit, Shape, CodeOf)) == 1
    if issubclass(kind.base, PersonalText):
        assert kind.mark(TextLimit)


@each_field
def test_every_number_has_its_bounds(name: str, kind: Kind) -> None:
    if kind.base in (int, Decimal) and name not in NUMBERS_OF_THE_DOMAIN:
        assert kind.mark(Between)


def test_the_exceptions_from_limits_exist() -> None:
    assert set(ALL_FIELDS) >= WORDS_OF_THE_SERVICE | NUMBERS_OF_THE_DOMAIN


def test_what_may_be_left_out_is_unknown_or_an_empty_list() -> None:
    for owner in ALL_OWNERS:
        kinds = {field.name: field for field in fields_of(owner)}
        for field in fields(owner):
            if not kinds[field.name].required:
                assert field.default == (() if kinds[field.name].kind.many else None), field
            assert kinds[field.name].kind.optional <= (not kinds[field.name].required), field


# Books


def test_every_book_is_named_by_a_field_or_has_another_purpose() -> None:
    named = {mark.book for kind in ALL_FIELDS.values() if (mark := kind.mark(CodeOf))}
    books = set(edition(CURRENT_EDITION).books)

    assert named <= books
    assert books - named == set(BOOKS_NO_FIELD_NAMES)


def test_a_status_that_a_step_may_lead_to_is_a_field_of_that_kind_alone() -> None:
    kinds = {kind.base for name, kind in ALL_FIELDS.items() if name.endswith(".leads_to")}

    assert kinds == {Status}


def test_every_instant_in_an_event_has_an_offset() -> None:
    for event in one_of_each().values():
        for field in fields(event):
            value = getattr(event, field.name)
            if isinstance(value, datetime):
                assert value.utcoffset() is not None
