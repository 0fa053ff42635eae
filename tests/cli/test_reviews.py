"""The command line of reviews: the calendar, what fell due, what audits opened."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.reviews.review import review_id
from domain.reviews.rhythm import due_between, kinds_of
from domain.reviews.values import FigureGiven
from projections.review_watch import ReviewWatch
from service.assembly import Service
from tests.cli.conftest import Run
from tests.given import circumstances

BEGAN = datetime(2026, 3, 4, 12, tzinfo=UTC)
ENDED = BEGAN + timedelta(days=40)


@pytest.fixture
def opened(service: Service) -> None:
    """Forty days of a worker, and an audit with a figure that deviates."""
    for now in (BEGAN, ENDED):
        ReviewWatch(service.engine, service.reviews, lambda now=now: now).look()
    (audit,) = due_between(kinds_of()["quarterly_audit"], BEGAN, ENDED)
    told = FigureGiven(figure="records_complete", sampled=40, found=Decimal(90))
    by = circumstances(at=ENDED)
    service.reviews.record_figures(review_id(audit), by, expected_version=1, figures=[told])


def answer(run: Run, *arguments: str) -> list[dict[str, Any]]:
    result = run("reviews", *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    found = next(iter(json.loads(result.stdout).values()))
    listed: list[dict[str, Any]] = found
    return listed


@pytest.mark.usefixtures("opened")
def test_reviews_and_actions_are_listed(run: Run) -> None:
    every, missed = answer(run, "list"), answer(run, "list", "--state", "missed")
    audits = answer(run, "list", "--kind", "quarterly_audit")
    actions = answer(run, "actions", "--owner", "quality")

    assert {review["state"] for review in every} == {"open", "missed"}
    assert 0 < len(missed) < len(every)
    assert [audit["scheduled_on"] for audit in audits] == ["2026-04-10"]
    assert [(action["figure"], action["state"]) for action in actions] == [
        ("records_complete", "open")
    ]
    assert answer(run, "actions", "--state", "verified") == []
    assert len(answer(run, "list", "--limit", "2")) == 2
    told = [
        json.loads(run("reviews", "list", "--limit", str(most), "--json").stdout)["more"]
        for most in (len(every) - 1, len(every))
    ]
    assert told == [True, False]


@pytest.mark.usefixtures("opened")
def test_tables_say_the_same_in_short(run: Run) -> None:
    reviews, actions = run("reviews", "list"), run("reviews", "actions")
    nothing = run("reviews", "list", "--state", "held")

    chinese = run("reviews", "list", "--language", "zh")
    before = run("reviews", "actions", "--known-at", "2026-01-01T00:00:00Z")

    assert "Quarterly audit" in reviews.stdout
    assert "季度审计" in chinese.stdout
    assert "Cases with a complete record" in actions.stdout
    assert before.stdout == ""
    assert actions.stderr.endswith("1 corrective action.\n")
    assert (nothing.stdout, nothing.stderr) == ("", "0 reviews.\n")


def test_the_calendar_needs_no_database(run: Run) -> None:
    week = ("--from", "2026-10-04", "--to", "2026-10-13T00:00:00+08:00")

    found = answer(run, "calendar", "--kind", "voice_of_customer", *week)
    table = run("reviews", "calendar", *week)

    assert [(each["scheduled_on"], each["held_on"]) for each in found] == [
        ("2026-10-05", "2026-10-08"),
        ("2026-10-12", "2026-10-12"),
    ]
    assert table.stdout.count("2026-10-08 01:00:00Z") == 2
    assert table.stderr.endswith("4 reviews.\n")


@pytest.mark.parametrize("years", [("9998-12-31",), ("9998-01-01", "--to", "9998-12-31")])
def test_the_calendar_goes_on_to_the_last_year(run: Run, years: tuple[str, ...]) -> None:
    assert len(answer(run, "calendar", "--from", *years)) > 10


@pytest.mark.parametrize(
    "arguments",
    [
        ("calendar", "--from", "2026-10-04", "--to", "2026-10-04"),
        ("calendar", "--from", "2026-10-04", "--to", "2036-10-04"),
        ("calendar", "--from", "soon"),
        ("list", "--as-of", "2999-01-01T00:00:00Z"),
        ("calendar", "--kind", "yearly"),
        ("list", "--state", "ringing"),
        ("actions", "--limit", "0"),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_a_usage_error(run: Run, arguments: tuple[str, ...]) -> None:
    result = run("reviews", *arguments)

    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
