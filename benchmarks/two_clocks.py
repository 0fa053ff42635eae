"""`python -m benchmarks.two_clocks`: the time to show a case of 200 events as it was, by HTTP."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from urllib.parse import urlencode
from uuid import UUID

import click

from benchmarks.http import MASTER_KEY, Server, case_with, serving, token
from benchmarks.load import Exchange, send
from projections.read_models import build_engine
from service.assembly import build
from service.embedded_postgres import database_for
from service.migrating import migrate_database
from service.settings import Settings

EVENTS = 200
LIMIT_MS = 50
WARM_UP = 30
"""Requests of each kind that are not counted: processes that wake up, connections that open."""
WAYS = ("now", "version", "as_of", "known_at", "both")
Query = dict[str, str]


@click.command()
@click.option("--requests", default=400, show_default=True, help="Of each kind.")
@click.option("--seed", default=20261122, show_default=True)
def main(requests: int, seed: int) -> None:
    """Ask for one case at random instants, one request after the other; print JSON."""
    with _a_server() as (server, settings):
        case_id = case_with(server, EVENTS)
        service = build(replace(settings, master_key=MASTER_KEY, master_key_file=None))
        reported = service.cases.history(UUID(case_id))[0].recorded_at
        instants = Random(seed), reported, datetime.now(UTC)
        build_engine(service).catch_up()
        service.engine.dispose()
        case = f"/v1/cases/{case_id}"
        ways = {way: _timed(server, case, way, instants, requests) for way in WAYS}
        trail = f"{case}/audit-trail"
        ways["audit trail, both"] = _timed(server, trail, "both", instants, requests // 4)
        ways["case list, both"] = _timed(server, "/v1/cases", "both", instants, requests // 4)
    figures = {"events": EVENTS, "seed": seed, "milliseconds": ways}
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    if max(ways[way]["p95"] for way in WAYS) > LIMIT_MS:
        sys.exit(1)


@contextmanager
def _a_server() -> Iterator[tuple[Server, Settings]]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        home = Path(directory)
        home.chmod(0o711)
        with database_for(replace(Settings(), data_dir=home / "data")) as settings:
            migrate_database(settings)
            headers = {"Authorization": f"Bearer {token(settings)}"}
            with serving("amends", settings, home) as server:
                yield replace(server, headers=headers), settings


def _timed(
    server: Server,
    path: str,
    way: str,
    instants: tuple[Random, datetime, datetime],
    requests: int,
) -> dict[str, float]:
    """Median and 95th percentile of the times from request to whole answer."""
    connection = HTTPConnection("127.0.0.1", server.port)
    times = []
    for _ in range(WARM_UP + requests):
        address = f"{path}?{urlencode(_query(way, *instants))}"
        asked = time.perf_counter()
        status, text = send(connection, Exchange("GET", address, headers=server.headers))
        times.append((time.perf_counter() - asked) * 1000)
        if status != 200:
            raise RuntimeError(text.decode())
    connection.close()
    counted = times[WARM_UP:]
    cuts = statistics.quantiles(counted, n=20)
    return {"median": round(statistics.median(counted), 1), "p95": round(cuts[18], 1)}


def _query(way: str, dice: Random, began: datetime, ended: datetime) -> Query:
    """Random instants after the case's report and up to its last event."""

    def instant() -> str:
        return (began + dice.random() * (ended - began)).isoformat()

    return {
        "now": {},
        "version": {"version": str(dice.randint(1, EVENTS))},
        "as_of": {"as_of": instant()},
        "known_at": {"known_at": instant()},
        "both": {"as_of": instant(), "known_at": instant()},
    }[way]


if __name__ == "__main__":
    main()
