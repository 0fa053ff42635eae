"""A case at the version that records a breach: it happened at the due time, and shows as such."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import UUID

import pytest

from api.examples import body
from api.state_labels import CLOCK_STATES, PROMISE_STATES
from domain.circumstances import Circumstances
from domain.clocks.run import State
from domain.commitments import CommitmentState
from domain.values import Actor, ActorKind, Role, Via
from projections.engine import ProjectionEngine
from tests.api.conftest import REPORT, Callers, Json, ago, shown


@dataclass(frozen=True)
class Breach:
    """A case with a missed first reply or a broken promise, and the event that records it."""

    case: Json
    event: Json


def timer(callers: Callers, case: Json, step: str, details: Json, due_at: str) -> Breach:
    """Let a worker's timer record a breach, as of its due time."""
    by = Circumstances(
        actor=Actor(id="timer", kind=ActorKind.SYSTEM),
        roles=frozenset({Role.ADMIN}),
        now=datetime.now(UTC),
        occurred_at=datetime.fromisoformat(due_at),
        correlation_id=f"timer:{case['id']}",
        via=Via.TIMER,
    )
    front = callers.admin.app.extensions["amends"]
    front.cases.take_step(UUID(case["id"]), step, details, expected_version=None, by=by)
    events = shown(callers.auditor.get(f"/v1/cases/{case['id']}/events"))["items"]
    return Breach(case, events[-1])


@pytest.fixture
def missed(callers: Callers) -> Breach:
    case = callers.reporter.report({**REPORT, "occurred_at": ago(hours=5)})
    (due_at,) = (run["due_at"] for run in case["clocks"] if run["clock"] == "first_reply")
    return timer(callers, case, "miss_deadline", {"clock": "first_reply", "run": 1}, due_at)


@pytest.fixture
def broken(callers: Callers) -> Breach:
    case = callers.reporter.report({**REPORT, "occurred_at": ago(hours=3)})
    promise = {
        **body("make_commitment", "en"),
        "in_writing": False,
        "occurred_at": ago(hours=2),
        "due_at": ago(hours=1),
    }
    case = callers.handler.take(case, "make_commitment", promise)
    due_at = case["commitments"][0]["due_at"]
    return timer(callers, case, "break_commitment", {"commitment_id": "C1"}, due_at)


Query = Callable[[Breach], str]
OWN_VERSION: dict[str, Query] = {
    "now": lambda breach: "",
    "version": lambda breach: f"?version={breach.event['version']}",
    "as_of": lambda breach: f"?as_of={quote(breach.event['occurred_at'])}",
    "known_at": lambda breach: f"?known_at={quote(breach.event['recorded_at'])}",
}


@pytest.mark.parametrize("query", OWN_VERSION)
def test_a_missed_clock_is_missed_in_its_own_version(
    callers: Callers, missed: Breach, query: str
) -> None:
    path = f"/v1/cases/{missed.case['id']}{OWN_VERSION[query](missed)}"

    case = shown(callers.handler.get(path))

    (run,) = (run for run in case["clocks"] if run["clock"] == "first_reply")
    assert (run["state"], run["miss_recorded"]) == ("missed", True)
    assert run["missed_at"] == run["due_at"] == missed.event["occurred_at"]


@pytest.mark.parametrize("query", OWN_VERSION)
def test_a_broken_promise_is_broken_in_its_own_version(
    callers: Callers, broken: Breach, query: str
) -> None:
    path = f"/v1/cases/{broken.case['id']}{OWN_VERSION[query](broken)}"

    (promise,) = shown(callers.handler.get(path))["commitments"]

    assert (promise["state"], promise["disclose"]) == ("broken", False)


@pytest.mark.parametrize("breach", ["missed", "broken"])
def test_the_version_before_tells_no_breach(
    callers: Callers, breach: str, request: pytest.FixtureRequest
) -> None:
    found: Breach = request.getfixturevalue(breach)
    path = f"/v1/cases/{found.case['id']}?version={found.event['version'] - 1}"

    case = shown(callers.handler.get(path))

    assert {run["state"] for run in case["clocks"]} == {"running"}
    assert {each["state"] for each in case["commitments"]} <= {"open"}


def test_the_list_of_promises_says_broken_as_of_the_breach(
    callers: Callers, read_models: ProjectionEngine, broken: Breach
) -> None:
    read_models.catch_up()

    listed = shown(callers.analyst.get(f"/v1/commitments{OWN_VERSION['as_of'](broken)}&limit=200"))

    (promise,) = (each for each in listed["items"] if each["case_id"] == broken.case["id"])
    assert promise["state"] == "broken"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_background_file_tells_a_missed_clock(
    callers: Callers, missed: Breach, language: str
) -> None:
    path = f"/v1/cases/{missed.case['id']}/background-file"

    file = shown(callers.handler.get(path))
    page = callers.handler.get(f"{path}?format=html", Accept_Language=language).get_data(
        as_text=True
    )

    (run,) = (run for run in file["deadlines"] if run["clock"] == "first_reply")
    assert (run["state"], run["missed_at"]) == ("missed", missed.event["occurred_at"])
    assert f">{CLOCK_STATES[State.MISSED].in_language(language)}<" in page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_background_file_tells_a_broken_promise(
    callers: Callers, broken: Breach, language: str
) -> None:
    path = f"/v1/cases/{broken.case['id']}/background-file"

    (promise,) = shown(callers.handler.get(path))["promises"]
    page = callers.handler.get(f"{path}?format=html", Accept_Language=language).get_data(
        as_text=True
    )

    assert (promise["state"], promise["disclose"]) == ("broken", False)
    assert f">{PROMISE_STATES[CommitmentState.BROKEN].in_language(language)}<" in page
