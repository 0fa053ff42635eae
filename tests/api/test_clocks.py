"""The service clocks in the answer of a case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import UUID

from domain.circumstances import Circumstances
from domain.values import Actor, ActorKind, Role, Via
from tests.api.conftest import REPORT, Callers, Json, ago, shown

URGENT_CHAT: Json = {**REPORT, "channel": "chat", "urgency": "urgent"}


def clock(case: Json, name: str) -> Json:
    (found,) = [run for run in case["clocks"] if run["clock"] == name]
    return found


def test_a_report_is_answered_with_its_due_times_and_why(callers: Callers) -> None:
    case = callers.reporter.report({**URGENT_CHAT, "occurred_at": "2026-01-02T09:00:00+08:00"})

    reply = clock(case, "first_reply")

    assert reply["rule"] == "chat_urgent"
    assert reply["due_at"] == "2026-01-02T01:15:00Z"
    assert case["service_terms"]["urgency"] == "urgent"


def test_a_clock_that_ran_out_is_missed_and_one_that_was_stopped_is_met(callers: Callers) -> None:
    case = callers.reporter.report({**URGENT_CHAT, "occurred_at": ago(hours=3)})
    fresh = callers.reporter.report(URGENT_CHAT)

    replied = callers.handler.take(fresh, "acknowledge", {"channel": "chat", "text": "Hello"})

    assert clock(case, "first_reply")["state"] == "missed"
    assert clock(case, "first_plan")["state"] == "running"
    assert clock(replied, "first_reply")["state"] == "met"


def test_waiting_for_the_customer_leaves_the_remaining_time(callers: Callers) -> None:
    reported_at = datetime.now(UTC) - timedelta(hours=8)
    case = callers.reporter.report({**REPORT, "occurred_at": reported_at.isoformat()})
    waits_since = reported_at + timedelta(hours=2)
    body = {"reason": "Photos are missing", "occurred_at": waits_since.isoformat()}

    waiting = callers.handler.take(case, "await_customer", body)

    assert waiting["awaits_customer"]
    plan = clock(waiting, "first_plan")
    assert (plan["state"], plan["due_at"]) == ("paused", None)
    assert plan["remaining_seconds"] == 46 * 3600


def test_the_clocks_of_a_past_instant_are_those_seen_then(callers: Callers) -> None:
    case = callers.reporter.report({**URGENT_CHAT, "occurred_at": ago(hours=3)})
    path = f"/v1/cases/{case['id']}"

    then = shown(callers.handler.get(f"{path}?as_of={quote(ago(hours=2, minutes=55))}"))

    assert clock(then, "first_reply")["state"] == "running"


def test_labels_name_clock_and_rule(callers: Callers) -> None:
    case = callers.reporter.report(URGENT_CHAT)
    path = f"/v1/cases/{case['id']}?labels=true"

    labels = shown(callers.handler.get(path, Accept_Language="zh"))["labels"]

    assert labels["service_clocks"]["first_reply"] == "首次回复"
    assert labels["service_levels"]["chat_urgent"] == "紧急在线咨询：15分钟内回复"


def test_nobody_records_a_breach_by_http(callers: Callers) -> None:
    case = callers.reporter.report({**URGENT_CHAT, "occurred_at": ago(hours=3)})
    path = f"/v1/cases/{case['id']}/miss-deadline"

    answer = callers.admin.post(path, {"clock": "first_reply", "run": 1}, If_Match='"1"')

    assert answer.status_code == 404


def test_a_change_is_not_stale_because_a_timer_noted_something(callers: Callers) -> None:
    case = callers.reporter.report({**URGENT_CHAT, "occurred_at": ago(hours=3)})
    fire_timers(callers, case)

    replied = callers.handler.post(
        f"/v1/cases/{case['id']}/acknowledge",
        {"channel": "chat", "text": "抱歉让您久等"},
        If_Match='"1"',
    )

    assert (replied.status_code, replied.headers["ETag"]) == (200, '"3"')
    assert clock(shown(replied), "first_reply")["miss_recorded"]


def test_a_change_is_stale_behind_another_persons_change(callers: Callers) -> None:
    case = callers.reporter.report({**URGENT_CHAT, "occurred_at": ago(hours=3)})
    callers.handler.take(case, "acknowledge", {"channel": "chat", "text": "Hello"})
    path = f"/v1/cases/{case['id']}/acknowledge"

    stale = callers.handler.post(path, {"channel": "chat", "text": "Again"}, If_Match='"1"')

    assert (stale.status_code, shown(stale)["current_version"]) == (412, 2)


def fire_timers(callers: Callers, case: Json) -> None:
    """Let a worker's timer note that the first reply is late."""
    front = callers.admin.app.extensions["amends"]
    by = Circumstances(
        actor=Actor(id="timer", kind=ActorKind.SYSTEM),
        roles=frozenset({Role.ADMIN}),
        now=datetime.now(UTC),
        correlation_id="timer:first_reply:1",
        via=Via.TIMER,
    )
    run = {"clock": "first_reply", "run": 1}
    front.cases.take_step(UUID(case["id"]), "miss_deadline", run, expected_version=None, by=by)
