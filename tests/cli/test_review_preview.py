"""The next reviews before their day, on the command line."""

from __future__ import annotations

import json

import pytest

from domain.reviews.rhythm import kinds_of
from projections.read_models import build_engine
from service.assembly import Service
from tests.cli.conftest import Run


@pytest.mark.parametrize(("language", "label"), [("en", "Cases reported"), ("zh", "上报案例")])
def test_the_next_reviews_are_shown_with_their_figures(
    run: Run, service: Service, language: str, label: str
) -> None:
    build_engine(service).catch_up()

    table = run("reviews", "preview", "--language", language)
    listed = json.loads(run("reviews", "preview", "--json").stdout)["reviews"]

    assert table.exit_code == 0, table.stderr
    assert table.stdout.count(label) == len(kinds_of())
    assert {each["kind"] for each in listed} == set(kinds_of())
    assert all(item["figures"] for each in listed for item in each["agenda"])


def test_before_lists_are_built_days_are_shown_without_their_figures(
    run: Run, service: Service
) -> None:
    (audit,) = json.loads(run("reviews", "preview", "--kind", "quarterly_audit", "--json").stdout)[
        "reviews"
    ]
    table = run("reviews", "preview", "--kind", "quarterly_audit")

    counted = {item["source"]: item["figures"] is not None for item in audit["agenda"]}
    assert counted == {
        "lessons_learned": False,
        "satisfaction": False,
        "promises": False,
        "review_report": True,
    }
    assert "Resolved at first contact" in table.stdout
    assert table.stderr == "1 review.\n"


def test_a_kind_that_there_is_not_is_a_usage_error(run: Run) -> None:
    assert run("reviews", "preview", "--kind", "yearly").exit_code == 2
