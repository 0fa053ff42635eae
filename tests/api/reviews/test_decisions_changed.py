"""Decisions of reviews over HTTP, given to others or given another day."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from itertools import count
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from projections.engine import ProjectionEngine
from service.assembly import Service
from tests.api.conftest import Caller, Callers, Json, shown
from tests.api.reviews.steps import DAY, hold_then, open_one, send
from tests.api.reviews.test_decisions import DECISIONS, complete, states, to_carry_out
from tests.api.test_errors import assert_problem

WEEKS = count()
GIVEN: Json = {"owner": "TEAM-8", "reason": "wrong_owner", "file_ref": "TICKET-9"}
MOVED: Json = {"due_on": "2999-06-30", "reason": "waits_for_others"}


@pytest.fixture(scope="module")
def service(app: Flask, read_models: ProjectionEngine) -> Service:
    found: Service = app.extensions["amends"].service
    read_models.catch_up()
    return found


@pytest.fixture
def held(service: Service, callers: Callers) -> str:
    """A review that decided three things, each time another one; two of them are late."""
    review = open_one(service, "voice_of_customer", date(2019, 1, 7) + next(WEEKS) * 7 * DAY)
    assert hold_then(callers.analyst, service, review, DECISIONS).status_code == 200
    return review


def change(
    caller: Caller, review: str, step: str, body: Json, number: int = 1, version: int = 2
) -> TestResponse:
    return send(caller, f"/v1/reviews/{review}/decisions/{number}/{step}", body, version)


def test_a_decision_is_given_to_others_and_says_who_had_it_and_why(
    callers: Callers, held: str
) -> None:
    answer = change(callers.analyst, held, "assign", GIVEN)
    chinese = callers.auditor.get(f"/v1/reviews/{held}", Accept_Language="zh")

    told = shown(answer)["held"]["decisions"][0]
    (changed,) = told["changes"]
    assert (answer.status_code, answer.headers["ETag"], told["owner"]) == (200, '"3"', "TEAM-8")
    assert changed.pop("at").endswith("Z")
    assert changed == {
        "by": {"id": "analyst-1", "kind": "person"},
        "reason": "wrong_owner",
        "reason_label": "It belongs to somebody else",
        "owner_before": "WAREHOUSE-2",
        "owner": "TEAM-8",
        "owner_label": "TEAM-8",
        "due_before": None,
        "due_on": None,
        "file_ref": "TICKET-9",
    }
    in_chinese = shown(chinese)["held"]["decisions"][0]
    assert in_chinese["changes"][0]["reason_label"] == "归属有误"
    assert in_chinese["state_label"] == "已逾期"


def test_the_work_list_follows_owner_and_day(callers: Callers, held: str) -> None:
    before = shown(callers.auditor.get(f"/v1/reviews/{held}"))["changed_at"]
    change(callers.analyst, held, "assign", GIVEN, number=3)
    change(callers.analyst, held, "reschedule", MOVED, number=1)

    (given,) = to_carry_out(callers.handler, held, "&owner=TEAM-8")
    (moved,) = (each for each in to_carry_out(callers.handler, held) if each["decision"] == 1)
    then = to_carry_out(callers.handler, held, f"&owner=customer_service&known_at={before}")

    assert (given["decision"], given["unit"]) == (3, "customer_service")
    assert (moved["due_at"], moved["overdue"]) == ("2999-06-30T16:00:00Z", False)
    assert (moved["miss_recorded"], given["miss_recorded"]) == (True, False)
    assert [each["decision"] for each in then] == [3]


def test_another_day_after_its_time_leaves_it_late(callers: Callers, held: str) -> None:
    over = shown(change(callers.analyst, held, "reschedule", MOVED, number=1))
    ahead = shown(change(callers.approver, held, "reschedule", MOVED, number=3))

    late, open_still = over["held"]["decisions"][0], ahead["held"]["decisions"][2]
    assert (late["state"], late["late"], late["due_on"]) == ("late", True, "2999-06-30")
    assert late["changes"][0]["due_before"] == "2023-03-17T16:00:00Z"
    assert (open_still["state"], open_still["late"]) == ("open", False)
    assert states(callers.auditor, held) == ["late", "late", "open"]


def test_what_is_refused_changes_nothing(callers: Callers, service: Service, held: str) -> None:
    waiting = open_one(service, "improvement_cycle", date(2019, 6, 5))
    complete(callers.handler, held, 2)
    admin, today = callers.admin, datetime.now(UTC).date()
    unasked = [
        {"owner": "TEAM-8"},
        {**GIVEN, "reason": "because"},
        {**GIVEN, "owner": "张伟"},
        {**GIVEN, "note": "please"},
    ]

    answers = [
        (change(admin, held, "assign", {**GIVEN, "owner": "WAREHOUSE-2"}), 409, "owner_unchanged"),
        (change(admin, held, "reschedule", {**MOVED, "due_on": "2023-03-17"}), 409,
         "due_unchanged"),
        (change(admin, held, "reschedule", {**MOVED, "due_on": str(today - 2 * DAY)}), 422,
         "due_day_over"),
        (change(admin, held, "reschedule", {**MOVED, "due_on": "soon"}), 422, "invalid_body"),
        (change(admin, held, "reschedule", {**MOVED, "due_on": "9999-12-31"}), 422, "invalid_body"),
        (change(admin, held, "assign", GIVEN, number=2, version=3), 409,
         "review_decision_already_done"),
        (change(admin, held, "reschedule", MOVED, number=2, version=3), 409,
         "review_decision_already_done"),
        (change(admin, held, "assign", GIVEN, number=4), 404, "review_decision_not_found"),
        (change(admin, waiting, "assign", GIVEN, version=1), 404, "review_decision_not_found"),
        (change(admin, str(uuid4()), "assign", GIVEN), 404, "review_not_found"),
        (change(admin, held, "assign", GIVEN, version=1), 412, "review_has_moved"),
        *((change(admin, held, "assign", body), 422, "invalid_body") for body in unasked),
        *((change(caller, held, "assign", GIVEN), 403, "forbidden")
          for caller in (callers.handler, callers.auditor, callers.reporter)),
        (change(callers.handler, held, "reschedule", MOVED), 403, "forbidden"),
    ]  # fmt: skip

    for answer, status, code in answers:
        assert_problem(answer, status, code)
        assert "because" not in answer.get_data(as_text=True)
    decisions = shown(admin.get(f"/v1/reviews/{held}"))["held"]["decisions"]
    assert [each["changes"] for each in decisions] == [[], [], []]


def test_of_many_at_once_one_gives_it_away(callers: Callers, held: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(
                lambda n: change(callers.analyst, held, "assign", {**GIVEN, "owner": f"TEAM-{n}"}),
                range(8),
            )
        )
    of_another = change(callers.analyst, held, "assign", GIVEN, number=2)

    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 7]
    assert of_another.status_code == 200, "a change of one decision leaves the others as seen"


def test_a_retry_gets_the_same_answer(callers: Callers, held: str) -> None:
    path, key = f"/v1/reviews/{held}/decisions/1/assign", str(uuid4())

    first = send(callers.analyst, path, GIVEN, 2, key)
    again = send(callers.analyst, path, GIVEN, 2, key)

    assert shown(again) == shown(first)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(shown(again)["held"]["decisions"][0]["changes"]) == 1


def test_the_report_tells_how_many_were_given_away_or_moved(
    callers: Callers, service: Service
) -> None:
    review = open_one(service, "voice_of_customer", date(2018, 3, 5))
    hold_then(callers.analyst, service, review, DECISIONS)
    change(callers.analyst, review, "reschedule", MOVED, number=2)
    change(callers.analyst, review, "reschedule", {**MOVED, "due_on": "2999-07-31"}, 2, 3)
    change(callers.analyst, review, "assign", GIVEN, number=3)

    found = shown(callers.auditor.get("/v1/reports/reviews?from=2018-01-01&to=2018-12-31"))

    counted = {each["measure"]: each for each in found["decisions"]}
    trained, changed = counted["train_staff"], counted["change_procedure"]
    assert (trained["late"], trained["open"]) == (1, 1)
    assert (trained["reassigned"], trained["rescheduled"]) == (1, 1)
    assert (changed["reassigned"], changed["rescheduled"]) == (0, 0)


def test_the_report_tells_which_were_done_in_time_though_moved_ones_look_it(
    callers: Callers, service: Service
) -> None:
    review = open_one(service, "voice_of_customer", date(2017, 3, 6))
    days = ("2017-03-10", "2017-03-10", "2017-03-10", "2999-12-31", "2999-12-31")
    decided = [{"measure": "train_staff", "due_on": day} for day in days]
    hold_then(callers.analyst, service, review, decided)
    change(callers.analyst, review, "reschedule", MOVED, number=1)
    for done_late, number in ((True, 1), (True, 2), (False, 4)):
        told = shown(complete(callers.handler, review, number))["held"]["decisions"][number - 1]
        assert told["late"] is done_late

    found = shown(callers.auditor.get("/v1/reports/reviews?from=2017-01-01&to=2017-12-31"))

    (trained,) = found["decisions"]
    assert (trained["done"], trained["late"], trained["open"]) == (3, 1, 1)
    assert trained["in_time"] == {"count": 1, "of": 4, "share": 0.25}
    assert "done by their time, of those done or overdue" in found["definitions"]["decisions"]
