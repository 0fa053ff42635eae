"""`python -m benchmarks.http`: reports, a later step and reads over HTTP, against a bare view."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

import click
import psycopg2
from rich.console import Console

from api import examples
from benchmarks.bare_view import TABLE
from benchmarks.http_figures import BARE, PROCESSES, THREADS, Turn, report, show
from benchmarks.load import Exchange, Load, run, send, wait_until_up
from benchmarks.processor_time import family_seconds, parent_of
from domain.values import ActorKind
from service.access_tokens import AccessTokens
from service.database import create_engine
from service.embedded_postgres import database_for
from service.migrating import migrate_database
from service.settings import Settings

CUSTOMERS = 1_000
MASTER_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@dataclass(frozen=True)
class Server:
    """A contestant that runs: its port, its process, and the headers that open its door."""

    port: int
    pid: int = 0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bench:
    """The two contestants, the database server's process, and how much is sent in a round."""

    amends: Server
    bare: Server
    database_pid: int
    requests: int

    def load(self, server: Server, exchanges: list[Exchange]) -> Turn:
        """Send them all, and say how fast it went and what it took."""
        pids = server.pid, self.database_pid
        before = [family_seconds(pid) for pid in pids]
        rate = run(Load(server.port, exchanges))
        spent = [family_seconds(pid) - was for pid, was in zip(pids, before, strict=True)]
        web_us, database_us = (seconds / len(exchanges) * 1e6 for seconds in spent)
        return Turn(rate, web_us, database_us)


def _report_body(number: int) -> bytes:
    """Of something that happens now: the example's own is months old, and so long overdue."""
    body = examples.body("report", "en")
    customer = {**body["customer"], "ref": f"CUST-{number % CUSTOMERS}"}
    now = datetime.now(UTC).isoformat()
    return json.dumps({**body, "customer": customer, "occurred_at": now}).encode()


def _reports(server: Server, count: int) -> list[Exchange]:
    return [
        Exchange(
            "POST",
            "/v1/cases",
            _report_body(number),
            {
                **server.headers,
                "Content-Type": "application/json",
                "Idempotency-Key": str(uuid4()),
            },
            status=201,
        )
        for number in range(count)
    ]


def _acknowledgements(server: Server, case_ids: list[str]) -> list[Exchange]:
    body = json.dumps(examples.body("acknowledge", "en")).encode()
    return [_step(server, case_id, "acknowledge", 1, body) for case_id in case_ids]


def _step(server: Server, case_id: str, step: str, version: int, body: bytes) -> Exchange:
    headers = {
        **server.headers,
        "Content-Type": "application/json",
        "If-Match": f'"{version}"',
        "Idempotency-Key": str(uuid4()),
    }
    return Exchange("POST", f"/v1/cases/{case_id}/{step}", body, headers)


def _new_cases(server: Server, count: int) -> list[str]:
    connection = HTTPConnection("127.0.0.1", server.port)
    found = []
    for exchange in _reports(server, count):
        _, text = send(connection, exchange)
        found.append(json.loads(text)["id"])
    connection.close()
    return found


def case_with(server: Server, events: int) -> str:
    """A case of so many events: a report and contacts with the customer."""
    (case_id,) = _new_cases(server, 1)
    body = json.dumps(examples.body("log_interaction", "en")).encode()
    connection = HTTPConnection("127.0.0.1", server.port)
    for version in range(1, events):
        exchange = _step(server, case_id, "log-interaction", version, body)
        status, text = send(connection, exchange)
        if status != exchange.status:
            raise RuntimeError(text.decode())
    connection.close()
    return case_id


def _reads(server: Server, case_id: str, count: int) -> list[Exchange]:
    return [Exchange("GET", f"/v1/cases/{case_id}", headers=server.headers)] * count


def measure(bench: Bench, rounds: int, say: Callable[[str], None]) -> dict[str, list[Turn]]:
    """What every contestant did in every round; the order alternates."""
    contests = _contests(bench)
    found: dict[str, list[Turn]] = {name: [] for name in contests}
    for number in range(rounds):
        names = list(contests) if number % 2 == 0 else list(reversed(contests))
        for name in names:
            say(f"round {number + 1} of {rounds}: {name}")
            found[name].append(bench.load(*contests[name]()))
    return found


def _contests(bench: Bench) -> dict[str, Callable[[], tuple[Server, list[Exchange]]]]:
    """What is sent to whom; made anew for each round, and not measured."""
    amends, bare, count = bench.amends, bench.bare, bench.requests
    short, long = case_with(amends, 10), case_with(amends, 200)
    return {
        BARE: lambda: (bare, _reports(bare, count)),
        "POST /v1/cases": lambda: (amends, _reports(amends, count)),
        "POST .../acknowledge": lambda: (
            amends,
            _acknowledgements(amends, _new_cases(amends, count)),
        ),
        "GET case of 10 events": lambda: (amends, _reads(amends, short, count)),
        "GET case of 200 events": lambda: (amends, _reads(amends, long, count // 10)),
    }


@contextmanager
def serving(contestant: str, settings: Settings, home: Path) -> Iterator[Server]:
    """One contestant in processes of its own, stopped at the end."""
    port = _free_port()
    environ = {
        **os.environ,
        "AMENDS_DATABASE_URL": settings.required_database_url(),
        "BARE_DATABASE_URL": settings.required_database_url(),
        "AMENDS_MASTER_KEY": MASTER_KEY,
        "AMENDS_RATE_LIMIT_PER_MINUTE": "0",
        "AMENDS_LOG_FORMAT": "json",
        "AMENDS_PORT": str(port),
        "AMENDS_WEB_PROCESSES": str(PROCESSES),
        "AMENDS_WEB_THREADS": str(THREADS),
    }
    command = [sys.executable, "-m", "benchmarks.http_server", contestant, home / "server.log"]
    server = subprocess.Popen(command, env=environ)
    try:
        wait_until_up(port, "/healthz", lambda: server.poll() is None)
        yield Server(port, server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def token(settings: Settings) -> str:
    engine = create_engine(settings)
    # A person's: where the customer is angry, services may not answer.
    roles = ["reporter", "handler"]
    _, clear = AccessTokens(engine).create("bench", roles, actor_kind=ActorKind.PERSON)
    engine.dispose()
    return clear


def _make_bare_table(settings: Settings) -> int:
    """The bare view's table; the process of the database server."""
    with psycopg2.connect(settings.required_database_url()) as connection:
        connection.cursor().execute(TABLE)
        return parent_of(connection.info.backend_pid)


@click.command()
@click.option("--rounds", default=5, show_default=True)
@click.option("--requests", default=2_000, show_default=True, help="In each round.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures here.")
def main(rounds: int, requests: int, path: Path | None) -> None:
    """Measure HTTP on an embedded PostgreSQL with fsync on."""
    console = Console()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        home = Path(directory)
        home.chmod(0o711)
        base = replace(Settings(), data_dir=home / "data")
        with database_for(base) as settings:
            migrate_database(settings)
            result = report(_measured(settings, home, rounds, requests, console))
    show(result, console)
    if path:
        path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    else:
        console.print_json(data=result)


def _measured(
    settings: Settings, home: Path, rounds: int, requests: int, console: Console
) -> dict[str, list[Turn]]:
    database = _make_bare_table(settings)
    headers = {"Authorization": f"Bearer {token(settings)}"}
    with serving("amends", settings, home) as amends, serving("bare", settings, home) as bare:
        bench = Bench(replace(amends, headers=headers), bare, database, requests)
        with console.status("starting") as status:
            return measure(bench, rounds, status.update)


if __name__ == "__main__":
    main()
