"""The report of reviews over HTTP, and the metrics of what waits."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from service.assembly import Service
from service.record_streams import RecordStreams
from tests.api.conftest import Callers, Json, shown
from tests.api.reviews.steps import DAY, HELD, actions_of, an_action, figures, hold, open_one, tell
from tests.api.test_errors import assert_problem


def test_a_period_is_blamed_on_what_was_given(callers: Callers) -> None:
    answer = callers.auditor.get("/v1/reports/reviews?from=2400-01-01")

    assert_problem(answer, 400, "invalid_parameter")
    assert [each["parameter"] for each in shown(answer)["errors"]] == ["from"]


def report(callers: Callers, asked: str) -> Json:
    answer = callers.auditor.get(f"/v1/reports/reviews?{asked}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return shown(answer)


def test_the_report_counts_reviews_findings_and_actions(callers: Callers, service: Service) -> None:
    of_2005 = "from=2005-01-01&to=2005-12-31"
    empty = report(callers, of_2005)
    weeks = [open_one(service, "voice_of_customer", date(2005, 3, 7) + n * 7 * DAY) for n in (0, 1)]
    in_time = "2005-03-08T00:00:00Z"
    hold(callers.analyst, weeks[0], {**HELD, "held_at": in_time})
    service.reviews.miss(service.reviews.get(UUID(weeks[1])))
    audit = open_one(service, "quarterly_audit", date(2005, 4, 10))
    tell(callers.analyst, audit, figures({"records_complete": "50"}))
    opened_now = actions_of(callers.auditor, audit)

    found = report(callers, f"{of_2005}&language=zh")

    assert empty["reviews"]["opened"] == 0
    assert found["reviews"] == {
        "opened": 3,
        "open": 1,
        "missed": 1,
        "held": 1,
        "in_time": {"count": 1, "of": 3, "share": 0.3333},
    }
    assert [(each["kind_label"], each["opened"]) for each in found["reviews_by_kind"]] == [
        ("季度审计", 1),
        ("每周反馈联席会议", 2),
    ]
    assert found["findings"] == [
        {"finding": "cause_comes_back", "finding_label": "原因反复出现", "times": 2}
    ]
    assert found["decisions"][0]["count"] == 1
    assert found["corrective_actions"]["opened"] == 0
    now = report(callers, "from=2026-01-01")["corrective_actions"]
    assert len(opened_now) == 1
    assert now["opened"] == sum(now[state] for state in ("open", "late", "done", "verified"))
    past = report(callers, f"{of_2005}&known_at=2020-01-01T00:00:00Z")
    assert past["reviews"]["opened"] == 0


def test_the_report_reads_reviews_and_actions_as_of_one_moment(
    callers: Callers, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, opened = RecordStreams.page, []

    def page_then_open(self: RecordStreams[Any], *asked: Any, **more: Any) -> list[Any]:
        found = page(self, *asked, **more)
        if not opened:
            opened.append(open_one(service, "quarterly_audit", date(2004, 4, 10)))
            audit = figures({"records_complete": "50"})
            assert tell(callers.analyst, opened[0], audit).status_code == 200
        return found

    before = shown(callers.auditor.get("/v1/reports/reviews?from=2026-01-01"))
    with monkeypatch.context() as patch:
        patch.setattr(RecordStreams, "page", page_then_open)
        during = shown(callers.auditor.get("/v1/reports/reviews?from=2026-01-01"))
    after = shown(callers.auditor.get("/v1/reports/reviews?from=2026-01-01"))

    counted = [each["corrective_actions"]["opened"] for each in (before, during, after)]
    assert counted == [counted[0], counted[0], counted[0] + 1]


def test_metrics_count_what_waits(callers: Callers, service: Service, audit: str) -> None:
    def counted() -> dict[str, float]:
        lines = callers.admin.get("/metrics").get_data(as_text=True).splitlines()
        named = ("amends_reviews_waiting", "amends_corrective_actions_open")
        found = (line.split() for line in lines if line.startswith(named))
        return {name: float(value) for name, value in found}

    before = counted()
    action = an_action(callers, audit)
    opened = counted()
    service.reviews.actions.miss(service.reviews.actions.get(UUID(action)))
    late = counted()

    name = "amends_corrective_actions_open"
    assert len(before) == 5
    assert opened[f'{name}{{state="open"}}'] == before[f'{name}{{state="open"}}'] + 1
    assert late[f'{name}{{state="late"}}'] == before[f'{name}{{state="late"}}'] + 1
    assert late[f'{name}{{state="open"}}'] == before[f'{name}{{state="open"}}']
