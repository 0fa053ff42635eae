"""Periods: wherever `X_from` and `X_to` may be asked for, the end lies after the beginning."""

from __future__ import annotations

import pytest

from api.route_table import ROUTES
from api.routes import Route
from tests.api.conftest import Callers, shown
from tests.api.test_conventions import address
from tests.api.test_errors import assert_problem

BEGIN = "2026-02-01T00:00:00Z"
PERIODS = [
    (route, param.name.removesuffix("_from"))
    for route in ROUTES
    for param in route.params
    if param.name.endswith("_from")
]


@pytest.mark.parametrize("end", ["2026-01-31T00:00:00Z", BEGIN], ids=["before", "at once"])
@pytest.mark.parametrize(
    ("route", "what"), PERIODS, ids=[f"{route.name} {what}" for route, what in PERIODS]
)
def test_a_period_that_ends_before_it_begins_is_refused(
    callers: Callers, route: Route, what: str, end: str
) -> None:
    path = f"{address(route)}?{what}_from={BEGIN}&{what}_to={end}"

    answer = callers.auditor.get(path)

    assert_problem(answer, 400, "invalid_parameter")
    problem = shown(answer)
    assert problem["errors"][0]["parameter"] == f"{what}_to"
    assert problem["errors"][0]["code"] == "not_a_period"


def test_there_are_lists_with_periods() -> None:
    assert ("list_cases", "reported") in {(route.name, what) for route, what in PERIODS}
