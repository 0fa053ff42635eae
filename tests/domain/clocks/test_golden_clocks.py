"""A hundred clocks and more, exact to the second."""

from __future__ import annotations

import pytest

from tests.clock_cases import ClockCase, clock_cases

CASES = clock_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_clock_says_what_the_table_says(case: ClockCase) -> None:
    assert case.told() == case.says


def test_the_table_is_long_enough_and_names_nothing_twice() -> None:
    assert len(CASES) >= 100
    assert len({case.name for case in CASES}) == len(CASES)
