"""Reviews over HTTP: held once, listed, shown as they were known, and every refusal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

from domain.reviews.rhythm import Occurrence, kinds_of
from projections.cursors import encode
from service.assembly import Service
from service.event_store.records import HIGHEST_POSITION
from tests.api.conftest import Callers, shown
from tests.api.reviews.steps import DAY, HELD, figures, hold, listed, open_one, tell
from tests.api.test_errors import assert_problem


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
    crowd, over = HELD["attendees"], {"measure": "train_staff", "due_on": "2020-01-01"}

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
        (hold(analyst, weekly, {**HELD, "decisions": [*HELD["decisions"], over]}), 422,
         "due_day_over"),
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
