"""Decisions of reviews on the command line: listed, given away, given another day, done."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.reviews.review import review_id
from domain.reviews.rhythm import Occurrence, kinds_of
from domain.reviews.values import Attendance, ReviewDecision
from domain.values import Via
from service.assembly import Service
from tests.cli.conftest import Run, key_of
from tests.given import circumstances

ATTENDEES = (Attendance(party="customer_service", people=2), Attendance(party="sales", people=1))
DECISIONS = (
    ReviewDecision(measure="train_staff", owner="TEAM-7", due_on=date(2026, 4, 30)),
    ReviewDecision(measure="change_procedure"),
)


@pytest.fixture
def held(service: Service) -> UUID:
    """A review of April 2026 with two decisions."""
    weekly = Occurrence(kind=kinds_of()["voice_of_customer"], scheduled_on=date(2026, 4, 13))
    service.reviews.open_once(weekly)
    found = review_id(weekly)
    told: dict[str, Any] = {"attendees": ATTENDEES, "decisions": DECISIONS}
    by = circumstances(at=weekly.opens_at + timedelta(hours=1))
    service.reviews.hold(found, by, expected_version=1, **told)
    return found


def answer(run: Run, *arguments: str, given: str | None = None) -> Any:
    result = run("reviews", *arguments, "--json", given=given)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_what_is_not_done_is_listed_the_most_urgent_first(run: Run, held: UUID) -> None:
    every = answer(run, "decisions")
    own = answer(run, "decisions", "--owner", "TEAM-7")
    first = answer(run, "decisions", "--limit", "1")
    before = answer(run, "decisions", "--known-at", "2026-01-01T00:00:00Z")
    table = run("reviews", "decisions", "--language", "zh")

    assert [each["number"] for each in every["decisions"]] == [2, 1]
    assert every["decisions"][0]["review"] == f"/v1/reviews/{held}"
    assert [each["number"] for each in own["decisions"]] == [1]
    assert ([each["number"] for each in first["decisions"]], first["more"]) == ([2], True)
    assert before["decisions"] == []
    assert f"{held}/1" in table.stdout
    assert "已逾期" in table.stdout
    assert table.stderr == "共 2 项决定。\n"


def test_whoever_has_a_key_gives_it_away_moves_it_and_ends_it(
    run: Run, service: Service, held: UUID
) -> None:
    which, key = f"{held}/1", key_of(service, "analyst")
    ahead = str(datetime.now(UTC).date() + timedelta(days=30))

    given = answer(run, "assign", which, "TEAM-8", "--reason", "owner_away", given=key)
    moved = answer(run, "reschedule", which, ahead, "--reason", "scope_changed", given=key)
    ended = run("reviews", "complete", which, "--file-ref", "CHANGE-31", given=key)

    assert (given["owner"], given["changes"][0]["owner_before"]) == ("TEAM-8", "TEAM-7")
    assert given["changes"][0]["by"]["id"] == "ann"
    assert (moved["due_on"], moved["state"]) == (ahead, "late")
    assert (ended.exit_code, "Done" in ended.stdout) == (0, True)
    assert ended.stderr == "1 decision.\n"
    standing = service.reviews.get(held).standing
    assert standing.done[1].via is Via.CLI
    assert [each["number"] for each in answer(run, "decisions")["decisions"]] == [2]


def test_without_the_right_or_the_decision_nothing_is_recorded(
    run: Run, service: Service, held: UUID
) -> None:
    assign = ("reviews", "assign", f"{held}/1")
    why = ("--reason", "owner_away")
    key, handlers = key_of(service, "analyst"), key_of(service, "handler")

    codes = [
        run(*assign, "TEAM-8", *why, given=handlers).exit_code,
        run(*assign, "TEAM-8", *why, given="amends_x\n").exit_code,
        run(*assign, "TEAM-7", *why, given=key).exit_code,
        run("reviews", "assign", f"{held}/9", "TEAM-8", *why, given=key).exit_code,
        run("reviews", "assign", f"{uuid4()}/1", "TEAM-8", *why, given=key).exit_code,
        run(*assign, "TEAM-8", given=key).exit_code,
        run(*assign, "Jo Doe", *why, given=key).exit_code,
        run("reviews", "complete", str(held), given=key).exit_code,
        run("reviews", "reschedule", f"{held}/1", "soon", *why, given=key).exit_code,
    ]

    assert codes == [5, 5, 5, 6, 6, 2, 2, 2, 2]
    assert service.reviews.get(held).standing.version == 2
