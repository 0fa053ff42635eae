"""An application on a database of its own, and callers of every role."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.app import create_app
from domain.values import ActorKind, Role
from projections.engine import ProjectionEngine
from projections.read_models import build_engine
from service.access_tokens import AccessTokens
from service.assembly import Service
from service.settings import Settings
from tests.projections.ledger.a_ledger import ALedger

Json = dict[str, Any]
REPORT: Json = {"channel": "phone", "customer": {"ref": "CUST-1"}, "summary": "Arrived damaged"}


@dataclass
class Caller:
    """Sends requests as the holder of one credential."""

    app: Flask
    token: str
    name: str
    sent: int = field(default=0)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.send("GET", path, None, **headers)

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.send("POST", path, body, **headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send JSON, or bytes as they are; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
        } | named
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        return self.app.test_client().open(path, method=method, data=data, headers=named)

    def report(self, body: Json | None = None, key: str | None = None) -> Json:
        """Report a case and return it; fails where that is refused."""
        answer = self.post("/v1/cases", body or REPORT, Idempotency_Key=key or str(uuid4()))
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return shown(answer)

    def take(self, case: Json, step: str, body: Json) -> Json:
        """Take a step of a case as it was last seen; fails where that is refused."""
        path = f"/v1/cases/{case['id']}/{step.replace('_', '-')}"
        answer = self.post(path, body, If_Match=f'"{case["version"]}"')
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return shown(answer)


def ago(**duration: float) -> str:
    """So long before now, as a request says it: `ago(days=2, hours=1)`."""
    return (datetime.now(UTC) - timedelta(**duration)).isoformat()


def shown(answer: TestResponse) -> Json:
    """The JSON object in an answer."""
    found: Json = json.loads(answer.get_data())
    return found


@dataclass(frozen=True)
class Callers:
    """One caller for each role, all acting under names of their own."""

    reporter: Caller
    handler: Caller
    analyst: Caller
    approver: Caller
    auditor: Caller
    privacy: Caller
    admin: Caller

    def of(self, role: str) -> Caller:
        caller: Caller = getattr(self, role)
        return caller


@pytest.fixture(scope="module")
def app(shared_settings: Settings) -> Iterator[Flask]:
    """The application on the module's database, without a rate limit."""
    made = create_app(replace(shared_settings, rate_limit_per_minute=0))
    yield made
    made.extensions["amends"].engine.dispose()


@pytest.fixture(scope="module")
def service(app: Flask) -> Service:
    """The service behind the application."""
    found: Service = app.extensions["amends"].service
    return found


@pytest.fixture(scope="module")
def callers(app: Flask) -> Callers:
    """A caller for each role: people, but for the reporter, which is another service."""
    tokens = AccessTokens(app.extensions["amends"].engine)
    kinds = defaultdict(lambda: ActorKind.PERSON, {Role.REPORTER: ActorKind.SERVICE})
    keys = {role: tokens.create(f"{role}-1", [role], actor_kind=kinds[role])[1] for role in Role}
    return Callers(**{role.value: Caller(app, key, f"{role}-1") for role, key in keys.items()})


@pytest.fixture
def everybody(app: Flask) -> Caller:
    """Somebody with every role, under a name of their own in each test."""
    name = f"all-{uuid4().hex[:8]}"
    key = AccessTokens(app.extensions["amends"].engine).create(name, list(Role))[1]
    return Caller(app, key, name)


@pytest.fixture
def ref() -> str:
    """A customer of this test alone."""
    return f"CUST-{uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def stranger(app: Flask) -> Caller:
    """Somebody whose key no one made."""
    return Caller(app, f"amends_{uuid4().hex}_{'x' * 43}", "stranger")


@pytest.fixture(scope="module")
def read_models(app: Flask) -> ProjectionEngine:
    """The engine that feeds the read models; a test says when they catch up."""
    return build_engine(app.extensions["amends"].service)


@pytest.fixture(scope="module")
def ledger(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> ALedger:
    """A ledger of the application's log, fed and signed when a test says so."""
    places: Path = tmp_path_factory.mktemp("places")
    return ALedger(app.extensions["amends"].engine, places / "checkpoints")


@pytest.fixture(scope="module")
def tokens(app: Flask) -> AccessTokens:
    """The keys of the application."""
    return AccessTokens(app.extensions["amends"].engine)


@pytest.fixture(scope="module")
def openapi(app: Flask) -> Json:
    """The application's own description."""
    return shown(app.test_client().get("/openapi.json"))
