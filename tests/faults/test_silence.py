"""A database that accepts everything and never answers: no request hangs for ever."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from time import monotonic
from types import SimpleNamespace
from typing import cast

import pytest
from psycopg2.extensions import get_wait_callback
from sqlalchemy import Connection

from api.web_server import ServiceWorker, WebServer, use_slot
from service import silence
from service.assembly import build
from service.database import WATCHED_CONNECTION, create_engine
from service.event_store import StoreUnavailable
from service.settings import Settings
from tests.faults.extent import chance
from tests.faults.proxy import Proxy, proxied, socket_of


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
    monkeypatch.setattr(silence, "CONNECT_TIMEOUT_SECONDS", 0.1)
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
