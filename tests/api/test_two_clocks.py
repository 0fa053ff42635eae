"""Two clocks by HTTP: what was recorded late is there when it occurred, not before it was known."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import uuid4

import pytest

from projections.engine import ProjectionEngine
from projections.turns import PastIsBusy, Turns
from tests.api.conftest import REPORT, Caller, Callers, Json, ago, shown
from tests.api.test_commitments import promise
from tests.api.test_errors import assert_problem


@dataclass(frozen=True)
class Late:
    """A case reported nine days ago; a call of five days ago was written down only just now."""

    case: Json
    customer: str
    before_it_was_known: str

    @property
    def path(self) -> str:
        return f"/v1/cases/{self.case['id']}"


@pytest.fixture(scope="module")
def late(callers: Callers, read_models: ProjectionEngine) -> Late:
    customer = f"CUST-{uuid4().hex[:8]}"
    body = {**REPORT, "customer": {"ref": customer}, "occurred_at": ago(days=9)}
    case = callers.reporter.report(body)
    between = datetime.now(UTC).isoformat()
    said = {"channel": "phone", "text": "我们会尽快处理", "occurred_at": ago(days=5)}
    callers.handler.take(case, "acknowledge", said)
    read_models.catch_up()
    return Late(case, customer, between)


def events(caller: Caller, path: str, **asked: str) -> list[str]:
    query = "&".join(f"{name}={quote(value)}" for name, value in asked.items())
    answer = caller.get(f"{path}?{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [item["event"] for item in shown(answer)["items"]]


BOTH = ["conflict_reported", "conflict_acknowledged"]


def test_the_trail_has_a_late_entry_since_it_occurred(callers: Callers, late: Late) -> None:
    trail = f"{late.path}/audit-trail"

    assert events(callers.auditor, trail, as_of=ago(days=6)) == BOTH[:1]
    assert events(callers.auditor, trail, as_of=ago(days=4)) == BOTH


def test_the_trail_has_no_late_entry_before_it_was_known(callers: Callers, late: Late) -> None:
    trail, then = f"{late.path}/audit-trail", late.before_it_was_known

    assert events(callers.auditor, trail, known_at=then) == BOTH[:1]
    assert events(callers.auditor, trail, as_of=ago(days=4), known_at=then) == BOTH[:1]
    assert events(callers.auditor, trail, known_at=ago(seconds=0)) == BOTH


def test_there_is_no_trail_of_a_case_that_was_not_there(callers: Callers, late: Late) -> None:
    trail = f"{late.path}/audit-trail"

    for asked in (f"as_of={quote(ago(days=10))}", f"known_at={quote(ago(days=1))}"):
        for path in (trail, late.path):
            answer = callers.auditor.get(f"{path}?{asked}")
            assert_problem(answer, 404, "case_not_found")
            assert shown(answer)["began"]["occurred_at"] == late.case["reported_at"]


def test_of_a_case_that_never_was_nothing_is_told(callers: Callers) -> None:
    answer = callers.auditor.get(f"/v1/cases/{uuid4()}?as_of={quote(ago(days=1))}")

    assert_problem(answer, 404, "case_not_found")
    assert "began" not in shown(answer)


def test_pages_of_a_past_trail_hold_on_to_its_instants(callers: Callers, late: Late) -> None:
    now = quote(ago(seconds=0))
    first = callers.auditor.get(f"/v1/audit-trail?limit=1&as_of={now}&known_at={now}")
    cursor = first.headers["Link"].partition("cursor=")[2].partition(">")[0]

    second = callers.auditor.get(first.headers["Link"].partition(";")[0].strip("<>"))
    elsewhere = callers.auditor.get(f"/v1/audit-trail?limit=1&as_of={now}&cursor={cursor}")
    without = callers.auditor.get(f"/v1/audit-trail?limit=1&cursor={cursor}")

    assert shown(second)["items"][0]["position"] > shown(first)["items"][0]["position"]
    assert_problem(elsewhere, 400, "invalid_cursor")
    assert_problem(without, 400, "invalid_cursor")


def listed(caller: Caller, late: Late, **asked: str) -> list[int]:
    """The versions in which the list shows the customer's cases."""
    query = "&".join(f"{name}={quote(value)}" for name, value in asked.items())
    answer = caller.get(f"/v1/cases?customer_ref={late.customer}&{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [item["version"] for item in shown(answer)["items"]]


def test_the_list_shows_cases_as_they_were(callers: Callers, late: Late) -> None:
    assert listed(callers.handler, late, as_of=ago(days=10)) == []
    assert listed(callers.handler, late, as_of=ago(days=6)) == [1]
    assert listed(callers.handler, late, as_of=ago(days=4)) == [2]


def test_the_list_shows_cases_as_they_were_known(callers: Callers, late: Late) -> None:
    then = late.before_it_was_known

    assert listed(callers.handler, late, known_at=ago(days=1)) == []
    assert listed(callers.handler, late, known_at=then) == [1]
    assert listed(callers.handler, late, known_at=then, as_of=ago(days=4)) == [1]
    assert listed(callers.handler, late, known_at=ago(seconds=0)) == [2]


def test_a_past_list_is_counted_and_searched_as_it_was(callers: Callers, late: Late) -> None:
    path = f"/v1/cases?customer_ref={late.customer}&count=true&q=damaged"

    before = shown(callers.handler.get(f"{path}&as_of={quote(ago(days=10))}"))
    since = shown(callers.handler.get(f"{path}&as_of={quote(ago(days=6))}"))

    assert (before["total"]["count"], before["items"]) == (0, [])
    assert (since["total"]["count"], len(since["items"])) == (1, 1)


def test_the_timeline_of_a_customer_is_that_of_then(callers: Callers, late: Late) -> None:
    path = f"/v1/customers/{late.customer}/timeline"

    assert events(callers.handler, path, as_of=ago(days=6)) == BOTH[:1]
    assert events(callers.handler, path, known_at=late.before_it_was_known) == BOTH[:1]
    assert events(callers.handler, path, known_at=ago(seconds=0)) == BOTH
    unknown = callers.handler.get(f"{path}?as_of={quote(ago(days=10))}")
    assert_problem(unknown, 404, "customer_not_found")


def report(callers: Callers, **asked: str) -> Json:
    query = "&".join(f"{name}={quote(value)}" for name, value in asked.items())
    return shown(callers.analyst.get(f"/v1/reports/lessons-learned?{query}"))


def test_a_report_as_it_was_known_does_not_change(callers: Callers, late: Late) -> None:
    then, now = report(callers, known_at=late.before_it_was_known), report(callers)
    long_ago = report(callers, known_at=ago(days=1))

    replied = [made["total"]["first_reply"]["n"] for made in (then, now)]
    assert replied == [0, 1]
    assert [made["total"]["cases"] for made in (long_ago, then, now)] == [0, 1, 1]
    assert datetime.fromisoformat(then["known_at"]).isoformat() == late.before_it_was_known
    assert (now["as_of"], now["known_at"]) == (None, None)


def test_a_page_of_the_past_says_so(callers: Callers, late: Late) -> None:
    path = f"/v1/reports/lessons-learned?format=html&language=zh&as_of={quote(ago(days=6))}"

    page = callers.analyst.get(path).get_data(as_text=True)

    assert "仅含当时已发生的事件" in page
    assert "仅含当时已记录的事件" not in page


def test_more_than_is_folded_for_one_answer_is_refused(
    callers: Callers, late: Late, monkeypatch: pytest.MonkeyPatch
) -> None:
    front = callers.admin.app.extensions["amends"]
    monkeypatch.setitem(front.past_cases.__dict__, "most_events", 0)

    answer = callers.handler.get(f"/v1/cases?known_at={quote(late.before_it_was_known)}")

    assert_problem(answer, 422, "too_much_has_moved")
    assert shown(answer)["most_events"] == 0


def test_an_erased_person_stays_erased_in_the_past(
    callers: Callers, read_models: ProjectionEngine
) -> None:
    customer = f"CUST-{uuid4().hex[:8]}"
    callers.reporter.report({**REPORT, "customer": {"ref": customer}})
    before = quote(ago(seconds=0))
    ground = {"ground": "consent_withdrawn", "request_ref": "privacy-7"}
    erased = callers.privacy.post(
        f"/v1/subjects/{customer}/erase", ground, Idempotency_Key=str(uuid4())
    )
    read_models.catch_up()
    path = f"/v1/cases?customer_ref={customer}&known_at={before}"

    listed = shown(callers.handler.get(path))["items"]
    found = shown(callers.handler.get(f"{path}&q=damaged"))["items"]

    assert erased.status_code == 200
    assert [(case["version"], case["summary"]) for case in listed] == [(1, {"erased": True})]
    assert found == []


@contextmanager
def others_at_it(turns: Turns) -> Iterator[None]:
    """Other threads fold the past, as many as may."""
    with ExitStack() as held:
        while True:
            thread = held.enter_context(ThreadPoolExecutor(1))
            turn = turns.taken()
            try:
                thread.submit(turn.__enter__).result()
            except PastIsBusy:
                break
            held.callback(lambda at=thread, it=turn: at.submit(it.__exit__, None, None, None))
        yield


def test_only_some_fold_the_past_at_once(callers: Callers, late: Late) -> None:
    front = callers.admin.app.extensions["amends"]
    then = quote(late.before_it_was_known)
    paths = [f"{route.format(customer=late.customer)}" for route in FOLDING_ROUTES]

    with others_at_it(front.past_cases.turns):
        refused = [callers.auditor.get(f"{path}?known_at={then}") for path in paths]
        unmoved = callers.auditor.get(f"/v1/work?known_at={quote(ago(days=30))}")
        of_now = [callers.auditor.get(path) for path in paths]
    afterwards = [callers.auditor.get(f"{path}?known_at={then}") for path in paths]

    for answer in refused:
        assert_problem(answer, 503, "past_is_busy")
        assert int(answer.headers["Retry-After"]) > 0
    assert {answer.status_code for answer in (unmoved, *of_now, *afterwards)} == {200}


@pytest.mark.parametrize("report", ["promises", "satisfaction"])
def test_a_report_with_known_at_is_the_one_that_was_made_then(
    callers: Callers, read_models: ProjectionEngine, report: str
) -> None:
    case = callers.reporter.report()
    case = callers.handler.take(case, "make_commitment", promise())
    survey = {"occasion": "contact", "channel": "mail", "scale": "csat_1_5"}
    case = callers.handler.take(case, "send_survey", survey)
    read_models.catch_up()
    path = f"/v1/reports/{report}?from=2020-01-01&to=2030-01-01"
    made = shown(callers.analyst.get(path))

    case = callers.handler.take(case, "keep_commitment", {"commitment_id": "C1"})
    callers.handler.take(case, "answer_survey", {"survey_id": "Q1", "value": 2})
    read_models.catch_up()
    again = shown(callers.analyst.get(f"{path}&known_at={quote(made['made_at'])}"))
    since = shown(callers.analyst.get(path))

    told_apart = ("made_at", "known_at")
    figures = [
        {name: each[name] for name in each if name not in told_apart}
        for each in (made, again, since)
    ]
    assert figures[1] == figures[0] != figures[2]
    assert datetime.fromisoformat(again["known_at"]) == datetime.fromisoformat(made["made_at"])
    assert (made["as_of"], made["known_at"]) == (None, None)


def test_pages_of_past_work_are_of_one_moment(callers: Callers, late: Late) -> None:
    then = quote(late.before_it_was_known)
    first = callers.handler.get(f"/v1/work?limit=1&known_at={then}")
    link = first.headers["Link"].partition(";")[0].strip("<>")

    second = callers.handler.get(link)
    of_now = callers.handler.get(link.replace(f"known_at={then}&", ""))

    kinds = [shown(page)["items"][0]["kind"] for page in (first, second)]
    assert len(set(kinds)) == 2
    assert_problem(of_now, 400, "invalid_cursor")


PAST_ROUTES = (
    "{case}",
    "{case}/audit-trail",
    "/v1/audit-trail",
    "/v1/cases",
    "/v1/customers/{customer}/timeline",
    "/v1/reports/lessons-learned",
    "/v1/reports/promises",
    "/v1/reports/satisfaction",
    "/v1/commitments",
    "/v1/work",
    "/v1/orders",
    "/v1/scores",
)
FOLDING_ROUTES = (
    "/v1/cases",
    "/v1/customers/{customer}/timeline",
    "/v1/reports/lessons-learned",
    "/v1/reports/promises",
    "/v1/work",
)
"""Those that fold what has moved since in the case of these tests."""


@pytest.mark.parametrize("route", PAST_ROUTES)
@pytest.mark.parametrize("clock", ["as_of", "known_at"])
@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2099-01-01T00:00:00Z", "in_future"),
        ("yesterday", "not_an_instant"),
        ("2026-03-01", "not_an_instant"),
        ("2026-03-01T00:00:00", "no_offset"),
        ("1066-10-14T09:00:00Z", "year_out_of_range"),
        ("", "not_an_instant"),
    ],
)
def test_an_instant_that_is_none_is_refused(
    callers: Callers, late: Late, route: str, clock: str, value: str, code: str
) -> None:
    answer = callers.auditor.get(
        f"{route.format(case=late.path, customer=late.customer)}?{clock}={quote(value)}"
    )

    assert_problem(answer, 400, "invalid_parameter")
    assert [error["code"] for error in shown(answer)["errors"]] == [code]


def test_a_clock_that_is_a_little_fast_is_borne(callers: Callers, late: Late) -> None:
    soon = quote(ago(minutes=-4))

    assert callers.auditor.get(f"{late.path}?known_at={soon}").status_code == 200
