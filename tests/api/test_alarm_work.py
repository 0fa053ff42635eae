"""Alarms in the work list: what is to be done about them, by whom, until when and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from domain.early_warning.answering import alarm_targets
from projections.engine import ProjectionEngine
from service.alarm_statements import OPEN_BY_LEVEL, PAGE
from service.assembly import Service
from tests.api.conftest import Callers, Json, shown
from tests.api.reading import all_pages
from tests.api.test_alarms import Raise, change
from tests.api.test_work import a_case

RULE = "anger_rise_channel"
LONG_AGO = timedelta(days=400)


@pytest.fixture
def raised(service: Service, read_models: ProjectionEngine) -> Raise:
    read_models.catch_up()
    return Raise(service)


def work_about(callers: Callers, alarm: str, query: str = "", **headers: str) -> list[Json]:
    """What the work list has of one alarm."""
    path = f"/v1/work?limit=200{query}"
    items = shown(callers.handler.get(path, **headers))["items"]
    return [item for item in items if item["alarm_id"] == alarm]


def test_an_open_alarm_is_work_until_it_is_closed(callers: Callers, raised: Raise) -> None:
    alarm = raised(RULE, "phone")
    target = alarm_targets()[shown(callers.handler.get(f"/v1/alarms/{alarm}"))["level"]]

    (to_acknowledge,) = work_about(callers, alarm, Accept_Language="zh")
    change(callers.analyst, alarm, "acknowledge", {})
    (to_close,) = work_about(callers, alarm)
    listed = shown(callers.handler.get(f"/v1/alarms/{alarm}"))
    change(callers.analyst, alarm, "close", {"ground": "expected_event"}, version=2)

    raised_at = datetime.fromisoformat(to_acknowledge["started_at"])
    due = [datetime.fromisoformat(each["due_at"]) for each in (to_acknowledge, to_close)]
    assert due == [raised_at + target.acknowledge_within, raised_at + target.close_within]
    assert [each["kind"] for each in (to_acknowledge, to_close)] == [
        "acknowledge_alarm",
        "close_alarm",
    ]
    names = ("handler", "unit", "owner", "overdue", "case_id")
    assert [to_acknowledge[name] for name in names] == [
        None, target.led_by, target.led_by, False, None,
    ]  # fmt: skip
    assert [to_close[name] for name in names] == [
        "analyst-1", target.led_by, "analyst-1", False, None,
    ]  # fmt: skip
    assert to_acknowledge["why"] == {
        "rule": RULE,
        "clock_label": "确认预警",
        "rule_label": f"{listed_label(callers, alarm)}：电话",
        "source": "S54",
    }
    assert to_close["links"] == {"alarm": f"/v1/alarms/{alarm}"}
    assert (listed["due_at"], listed["owner"]) == (to_close["due_at"], "analyst-1")
    assert work_about(callers, alarm) == []
    closed = shown(callers.handler.get(f"/v1/alarms/{alarm}"))
    assert (closed["due_at"], closed["overdue"], closed["owner"]) == (None, False, None)


def listed_label(callers: Callers, alarm: str) -> str:
    answer = callers.handler.get(f"/v1/alarms/{alarm}", Accept_Language="zh")
    label: str = shown(answer)["labels"]["rule"]
    return label


def test_alarms_are_filtered_as_other_work_is(callers: Callers, raised: Raise) -> None:
    alarm = raised(RULE, "mail")
    leader = work_about(callers, alarm)[0]["unit"]

    def is_shown(query: str) -> bool:
        return bool(work_about(callers, alarm, f"&{query}"))

    assert is_shown("kind=acknowledge_alarm")
    assert is_shown(f"unit={leader}")
    assert is_shown(f"owner={leader}&overdue=false")
    assert is_shown("disclose=false")
    for query in (
        "kind=close_alarm",
        "kind=first_reply",
        "kind=commitment",
        "unit=nobody",
        "owner=nobody",
        "handler=nobody",
        "overdue=true",
        "paused=true",
        "disclose=true",
    ):
        assert not is_shown(query), query


def test_an_alarm_that_nobody_saw_to_in_time_is_overdue(
    callers: Callers, raised: Raise, service: Service
) -> None:
    alarm = raised(RULE, "chat")
    with service.engine.begin() as connection:
        statement = "UPDATE alarm_states SET raised_at = raised_at - :ago WHERE alarm_id = :id"
        connection.execute(text(statement), {"ago": LONG_AGO, "id": alarm})

    (found,) = work_about(callers, alarm, "&overdue=true")
    metrics = callers.admin.get("/metrics").get_data(as_text=True)

    assert found["overdue"] is True
    level = shown(callers.handler.get(f"/v1/alarms/{alarm}"))["level"]
    assert f'amends_alarms_overdue{{level="{level}"}} 1.0' in metrics


def test_alarms_and_other_work_follow_each_other_in_order_of_due_times(
    callers: Callers, raised: Raise, read_models: ProjectionEngine
) -> None:
    for minutes in (5, 300, 1_000):
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        a_case(callers, f"anna-{uuid4().hex[:8]}", occurred_at=at.isoformat())
    read_models.catch_up()
    for code in (RULE, "complaints_spike_all", RULE):
        raised(code, "phone" if code == RULE else None)

    pages = all_pages(callers.handler, "/v1/work?limit=2")
    at_once = shown(callers.handler.get("/v1/work?limit=200"))["items"]

    assert pages == at_once
    due = [item["due_at"] for item in pages]
    assert due == sorted(due)
    assert {item["case_id"] is None for item in pages} == {True, False}


def test_the_work_of_a_moment_has_the_alarms_of_that_moment(
    callers: Callers, raised: Raise
) -> None:
    alarm = raised(RULE, "phone")
    before = datetime.now(UTC)
    change(callers.analyst, alarm, "acknowledge", {})
    between = datetime.now(UTC)
    change(callers.analyst, alarm, "close", {"ground": "expected_event"}, version=2)

    def kinds(at: datetime, kind: str = "") -> list[str]:
        query = f"&known_at={at.isoformat().replace('+', '%2B')}{kind}"
        return [item["kind"] for item in work_about(callers, alarm, query)]

    assert kinds(before) == ["acknowledge_alarm"]
    assert kinds(between) == kinds(between, "&kind=close_alarm") == ["close_alarm"]
    assert kinds(datetime.now(UTC)) == []


def test_reporters_see_no_alarms(callers: Callers, raised: Raise) -> None:
    raised(RULE, "phone")

    items = shown(callers.reporter.get("/v1/work?limit=200"))["items"]

    assert [item for item in items if item["alarm_id"]] == []
    asked_for = shown(callers.reporter.get("/v1/work?kind=acknowledge_alarm"))["items"]
    assert asked_for == []


def test_states_in_rows_are_those_that_the_records_make(
    callers: Callers, raised: Raise, service: Service
) -> None:
    alarms = [raised() for _ in range(3)]
    change(callers.handler, alarms[1], "acknowledge", {})
    change(callers.handler, alarms[2], "close", {"ground": "expected_event"})

    with service.engine.connect() as connection:
        rows = connection.execute(text("SELECT alarm_id, state, raised_position FROM alarm_states"))
        kept = {row.alarm_id: (row.state, row.raised_position) for row in rows}

    found = {each: service.alarms.get(each) for each in kept}
    assert {each: (one.alarm.state, one.raised_position) for each, one in found.items()} == kept
    assert len(kept) >= 3


@pytest.mark.parametrize("state", ["open", "acknowledged"])
def test_what_is_open_among_many_closed_alarms_is_found_by_an_index(
    service: Service, state: str
) -> None:
    with service.engine.connect() as connection:
        connection.execute(MANY_CLOSED)
        connection.execute(text("ANALYZE alarm_states"))
        values = dict.fromkeys(("rule", "level", "since")) | {"before": 2**62, "limit": 50}
        for statement, asked in (
            (PAGE, {**values, "state": state}),
            (PAGE, {**values, "state": None}),
            (OPEN_BY_LEVEL, {}),
        ):
            plan = connection.execute(text(f"EXPLAIN {statement.text}"), asked).scalars().all()
            assert not any("Seq Scan on alarm_states" in line for line in plan), plan
        connection.rollback()


MANY_CLOSED = text("""
    INSERT INTO alarm_states (
        alarm_id, raised_position, raised_at, raised_for, rule, rule_version, level, scope,
        closed_at
    )
    SELECT gen_random_uuid(), -number, now(), now(), 'a_rule', 1, 'warning', 'all', now()
    FROM generate_series(1, 20000) AS number
""")
