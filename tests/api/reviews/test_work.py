"""Reviews and corrective actions in the work list: for whom, in which order, until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from flask import Flask

from domain.records import ReviewOpened
from domain.reference_books import CURRENT_EDITION
from domain.reviews.review import opened_fields, review_id
from domain.reviews.rhythm import Occurrence, kinds_of
from projections.engine import ProjectionEngine
from service.assembly import Service
from service.record_book import envelope
from tests.api.conftest import Caller, Callers, Json, shown
from tests.api.reviews.steps import (
    ALL_FIGURES,
    HELD,
    actions_of,
    change,
    figures,
    hold,
    open_one,
    tell,
)
from tests.api.test_errors import assert_problem
from tests.given import circumstances


@pytest.fixture(scope="module")
def service(app: Flask, read_models: ProjectionEngine) -> Service:
    found: Service = app.extensions["amends"].service
    read_models.catch_up()
    return found


@pytest.fixture(scope="module")
def week_before(service: Service) -> str:
    return open_one(service, "voice_of_customer", date(2021, 1, 4))


@pytest.fixture(scope="module")
def weekly(service: Service, week_before: str) -> str:
    return open_one(service, "voice_of_customer", date(2021, 1, 11))


@pytest.fixture(scope="module")
def audit_before(service: Service, callers: Callers) -> str:
    return an_audit(service, callers, date(2020, 10, 10))


@pytest.fixture(scope="module")
def audit(service: Service, callers: Callers, audit_before: str) -> str:
    return an_audit(service, callers, date(2021, 1, 10))


@pytest.fixture(scope="module")
def standing(week_before: str, weekly: str, audit: str) -> set[str]:
    """Reviews that stay as they were opened, whatever a test does with others."""
    return {week_before, weekly, audit}


def an_audit(service: Service, callers: Callers, day: date) -> str:
    """An audit that found one figure wrong."""
    audit = open_one(service, "quarterly_audit", day)
    tell(callers.analyst, audit, figures({**ALL_FIGURES, "records_complete": "50"}))
    return audit


def work(caller: Caller, query: str = "") -> list[Json]:
    """The work on every page."""
    path, found = f"/v1/work?limit=1&{query}", []
    while path:
        answer = caller.get(path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found += shown(answer)["items"]
        path = answer.headers.get("Link", "").partition(";")[0].strip("<>")
    return found


def work_of(caller: Caller, reviews: set[str], query: str = "") -> list[Json]:
    """What is to be done about these reviews."""
    return [item for item in work(caller, query) if item["review_id"] in reviews]


@pytest.fixture
def other_work(callers: Callers, read_models: ProjectionEngine) -> str:
    case = callers.reporter.report()
    read_models.catch_up()
    return str(case["id"])


def test_the_newest_review_of_a_kind_and_every_action_stand_in_the_work_list(
    callers: Callers, standing: set[str], weekly: str, audit: str, other_work: str
) -> None:
    found = work(callers.auditor)

    due = [item["due_at"] for item in found]
    reviews = [item for item in found if item["review_id"] in standing]
    assert due == sorted(due)
    assert other_work in {item["case_id"] for item in found}
    assert {(item["kind"], item["review_id"]) for item in reviews} == {
        ("hold_review", weekly),
        ("hold_review", audit),
        ("complete_corrective_action", audit),
    }
    assert len(found) == len({(item["case_id"], item["kind"], item["review_id"]) for item in found})


def test_each_says_why_in_the_readers_language(callers: Callers, weekly: str, audit: str) -> None:
    (to_hold,) = (i for i in work(callers.handler) if i["review_id"] == weekly)
    answer = callers.handler.get(
        "/v1/work?kind=complete_corrective_action", Accept_Language="zh-CN"
    )
    (action,) = (item for item in shown(answer)["items"] if item["review_id"] == audit)

    assert (to_hold["overdue"], to_hold["owner"], to_hold["miss_recorded"]) == (
        True,
        "customer_service",
        False,
    )
    assert to_hold["why"] == {
        "rule": "voice_of_customer",
        "clock_label": "Hold a review",
        "rule_label": "Weekly voice of the customer",
        "source": "S64",
    }
    assert to_hold["links"] == {"review": f"/v1/reviews/{weekly}"}
    assert action["why"]["clock_label"] == "完成纠正措施"
    assert action["why"]["rule_label"] == "季度审计：记录完整率"
    assert callers.handler.get(action["links"]["corrective_action"]).status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=hold_review", 2),
        ("kind=complete_corrective_action", 1),
        ("kind=verify_corrective_action", 0),
        ("kind=hold_review&owner=internal_audit", 1),
        ("owner=quality", 1),
        ("unit=customer_service", 1),
        ("kind=hold_review&overdue=true", 2),
        ("kind=hold_review&overdue=false", 0),
        ("kind=hold_review&handler=handler-1", 0),
        ("kind=hold_review&paused=true", 0),
        ("kind=hold_review&disclose=true", 0),
        ("kind=hold_review&known_at=2020-01-01T00:00:00Z", 0),
        ("kind=hold_review&as_of=2021-01-05T00:00:00Z", 1),
        ("kind=commitment", 0),
    ],
)
def test_the_list_is_narrowed_like_other_work(
    callers: Callers, standing: set[str], query: str, expected: int
) -> None:
    assert len(work_of(callers.handler, standing, query)) == expected


def test_whoever_only_reports_sees_none_of_it(callers: Callers, weekly: str) -> None:
    assert [item for item in work(callers.reporter) if item["review_id"]] == []


def test_what_is_held_done_and_verified_leaves_the_list(
    callers: Callers, service: Service, audit_before: str, audit: str
) -> None:
    cycle = open_one(service, "improvement_cycle", date(2021, 1, 6))
    (action,) = actions_of(callers.auditor, audit_before)
    service.reviews.actions.miss(service.reviews.actions.get(UUID(action["id"])))
    both = {cycle, audit_before}
    before = work_of(callers.handler, both)

    hold(callers.analyst, cycle, {**HELD, "attendees": [{"party": "quality", "people": 2}]})
    change(callers.handler, action["id"], "complete", {"measure": "train_staff"})
    to_verify = work_of(callers.handler, both)
    change(callers.analyst, action["id"], "verify", {"result": "deviation_gone"}, 3)

    assert kinds(before) == {"hold_review": False, "complete_corrective_action": True}
    assert kinds(to_verify).keys() == {"carry_out_decision", "verify_corrective_action"}
    assert kinds(work_of(callers.handler, both)).keys() == {"carry_out_decision"}


def kinds(found: list[Json]) -> dict[str, bool]:
    """Whether it is on record that each kind of work was not done in time."""
    return {item["kind"]: item["miss_recorded"] for item in found}


def test_what_a_newer_process_wrote_is_listed_by_its_code(
    callers: Callers, service: Service
) -> None:
    kind = replace(kinds_of()["cross_department"], edition=CURRENT_EDITION + 1)
    newer = Occurrence(kind=kind, scheduled_on=date(2021, 1, 5))
    by = circumstances(at=newer.opens_at)
    first = ReviewOpened(**envelope(review_id(newer), 1, by), **opened_fields(newer))
    service.records.append(first)

    (found,) = [
        each for each in work(callers.auditor) if each["review_id"] == str(review_id(newer))
    ]
    listed = callers.auditor.get("/v1/reviews?kind=cross_department")
    shown_alone = callers.auditor.get(f"/v1/reviews/{review_id(newer)}")
    changed = hold(callers.analyst, str(review_id(newer)))

    assert_problem(changed, 503, "written_by_newer_version")
    assert len(service.records.of_originator(review_id(newer))) == 1
    assert found["why"]["rule"] == "cross_department"
    assert found["why"]["rule_label"]
    assert (listed.status_code, shown_alone.status_code) == (200, 200)
    assert str(review_id(newer)) in {each["id"] for each in shown(listed)["items"]}
    assert (shown(shown_alone)["least_parties"], shown(shown_alone)["looks_at"]) == (1, [])
    assert callers.admin.get("/metrics").status_code == 200
