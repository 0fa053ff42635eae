"""What is overdue says the same in the domain and in SQL, also at the very instant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, literal, select

from domain.overdue import INSTANT, is_overdue
from projections.overdue import in_time, overdue
from tests.given import BEGAN_AT

DUE_AT = BEGAN_AT + timedelta(days=1)


@pytest.mark.parametrize(
    ("after", "on_record", "late"),
    [
        (-INSTANT, False, False),
        (-INSTANT, True, False),
        (timedelta(0), False, False),
        (timedelta(0), True, True),
        (INSTANT, False, True),
        (INSTANT, True, True),
    ],
)
def test_the_due_time_itself_is_late_where_the_breach_is_on_record(
    engine: Engine, after: timedelta, on_record: bool, late: bool
) -> None:
    now = DUE_AT + after
    asked = (literal(DUE_AT), now, literal(on_record))

    with engine.connect() as connection:
        told = connection.execute(select(overdue(*asked), in_time(*asked))).one()

    assert is_overdue(DUE_AT, now, on_record=on_record) is late
    assert tuple(told) == (late, not late)
