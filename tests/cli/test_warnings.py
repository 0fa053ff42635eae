"""The command line of early warning: what was raised, and what would have been."""

from __future__ import annotations

import json
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from domain.early_warning.rules import rules_of
from projections import indicators
from projections.read_models import build_engine
from projections.warning_watch import WarningWatch
from service.assembly import Service
from tests.cli.conftest import Run
from tests.projections.warning_history import BEGINNING, DAY, positions, record, series

RULE = "imports_spike_product"
CALLED = "Sudden rise of imported complaints about a product"
BEGAN = BEGINNING + 60 * DAY
ENDED = BEGINNING + 66 * DAY


@pytest.fixture
def spike(service: Service) -> None:
    """Two months of imports, a spike, and a worker that watched."""
    happened = series(Random(3), 66, 40, spike=63 * 24, product="loan")
    record(service.engine, happened, positions())
    build_engine(service, [indicators.READ_MODEL]).catch_up()
    for now in (BEGAN, BEGAN + timedelta(days=3), ENDED):
        WarningWatch(service.engine, service.alarms, [rules_of()[RULE]], lambda now=now: now).look()


def answer(run: Run, *arguments: str) -> list[dict[str, Any]]:
    result = run("warnings", *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)["alarms"]
    return found


def found_by_backtest(run: Run, *options: str) -> list[dict[str, Any]]:
    return answer(run, "backtest", "--rule", RULE, *options)


@pytest.mark.usefixtures("spike")
def test_a_backtest_finds_what_was_raised(run: Run) -> None:
    period = ("--from", BEGAN.isoformat(), "--to", ENDED.isoformat())

    raised, found = answer(run, "list"), found_by_backtest(run, *period)

    assert [alarm["id"] for alarm in raised] == [alarm["id"] for alarm in found[::-1]]
    assert all(alarm["on_record"] for alarm in found)
    (first, *_) = found
    assert (first["rule"], first["scope_value"]) == (RULE, "loan")
    assert first["value"] > 1.8 * first["expected"]
    assert answer(run, "list", "--state", "closed") == []


@pytest.mark.usefixtures("spike")
def test_a_backtest_keeps_to_its_period(run: Run) -> None:
    before = found_by_backtest(run, "--to", "2025-03-09")
    as_occurred = found_by_backtest(
        run, "--as-occurred", "--from", "2025-03-07", "--to", "2025-03-13"
    )

    assert before == []
    assert len(as_occurred) == 1


@pytest.mark.usefixtures("spike")
def test_people_read_a_table(run: Run) -> None:
    listed = run("warnings", "list")
    found = run("warnings", "backtest", "--rule", RULE, "--to", "2025-03-13")

    assert "loan" in listed.stdout
    assert "1 alarm." in listed.stderr
    assert ".0000" not in listed.stdout
    assert f"Warning  {CALLED}  loan" in found.stdout
    assert "1 alarm of 1 rule over" in found.stderr


@pytest.mark.usefixtures("spike")
def test_a_backtest_is_told_in_chinese_as_the_list_is(run: Run) -> None:
    options = ("--rule", RULE, "--to", "2025-03-13", "--language", "zh")

    (listed,) = answer(run, "list", "--language", "zh")
    (found,) = answer(run, "backtest", *options)
    table = run("warnings", "backtest", *options)

    assert {**found["labels"], "state": "待处理"} == listed["labels"]
    assert (found["window_from"], found["window_to"]) == (
        listed["window_from"],
        listed["window_to"],
    )
    assert set(found) - {"on_record"} < set(listed)
    assert table.stdout.split()[:3] == ["窗口结束", "级别", "规则"]
    assert found["labels"]["rule"] in table.stdout
    assert table.stderr.endswith("条事实）。\n")
    assert table.stderr.startswith("1 条预警（1 条规则，依据 ")


@pytest.mark.usefixtures("spike")
def test_both_lists_tell_figures_as_numbers_and_as_people_write_them(run: Run) -> None:
    (raised,) = answer(run, "list")
    (found,) = found_by_backtest(run, "--to", "2025-03-13")
    (line,) = (row for row in run("warnings", "list").stdout.splitlines() if "loan" in row)

    assert raised["value"] == round(found["value"], 4) == int(raised["value"])
    assert f" Complaints imported  {int(raised['value'])} " in line
    assert raised["labels"]["indicator"] in run("warnings", "backtest", "--rule", RULE).stdout
    assert raised["owner"]
    assert raised["overdue"] is False


def test_a_backtest_says_how_far_it_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.cli.output.PLAIN_LINE_EVERY_SECONDS", 0.0)

    result = run("warnings", "backtest", "--rule", RULE)

    assert "Trying the rules: 0 of 1" in result.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--rule", "no_such_rule"),
        ("--from", "yesterday"),
        ("--to", "2025-03-01T09:00:00"),
        ("--from", "2025-13-01"),
        ("--from", "2026-06-01", "--to", "2026-01-01"),
    ],
)
def test_what_cannot_be_meant_is_refused(run: Run, options: tuple[str, ...]) -> None:
    result = run("warnings", "backtest", *options)

    assert result.exit_code == 2
    assert options[1] not in result.stderr


def test_an_empty_log_has_no_alarms(run: Run) -> None:
    assert answer(run, "backtest") == answer(run, "list") == []
