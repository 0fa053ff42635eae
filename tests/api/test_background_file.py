"""The background file: complete, by right, on record, and the same bytes for the same version."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from itertools import pairwise

import pytest

from api import examples
from api.background_file import background_schema
from tests.api.conftest import Callers, Json, shown
from tests.api.test_errors import assert_problem


def a_life(callers: Callers, language: str = "zh") -> Json:
    """A case as the examples tell it, to its end."""
    first, *later = examples.life(language)
    case = callers.of(first.role).report(first.body)
    for each in later:
        case = callers.of(each.role).take(case, each.step, each.body)
    return case


@pytest.fixture(scope="module")
def case(callers: Callers) -> Json:
    return a_life(callers)


def path(case: Json, **query: str | int) -> str:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return f"/v1/cases/{case['id']}/background-file?{asked}"


def test_it_tells_both_sides_what_was_tried_and_what_stands_open(
    callers: Callers, case: Json
) -> None:
    file = shown(callers.handler.get(path(case)))

    report, confirmation = examples.body("report", "zh"), examples.body("confirm", "zh")
    assert set(file) == set(background_schema()["properties"])
    assert file["case"]["reference"] == case["reference"]
    assert file["parties"]["customer"]["name"] == report["customer"]["name"]
    assert file["positions"]["customer"]["summary"] == report["summary"]
    assert file["positions"]["customer"]["restatement"] == confirmation["restatement"]
    assert file["positions"]["customer"]["answers_to_offers"][0]["answer"] == "accepted"
    assert file["positions"]["company"]["findings"]["root_cause"]
    assert file["positions"]["company"]["answers"][0]["explanation"]
    assert [piece["kind"] for piece in file["evidence"]] == [
        piece["kind"] for piece in case["evidence"]
    ]
    assert len(file["attempts"][0]["solutions"]) == 2
    assert len(file["contacts"]["interactions"]) == len(case["interactions"])
    assert [run["clock"] for run in file["deadlines"]] == [run["clock"] for run in case["clocks"]]
    assert [line["version"] for line in file["history"]] == list(range(1, case["version"] + 1))
    assert file["history"][-1]["status"] == "closed"


def test_what_is_inside_the_company_only_is_left_out(callers: Callers, case: Json) -> None:
    text = callers.approver.get(path(case)).get_data(as_text=True)
    page = callers.approver.get(path(case, format="html")).get_data(as_text=True)

    for step, field in (("analyse", "accountable"), ("record_lessons", "what_worked")):
        inside = examples.body(step, "zh")[field]
        assert inside not in text
        assert inside not in page
    assert not re.search('"(feasibility|risk|principles|approval_reasons|lessons)"', text)


@pytest.mark.parametrize("form", ["json", "html"])
def test_the_same_version_and_language_give_the_same_bytes_and_their_digest(
    callers: Callers, case: Json, form: str
) -> None:
    first, again = (
        caller.get(path(case, format=form, version=9), Accept_Language="zh")
        for caller in (callers.handler, callers.approver)
    )

    digest = hashlib.sha256(first.get_data())
    assert first.get_data() == again.get_data()
    assert first.headers["Amends-File-Sha256"] == digest.hexdigest()
    assert first.headers["Content-Digest"] == (
        f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    )
    assert first.headers["Amends-File-Version"] == "9"


def test_each_version_tells_what_was_known_then(callers: Callers, case: Json) -> None:
    files = [shown(callers.handler.get(path(case, version=n))) for n in (1, 9, case["version"])]

    lengths = [len(file["history"]) for file in files]
    assert lengths == [1, 9, case["version"]]
    assert all(a["case"]["updated_at"] <= b["case"]["updated_at"] for a, b in pairwise(files))
    assert files[0]["attempts"] == [
        {"attempt": 1, "solutions": [], "carried_out": [], "resolutions": [], "follow_ups": []}
    ]


def test_the_referral_names_the_file_that_was_handed_over(callers: Callers) -> None:
    case = callers.handler.report(examples.body("report", "en"))
    answer = callers.handler.get(path(case, format="html"), Accept_Language="en")
    file = {
        "sha256": answer.headers["Amends-File-Sha256"],
        "case_version": int(answer.headers["Amends-File-Version"]),
    }

    referred = callers.handler.take(
        case, "refer", {"mediator": "Consumer office", "background_file": file}
    )
    later = callers.handler.get(
        path(case, format="html", version=file["case_version"]), Accept_Language="en"
    )

    assert referred["referrals"][0]["background_file"] == file
    assert hashlib.sha256(later.get_data()).hexdigest() == file["sha256"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"mediator": "Office"}, "nothing_handed_over"),
        (
            {"mediator": "Office", "background_file": {"sha256": "0" * 64, "case_version": 99}},
            "invalid_value",
        ),
        (
            {"mediator": "Office", "background_file": {"sha256": "x", "case_version": 1}},
            "invalid_body",
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_mediator_is_not_called_in_with_nothing(callers: Callers, body: Json, code: str) -> None:
    case = callers.handler.report(examples.body("report", "en"))

    answer = callers.handler.post(f"/v1/cases/{case['id']}/refer", body, If_Match='"1"')

    assert_problem(answer, 422, code)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_in_the_readers_language_and_takes_nothing_from_elsewhere(
    callers: Callers, case: Json, language: str
) -> None:
    answer = callers.handler.get(path(case, format="html"), Accept_Language=language)

    page = answer.get_data(as_text=True)
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in page
    assert {"en": "What the customer says", "zh": "客户的陈述"}[language] in page
    assert not re.search(r"<script|https?://(?!files)|src=", page.split("</style>")[1].replace(
        "https://", "https://files"
    ))  # fmt: skip
    assert "script" not in answer.headers["Content-Security-Policy"]
    if language == "zh":
        words = re.sub(r"<code>.*?</code>|<[^>]+>", " ", page.split("<body>")[1])
        assert not re.search(r"\b(proposed|accepted|missed|running|yes|no)\b", words)


def test_who_took_it_and_why_is_on_record(callers: Callers, case: Json) -> None:
    callers.handler.get(path(case), Amends_Access_Reason="mediation-77")

    newest = shown(callers.auditor.get(f"/v1/access-log?case_id={case['id']}&limit=1"))["items"][0]

    assert (newest["what"], newest["reason"]) == ("show_background_file", "mediation-77")
    assert newest["texts"] > 10


@pytest.mark.parametrize("role", ["reporter", "analyst", "auditor", "privacy", "admin"])
def test_only_who_may_call_a_mediator_takes_it(callers: Callers, case: Json, role: str) -> None:
    assert_problem(callers.of(role).get(path(case)), 403, "forbidden")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"version": 999}, 404, "version_not_found"),
        ({"version": 0}, 400, "invalid_parameter"),
        ({"format": "pdf"}, 400, "invalid_parameter"),
    ],
    ids=str,
)
def test_what_cannot_be_made_is_told(
    callers: Callers, case: Json, query: dict[str, str | int], status: int, code: str
) -> None:
    assert_problem(callers.handler.get(path(case, **query)), status, code)


def test_there_is_no_file_of_a_case_that_does_not_exist(callers: Callers) -> None:
    unknown = {"id": "0198a0de-0000-7000-8000-0000000000ff"}

    assert_problem(callers.handler.get(path(unknown)), 404, "case_not_found")


def test_it_is_json_unless_a_page_is_asked_for(callers: Callers, case: Json) -> None:
    plain = callers.handler.get(path(case))
    page = callers.handler.get(path(case), Accept="text/html")

    assert plain.content_type == "application/json"
    assert json.loads(plain.get_data())["format"] == "amends-background-file/2"
    assert page.content_type.startswith("text/html")


@pytest.mark.parametrize(
    ("language", "occasion", "score"),
    [
        ("en", "After a talk", "<dt>Score</dt><dd>1</dd>"),
        ("zh", "服务接触后", "<dt>评分</dt><dd>1</dd>"),
    ],
)
def test_answers_to_surveys_are_told_with_score_and_words(
    callers: Callers, language: str, occasion: str, score: str
) -> None:
    case = callers.handler.report(examples.body("report", language))
    case = callers.handler.take(
        case, "send_survey", {"occasion": "contact", "channel": "mail", "scale": "csat_1_5"}
    )
    comment = "Nobody listened 没有人听"
    answered = {"survey_id": "Q1", "value": 1, "satisfied": False, "comment": comment}
    callers.handler.take(case, "answer_survey", answered)

    (survey,) = shown(callers.handler.get(path(case)))["positions"]["customer"]["surveys"]
    page = callers.handler.get(path(case, format="html"), Accept_Language=language)

    assert (survey["occasion"], survey["scale"]) == ("contact", "csat_1_5")
    assert {name: survey["answer"][name] for name in ("score", "satisfied", "comment")} == {
        "score": 1, "satisfied": False, "comment": comment,
    }  # fmt: skip
    assert all(word in page.get_data(as_text=True) for word in (comment, score, occasion))
