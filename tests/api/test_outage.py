"""What is still told while the database is away, and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

import pytest
from flask import Flask

from api.app import create_app
from service.access_tokens import AccessTokens
from service.settings import Settings
from tests.api.conftest import Caller
from tests.api.test_errors import assert_problem


@dataclass
class Outage:
    """An application that reaches its database through a door that can be closed and opened."""

    app: Flask
    door: Path
    behind: Path

    def begin(self) -> None:
        self.door.unlink()
        self.app.extensions["amends"].engine.dispose()

    def end(self) -> None:
        self.door.symlink_to(self.behind)

    def caller(self, name: str, role: str) -> Caller:
        tokens = AccessTokens(self.app.extensions["amends"].engine)
        return Caller(self.app, tokens.create(name, [role])[1], name)


@pytest.fixture
def outage(settings: Settings) -> Iterator[Outage]:
    url = settings.required_database_url()
    (directory,) = parse_qs(urlsplit(url).query)["host"]
    with TemporaryDirectory() as home:
        door = Path(home) / "door"
        through = url.replace(quote(directory, safe=""), quote(str(door), safe=""))
        app = create_app(replace(settings, database_url=through))
        outage = Outage(app, door, Path(directory))
        outage.end()
        yield outage
        app.extensions["amends"].engine.dispose()


def scraped(caller: Caller) -> str:
    answer = caller.get("/metrics")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_whoever_scraped_before_is_told_of_the_outage_and_of_the_requests(outage: Outage) -> None:
    prometheus = outage.caller("prometheus", "admin")
    before = scraped(prometheus)

    outage.begin()
    refused = prometheus.get("/v1/cases/C-2026-000001")
    during = scraped(prometheus)
    outage.end()
    after = scraped(prometheus)

    assert_problem(refused, 503, "database_unavailable")
    assert "amends_database_up 1.0" in before
    assert "amends_database_up 0.0" in during
    assert "amends_projection_lag_seconds" not in during
    assert 'status="5xx"} 1.0' in during
    assert "amends_database_up 1.0" in after
    assert "amends_projection_lag_seconds" in after


def test_whoever_cannot_be_known_learns_only_that_the_database_is_away(
    outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.auth.CACHE_SECONDS", -1.0)
    prometheus, handler = outage.caller("prometheus", "admin"), outage.caller("ann", "handler")
    stranger = Caller(outage.app, f"amends_{uuid4().hex}_{'x' * 43}", "stranger")
    assert_problem(handler.get("/metrics"), 403, "forbidden")

    outage.begin()

    for caller in (prometheus, handler, stranger):
        said = [line for line in scraped(caller).splitlines() if not line.startswith("#")]
        assert said == ["amends_database_up 0.0"]
    assert_problem(outage.app.test_client().get("/metrics"), 401, "unauthenticated")


def test_a_key_that_was_seen_to_be_revoked_opens_nothing_in_an_outage(
    outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.auth.CACHE_SECONDS", -1.0)
    prometheus = outage.caller("prometheus", "admin")
    scraped(prometheus)
    AccessTokens(outage.app.extensions["amends"].engine).revoke("prometheus")
    assert_problem(prometheus.get("/metrics"), 401, "unauthenticated")

    outage.begin()

    assert "amends_http_requests" not in scraped(prometheus)
