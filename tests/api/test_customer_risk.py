"""Customers' risk over HTTP: the score with why, in both clocks, for people and by right only."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from domain.reference_books import CURRENT_EDITION
from projections.engine import ProjectionEngine
from tests.api.conftest import REPORT, Callers, Json, shown
from tests.api.supplying import HOUR, NOW, grave, item, risk, supply
from tests.api.test_errors import assert_problem
from tests.api.test_openapi import check
from tests.api.test_privacy import erase, place


def test_a_score_says_what_it_rests_on_and_what_adds_most(
    callers: Callers, openapi: Json, ref: str
) -> None:
    supply(callers.reporter, ref, [*grave(), item("return_rate", 5), item("survey_score", 60.0)])

    found = risk(callers.auditor, ref)

    check(openapi, "CustomerRisk", found)
    # (12 + 8 + 10 + 10) x 100 + 8 x 0 + 6 x 50, by 54
    assert (found["score"], found["band"], found["why_none"]) == (79.6, "high", None)
    assert (found["rests_on"], found["of"], found["weight_percent"]) == (6, 12, 54)
    assert found["labels"] == {"score": "Risk of churn or conflict, 0 to 100", "band": "High"}
    named = [(each["indicator"], each["state"]) for each in found["indicators"]]
    assert named[0] == ("spend_change", "counted")
    assert named[4:6] == [("survey_score", "counted"), ("return_rate", "counted")]
    assert {state for _, state in named[6:]} == {"missing"}
    most = found["indicators"][0]
    assert (most["points"], most["weight"], most["contribution"]) == (100.0, 12, 22.22)
    assert (most["value"], most["unit_label"], most["calm"], most["alarming"]) == (
        -60.0,
        "percent",
        0.0,
        -60.0,
    )
    assert most["supplied_by"]["id"] == "reporter-1"
    assert found["edition"] == CURRENT_EDITION


def test_it_is_told_in_chinese(callers: Callers, ref: str) -> None:
    supply(callers.reporter, ref, grave()[:2])

    found = risk(callers.handler, ref, Accept_Language="zh-CN")
    refused = callers.handler.get("/v1/customers/NOBODY/risk", Accept_Language="zh-CN")

    assert found["labels"] == {
        "score": "流失或冲突风险（0-100）",
        "why_none": "无评分：已知且未过期的指标太少。",
    }
    assert found["indicators"][0]["label"] == "近90天消费金额变化"
    assert shown(refused)["title"] == "没有关于该客户的记录"


def test_with_too_few_indicators_it_says_that_there_is_no_score(callers: Callers, ref: str) -> None:
    supply(callers.reporter, ref, grave()[:3])

    found = risk(callers.handler, ref)

    assert (found["score"], found["band"]) == (None, None)
    assert (found["why_none"], found["rests_on"]) == ("too_few_indicators", 3)
    assert (found["least_indicators"], found["least_weight_percent"]) == (4, 40)


def test_what_is_too_old_is_shown_and_does_not_count(callers: Callers, ref: str) -> None:
    supply(callers.reporter, ref, [*grave(), item("open_tickets", 9, NOW - 15 * 24 * HOUR)])

    found = risk(callers.handler, ref)

    old = next(each for each in found["indicators"] if each["indicator"] == "open_tickets")
    assert (old["state"], old["value"], old["points"]) == ("too_old", 9.0, None)
    assert datetime.fromisoformat(old["fresh_until"]) < NOW
    assert found["indicators"][4] == old
    assert found["rests_on"] == 4


def test_both_clocks_tell_of_the_past(callers: Callers, ref: str) -> None:
    supply(callers.reporter, ref, grave(NOW - 5 * 24 * HOUR))
    before = datetime.now(UTC)
    supply(callers.reporter, ref, [item("late_deliveries", 0, NOW - 2 * 24 * HOUR)])

    now = risk(callers.handler, ref)
    as_of = risk(callers.handler, ref, f"?as_of={(NOW - 3 * 24 * HOUR):%Y-%m-%dT%H:%M:%SZ}")
    known = risk(callers.handler, ref, f"?known_at={before:%Y-%m-%dT%H:%M:%S.%fZ}")
    earlier = risk(callers.handler, ref, f"?as_of={(NOW - 9 * 24 * HOUR):%Y-%m-%dT%H:%M:%SZ}")

    assert (now["score"], as_of["score"], known["score"]) == (80.0, 100.0, 100.0)
    assert (earlier["score"], earlier["rests_on"]) == (None, 0)


def test_it_stands_in_the_timeline_of_people_inside(
    callers: Callers, read_models: ProjectionEngine, openapi: Json, ref: str
) -> None:
    callers.reporter.report({**REPORT, "customer": {"ref": ref}})
    read_models.catch_up()
    path = f"/v1/customers/{ref}/timeline"
    before = shown(callers.handler.get(path))["risk"]

    supply(callers.reporter, ref, grave())

    timeline = shown(callers.handler.get(path))
    check(openapi, "Timeline", timeline)
    assert before is None
    assert (timeline["risk"]["score"], timeline["risk"]["band"]) == (100.0, "high")
    assert shown(callers.reporter.get(path))["risk"] is None


def test_a_customer_with_cases_alone_has_no_score_yet(callers: Callers, ref: str) -> None:
    callers.reporter.report({**REPORT, "customer": {"ref": ref}})

    found = risk(callers.handler, ref)

    assert (found["score"], found["rests_on"], found["erased_at"]) == (None, 0, None)


def test_an_export_holds_every_value_and_what_is_made_of_it(
    callers: Callers, openapi: Json, ref: str
) -> None:
    supply(callers.reporter, ref, grave(NOW - 3 * HOUR))
    supply(callers.reporter, ref, [item("late_deliveries", 0)])

    answer = callers.privacy.get(f"/v1/subjects/{ref}/export")
    page = callers.privacy.get(f"/v1/subjects/{ref}/export?format=html", Accept_Language="zh")

    found = shown(answer)
    check(openapi, "SubjectExport", found)
    assert [each["number"] for each in found["indicators"]] == [1, 2, 3, 4, 5]
    assert (found["risk"]["score"], found["cases"]) == (80.0, [])
    assert "近90天延迟配送次数" in page.get_data(as_text=True)
    assert "：80 · 高" in page.get_data(as_text=True)


def test_an_erased_customer_has_no_risk_any_more(callers: Callers, openapi: Json, ref: str) -> None:
    key = str(uuid4())
    supply(callers.reporter, ref, grave(NOW - 3 * HOUR), key)
    held = shown(place(callers.privacy, subject_ref=ref))
    assert_problem(erase(callers.privacy, ref), 409, "legal_hold_stands")
    release = f"/v1/legal-holds/{held['id']}/release"
    callers.privacy.post(release, {"ground": "matter_closed"}, Idempotency_Key=str(uuid4()))

    erased = erase(callers.privacy, ref)

    found = risk(callers.handler, ref)
    assert erased.status_code == 200
    assert (found["score"], found["rests_on"]) == (None, 0)
    assert found["erased_at"] == shown(erased)["erased_at"]
    assert "reporter-1" not in str(found["indicators"])
    export = shown(callers.privacy.get(f"/v1/subjects/{ref}/export"))
    page = callers.privacy.get(f"/v1/subjects/{ref}/export?format=html").get_data(as_text=True)
    check(openapi, "SubjectExport", export)
    assert [each["value"] for each in export["indicators"]] == [{"erased": True}] * 4
    assert "Late deliveries in 90 days: erased" in page
    listed = shown(callers.handler.get(found["links"]["indicators"]))["items"]
    assert listed == export["indicators"][::-1]
    again = shown(supply(callers.reporter, ref, grave(NOW - 3 * HOUR), key))["indicators"]
    assert again == export["indicators"]
    for code, observed_at in (("late_deliveries", NOW - 4 * HOUR), ("return_rate", NOW - HOUR)):
        late = supply(callers.reporter, ref, [item(code, 1, observed_at)])
        assert_problem(late, 409, "observed_before_erasure")
        assert shown(late)["params"] == {"erased_at": found["erased_at"]}
        assert "newest_observed_at" not in late.get_data(as_text=True)
    fresh = [item("late_deliveries", 1, datetime.now(UTC))]
    assert supply(callers.reporter, ref, fresh).status_code == 201
    assert risk(callers.handler, ref)["rests_on"] == 1
