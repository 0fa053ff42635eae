"""`python -m benchmarks.looks`: what it costs that whoever is shown personal text is on record.

The same case of twenty events is read over and over through the web application, in turns with and
without the record. Processor time counts: the wait for the disk is that of any commit.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import text

from api.app import create_app
from benchmarks.processor_time import server_seconds
from domain.personal import PersonalText
from domain.values import Role
from service.access_log import AccessLog
from service.access_tokens import AccessTokens
from service.assembly import Service
from service.embedded_postgres import database_for
from service.migrating import migrate_database
from service.settings import Settings
from tests.given import Story

READS = 200
ROUNDS = 9
EVENTS = 20


def main() -> None:
    """Print every figure as JSON: medians over rounds, for one read."""
    home = tempfile.TemporaryDirectory(prefix="amends-looks-")
    with home as directory, database_for(Settings(data_dir=Path(directory))) as settings:
        migrate_database(settings)
        app = create_app(replace(settings, rate_limit_per_minute=0))
        service: Service = app.extensions["amends"].service
        case_id = _case(service)
        token = AccessTokens(service.engine).create("handler", [Role.HANDLER])[1]
        asked = {"Authorization": f"Bearer {token}"}
        client = app.test_client()

        def read() -> None:
            assert client.get(f"/v1/cases/{case_id}", headers=asked).status_code == 200

        figures = _measured(service, read)
        service.engine.dispose()
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


def _case(service: Service) -> str:
    story = Story().after("report")
    for number in range(EVENTS - 1):
        story.take("log_interaction", content=PersonalText(f"客户说:第 {number} 次来电 " * 8))
    service.cases.record(story.events)
    return str(story.case.id)


def _measured(service: Service, read: Callable[[], None]) -> dict[str, Any]:
    unrecorded = patch.object(AccessLog, "note", lambda *_: None)
    found: dict[str, list[dict[str, float]]] = {"recorded": [], "not_recorded": []}
    for _ in range(20):
        read()
    for _ in range(ROUNDS):
        found["recorded"].append(_round(service, read))
        with unrecorded:
            found["not_recorded"].append(_round(service, read))
    return {
        how: {
            name: round(statistics.median(each[name] for each in rounds), 3) for name in rounds[0]
        }
        for how, rounds in found.items()
    }


def _round(service: Service, read: Callable[[], None]) -> dict[str, float]:
    wal = _wal_bytes(service)
    server, ours, begin = server_seconds(service), time.process_time(), time.perf_counter()
    for _ in range(READS):
        read()
    wall, ours = time.perf_counter() - begin, time.process_time() - ours
    server = server_seconds(service) - server
    return {
        "python_cpu_ms": ours / READS * 1e3,
        "server_cpu_ms": server / READS * 1e3,
        "wall_ms": wall / READS * 1e3,
        "wal_bytes": (_wal_bytes(service) - wal) / READS,
    }


def _wal_bytes(service: Service) -> int:
    with service.engine.connect() as connection:
        asked = text("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")
        return int(connection.execute(asked).scalar_one())


if __name__ == "__main__":
    main()
