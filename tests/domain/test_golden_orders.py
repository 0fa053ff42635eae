"""When a director's order is due: the golden table, and properties over random lives."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.satisfaction import invalid_scores, scores_of
from tests.order_cases import MONTH, CustomerLife, OrderCase, order_cases

CASES = order_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_order_is_due_as_the_table_says(case: OrderCase) -> None:
    assert case.told() == case.says


def test_the_table_names_nothing_twice() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def scored(values: list[int], scale: str = "csat_1_5", cases: str = "AB") -> CustomerLife:
    """Scores a minute apart, in turn in each of the cases."""
    life = CustomerLife()
    for name in cases:
        life.report(name, "web" if name == "A" else "phone", MONTH)
    for number, value in enumerate(values):
        life.score(cases[number % len(cases)], scale, value, MONTH + timedelta(minutes=number + 1))
    return life


def invalid_in(life: CustomerLife) -> int:
    return len(invalid_scores(s for case in life.cases.values() for s in scores_of(case)))


@pytest.mark.parametrize(
    ("values", "invalid"),
    [
        ([5] * 9, 0),
        ([5] * 10, 10),
        ([5] * 13, 13),
        ([5] * 9 + [4] + [5] * 9, 0),
        ([4] + [5] * 10 + [4], 10),
        ([5] * 10 + [4] + [5] * 5, 10),
        ([1] * 10 + [5] * 10, 20),
    ],
)
def test_ten_identical_answers_in_a_row_are_invalid_over_cases(
    values: list[int], invalid: int
) -> None:
    assert invalid_in(scored(values)) == invalid


def test_another_scale_is_another_answer() -> None:
    life = scored([5] * 9)

    life.score("A", "csat_1_10", 5, MONTH + timedelta(hours=1))

    assert invalid_in(life) == 0


def test_an_answer_that_is_recorded_late_may_break_a_row() -> None:
    life = scored([5] * 10)

    life.score("A", "csat_1_5", 4, MONTH + timedelta(minutes=5, seconds=30))

    assert invalid_in(life) == 0


def test_nothing_is_lost_by_being_invalid() -> None:
    life = scored([5] * 10)

    assert sum(1 for case in life.cases.values() for _ in scores_of(case)) == 10


@settings(max_examples=200, deadline=None)
@given(values=st.lists(st.integers(1, 5), max_size=30))
def test_an_order_is_raised_exactly_where_two_valid_low_scores_follow_each_other(
    values: list[int],
) -> None:
    rows: list[list[int]] = []
    for value in values:
        if rows and rows[-1][0] == value:
            rows[-1].append(value)
        else:
            rows.append([value])
    valid = [value for row in rows if len(row) < 10 for value in row]

    due = scored(values).due()

    assert (due is not None) == any(a < 4 and b < 4 for a, b in pairwise(valid))


@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.integers(1, 5), max_size=20))
def test_an_order_that_is_opened_and_closed_again_and_again_ends(values: list[int]) -> None:
    """Every score raises one order at most."""
    life = scored(values)
    at, opened = MONTH + timedelta(days=1), 0
    while life.due() is not None:
        life.order(at)
        life.close(at + timedelta(hours=1))
        at, opened = at + timedelta(days=1), opened + 1

    assert opened <= 1
