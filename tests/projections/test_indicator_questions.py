"""Windows counted by the database are those counted in memory, to the instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from domain.early_warning.rules import ALL, WarningRule, rules_of
from projections.indicator_questions import windows_at
from projections.indicator_tables import FACTS, METADATA, SCOPES
from projections.read_model import Row
from projections.warning_backtest import Counted
from tests.projections.warning_history import BEGINNING, DAY

AT = BEGINNING + 100 * DAY
MOMENT = timedelta(microseconds=1)
RULES = [
    replace(rules_of()[code], least_count=1)
    for code in (
        "complaints_spike_all",
        "complaints_spike_product",
        "satisfaction_drop_channel",
        "satisfaction_drop_touchpoint",
        "reopenings_rise_unit",
        "complaints_repeat_customer",
    )
]


@pytest.fixture(scope="module")
def facts(shared_engine: Engine) -> list[Row]:
    """Facts at random times and at the very ends of windows, some recorded after the look."""
    random = Random(11)
    edges = [
        end + moved
        for rule in RULES
        for number in range(rule.baseline_windows + 1)
        for end in (
            AT - number * rule.baseline_every,
            AT - number * rule.baseline_every - rule.window,
        )
        for moved in (-MOMENT, timedelta(), MOMENT)
    ]
    times = [*edges, *(AT - random.random() * 70 * DAY for _ in range(500))]
    rows = [
        fact(random, indicator, at, position)
        for position, (indicator, at) in enumerate(
            ((rule.indicator, at) for rule in RULES for at in times), start=1
        )
    ]
    with shared_engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {METADATA.schema}")
        METADATA.create_all(connection)
        connection.execute(insert(FACTS), rows)
    return rows


def fact(random: Random, indicator: str, at: datetime, position: int) -> dict[str, Any]:
    scopes = {name: random.choice(["a", "b", "c", None]) for name in SCOPES}
    return {
        **scopes,
        "indicator": indicator,
        "position": position,
        "occurred_at": at,
        "recorded_at": random.choice([at, AT - MOMENT, AT]),
        "occasions": random.choice([0, 1]),
        "thousandths": random.choice([0, 1_000, 3_222, -100_000]),
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_both_ways_of_counting_agree(
    shared_engine: Engine, facts: list[Row], rule: WarningRule
) -> None:
    counted = Counted(rule)
    for row in facts:
        is_named = rule.scope == ALL or row[rule.scope] is not None
        if row["indicator"] == rule.indicator and row["recorded_at"] < AT and is_named:
            counted.add(row)

    with shared_engine.connect() as connection:
        found = windows_at(connection, rule, AT)

    assert len(found) == (1 if rule.scope == ALL else 3)
    assert {value: list(windows) for value, windows in found.items()} == {
        value: list(windows) for value, windows in counted.windows_at(AT).items()
    }
