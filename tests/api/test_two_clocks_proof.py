"""A thousand random (case, instant) pairs on both clocks equal what was shown at that instant."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from urllib.parse import urlencode
from uuid import UUID

import pytest

from api.case_json import case_json
from api.case_labels import add_labels
from api.json_body import encode
from api.rendering import Reader
from api.witness import Witness
from domain.conflict_case import ConflictCase
from domain.errors import Refusal
from domain.values import Role
from service.assembly import Service
from service.conflict_cases import Taken
from service.instants import Instants
from service.mapper import LoggedEvent
from tests.api.conftest import Callers, Json, shown
from tests.api.test_errors import assert_problem
from tests.given import STAGES, WAY_TO, circumstances_for, details_for, steps_from
from tests.late_lives import some_instants

SEED = 20261122
CASES = 25
STEPS_TRIED = 60
PAIRS = 1_000
BEGAN = datetime(2026, 3, 1, 8, tzinfo=UTC)
HANDLER = frozenset({Role.HANDLER.value})
OF_NOW = ("allowed_steps", "links")
"""What only an answer about the present has to offer."""
LEFT_OUT = {
    "report",
    "import_record",
    "note_imported_entry",
    "merge_into",
    "unmerge",
    "erase_personal_data",
}


@dataclass
class Life:
    """A case on its way, by a clock of its own, and the case as it stood after each event."""

    dice: Random
    now: datetime
    states: list[Taken] = field(default_factory=list)
    history: list[LoggedEvent] = field(default_factory=list)

    @property
    def case(self) -> ConflictCase:
        return self.states[-1].case

    def next_step(self) -> str:
        """Mostly one that leads on, else one that the status allows."""
        if self.case.status in STAGES[:-1] and self.dice.random() < 0.6:
            following = STAGES[STAGES.index(self.case.status) + 1]
            return self.dice.choice(WAY_TO[following])
        return self.dice.choice([step.command for step in steps_from(self.case.status)])

    def occurred_at(self) -> datetime | None:
        """One in three is recorded late: it occurred at any time since the report."""
        began = self.case.began_at or self.now
        return (
            began + self.dice.random() * (self.now - began) if self.dice.random() < 0.33 else None
        )


def live(service: Service, dice: Random) -> Life:
    """Take random steps through the service; what is refused leaves nothing behind."""
    life = Life(dice, BEGAN + timedelta(hours=dice.randrange(4_000)))
    details = details_for("report", ConflictCase(UUID(int=0))) | {"source": None}
    by = circumstances_for("report", life.now)
    life.states.append(service.cases.begin("report", details, by))
    for _ in range(STEPS_TRIED):
        life.now += timedelta(minutes=dice.randrange(1, 2_000))
        command = life.next_step()
        if command not in LEFT_OUT:
            _try(service, life, command)
    life.history += service.cases.history(life.case.id)
    return life


def _try(service: Service, life: Life, command: str) -> None:
    case = life.case
    by = replace(circumstances_for(command, life.now), occurred_at=life.occurred_at())
    try:
        details = details_for(command, case)
        taken = service.cases.take_step(
            case.id, command, details, expected_version=case.version, by=by
        )
    except Refusal:
        return
    life.states.append(taken)


def expected(life: Life, instants: Instants) -> tuple[str, Json | None]:
    """How the case's state at an instant was found, and what it showed; None where it was not."""
    seen = [
        logged.event
        for logged in life.history
        if instants.cover(logged.event.occurred_at, logged.recorded_at)
    ]
    versions = [event.version for event in seen]
    if not versions or versions[0] != 1:
        return "not there", None
    if versions == list(range(1, len(versions) + 1)):
        return "stored", as_shown(life.states[len(versions) - 1].case, instants)
    return "with gaps", as_shown(ConflictCase.folded(life.case.id, seen), instants)


def as_shown(case: ConflictCase, instants: Instants) -> Json:
    """The case as its answer shows it to a handler at that instant."""
    assert instants.seen_at is not None
    reader = Reader(HANDLER, Witness())
    answer = add_labels(case_json(case, reader, instants.seen_at), "en")
    found: Json = json.loads(encode(answer))
    return found


@pytest.fixture(scope="module")
def lives(callers: Callers) -> list[Life]:
    service: Service = callers.admin.app.extensions["amends"].service
    dice = Random(SEED)
    return [live(service, dice) for _ in range(CASES)]


def random_instants(life: Life, dice: Random) -> Instants:
    """On one clock or on both, near the times of the case's events."""
    (as_of,) = some_instants((each.event.occurred_at for each in life.history), dice, 1)
    (known_at,) = some_instants((each.recorded_at for each in life.history), dice, 1)
    if dice.random() < 0.3:
        as_of += dice.random() * timedelta(days=20)
    return dice.choice([Instants(as_of), Instants(known_at=known_at), Instants(as_of, known_at)])


def test_a_thousand_pairs_equal_the_state_of_then(callers: Callers, lives: list[Life]) -> None:
    dice, found = Random(SEED), Counter[str]()
    for _ in range(PAIRS):
        life = dice.choice(lives)
        instants = random_instants(life, dice)

        asked = {"as_of": instants.as_of, "known_at": instants.known_at}
        query = urlencode({name: value.isoformat() for name, value in asked.items() if value})
        answer = callers.handler.get(f"/v1/cases/{life.case.id}?{query}")

        how, then = expected(life, instants)
        found[how] += 1
        if then is None:
            assert_problem(answer, 404, "case_not_found")
        else:
            told = shown(answer)
            assert {name: told[name] for name in told if name not in OF_NOW} == then, asked

    assert sum(found.values()) == PAIRS
    # The steps that there are decide what the dice lead to, so these are far from what is found.
    assert found["stored"] > PAIRS // 5
    assert found["with gaps"] > PAIRS // 10
    assert found["not there"] > 0


def test_the_lives_are_long_and_come_far(lives: list[Life]) -> None:
    lengths = [len(life.states) for life in lives]

    assert sum(lengths) > 15 * CASES
    assert len({state.case.status for life in lives for state in life.states}) >= len(STAGES)
