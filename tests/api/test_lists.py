"""What readers see over HTTP: lists, search, timelines and trails, and how far they have read."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID, uuid4

import pytest

from api import examples
from projections.cursors import encode
from projections.engine import ProjectionEngine
from tests.api.conftest import Caller, Callers, ago, shown
from tests.api.reading import a_report, all_pages
from tests.api.test_errors import assert_problem


def test_the_list_is_filtered_sorted_and_paged(
    callers: Callers, read_models: ProjectionEngine
) -> None:
    ref = f"CUST-{uuid4().hex[:8]}"
    sources = [{"system": "shop", "external_id": uuid4().hex} for _ in range(3)]
    cases = [
        callers.reporter.report(
            a_report(ref, channel=channel, occurred_at=ago(days=days), source=sources[days - 1])
        )
        for days, channel in ((3, "phone"), (2, "chat"), (1, "phone"))
    ]
    read_models.catch_up()
    ids = [case["id"] for case in cases]

    def found(query: str) -> list[str]:
        return [row["id"] for row in all_pages(callers.handler, f"/v1/cases?{query}")]

    assert found(f"customer_ref={ref}&limit=1") == ids[::-1]
    assert found(f"customer_ref={ref}&sort=reported_at&limit=2") == ids
    assert found(f"customer_ref={ref}&channel=phone&sort=reported_at") == [ids[0], ids[2]]
    assert found(f"customer_ref={ref}&reported_from={quote(ago(days=2).split('.')[0] + 'Z')}")
    assert found(f"customer_ref={ref}&status=closed") == []
    assert found(f"customer_ref={ref}&origin=imported") == []
    assert found(f"customer_ref={ref}&external_id={sources[0]['external_id']}") == [ids[2]]


def test_words_are_found_in_english_and_chinese(
    callers: Callers, read_models: ProjectionEngine
) -> None:
    english = callers.reporter.report(a_report(summary="A thermostat that whistles at night"))
    chinese = callers.reporter.report(a_report(summary="恒温器夜间发出啸叫声"))
    read_models.catch_up()

    def found(words: str, caller: Caller = callers.handler) -> list[str]:
        return [row["id"] for row in shown(caller.get(f"/v1/cases?q={quote(words)}"))["items"]]

    assert found("whistling thermostats") == [english["id"]]
    assert found("恒温器") == [chinese["id"]]
    assert found("thermostat 恒温器") == []
    assert found("thermostat", callers.auditor) == []
    nothing = callers.handler.get("/v1/cases?q=...")
    assert_problem(nothing, 400, "invalid_parameter")
    assert shown(nothing)["errors"][0]["code"] == "nothing_to_search"


def test_a_list_says_how_far_it_has_read(
    callers: Callers, read_models: ProjectionEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.pages.WAIT_SECONDS", 0.1)
    answer = callers.reporter.post("/v1/cases", a_report(), Idempotency_Key=str(uuid4()))
    position = int(answer.headers["Amends-Position"])
    read_models.catch_up()

    unread = callers.reporter.post("/v1/cases", a_report(), Idempotency_Key=str(uuid4()))

    read = callers.handler.get(f"/v1/cases?wait_for={position}")
    later = callers.handler.get(f"/v1/cases?wait_for={unread.headers['Amends-Position']}")
    lost = callers.handler.get(f"/v1/cases?wait_for={position + 10**9}")

    assert int(read.headers["Amends-Read-Position"]) >= position
    assert float(read.headers["Amends-Lag-Seconds"]) >= 0
    assert_problem(later, 503, "not_read_yet")
    assert int(later.headers["Retry-After"]) > 0
    assert_problem(lost, 410, "position_not_in_log")


def test_a_list_that_has_read_past_a_record_does_not_wait_for_it(
    callers: Callers, read_models: ProjectionEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record belongs to no case, so no read model ever stands at its position."""
    monkeypatch.setattr("api.pages.WAIT_SECONDS", 0.1)
    case = callers.reporter.report(a_report())
    hold = {"case_id": case["id"], "ground": "litigation", "matter": "court-2026-77"}
    placed = callers.privacy.post("/v1/legal-holds", hold, Idempotency_Key=str(uuid4()))
    address = f"/v1/cases?wait_for={placed.headers['Amends-Position']}"

    before = callers.handler.get(address)
    read_models.catch_up()
    after = callers.handler.get(address)

    assert_problem(before, 503, "not_read_yet")
    assert after.status_code == 200
    position = int(after.headers["Amends-Read-Position"])
    assert 0 < position < int(placed.headers["Amends-Position"])


def test_a_bookmark_of_an_event_that_is_lost_is_answered_with_an_error(
    callers: Callers, read_models: ProjectionEngine
) -> None:
    """What a recovery to an earlier moment leaves in the hands of those who had read further."""
    callers.reporter.report(a_report())
    read_models.catch_up()
    lost = encode(False, 4096)

    answer = callers.auditor.get(f"/v1/audit-trail?cursor={lost}")

    assert_problem(answer, 410, "position_not_in_log")


def test_a_timeline_joins_cases_and_channels(
    callers: Callers, read_models: ProjectionEngine
) -> None:
    ref = f"CUST-{uuid4().hex[:8]}"
    one = callers.reporter.report(a_report(ref, occurred_at=ago(days=9)))
    two = callers.reporter.report(a_report(ref, channel="chat", occurred_at=ago(days=7)))
    body = {**examples.body("log_interaction", "en"), "channel": "mail", "occurred_at": ago(days=5)}
    callers.handler.take(one, "log_interaction", body)
    read_models.catch_up()
    path = f"/v1/customers/{ref}/timeline"

    found = shown(callers.handler.get(path))
    paged = all_pages(callers.handler, f"{path}?limit=1")

    told = [(item["case_id"], item["channel"]) for item in found["items"]]
    assert told == [(one["id"], "phone"), (two["id"], "chat"), (one["id"], "mail")]
    assert paged == found["items"]
    assert {case["id"] for case in found["cases"]} == {one["id"], two["id"]}
    assert found["customer"] == {"ref": ref, "name": "Jordan Ellis", "tier": "gold"}
    by_mail = shown(callers.handler.get(f"{path}?channel=mail"))["items"]
    assert [item["event"] for item in by_mail] == ["interaction_logged"]
    nobody = callers.handler.get("/v1/customers/CUST-NOBODY/timeline")
    assert_problem(nobody, 404, "customer_not_found")


@pytest.mark.parametrize("sign", list("._:/#-"))
def test_every_sign_of_a_reference_leads_to_its_customer(
    callers: Callers, read_models: ProjectionEngine, sign: str
) -> None:
    ref = f"shop{sign}{uuid4().hex[:8]}"
    cases = [callers.reporter.report(a_report(ref))["id"] for _ in range(2)]
    read_models.catch_up()

    found = all_pages(callers.handler, f"/v1/customers/{quote(ref, safe='')}/timeline?limit=1")

    assert [item["case_id"] for item in found] == cases


@pytest.mark.parametrize(
    "place",
    [
        ["2026-01-01T00:00:00", 3],
        ["0001-01-01T00:00:00+23:59", 3],
        ["-reported_at", "2026-01-01T00:00:00", str(UUID(int=1))],
        ["-reported_at", "0001-01-01T00:00:00+23:59", str(UUID(int=1))],
        ["2026-01-01T00:00:00Z"],
        [1, 2],
        [],
    ],
)
def test_a_cursor_that_no_list_handed_out_is_refused_by_all(
    callers: Callers, read_models: ProjectionEngine, place: list[object]
) -> None:
    case = callers.reporter.report(a_report("CUST-CURSOR"))
    read_models.catch_up()

    answers = [
        callers.handler.get(f"{path}?cursor={encode(*place)}")
        for path in (
            "/v1/cases",
            "/v1/audit-trail",
            "/v1/customers/CUST-CURSOR/timeline",
            f"/v1/cases/{case['id']}/events",
            f"/v1/cases/{case['id']}/audit-trail",
        )
    ]

    for answer in answers:
        assert_problem(answer, 400, "invalid_cursor")


def test_the_trail_is_filtered_by_actor_step_and_time(
    callers: Callers, read_models: ProjectionEngine
) -> None:
    case = callers.reporter.report(a_report(occurred_at=ago(days=9)))
    callers.handler.take(case, "acknowledge", examples.body("acknowledge", "en"))
    read_models.catch_up()
    path = f"/v1/cases/{case['id']}/audit-trail"

    def steps(query: str) -> list[str]:
        return [entry["step"] for entry in all_pages(callers.auditor, f"{path}?{query}&limit=1")]

    assert steps("sort=position") == ["report", "acknowledge"]
    assert steps("sort=-position") == ["acknowledge", "report"]
    assert steps("actor=handler-1") == ["acknowledge"]
    assert steps("step=report") == ["report"]
    assert steps(f"occurred_to={quote(ago(days=1))}") == ["report"]
    assert steps(f"recorded_from={quote(ago(days=1))}") == ["report", "acknowledge"]
    over_all = shown(callers.auditor.get("/v1/audit-trail?step=acknowledge&sort=-position"))
    assert over_all["items"][0]["case_id"] == case["id"]
