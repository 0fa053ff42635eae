"""One shape for every error: RFC 9457, two languages, never a page, never a trace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO

import psycopg2
import pytest
from flask import Flask
from werkzeug.exceptions import default_exceptions
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from api import errors
from api.errors import PROBLEM_KINDS, Problem
from api.request_context import RequestContext
from domain.errors import all_refusals
from tests.api.conftest import Caller, Callers, shown

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id"}


def assert_problem(answer: TestResponse, status: int, code: str) -> None:
    """The answer is a problem of this kind in the one shape."""
    problem = shown(answer)
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert answer.content_type == "application/problem+json"
    assert problem.keys() >= MEMBERS
    assert problem["status"] == status
    assert problem["type"] == f"/docs#problem-{code}"
    assert problem["request_id"] == answer.headers["X-Request-Id"]


@pytest.fixture
def failing() -> Iterator[Flask]:
    """An application whose only view raises what a test puts there."""
    app = Flask("failing")
    errors.install(app)

    @app.before_request
    def begin() -> None:
        from flask import g, request

        g.context = RequestContext(request)

    @app.get("/")
    def fail() -> str:
        raise app.extensions["raises"]

    return app


def _get(app: Flask, error: BaseException, language: str = "en") -> TestResponse:
    app.extensions["raises"] = error
    return app.test_client().get("/", headers={"Accept-Language": language})


@pytest.mark.parametrize("status", sorted(default_exceptions))
def test_every_error_of_the_http_library_is_a_problem(failing: Flask, status: int) -> None:
    answer = _get(failing, default_exceptions[status]())

    problem = shown(answer)
    assert answer.status_code == problem["status"] == status
    assert answer.content_type == "application/problem+json"
    assert PROBLEM_KINDS[problem["code"]].status == status


@pytest.mark.parametrize("refusal", all_refusals(), ids=lambda refusal: refusal.code)
def test_every_refusal_of_the_domain_has_a_status_and_words(refusal: type) -> None:
    kind = PROBLEM_KINDS[refusal.code]

    assert kind.status in (403, 404, 409, 412, 422)
    assert kind.title.en
    assert kind.title.zh
    assert kind.advice.en
    assert kind.advice.zh


def test_no_problem_is_left_over() -> None:
    known = {refusal.code for refusal in all_refusals()} | {"refused"}

    assert set(errors.REFUSAL_PROBLEMS) == known


def test_an_unexpected_error_says_nothing_of_itself(
    failing: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = _get(failing, RuntimeError("Jordan Ellis, 4111 1111 1111 1111"))

    assert shown(answer)["code"] == "internal_error"
    logged = capsys.readouterr().out
    assert "RuntimeError" in logged
    assert shown(answer)["request_id"] in logged
    assert "Jordan" not in answer.get_data(as_text=True) + logged


def test_a_database_that_is_away_asks_for_patience(failing: Flask) -> None:
    answer = _get(failing, psycopg2.OperationalError("connection to 10.0.0.1 refused"))

    assert answer.status_code == 503
    assert shown(answer)["code"] == "database_unavailable"
    assert answer.headers["Retry-After"] == "2"
    assert "10.0.0.1" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN", "zh"),
        ("zh-Hant-TW;q=0.9, fr", "zh"),
        ("en;q=0.4, zh;q=0.8", "zh"),
        ("zh;q=0.4, en;q=0.8", "en"),
        ("zh;q=0, en", "en"),
        ("fr", "en"),
        ("", "en"),
        (";;;q=x", "en"),
    ],
)
def test_the_title_is_in_the_language_that_is_liked_best(
    failing: Flask, accepted: str, language: str
) -> None:
    answer = _get(failing, Problem("version_required"), accepted)

    title = PROBLEM_KINDS["version_required"].title
    assert shown(answer)["title"] == title.in_language(language)
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]


def test_addresses_and_methods_that_do_not_exist(callers: Callers) -> None:
    handler = callers.handler

    assert_problem(handler.get("/v1/nothing"), 404, "not_found")
    assert_problem(handler.get("/v1/cases/"), 404, "not_found")
    assert_problem(handler.get("//v1/cases"), 404, "not_found")
    assert_problem(handler.get("/v1/cases/not-an-id"), 404, "case_not_found")
    wrong = handler.send("DELETE", "/v1/cases")
    assert_problem(wrong, 405, "method_not_allowed")
    assert set(wrong.headers["Allow"].split(", ")) >= {"GET", "POST"}
    assert_problem(handler.send("OPTIONS", "/v1/cases"), 405, "method_not_allowed")


def test_bodies_of_another_kind_or_size(callers: Callers) -> None:
    def post(body: bytes, **headers: str) -> TestResponse:
        return callers.handler.post("/v1/cases", body, Idempotency_Key="x", **headers)

    assert_problem(post(b"{"), 400, "malformed_json")
    assert_problem(post(b"\xff"), 400, "not_utf8")
    assert_problem(post(b"{}", Content_Type="text/plain"), 415, "unsupported_media_type")
    latin = "application/json; charset=latin-1"
    assert_problem(post(b"{}", Content_Type=latin), 415, "unsupported_media_type")
    assert_problem(post(b"{}", Content_Encoding="gzip"), 415, "unsupported_media_type")
    assert_problem(post(b" " * 1_048_577), 413, "body_too_large")
    assert_problem(post(b" " * 1_048_576), 400, "malformed_json")
    utf8 = "application/json;charset=UTF-8"
    assert_problem(post(b"{}", Content_Type=utf8), 422, "invalid_body")


@pytest.mark.parametrize(
    ("length", "sent", "status", "code"),
    [
        (None, 1_048_576, 400, "malformed_json"),
        (None, 1_048_577, 413, "body_too_large"),
        (20_000_000, 20_000_000, 413, "body_too_large"),
        (7, 2, 400, "bad_request"),
    ],
)
def test_a_body_is_bounded_however_it_is_sent(
    app: Flask, callers: Callers, length: int | None, sent: int, status: int, code: str
) -> None:
    builder = EnvironBuilder(
        "/v1/cases",
        method="POST",
        input_stream=BytesIO(b" " * sent),
        headers={
            "Authorization": f"Bearer {callers.handler.token}",
            "Idempotency-Key": "x",
            "Content-Type": "application/json",
        },
    )
    environ = {**builder.get_environ(), "wsgi.input_terminated": True}
    environ.pop("CONTENT_LENGTH", None)
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)

    parts, line, _ = run_wsgi_app(app.wsgi_app, environ)

    problem = json.loads(b"".join(parts))
    assert (int(line.split()[0]), problem["code"]) == (status, code)


def test_every_fault_of_a_body_is_named_with_its_place(callers: Callers) -> None:
    body = {
        "channel": "pigeon",
        "customer": {"ref": "a b", "nope": 1},
        "urgency": None,
        "language": 7,
        "occurred_at": "2026-03-01T09:30:00",
        "Jordan Ellis": 1,
    }

    answer = callers.handler.post("/v1/cases", body, Idempotency_Key="x")

    found = {(each["pointer"], each["code"]) for each in shown(answer)["errors"]}
    assert found == {
        ("/channel", "unknown_code"),
        ("/customer/ref", "not_reference"),
        ("/customer/nope", "unknown_field"),
        ("/language", "not_text"),
        ("/occurred_at", "no_offset"),
        ("/summary", "required"),
        ("", "unknown_field"),
    }
    assert "Jordan" not in answer.get_data(as_text=True)
    assert "phone" in next(e for e in shown(answer)["errors"] if "allowed" in e)["allowed"]


def test_faults_are_worded_in_chinese_too(callers: Callers) -> None:
    answer = callers.handler.post(
        "/v1/cases", {"summary": "x" * 201}, Idempotency_Key="x", Accept_Language="zh-CN"
    )

    details = {each["pointer"]: each["detail"] for each in shown(answer)["errors"]}
    assert details["/summary"] == "最多 200 个字符。"
    assert details["/channel"] == "必填。"


def test_queries_are_checked(callers: Callers) -> None:
    answer = callers.handler.get("/v1/cases?limit=0&status=lost&limit=3&nope=1&q=%20")

    assert_problem(answer, 400, "invalid_parameter")
    found = {(each["parameter"], each["code"]) for each in shown(answer)["errors"]}
    assert found == {
        ("limit", "repeated"),
        ("status", "not_one_of"),
        ("nope", "unknown_parameter"),
        ("q", "blank"),
    }


def test_strangers_are_sent_away(app: Flask, stranger: Caller) -> None:
    assert_problem(stranger.get("/v1/cases"), 401, "unauthenticated")
    challenge = stranger.get("/v1/cases").headers["WWW-Authenticate"]
    assert challenge == 'Bearer realm="amends", error="invalid_token"'
    silent = app.test_client().get("/v1/cases")
    assert_problem(silent, 401, "unauthenticated")
    assert silent.headers["WWW-Authenticate"] == 'Bearer realm="amends"'
    for header in ("Basic abc", "Bearer", "Bearer  ", "bearer x y", "Bearer 名"):
        answer = app.test_client().get(
            "/v1/cases", headers={"Authorization": header.encode().decode("latin-1")}
        )
        assert_problem(answer, 401, "unauthenticated")


def test_a_problem_is_json_that_every_reader_understands(callers: Callers) -> None:
    text = callers.handler.get("/v1/nothing").get_data(as_text=True)

    assert json.loads(text)["instance"].startswith("urn:amends:request:")


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("zh-CN", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-CN,en;q=0.1", "zh"),
        ("zh-CN, en;q=0.5", "zh"),
        ("ZH-Hans-CN, en-GB;q=0.9", "zh"),
        ("zh_TW, en;q=0.5", "zh"),
        ("zh, en", "zh"),
        ("en, zh", "en"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("zh-CN;q=0.2, en-GB;q=0.3", "en"),
        ("zh-CN;q=0, en;q=0.1", "en"),
        ("fr, zh-CN;q=0.1", "zh"),
        ("en;q=0, *", "zh"),
        ("zh;q=0.5, *", "en"),
        ("*", "en"),
        ("zhx", "en"),
        ("fr", "en"),
        ("en;q=0", "en"),
        ("", "en"),
    ],
)
def test_a_regional_tag_asks_for_its_language_with_its_own_weight(
    failing: Flask, asked: str, language: str
) -> None:
    answer = _get(failing, ValueError("typed"), asked)

    assert answer.headers["Content-Language"] == language
