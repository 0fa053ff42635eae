"""The playbook over HTTP: steps in the reader's language, with what was done of them."""

from __future__ import annotations

import pytest

from api import examples
from tests.api.conftest import Callers, Json, shown
from tests.api.test_errors import assert_problem


@pytest.fixture
def case(callers: Callers) -> Json:
    """Reported by an angry customer."""
    return callers.handler.report(examples.body("report", "zh"))


def test_it_shows_each_step_with_its_source_and_what_was_recorded(
    callers: Callers, case: Json
) -> None:
    body = {"steps": [{"step": "emotions.angry.1", "followed": True}]}
    before = shown(callers.handler.get(f"/v1/cases/{case['id']}/playbook"))
    callers.handler.take(case, "record_playbook", body)

    after = shown(callers.handler.get(f"/v1/cases/{case['id']}/playbook"))

    assert (before["followed"], before["skipped"], before["open"]) == (0, 0, 1)
    assert (after["followed"], after["skipped"], after["open"]) == (1, 0, 0)
    (step,) = after["items"]
    assert step["source"] == "S9"
    assert (step["followed"], step["actor"]["id"]) == (True, "handler-1")


@pytest.mark.parametrize(
    ("language", "begins"), [("en", "Stay calm"), ("zh", "冷静处理"), ("fr", "Stay calm")]
)
def test_the_steps_are_in_the_readers_language(
    callers: Callers, case: Json, language: str, begins: str
) -> None:
    answer = callers.reporter.get(f"/v1/cases/{case['id']}/playbook", Accept_Language=language)

    assert shown(answer)["items"][0]["text"].startswith(begins)
    assert answer.headers["Content-Language"] == shown(answer)["language"]


def test_the_reason_for_what_was_left_out_is_shown_by_right(callers: Callers, case: Json) -> None:
    mark = {"step": "emotions.angry.1", "followed": False, "reason": "客户要求先道歉"}
    callers.handler.take(case, "record_playbook", {"steps": [mark]})

    seen = [
        shown(caller.get(f"/v1/cases/{case['id']}/playbook"))["items"][0]["reason"]
        for caller in (callers.handler, callers.auditor, callers.reporter)
    ]

    assert seen == ["客户要求先道歉", "客户要求先道歉", {"hidden": True}]


@pytest.mark.parametrize(
    ("mark", "code"),
    [
        ({"step": "emotions.calm.1", "followed": True}, "unknown_playbook_step"),
        ({"step": "emotions.angry.1", "followed": False}, "skipped_without_reason"),
        ({"step": "愤怒", "followed": True}, "invalid_body"),
        ({"step": "emotions.angry.1"}, "invalid_body"),
    ],
    ids=str,
)
def test_what_is_wrong_is_told_and_changes_nothing(
    callers: Callers, case: Json, mark: Json, code: str
) -> None:
    answer = callers.handler.post(
        f"/v1/cases/{case['id']}/record-playbook", {"steps": [mark]}, If_Match='"1"'
    )

    assert_problem(answer, 422, code)
    assert shown(callers.handler.get(f"/v1/cases/{case['id']}"))["version"] == 1


def test_a_case_that_does_not_exist_has_no_playbook(callers: Callers) -> None:
    path = "/v1/cases/0198a0de-0000-7000-8000-0000000000ff/playbook"

    assert_problem(callers.handler.get(path), 404, "case_not_found")
