"""Reviews over HTTP: held once, listed, and shown as they were known."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

from domain.reviews.rhythm import Occurrence, kinds_of
from service.assembly import Service
from tests.api.conftest import Callers, shown
from tests.api.reviews.steps import DAY, HELD, hold, listed, open_one
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


def test_a_review_is_overdue_at_its_time_once_that_is_on_record_as_missed(
    callers: Callers, service: Service, weekly: str
) -> None:
    path = f"/v1/reviews/{weekly}"
    due_at = shown(callers.handler.get(path))["due_at"]
    before = shown(callers.handler.get(f"{path}?as_of={due_at}"))

    service.reviews.miss(service.reviews.get(UUID(weekly)))

    then = shown(callers.handler.get(f"{path}?as_of={due_at}"))
    assert (before["state"], before["overdue"]) == ("open", False)
    assert (then["state"], then["overdue"]) == ("missed", True)


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
