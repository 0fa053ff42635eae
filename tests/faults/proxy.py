"""A TCP door in front of PostgreSQL that mistreats chosen messages.

It reads the protocol's frames (PostgreSQL documentation, "Frontend/Backend Protocol"), so it can
tell a request from its answer, and knows when the server has finished with a request.
"""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Event, Lock, Thread
from typing import Self

from sqlalchemy import make_url

from service.embedded_postgres import SERVICE_ROLE
from service.postgres_cluster import SOCKET_NAME
from service.settings import Settings

Plan = Callable[[bytes], "Fault | None"]

TERMINATE = b"X"
READY = b"Z"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
CHUNK_BYTES = 65_536


class Gone(Exception):
    """One side has hung up."""


@dataclass
class Link:
    """One client's connection and the server's that belongs to it."""

    client: socket.socket
    server: socket.socket
    chance: Callable[[], float]

    def request(self, *, first: bool) -> bytes:
        """The client's next message; hands on what the server says meanwhile."""
        while self.server in select.select([self.client, self.server], [], [])[0]:
            self.client.sendall(_some(self.server))
        return _message(self.client, typed=not first)

    def answer(self) -> bytes:
        """What the server says until it is ready for the next request: it has committed, then."""
        whole = b""
        while True:
            part = _message(self.server, typed=True)
            whole += part
            if part[:1] == READY:
                return whole

    def hang_up(self, *, reset: bool = False) -> None:
        """Close both ends; with `reset` the client is told so rudely."""
        if reset:
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        for end in (self.client, self.server):
            end.close()


@dataclass(frozen=True)
class Fault:
    """What happens to one request. `executed`: whether the server carried it out, if it is sure."""

    name: str
    act: Callable[[Link, bytes], None]
    executed: bool | None


def _cut_before(link: Link, request: bytes) -> None:
    link.hang_up()


def _cut_within(link: Link, request: bytes) -> None:
    link.server.sendall(request[: 1 + int(link.chance() * (len(request) - 1))])
    link.hang_up()


def _cut_after(link: Link, request: bytes) -> None:
    link.server.sendall(request)
    link.hang_up()


def _swallow(link: Link, request: bytes) -> None:
    link.server.sendall(request)
    link.answer()
    link.hang_up()


def _reset(link: Link, request: bytes) -> None:
    link.server.sendall(request)
    link.answer()
    link.hang_up(reset=True)


def _half_an_answer(link: Link, request: bytes) -> None:
    link.server.sendall(request)
    answer = link.answer()
    link.client.sendall(answer[: int(link.chance() * (len(answer) - 1))])
    link.hang_up()


def _half_close_to_client(link: Link, request: bytes) -> None:
    link.server.sendall(request)
    link.answer()
    link.client.shutdown(socket.SHUT_WR)
    with suppress(OSError, Gone):
        _some(link.client)
    link.hang_up()


def _half_close_to_server(link: Link, request: bytes) -> None:
    link.server.sendall(request)
    link.server.shutdown(socket.SHUT_WR)
    link.client.sendall(link.answer())


def _delay(link: Link, request: bytes) -> None:
    pause = Event()
    pause.wait(LONGEST_DELAY_SECONDS * link.chance())
    link.server.sendall(request)
    answer = link.answer()
    pause.wait(LONGEST_DELAY_SECONDS * link.chance())
    link.client.sendall(answer)


def _say_nothing(link: Link, request: bytes) -> None:
    link.server.sendall(request)
    link.answer()
    with suppress(OSError, Gone):
        _some(link.client)
    link.hang_up()


LONGEST_DELAY_SECONDS = 0.05

FAULTS = (
    Fault("cut before the request was sent", _cut_before, executed=False),
    Fault("cut within the request", _cut_within, executed=False),
    Fault("cut right after the request", _cut_after, executed=None),
    Fault("answer swallowed", _swallow, executed=True),
    Fault("answer swallowed, connection reset", _reset, executed=True),
    Fault("cut within the answer", _half_an_answer, executed=True),
    Fault("half closed towards the client", _half_close_to_client, executed=True),
    Fault("half closed towards the server", _half_close_to_server, executed=True),
    Fault("request and answer delayed", _delay, executed=True),
)

SILENT = Fault("never answered, and the connection stays open", _say_nothing, executed=True)
"""Only for clients that do not wait for ever."""


@dataclass
class Proxy:
    """Listens on a free port and speaks with the server's Unix socket; a context manager.

    `plan` is shown every request but a connection's first, and may name a fault for it.
    """

    server_socket: str
    plan: Plan
    chance: Callable[[], float]
    _open: set[socket.socket] = field(default_factory=set)
    _threads: list[Thread] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *exception: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _start(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            with self._lock:
                self._open |= {client, server}
            with suppress(OSError, ValueError, Gone):
                server.connect(self.server_socket)
                self._relay(Link(client, server, self.chance))
            with self._lock:
                self._open -= {client, server}

    def _relay(self, link: Link) -> None:
        request = link.request(first=True)
        while request[:1] != TERMINATE:
            fault = None if request[:1] == b"\0" else self.plan(request)
            if fault is None:
                link.server.sendall(request)
                link.client.sendall(link.answer())
            else:
                fault.act(link, request)
            request = link.request(first=False)
        link.server.sendall(request)


def proxied(settings: Settings, proxy: Proxy) -> Settings:
    """The same database behind the proxy."""
    database = make_url(settings.required_database_url()).database
    address = f"postgresql://{SERVICE_ROLE}@127.0.0.1:{proxy.port}/{database}"
    url = f"{address}?sslmode=disable&gssencmode=disable"
    return replace(settings, database_url=url, rate_limit_per_minute=0)


def socket_of(settings: Settings) -> str:
    """Where the server of these settings listens."""
    return f"{make_url(settings.required_database_url()).query['host']}/{SOCKET_NAME}"


def _message(end: socket.socket, *, typed: bool) -> bytes:
    """One whole frame: a type byte, but for a connection's first, a length, and the rest."""
    head = _exactly(end, 5 if typed else 4)
    (length,) = struct.unpack("!i", head[-4:])
    return head + _exactly(end, length - 4)


def _exactly(end: socket.socket, size: int) -> bytes:
    whole = b""
    while len(whole) < size:
        part = end.recv(size - len(whole))
        if not part:
            raise Gone
        whole += part
    return whole


def _some(end: socket.socket) -> bytes:
    part = end.recv(CHUNK_BYTES)
    if not part:
        raise Gone
    return part
