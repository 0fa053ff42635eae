"""`amends risk`: a customer's score on the command line, and alarms about it in a back-test."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from api.alarm_json import FIGURES
from api.cli.exits import Exit
from domain.values import Role
from projections import indicators
from projections.read_models import build_engine
from projections.warning_watch import WarningWatch
from service.assembly import Service
from tests.cli.conftest import Run
from tests.given import circumstances
from tests.risk_history import BEGINNING, CALM, DAY, GRAVE, HOUR, RiskLog, supplied, told
from tests.service.privacy_steps import erase

NOW = datetime.now(UTC)
CUSTOMER = "CUST-1"


@pytest.fixture
def grave(service: Service) -> None:
    """A customer about whom four indicators say the worst."""
    by = circumstances("crm", [Role.REPORTER], NOW)
    service.risks.supply(CUSTOMER, supplied(NOW - timedelta(hours=2)), by)


@pytest.mark.usefixtures("grave")
def test_people_read_a_table_and_a_sentence(run: Run) -> None:
    result = run("risk", "show", CUSTOMER)

    assert result.exit_code == 0
    assert "Change of spending" in result.stdout
    assert result.stdout.count("Missing") == 8
    assert "100.0, High; rests on 4 of 12 indicators." in result.stderr


@pytest.mark.usefixtures("grave")
def test_people_read_it_in_chinese(run: Run) -> None:
    now = run("risk", "show", CUSTOMER, "--language", "zh")
    before = run("risk", "show", CUSTOMER, "--as-of", (NOW - DAY).isoformat(), "--language", "zh")

    assert now.stdout.split()[:3] == ["指标", "状态", "数值"]
    assert now.stdout.count("缺失") == 8
    assert "依据 12 项指标中的 4 项。" in now.stderr
    assert before.stderr.startswith("无评分：")


@pytest.mark.usefixtures("grave")
def test_scripts_read_what_http_answers(run: Run) -> None:
    now = run("risk", "show", CUSTOMER, "--json")
    before = run("risk", "show", CUSTOMER, "--as-of", (NOW - DAY).isoformat(), "--json")

    assert json.loads(now.stdout)["score"] == 100.0
    assert json.loads(before.stdout)["why_none"] == "too_few_indicators"


@pytest.mark.usefixtures("grave")
def test_without_a_score_it_says_why(run: Run) -> None:
    result = run("risk", "show", CUSTOMER, "--as-of", (NOW - DAY).isoformat())

    assert "No score: too few indicators are known and fresh." in result.stderr
    assert "It rests on 0 of 12 indicators." in result.stderr


@pytest.mark.parametrize("customer", ["CUST-2", "Jo Doe"])
@pytest.mark.usefixtures("service")
def test_a_customer_of_whom_nothing_is_known_is_not_found(run: Run, customer: str) -> None:
    result = run("risk", "show", customer)

    assert result.exit_code == Exit.NOT_FOUND
    assert "Jo Doe" not in result.stderr


@pytest.fixture
def watched(service: Service) -> tuple[str, ...]:
    """A customer whose risk became high while a worker watched; the options for a back-test."""
    build_engine(service, [indicators.READ_MODEL]).catch_up()
    log = RiskLog(service.engine)
    ended = BEGINNING + 4 * DAY
    log.record(told(CUSTOMER, BEGINNING + HOUR, CALM))
    log.record(told(CUSTOMER, BEGINNING + 2 * DAY, GRAVE))
    for now in (BEGINNING, ended):
        WarningWatch(service.engine, service.alarms, clock=lambda now=now: now).look()
    period = ("--from", BEGINNING.isoformat(), "--to", ended.isoformat())
    return ("backtest", "--rule", "risk_becomes_high", *period)


def test_a_backtest_finds_the_alarms_that_were_raised(run: Run, watched: tuple[str, ...]) -> None:
    found = run("warnings", *watched, "--json")

    (alarm,) = json.loads(found.stdout)["alarms"]
    assert (alarm["scope_value"], alarm["value"], alarm["expected"]) == (CUSTOMER, 100.0, 0.0)
    assert alarm["on_record"] is True


def test_about_an_erased_customer_no_list_shows_what_an_alarm_saw(
    service: Service, run: Run, watched: tuple[str, ...]
) -> None:
    service.keys.living(CUSTOMER)
    erased_at = erase(service, CUSTOMER).recorded_at

    told = [run("warnings", *each, "--json") for each in (("list",), watched)]
    tables = [run("warnings", *each) for each in (("list", "--language", "zh"), watched)]

    for answer in told:
        alarms = [
            each
            for each in json.loads(answer.stdout)["alarms"]
            if each["rule"] == "risk_becomes_high"
        ]
        (alarm,) = alarms
        assert {alarm[name] for name in FIGURES} == {None}
        assert datetime.fromisoformat(alarm["erased_at"]) == erased_at
        assert alarm["scope_value"] == CUSTOMER
    assert json.loads(told[1].stdout)["alarms"][0]["on_record"] is True
    for table, erased in zip(tables, ("已删除", "erased"), strict=True):
        lines = [line for line in table.stdout.splitlines() if CUSTOMER in line]
        assert lines
        # The scale of the indicator stands before the value, and the score was the top of it.
        cells = [line.partition(f" {erased} ") for line in lines]
        assert all(found and "100" not in rest for _, found, rest in cells)
