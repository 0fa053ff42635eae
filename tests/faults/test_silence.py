"""A database that accepts everything and never answers: no request hangs for ever."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from time import monotonic
from types import SimpleNamespace
from typing import cast

import psycopg2
import pytest
from click.testing import CliRunner
from psycopg2.extensions import get_wait_callback
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from api.app import create_app
from api.cli.program import amends
from api.web_server import ServiceWorker, WebServer, use_slot
from domain.values import Role
from service import silence
from service.access_tokens import AccessTokens
from service.assembly import build
from service.database import WATCHED_CONNECTION, create_engine
from service.event_store import StoreUnavailable
from service.settings import Settings
from service.silence import ServerSilent, limit_silence
from tests.api.conftest import REPORT, Caller
from tests.cli.processes import environment_of, until
from tests.faults.extent import LONG, chance, tell
from tests.faults.own_server import OwnServer, own_server
from tests.faults.proxy import Proxy, proxied, socket_of

ENOUGH_SECONDS = 10.0 if LONG else 30.0
"""What a caller may wait for at most until a 503: 10 s, and more only beside other tests."""


@pytest.fixture
def mute(settings: Settings) -> Iterator[Settings]:
    """Settings that lead to a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        address = f"postgresql://nobody@127.0.0.1:{nobody.getsockname()[1]}/nothing"
        yield replace(settings, database_url=address)


@pytest.mark.usefixtures("impatient")
def test_a_server_that_takes_connections_and_says_nothing_is_an_outage(mute: Settings) -> None:
    service = build(mute)

    with pytest.raises(StoreUnavailable):
        service.recorder.max_notification_id()


@pytest.mark.usefixtures("impatient")
def test_connecting_has_a_limit_of_its_own(mute: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "CONNECT_SECONDS", 0.1)
    silence.limit_silence(60.0)
    began_at = monotonic()

    with pytest.raises(StoreUnavailable):
        build(mute).recorder.max_notification_id()

    assert monotonic() - began_at < 30.0


def test_a_machine_that_vanishes_is_noticed_by_the_system(settings: Settings) -> None:
    with Proxy(socket_of(settings), lambda _: None, chance("silence").random) as proxy:
        engine = create_engine(proxied(settings, proxy))
        with engine.connect() as connection, _socket_of(connection) as end:
            watched = [
                end.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
                end.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
                end.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
                end.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
                end.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
            ]
        engine.dispose()

    assert watched == [
        WATCHED_CONNECTION[name]
        for name in (
            "keepalives",
            "keepalives_idle",
            "keepalives_interval",
            "keepalives_count",
            "tcp_user_timeout",
        )
    ]


def _socket_of(connection: Connection) -> socket.socket:
    """A handle of its own on the socket of a connection."""
    number = os.dup(connection.connection.driver_connection.fileno())
    return socket.socket(fileno=number)


def test_every_web_process_limits_the_silence(settings: Settings) -> None:
    server = WebServer(settings)
    arbiter, worker = SimpleNamespace(app=server), SimpleNamespace(slot=0)

    use_slot(arbiter, cast(ServiceWorker, worker))
    in_web_process = get_wait_callback()
    silence.limit_silence(None)

    server.wsgi().extensions["amends"].engine.dispose()
    assert in_web_process is not None
    assert get_wait_callback() is None


@pytest.fixture
def limited() -> Iterator[None]:
    """Whatever limit the test sets is gone afterwards."""
    yield
    limit_silence(None)


@pytest.fixture(scope="module")
def own() -> Iterator[OwnServer]:
    with own_server() as server:
        yield server


@pytest.mark.usefixtures("limited")
def test_no_request_to_a_server_that_hangs_waits_for_long(
    own: OwnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not LONG:
        monkeypatch.setattr(silence, "ASK_AFTER_SECONDS", 0.5)
    app = create_app(own.settings)
    tokens = AccessTokens(app.extensions["amends"].engine)
    caller = Caller(app, tokens.create("ann", [Role.REPORTER, Role.HANDLER])[1], "ann")
    limit_silence(35.0, own.settings.required_database_url())
    case = caller.report()
    answers, took = [], []

    for each in own.processes():
        each.suspend()
    for path in (f"/v1/cases/{case['id']}", "/v1/cases", f"/v1/cases/{case['id']}", ""):
        began_at = monotonic()
        if path:
            answers.append(caller.get(path))
        else:
            answers.append(caller.post("/v1/cases", REPORT, Idempotency_Key="again"))
        took.append(monotonic() - began_at)
    for each in own.processes():
        each.resume()
    afterwards = until(lambda: (a := caller.get(f"/v1/cases/{case['id']}")).status_code < 500 and a)

    app.extensions["amends"].engine.dispose()
    seconds = ", ".join(f"{each:.1f}" for each in took)
    tell(f"a server that hangs: 503 after {seconds} s")
    assert [answer.status_code for answer in answers] == [503] * 4
    assert all(answer.headers["Retry-After"] for answer in answers)
    assert max(took) < ENOUGH_SECONDS
    assert max(took[1:]) < ENOUGH_SECONDS / 2  # it is known by then
    assert afterwards.status_code == 200


COMMANDS = [["projections", "list"], ["token", "list"], ["doctor"]]


@pytest.mark.parametrize("command", COMMANDS if LONG else COMMANDS[:1], ids=" ".join)
def test_no_command_that_only_reads_waits_for_long(own: OwnServer, command: list[str]) -> None:
    run = partial(CliRunner(env=environment_of(own.settings)).invoke, amends, command)
    run()  # what it needs is loaded now
    for each in own.processes():
        each.suspend()
    began_at = monotonic()

    done = run()

    took = monotonic() - began_at
    for each in own.processes():
        each.resume()
    assert done.exit_code != 0
    assert re.search("the database at .* cannot be reached", done.output)
    assert took < ENOUGH_SECONDS
    assert get_wait_callback() is None


@pytest.mark.usefixtures("limited")
def test_a_statement_that_takes_long_on_a_server_that_lives_is_waited_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "ASK_AFTER_SECONDS", 0.1)
    monkeypatch.setattr(silence, "PROBE_SECONDS", 30.0)
    limit_silence(35.0, settings.required_database_url())
    engine = create_engine(settings)

    with engine.connect() as connection:
        slept = connection.execute(text("SELECT pg_sleep(0.6) IS NOT NULL")).scalar_one()

    engine.dispose()
    assert slept


@pytest.mark.usefixtures("limited")
def test_even_a_server_that_lives_may_not_be_silent_beyond_the_limit(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "ASK_AFTER_SECONDS", 0.1)
    limit_silence(35.0, settings.required_database_url())
    engine = create_engine(settings)

    with engine.connect() as connection:
        limit_silence(0.3, settings.required_database_url())
        with pytest.raises(OperationalError, match="says nothing"):
            connection.execute(text("SELECT pg_sleep(30)"))

    engine.dispose()


@pytest.mark.usefixtures("limited")
def test_where_the_server_was_silent_the_next_one_gives_up_sooner_and_hears_it_again(
    mute: Settings, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "CONNECT_SECONDS", 3.0)
    monkeypatch.setattr(silence, "KNOWN_SECONDS", 0.5)
    limit_silence(35.0, settings.required_database_url())

    took = []
    for _ in range(3):
        began_at = monotonic()
        with pytest.raises(ServerSilent):
            psycopg2.connect(mute.required_database_url())
        took.append(monotonic() - began_at)
    psycopg2.connect(settings.required_database_url()).close()
    began_at = monotonic()
    with pytest.raises(ServerSilent):
        psycopg2.connect(mute.required_database_url())
    took.append(monotonic() - began_at)

    assert [seconds > 2.0 for seconds in took] == [True, False, False, True]
