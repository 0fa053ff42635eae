"""Reviews over HTTP: the calendar, audits, corrective actions, and every refusal on the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from domain.reviews.review import review_id
from domain.reviews.rhythm import Occurrence, kinds_of
from domain.values import ActorKind, Role
from projections.cursors import encode
from projections.review_watch import ReviewWatch
from service.access_tokens import AccessTokens
from service.assembly import Service
from service.event_store.recorder import HIGHEST_POSITION
from service.record_streams import RecordStreams
from tests.api.conftest import Caller, Callers, Json, shown
from tests.api.test_errors import assert_problem

WEEKS, QUARTERS = count(), count()
DAY = timedelta(days=1)
ALL_FIGURES = {
    "first_contact_resolution": "82",
    "reply_within_30_minutes": "80",
    "cases_within_time": "79",
    "records_complete": "78",
    "cases_with_finding": "80",
    "reported_satisfaction": "80",
}
HELD: Json = {
    "attendees": [{"party": "customer_service", "people": 3}, {"party": "sales", "people": 1}],
    "findings": [{"finding": "cause_comes_back", "times": 2}],
    "decisions": [{"measure": "change_procedure", "owner": "WAREHOUSE-2", "due_on": "2026-12-18"}],
    "file_ref": "MINUTES-7",
}


@pytest.fixture
def weekly(service: Service) -> str:
    """A weekly review that is open, each time another one."""
    monday = date(2024, 1, 8) + next(WEEKS) * 7 * DAY
    return open_one(service, "voice_of_customer", monday)


@pytest.fixture
def audit(service: Service) -> str:
    """A quarterly audit that is open, each time another one."""
    number = next(QUARTERS)
    day = date(2010 + number // 4, 1 + number % 4 * 3, 10)
    return open_one(service, "quarterly_audit", day)


def open_one(service: Service, kind: str, day: date) -> str:
    occurrence = Occurrence(kind=kinds_of()[kind], scheduled_on=day)
    assert service.reviews.open_once(occurrence)
    assert not service.reviews.open_once(occurrence)
    return str(review_id(occurrence))


def send(
    caller: Caller, path: str, body: Json, version: int = 1, key: str | None = None
) -> TestResponse:
    return caller.post(path, body, If_Match=f'"{version}"', Idempotency_Key=key or str(uuid4()))


def hold(caller: Caller, review: str, body: Json | None = None, **more: Any) -> TestResponse:
    return send(caller, f"/v1/reviews/{review}/hold", HELD if body is None else body, **more)


def figures(found: dict[str, str], expected: str | None = "80") -> Json:
    told = {} if expected is None else {"expected": expected}
    return {
        "figures": [
            {"figure": code, "sampled": 40, "found": each, **told} for code, each in found.items()
        ]
    }


def tell(caller: Caller, audit: str, body: Json, **more: Any) -> TestResponse:
    return send(caller, f"/v1/reviews/{audit}/record-figures", body, **more)


def actions_of(caller: Caller, audit: str, query: str = "") -> list[Json]:
    answer = caller.get(f"/v1/corrective-actions?review_id={audit}&{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: list[Json] = shown(answer)["items"]
    return found


def change(caller: Caller, action: str, step: str, body: Json, version: int = 1) -> TestResponse:
    return send(caller, f"/v1/corrective-actions/{action}/{step}", body, version)


def listed(caller: Caller, path: str) -> list[str]:
    """The ids on every page."""
    found: list[str] = []
    while path:
        answer = caller.get(path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found += [item["id"] for item in shown(answer)["items"]]
        path = answer.headers.get("Link", "").partition(";")[0].strip("<>")
    return found


# Reviews


def test_a_review_says_what_it_covers_and_where_its_figures_are(
    callers: Callers, weekly: str
) -> None:
    answer = callers.auditor.get(f"/v1/reviews/{weekly}")
    chinese = callers.auditor.get(f"/v1/reviews/{weekly}", Accept_Language="zh-CN")

    found = shown(answer)
    assert answer.headers["ETag"] == '"1"'
    assert (found["state"], found["late"], found["overdue"]) == ("open", False, True)
    assert (found["owner"], found["owner_label"]) == ("customer_service", "Customer service")
    assert (shown(chinese)["kind_label"], shown(chinese)["owner_label"]) == (
        "每周反馈联席会议",
        "客户服务",
    )
    assert chinese.headers["Content-Language"] == "zh"
    assert (found["audit"], found["held"]) == (None, None)
    begins, ends = (datetime.fromisoformat(found["period"][name]) for name in ("from", "to"))
    assert ends - begins == 7 * DAY
    sources = {each["source"]: each["link"] for each in found["looks_at"]}
    asked = parse_qs(urlsplit(sources["lessons_learned"]).query)
    assert asked["known_at"] == [found["known_at"]] == [found["opened_at"]]
    assert (asked["from"], asked["to"]) == ([found["period"]["from"]], [found["period"]["to"]])


def test_every_link_of_what_a_review_looks_at_answers(
    callers: Callers, service: Service, read_models: Any
) -> None:
    read_models.catch_up()
    for kind, day in (
        ("voice_of_customer", date(2020, 1, 6)),
        ("cross_department", date(2020, 1, 5)),
        ("quarterly_audit", date(2020, 1, 10)),
    ):
        review = shown(callers.auditor.get(f"/v1/reviews/{open_one(service, kind, day)}"))
        for source in review["looks_at"]:
            answer = callers.auditor.get(source["link"])
            assert answer.status_code == 200, (source, answer.get_data(as_text=True))


def test_a_review_is_held_once_and_keeps_who_was_there_by_party(
    callers: Callers, weekly: str
) -> None:
    held = hold(callers.analyst, weekly)
    again = hold(callers.approver, weekly, version=2)

    found = shown(held)
    assert (held.status_code, held.headers["ETag"]) == (200, '"2"')
    assert (found["state"], found["late"]) == ("held", True)
    assert found["held"]["by"] == {"id": "analyst-1", "kind": "person"}
    assert found["held"]["attendees"][1] == {"party": "sales", "party_label": "Sales", "people": 1}
    assert found["held"]["findings"] == [
        {"finding": "cause_comes_back", "finding_label": "A cause comes back", "times": 2}
    ]
    assert found["held"]["decisions"][0]["owner"] == "WAREHOUSE-2"
    assert found["held"]["file_ref"] == "MINUTES-7"
    assert_problem(again, 409, "review_already_held")


def test_a_review_of_today_is_held_in_time(callers: Callers, service: Service) -> None:
    kind = kinds_of()["voice_of_customer"]
    yesterday = datetime.now(UTC).date() - 3 * DAY
    review = open_one(service, kind.code, yesterday)

    found = shown(hold(callers.analyst, review))

    due_at = Occurrence(kind=kind, scheduled_on=yesterday).due_at
    assert found["late"] is (due_at < datetime.now(UTC))
    told = shown(callers.auditor.get(f"/v1/reviews/{review}"))
    assert told["overdue"] is False


def test_a_retry_gets_the_same_answer_and_a_stale_change_none(
    callers: Callers, weekly: str
) -> None:
    key = str(uuid4())
    first = hold(callers.analyst, weekly, key=key)

    again = hold(callers.analyst, weekly, key=key)
    other = hold(callers.analyst, weekly, {**HELD, "file_ref": "M-8"}, key=key)
    stale = hold(callers.analyst, weekly)

    assert shown(again) == shown(first)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert_problem(other, 422, "idempotency_key_reused")
    assert_problem(stale, 412, "review_has_moved")
    assert shown(stale)["current_version"] == 2


def test_of_many_at_once_one_holds_a_review(callers: Callers, weekly: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: hold(callers.analyst, weekly), range(8)))

    done = [answer for answer in answers if answer.status_code == 200]
    assert len(done) == 1
    for answer in answers:
        if answer not in done:
            assert_problem(answer, 412, "review_has_moved")


def test_a_review_that_was_missed_meanwhile_is_held_by_the_version_that_was_seen(
    callers: Callers, service: Service, weekly: str
) -> None:
    service.reviews.miss(service.reviews.get(UUID(weekly)))

    held = hold(callers.analyst, weekly)

    assert (held.status_code, held.headers["ETag"]) == (200, '"3"')
    assert (shown(held)["state"], shown(held)["late"]) == ("held", True)


def test_what_a_review_refuses_changes_nothing(callers: Callers, weekly: str, audit: str) -> None:
    analyst, one = callers.analyst, {"party": "customer_service", "people": 3}
    crowd = HELD["attendees"]

    answers = [
        (hold(analyst, weekly, {**HELD, "attendees": [one]}), 422, "too_few_parties"),
        (hold(analyst, weekly, {"attendees": [{"party": "sales", "people": 1}]}), 422,
         "owner_absent"),
        (hold(analyst, weekly, {"attendees": [one, one]}), 422, "party_told_twice"),
        (hold(analyst, weekly, {"attendees": []}), 422, "invalid_body"),
        (hold(analyst, weekly, {"attendees": [{"party": "Jo Doe", "people": 1}]}), 422,
         "invalid_body"),
        (hold(analyst, weekly, {"attendees": [{"party": "sales", "people": 0}]}), 422,
         "invalid_body"),
        (hold(analyst, weekly, {**HELD, "note": "Jo was rude"}), 422, "invalid_body"),
        (hold(analyst, weekly, {**HELD, "findings": [{"finding": "bad", "times": 1}]}), 422,
         "invalid_body"),
        (hold(analyst, weekly, {"attendees": crowd, "held_at": "2999-01-01T00:00:00Z"}), 422,
         "held_in_future"),
        (hold(analyst, weekly, {"attendees": crowd, "held_at": "2001-01-01T00:00:00Z"}), 422,
         "held_before_opened"),
        (hold(analyst, weekly, {"attendees": crowd, "held_at": "yesterday"}), 422,
         "invalid_body"),
        (hold(analyst, str(uuid4())), 404, "review_not_found"),
        (analyst.post(f"/v1/reviews/{weekly}/hold", HELD, If_Match='"1"'), 400,
         "idempotency_key_required"),
        (analyst.post(f"/v1/reviews/{weekly}/hold", HELD, Idempotency_Key="k"), 428,
         "version_required"),
        (hold(callers.handler, weekly), 403, "forbidden"),
        (hold(callers.auditor, weekly), 403, "forbidden"),
        (hold(callers.reporter, weekly), 403, "forbidden"),
        (callers.reporter.get("/v1/reviews"), 403, "forbidden"),
        (tell(analyst, weekly, figures({"records_complete": "80"})), 409, "not_an_audit"),
        (hold(analyst, audit, {"attendees": [{"party": "internal_audit", "people": 1}]}), 409,
         "audit_figures_missing"),
        (tell(analyst, audit, figures({"promises_on_record": "80"})), 422,
         "figure_not_of_this_audit"),
        (tell(analyst, audit, figures({"cases_within_time": "80"}, None)), 422,
         "expectation_missing"),
        (tell(analyst, audit, figures({"cases_within_time": "101"})), 422, "invalid_value"),
        (tell(analyst, audit, figures({"cases_within_time": "-1"})), 422, "invalid_body"),
        (tell(analyst, audit, figures({"cases_within_time": "1.23456"})), 422, "invalid_body"),
        (tell(analyst, audit, {"figures": []}), 422, "invalid_body"),
        (tell(analyst, audit, {"figures": figures({"records_complete": "80"})["figures"] * 2}),
         422, "figure_told_twice"),
        (tell(callers.auditor, audit, figures({"records_complete": "80"})), 403, "forbidden"),
        (analyst.get("/v1/reviews/first"), 404, "not_found"),
        (analyst.get(f"/v1/reviews/{uuid4()}"), 404, "review_not_found"),
        (analyst.get("/v1/reviews?kind=none"), 400, "invalid_parameter"),
        (analyst.get("/v1/reviews?state=ringing"), 400, "invalid_parameter"),
        (analyst.get("/v1/reviews?period_from=2026-02-01&period_to=2026-01-01"), 400,
         "invalid_parameter"),
        (analyst.get("/v1/reviews?cursor=abc"), 400, "invalid_cursor"),
        (analyst.get(f"/v1/reviews?cursor={encode(HIGHEST_POSITION + 1)}"), 400, "invalid_cursor"),
        (analyst.get("/v1/reviews?known_at=2999-01-01T00:00:00Z"), 400, "invalid_parameter"),
    ]  # fmt: skip

    for answer, status, code in answers:
        assert_problem(answer, status, code)
    for review in (weekly, audit):
        assert shown(analyst.get(f"/v1/reviews/{review}"))["version"] == 1


def test_reviews_are_listed_by_what_is_asked(callers: Callers, service: Service) -> None:
    mondays = [date(2016, 2, 1) + number * 7 * DAY for number in range(3)]
    first, second, third = (open_one(service, "voice_of_customer", day) for day in mondays)
    hold(callers.analyst, first)
    service.reviews.miss(service.reviews.get(UUID(second)))
    of_then = (
        "/v1/reviews?limit=1&kind=voice_of_customer&period_from=2016-01-28&period_to=2016-02-13"
    )

    assert listed(callers.handler, of_then) == [third, second, first]
    assert listed(callers.handler, f"{of_then}&state=held") == [first]
    assert listed(callers.handler, f"{of_then}&state=missed") == [second]
    assert listed(callers.handler, f"{of_then}&state=open") == [third]
    assert listed(callers.handler, f"{of_then}&late=true") == [second, first]
    assert listed(callers.handler, f"{of_then}&known_at=2020-01-01T00:00:00Z") == []
    assert listed(callers.handler, f"{of_then}&as_of=2016-02-09T00:00:00Z") == [second, first]
    assert listed(callers.handler, "/v1/reviews?kind=quarterly_audit&period_to=2001-01-01") == []


def test_a_review_is_shown_as_it_was_known(callers: Callers, weekly: str) -> None:
    found = shown(callers.auditor.get(f"/v1/reviews/{weekly}"))
    before, opened = found["changed_at"], found["opened_at"]
    hold(callers.analyst, weekly)
    path = f"/v1/reviews/{weekly}?known_at="

    then = callers.auditor.get(f"{path}{before.replace('+', '%2B')}")
    unknown = callers.auditor.get(f"{path}2020-01-01T00:00:00Z")

    as_of = shown(callers.auditor.get(f"/v1/reviews/{weekly}?as_of={opened}"))
    assert (shown(then)["state"], shown(then)["version"]) == ("open", 1)
    assert (as_of["overdue"], shown(then)["overdue"]) == (False, True)
    assert_problem(unknown, 404, "review_not_found")


def test_the_calendar_says_what_is_to_come(callers: Callers) -> None:
    query = "from=2026-09-27&to=2026-10-13T00:00:00Z"
    found = shown(callers.auditor.get(f"/v1/review-calendar?{query}", Accept_Language="zh"))
    audits = shown(callers.auditor.get("/v1/review-calendar?kind=quarterly_audit"))["items"]
    wrong = callers.auditor.get("/v1/review-calendar?from=2026-09-27&to=2026-09-27")
    endless = callers.auditor.get("/v1/review-calendar?from=2026-09-27&to=2036-09-27")

    days = [(each["kind"], each["scheduled_on"], each["held_on"]) for each in found["items"]]
    assert days == [
        ("voice_of_customer", "2026-09-28", "2026-09-28"),
        ("improvement_cycle", "2026-09-30", "2026-09-30"),
        ("cross_department", "2026-10-05", "2026-10-08"),
        ("voice_of_customer", "2026-10-05", "2026-10-08"),
        ("quarterly_audit", "2026-10-10", "2026-10-10"),
        ("voice_of_customer", "2026-10-12", "2026-10-12"),
    ]
    assert found["items"][0]["kind_label"] == "每周反馈联席会议"
    assert len(audits) == 1
    assert_problem(wrong, 400, "invalid_parameter")
    assert_problem(endless, 400, "invalid_parameter")


@pytest.mark.parametrize(
    "query", ["from=9998-11-30", "from=9998-12-31", "from=9998-01-01&to=9998-12-31"]
)
def test_the_calendar_is_told_up_to_the_last_year(callers: Callers, query: str) -> None:
    answer = callers.auditor.get(f"/v1/review-calendar?{query}")

    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert len(shown(answer)["items"]) > 10


def test_a_kind_that_there_is_not_is_answered_with_those_there_are(callers: Callers) -> None:
    answer = callers.auditor.get("/v1/review-calendar?kind=foo")

    assert_problem(answer, 400, "invalid_parameter")
    (error,) = shown(answer)["errors"]
    assert error["parameter"] == "kind"
    assert error["allowed"] == sorted(kinds_of())
    assert callers.auditor.get(error["reference_book"]).status_code == 200


def test_a_period_is_blamed_on_what_was_given(callers: Callers) -> None:
    answer = callers.auditor.get("/v1/reports/reviews?from=2400-01-01")

    assert_problem(answer, 400, "invalid_parameter")
    assert [each["parameter"] for each in shown(answer)["errors"]] == ["from"]


@pytest.mark.parametrize("name", ["张伟", "仓库", "ann@example.com", "Ann Li"])
def test_records_have_no_room_for_a_name(
    callers: Callers, weekly: str, audit: str, name: str
) -> None:
    action = an_action(callers, audit)

    held = hold(
        callers.analyst, weekly, {**HELD, "decisions": [{"measure": "train_staff", "owner": name}]}
    )
    assigned = change(callers.approver, action, "assign", {"owner": name})

    assert_problem(held, 422, "invalid_body")
    assert_problem(assigned, 422, "invalid_body")
    assert name not in held.get_data(as_text=True) + assigned.get_data(as_text=True)


# Audits and corrective actions


def test_a_figure_above_five_per_cent_opens_one_action_and_exactly_five_none(
    callers: Callers, audit: str
) -> None:
    told = tell(callers.analyst, audit, figures({"records_complete": "75.9",
                                                 "cases_within_time": "76"}))  # fmt: skip

    found = {each["figure"]: each for each in shown(told)["audit"]["figures"]}
    assert told.headers["ETag"] == '"2"'
    assert (
        found["records_complete"]["deviation_percent"],
        found["records_complete"]["deviates"],
    ) == ("5.125", True)
    assert (
        found["cases_within_time"]["deviation_percent"],
        found["cases_within_time"]["deviates"],
    ) == ("5", False)
    (action,) = actions_of(callers.auditor, audit)
    assert (action["figure"], action["state"], action["owner"]) == (
        "records_complete",
        "open",
        "quality",
    )
    assert (action["expected"], action["found"]) == ("80", "75.9")
    assert (action["deviation_percent"], action["threshold_percent"]) == ("5.125", "5")


def test_where_nothing_was_expected_anything_found_opens_an_action(
    callers: Callers, audit: str
) -> None:
    told = tell(callers.analyst, audit, figures({"cases_with_finding": "0.5"}, "0"))

    (figure,) = shown(told)["audit"]["figures"]
    assert (figure["deviation_percent"], figure["deviates"]) == (None, True)
    assert actions_of(callers.auditor, audit)[0]["deviation_percent"] is None


def test_a_retry_and_a_correction_open_no_second_action(callers: Callers, audit: str) -> None:
    key, body = str(uuid4()), figures({"records_complete": "50"})
    first = tell(callers.analyst, audit, body, key=key)
    again = tell(callers.analyst, audit, body, key=key)
    with ThreadPoolExecutor(4) as threads:
        more = list(threads.map(lambda _: tell(callers.analyst, audit, body, key=key), range(4)))

    corrected = tell(callers.analyst, audit, figures({"records_complete": "60"}), version=2)

    assert [each.get_data() for each in (again, *more)] == [first.get_data()] * 5
    assert shown(corrected)["version"] == 3
    assert len(actions_of(callers.auditor, audit)) == 1


def test_an_audit_is_held_once_all_figures_are_told(callers: Callers, audit: str) -> None:
    body = {"attendees": [{"party": "internal_audit", "people": 2}]}
    first = tell(callers.analyst, audit, figures({"records_complete": "80"}, None))
    missing = shown(first)["audit"]["missing_figures"]
    early = hold(callers.approver, audit, body, version=2)
    tell(callers.analyst, audit, figures(ALL_FIGURES), version=2)

    held = hold(callers.approver, audit, body, version=3)

    assert len(missing) == 5
    assert missing[0] == {
        "figure": "first_contact_resolution",
        "figure_label": "Resolved at first contact",
        "unit": "percent",
        "expected": "80",
        "worse": "lower",
    }
    assert_problem(early, 409, "audit_figures_missing")
    assert len(shown(early)["params"]["figures"]) == 5
    assert (shown(held)["state"], shown(held)["audit"]["missing_figures"]) == ("held", [])
    late = tell(callers.analyst, audit, figures(ALL_FIGURES), version=4)
    assert_problem(late, 409, "review_already_held")


def an_action(callers: Callers, audit: str) -> str:
    tell(callers.analyst, audit, figures({"records_complete": "50"}))
    action: str = actions_of(callers.auditor, audit)[0]["id"]
    return action


def test_an_action_is_assigned_done_by_one_and_verified_by_another(
    callers: Callers, audit: str
) -> None:
    action = an_action(callers, audit)

    assigned = change(callers.approver, action, "assign", {"owner": "WAREHOUSE-2"})
    done = change(callers.analyst, action, "complete", {"measure": "train_staff"}, 2)
    own = change(callers.analyst, action, "verify", {"result": "deviation_gone"}, 3)
    back = change(callers.approver, action, "verify", {"result": "deviation_remains"}, 3)
    again = change(callers.handler, action, "complete", {"measure": "correct_records"}, 4)
    still = change(callers.analyst, action, "verify", {"result": "deviation_gone"}, 5)
    verified = change(callers.approver, action, "verify", {"result": "deviation_gone"}, 5)

    assert (shown(assigned)["owner"], shown(done)["state"]) == ("WAREHOUSE-2", "done")
    assert shown(done)["done"]["by"]["id"] == "analyst-1"
    assert_problem(own, 409, "verifier_did_it")
    assert (shown(back)["state"], shown(back)["sent_back"], shown(back)["done"]) == (
        "open",
        1,
        None,
    )
    assert shown(again)["done"]["by"]["id"] == "handler-1"
    assert_problem(still, 409, "verifier_did_it")
    assert (shown(verified)["state"], verified.headers["ETag"]) == ("verified", '"6"')
    assert shown(verified)["verified"]["result_label"] == "The deviation is gone"


def test_what_an_action_refuses_changes_nothing(app: Flask, callers: Callers, audit: str) -> None:
    action = an_action(callers, audit)
    admin, path = callers.admin, f"/v1/corrective-actions/{action}"

    answers = [
        (change(admin, action, "verify", {"result": "deviation_gone"}), 409,
         "corrective_action_not_done"),
        (change(admin, action, "assign", {"owner": "quality"}), 409, "owner_unchanged"),
        (change(admin, action, "assign", {"owner": "Jo Doe"}), 422, "invalid_body"),
        (change(admin, action, "complete", {}), 422, "invalid_body"),
        (change(admin, action, "complete", {"measure": "magic"}), 422, "invalid_body"),
        (change(admin, action, "complete", {"measure": "train_staff", "note": "x"}), 422,
         "invalid_body"),
        (change(admin, action, "complete", {"measure": "train_staff"}, 7), 412,
         "corrective_action_has_moved"),
        (change(admin, str(uuid4()), "complete", {"measure": "train_staff"}), 404,
         "corrective_action_not_found"),
        (admin.post(f"{path}/complete", {"measure": "train_staff"}, If_Match='"1"'), 400,
         "idempotency_key_required"),
        (admin.post(f"{path}/complete", {"measure": "train_staff"}, Idempotency_Key="k"), 428,
         "version_required"),
        (change(callers.auditor, action, "complete", {"measure": "train_staff"}), 403,
         "forbidden"),
        (change(callers.handler, action, "verify", {"result": "deviation_gone"}), 403,
         "forbidden"),
        (callers.reporter.get("/v1/corrective-actions"), 403, "forbidden"),
        (admin.get(f"/v1/corrective-actions/{uuid4()}"), 404, "corrective_action_not_found"),
        (admin.get("/v1/corrective-actions?state=lost"), 400, "invalid_parameter"),
        (admin.get("/v1/corrective-actions?figure=beauty"), 400, "invalid_parameter"),
        (admin.get("/v1/corrective-actions?owner=Jo%20Doe"), 400, "invalid_parameter"),
    ]  # fmt: skip

    for answer, status, code in answers:
        assert_problem(answer, status, code)
    assert shown(admin.get(path))["version"] == 1


def test_a_done_or_verified_action_is_neither_done_again_nor_verified_by_a_service(
    app: Flask, callers: Callers, audit: str, machine: Caller
) -> None:
    action = an_action(callers, audit)
    change(callers.handler, action, "complete", {"measure": "train_staff"})

    twice = change(callers.analyst, action, "complete", {"measure": "train_staff"}, 2)
    by_machine = change(machine, action, "verify", {"result": "deviation_gone"}, 2)
    change(callers.analyst, action, "verify", {"result": "recorded_in_error"}, 2)
    after = change(callers.analyst, action, "complete", {"measure": "train_staff"}, 3)

    assert_problem(twice, 409, "corrective_action_already_done")
    assert_problem(by_machine, 409, "verifier_not_a_person")
    assert_problem(after, 409, "corrective_action_already_verified")


@pytest.fixture
def machine(app: Flask) -> Caller:
    """Another service with the rights of an administrator."""
    tokens = AccessTokens(app.extensions["amends"].engine)
    name = f"machine-{uuid4().hex[:8]}"
    key = tokens.create(name, [Role.ADMIN], actor_kind=ActorKind.SERVICE)[1]
    return Caller(app, key, name)


def test_actions_are_listed_by_what_is_asked(
    callers: Callers, service: Service, audit: str
) -> None:
    tell(callers.analyst, audit, figures({"records_complete": "1", "cases_within_time": "1",
                                          "first_contact_resolution": "1"}))  # fmt: skip
    by_figure = {each["figure"]: each["id"] for each in actions_of(callers.auditor, audit)}
    late, done = by_figure["records_complete"], by_figure["cases_within_time"]
    service.reviews.actions.miss(service.reviews.actions.get(UUID(late)))
    change(callers.handler, done, "complete", {"measure": "train_staff"})
    path = f"/v1/corrective-actions?limit=1&review_id={audit}"

    assert set(listed(callers.auditor, path)) == set(by_figure.values())
    assert listed(callers.auditor, f"{path}&state=late") == [late]
    assert listed(callers.auditor, f"{path}&late=true") == [late]
    assert listed(callers.auditor, f"{path}&state=done") == [done]
    assert listed(callers.auditor, f"{path}&state=open") == [by_figure["first_contact_resolution"]]
    assert listed(callers.auditor, f"{path}&owner=quality") == [late]
    assert listed(callers.auditor, f"{path}&figure=cases_within_time") == [done]
    assert listed(callers.auditor, f"{path}&opened_from=2999-01-01") == []
    assert listed(callers.auditor, f"{path}&known_at=2020-01-01T00:00:00Z") == []


# The report


def test_the_report_counts_reviews_findings_and_actions(callers: Callers, service: Service) -> None:
    of_2005 = "/v1/reports/reviews?from=2005-01-01&to=2005-12-31"

    def report() -> Json:
        answer = callers.auditor.get(f"{of_2005}&language=zh")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return shown(answer)

    empty = report()
    weeks = [open_one(service, "voice_of_customer", date(2005, 3, 7) + n * 7 * DAY) for n in (0, 1)]
    in_time = "2005-03-08T00:00:00Z"
    hold(callers.analyst, weeks[0], {**HELD, "held_at": in_time})
    service.reviews.miss(service.reviews.get(UUID(weeks[1])))
    audit = open_one(service, "quarterly_audit", date(2005, 4, 10))
    tell(callers.analyst, audit, figures({"records_complete": "50"}))
    opened_now = actions_of(callers.auditor, audit)

    found = report()

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
    now = shown(callers.auditor.get("/v1/reports/reviews?from=2026-01-01"))["corrective_actions"]
    assert len(opened_now) == 1
    assert now["opened"] == sum(now[state] for state in ("open", "late", "done", "verified"))
    past = shown(callers.auditor.get(f"{of_2005}&known_at=2020-01-01T00:00:00Z"))
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


def test_a_worker_opens_what_the_calendar_named(callers: Callers, service: Service) -> None:
    """From now on: the calendar's ids are those of the reviews that a worker opens then."""
    ReviewWatch(service.engine, service.reviews).look()
    coming = shown(callers.auditor.get("/v1/review-calendar"))["items"]
    later = datetime.fromisoformat(coming[0]["opens_at"])

    ReviewWatch(service.engine, service.reviews, lambda: later).look()

    found = shown(callers.auditor.get(f"/v1/reviews/{coming[0]['id']}"))
    assert found["scheduled_on"] == coming[0]["scheduled_on"]
    assert found["period"] == coming[0]["period"]


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
