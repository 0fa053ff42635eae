"""Alive, ready and counted; limits; the log; the database going away."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from io import StringIO
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
from flask import Flask

from api import examples
from api.app import create_app
from domain.hearing import Heard
from projections.engine import ProjectionEngine
from projections.health import Worker, beat
from projections.ledger.feeding import LedgerFeeder
from service.access_tokens import AccessTokens
from service.logging import configure_logging
from service.settings import Settings
from tests.api.conftest import REPORT, Caller, Callers, shown
from tests.api.test_errors import assert_problem


def test_a_service_that_is_up_says_so(app: Flask, read_models: ProjectionEngine) -> None:
    read_models.catch_up()
    LedgerFeeder(read_models.database).catch_up()
    beat(app.extensions["amends"].engine, Worker(), {})
    client = app.test_client()

    ready = shown(client.get("/readyz"))

    assert shown(client.get("/healthz")) == {"status": "alive"}
    assert ready["status"] == "ready"
    names = {check["name"] for check in ready["checks"]}
    assert names >= {"database", "migrations", "worker", "projection case_list"}


def test_a_server_goes_on_in_a_database_that_a_newer_version_has_migrated(
    settings: Settings, owner_database_url: str
) -> None:
    app = create_app(settings)
    with closing(psycopg2.connect(owner_database_url)) as owner, owner, owner.cursor() as cursor:
        cursor.execute("UPDATE alembic_version SET version_num = '9999'")

    ready = shown(app.test_client().get("/readyz"))
    app.extensions["amends"].engine.dispose()

    assert ready["status"] == "degraded"
    assert ready["checks"][1] == {"name": "migrations", "ok": False, "needed": False, "waiting": 0}


def test_answers_are_counted_for_prometheus(app: Flask, callers: Callers) -> None:
    callers.reporter.report()

    answer = callers.admin.get("/metrics")

    text = answer.get_data(as_text=True)
    assert answer.content_type.startswith("text/plain")
    assert 'amends_http_requests_total{method="POST",route="/v1/cases",status="2xx"}' in text
    assert 'amends_projection_lag_seconds{projection="case_list"}' in text
    assert_problem(callers.handler.get("/metrics"), 403, "forbidden")


def test_a_transaction_that_holds_readers_back_is_counted(
    shared_settings: Settings,
    callers: Callers,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that writes in another database of the cluster, and forgets to end."""
    monkeypatch.setattr("service.event_store.horizon.HELD_SECONDS_MAX", 0.0)
    app = create_app(shared_settings)
    with closing(psycopg2.connect(postgres_url)) as blocker, blocker.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), pg_current_xact_id()")
        process, _ = cursor.fetchone() or (0, 0)
        callers.reporter.report()

        metrics = _metrics(callers)
        ready = shown(app.test_client().get("/readyz"))
    app.extensions["amends"].engine.dispose()

    assert metrics["amends_horizon_lag_events"] == 1
    assert 0 < metrics["amends_horizon_lag_seconds"] <= metrics["amends_horizon_blocker_seconds"]
    assert metrics["amends_horizon_blocker_process_id"] == process
    assert ready["status"] == "degraded"
    (horizon,) = (check for check in ready["checks"] if check["name"] == "horizon")
    assert (horizon["ok"], horizon["lag_events"]) == (False, 1)
    assert horizon["held_seconds"] >= horizon["lag_seconds"] > 0


def _metrics(callers: Callers) -> dict[str, float]:
    """Every sample without labels."""
    lines = callers.admin.get("/metrics").get_data(as_text=True).splitlines()
    samples = (line.split() for line in lines if not line.startswith("#") and "{" not in line)
    return {name: float(value) for name, value in samples}


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Our log as JSON lines; the handlers are put back afterwards."""
    root, stream = logging.getLogger(), StringIO()
    handlers, level = root.handlers[:], root.level
    configure_logging(Settings(log_format="json"), stream)
    yield stream
    root.handlers[:], root.level = handlers, level


def test_each_request_leaves_one_line_that_names_nobody(callers: Callers, log: StringIO) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    body = examples.body("report", "zh")
    headers = {"Idempotency_Key": str(uuid4()), "X_Request_Id": "one-line", "traceparent": trace}

    callers.reporter.post("/v1/cases", body, **headers)
    callers.handler.get(f"/v1/customers/{body['customer']['ref']}/timeline")

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["route"] for line in lines] == ["/v1/cases", "/v1/customers/<path:ref>/timeline"]
    assert lines[0]["request_id"] == "one-line"
    assert lines[0]["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert lines[0]["status"] == 201
    assert lines[0]["level"] == "info"
    for secret in ("王小明", body["customer"]["ref"], callers.reporter.token):
        assert secret not in log.getvalue()


def test_probes_leave_a_line_only_where_something_is_wrong(callers: Callers, log: StringIO) -> None:
    callers.handler.get("/healthz")
    callers.handler.get("/readyz")
    callers.handler.get("/healthz?verbose")

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line["route"], line["status"]) for line in lines] == [("/healthz", 400)]


def test_nobody_is_named_in_the_stored_bytes(app: Flask, callers: Callers) -> None:
    callers.reporter.report(examples.body("report", "zh"))

    url = app.extensions["amends"].settings.required_database_url()
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT state FROM events")
        stored = b"".join(bytes(row[0]) for row in cursor.fetchall())
    connection.close()
    for text in ("王小明", "wang.xiaoming", "滚筒"):
        assert text.encode() not in stored
        assert json.dumps(text)[1:-1].encode() not in stored


def test_a_credential_that_asks_too_often_has_to_wait(settings: Settings) -> None:
    app = create_app(replace(settings, rate_limit_per_minute=60, web_processes=1))
    tokens = AccessTokens(app.extensions["amends"].engine)
    hasty = Caller(app, tokens.create("hasty", ["handler"])[1], "hasty")
    other = Caller(app, tokens.create("other", ["handler"])[1], "other")

    answers = [hasty.get("/v1/reference-books/channels") for _ in range(11)]

    assert {answer.status_code for answer in answers[:10]} == {200}
    assert_problem(answers[10], 429, "rate_limited")
    assert int(answers[10].headers["Retry-After"]) >= 1
    assert other.get("/v1/reference-books/channels").status_code == 200
    app.extensions["amends"].engine.dispose()


def test_a_service_without_its_database_asks_for_patience(tmp_path: Path) -> None:
    nowhere = Settings(
        database_url=f"postgresql://amends@/amends?host={tmp_path}",
        master_key="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    )
    app = create_app(nowhere)
    caller = Caller(app, f"amends_{uuid4().hex}_{'x' * 43}", "anybody")

    report = caller.post("/v1/cases", REPORT, Idempotency_Key="x")
    ready = app.test_client().get("/readyz")

    assert_problem(report, 503, "database_unavailable")
    assert report.headers["Retry-After"] == "2"
    assert_problem(ready, 503, "not_ready")
    assert shown(ready)["checks"] == [{"name": "database", "ok": False, "needed": True}]
    assert app.test_client().get("/healthz").status_code == 200
    assert str(tmp_path) not in ready.get_data(as_text=True)


class Deaf:
    """A classifier that always fails, until it is mended."""

    model = model_version = "deaf"
    is_mended = False

    def hear(self, text: str, language: str | None) -> Heard:
        if not self.is_mended:
            raise RuntimeError(text)
        return Heard(sentiment="neutral", confidence_percent=50)


def test_a_classifier_that_fails_degrades_the_service_until_it_answers_again(
    shared_settings: Settings, callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = Deaf()
    monkeypatch.setattr("service.classifier_plug_in.load_classifier", lambda _: classifier)
    monkeypatch.setattr("service.hearing_tally.FAILURE_COUNTS_SECONDS", 0.0)
    monkeypatch.setattr("api.front.READINESS_SECONDS", 0.0)
    asked = replace(shared_settings, classifier="deaf", classifier_milliseconds=10_000)
    app = create_app(asked)
    caller, admin = replace(callers.handler, app=app), replace(callers.admin, app=app)

    def check() -> tuple[bool, bool]:
        found = shown(app.test_client().get("/readyz"))["checks"]
        (row,) = (each for each in found if each["name"] == "classifier")
        return row["ok"], row["failed_seconds_ago"] is None

    before = check()
    angry = caller.report({**REPORT, "summary": "I am furious"})
    failing = check()
    classifier.is_mended = True
    caller.report(REPORT)
    after = check()
    counted = admin.get("/metrics").get_data(as_text=True).splitlines()
    app.extensions["amends"].engine.dispose()

    assert (before, failing, after) == ((True, True), (False, False), (True, False))
    assert angry["emotion_now"] == "angry", "the built-in words heard it"
    assert {
        'amends_classifier_questions_total{outcome="raised"} 1.0',
        'amends_classifier_questions_total{outcome="answered"} 1.0',
        "amends_classifier_seconds_count 2.0",
    } <= set(counted)


def test_where_nobody_listens_readiness_says_nothing_of_it(shared_settings: Settings) -> None:
    app = create_app(replace(shared_settings, classifier="none"))

    checks = shown(app.test_client().get("/readyz"))["checks"]

    assert "classifier" not in {check["name"] for check in checks}
    app.extensions["amends"].engine.dispose()
