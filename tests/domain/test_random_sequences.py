"""Ten thousand random lives: no change without an event, and the events tell what was shown."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from domain import errors, events
from domain.circumstances import Circumstances
from domain.conflict_case import ConflictCase
from domain.errors import Refusal
from domain.events import CaseEvent
from domain.lifecycle import STEPS, TABLE
from domain.personal import StaffText
from domain.solution_values import Explained
from domain.values import Role, SatisfactionScore, Status
from tests.details.solving import feasibility, principles, remedy, risks
from tests.given import (
    BEGAN_AT,
    REMINDED_LATER,
    Details,
    Story,
    a_chosen_story,
    a_story_to,
    an_approved_story,
    an_imported_story,
    circumstances,
    details_for,
    steps_from,
)
from tests.given_ready import a_learned_story, a_story_with_a_broken_promise

SEQUENCES = 10_000
COMMANDS_EACH = 15
PEOPLE = ("ann", "bob", "cleo")
NOT_OF_DETAILS = {
    errors.RoleNotAllowed,
    errors.StepNotAllowed,
    errors.NotImported,
    errors.EvidenceMissing,
    errors.NoFailedSolution,
    errors.TooFewOptions,
    errors.FeasibilityIncomplete,
    errors.RiskUnassessed,
    errors.NothingChosen,
    errors.AlreadyApproved,
    errors.ApproverIsProposer,
    errors.ApproverIsChooser,
    errors.BeyondAuthority,
    errors.ApprovalMissing,
    errors.LessonsMissing,
    errors.AnswersUnknown,
    errors.AlreadyAwaitingCustomer,
    errors.NotAwaitingCustomer,
    errors.PromisesOpen,
    errors.NothingAsked,
}
"""What the case and the caller alone decide: a step that is offered never meets it."""
GARBAGE: tuple[Any, ...] = (None, "", "x" * 9000, -1, 99, True, (), "S9", "\x00", BEGAN_AT)


@dataclass
class Seen:
    """What the sequences came across, so that a walk that gets nowhere does not pass."""

    recorded: Counter[type[CaseEvent]] = field(default_factory=Counter)
    refused: Counter[type[Refusal]] = field(default_factory=Counter)
    statuses: Counter[Status] = field(default_factory=Counter)


@cache
def beginnings() -> tuple[tuple[CaseEvent, ...], ...]:
    """Histories to go on from: a new case, one in each status, and imported ones."""
    stories = [
        Story(),
        *map(a_story_to, Status),
        *map(an_imported_story, Status),
        Story().to(Status.RISK_ASSESSED).after("consult_customer"),
        a_chosen_story(),
        an_approved_story(),
        a_learned_story(Status.FOLLOWED_UP),
        a_story_with_a_broken_promise(Status.CONFIRMED),
    ]
    return tuple(tuple(story.events) for story in stories)


def a_random_command(case: ConflictCase, chance: random.Random) -> str:
    """Mostly one that the status allows, and mostly one that leads on."""
    allowed = [step.command for step in steps_from(case.status) if case.version]
    if allowed and chance.random() < 0.85:
        return chance.choice(allowed)
    return chance.choice(TABLE).command


def random_details(command: str, case: ConflictCase, chance: random.Random) -> Details:
    """Valid details, of which one in three is spoilt or changed within its limits."""
    details = details_for(command, case)
    if not details or chance.random() < 0.66:
        return details
    name = chance.choice(sorted(details))
    if chance.random() < 0.1:
        return {key: value for key, value in details.items() if key != name}
    return details | {name: chance.choice((*GARBAGE, *within_limits(name)))}


def within_limits(name: str) -> tuple[Any, ...]:
    """Other values that a field may well have."""
    return {
        "solution_id": ("S1", "S2", "S3"),
        "replaces": ("S1", "S2"),
        "answer": ("declined", "counter_offer"),
        "remedies": ((remedy("compensation", "450"),) * 2, (remedy("recall"),)),
        "leads_to": tuple(Status),
        "step_number": (1, 2, 3),
        "prevention_id": ("P1", "P2"),
        "satisfied": (False, None),
        "principles": (principles()[:5], principles(())),
        "alternatives_offered": ((),),
        "absent_reason": (StaffText("无"),),
        "conflict_subtype": ("wording",),
        "secondary_causes": (("process",),),
        "main_issue": (3,),
        "feasibility": (feasibility(time=None),),
        "risks": (risks(4, 4, None), risks()[:3]),
        "explained": (Explained(pros=True, cons=False, risks=True),),
        "score": (SatisfactionScore(scale="csat_1_5", value=9),),
    }.get(name, ())


def random_circumstances(case: ConflictCase, chance: random.Random) -> Circumstances:
    """Mostly somebody who may; who it is, is left to chance, as the four eyes must be."""
    roles = set(Role) if chance.random() < 0.9 else {chance.choice(list(Role))}
    at = BEGAN_AT + timedelta(hours=case.version)
    if chance.random() < 0.05:
        at += REMINDED_LATER
    shift = timedelta(minutes=chance.choice((*[0] * 17, -9000, 4, 6)))
    return circumstances(chance.choice(PEOPLE), roles, at, occurred_at=at + shift)


def tried(
    case: ConflictCase, command: str, details: Details, by: Circumstances
) -> CaseEvent | Refusal:
    try:
        return case.take(command, details, by)
    except Refusal as refusal:
        return refusal


def live(seed: int, seen: Seen) -> None:
    """One random life. `told` takes part only by the events that were recorded."""
    chance = random.Random(seed)
    history = chance.choice(beginnings())
    case_id = history[0].case_id if history else UUID(int=seed)
    case, told = (ConflictCase.folded(case_id, history) for _ in range(2))
    for _ in range(COMMANDS_EACH):
        command = a_random_command(case, chance)
        before = case.version
        details, by = random_details(command, case, chance), random_circumstances(case, chance)
        offered = STEPS[command] in case.allowed_steps(by)
        event = tried(case, command, details, by)
        if isinstance(event, Refusal):
            seen.refused[type(event)] += 1
            assert not offered or type(event) not in NOT_OF_DETAILS, f"seed {seed}: {event}"
        else:
            assert offered, f"seed {seed}: {command} was taken and not offered"
            assert type(event) is STEPS[command].event
            assert event.version == before + 1
            told.remember(event)
            seen.recorded[type(event)] += 1
        assert case == told, f"seed {seed}: after {command} the case is not what its events tell"
        seen.statuses[case.status] += 1


def test_ten_thousand_random_lives_change_nothing_without_an_event() -> None:
    seen = Seen()

    for seed in range(SEQUENCES):
        live(seed, seen)

    assert set(seen.recorded) == set(events.ALL)
    assert set(seen.statuses) == set(Status)
    assert len(seen.refused) > 25
