"""`python -m benchmarks.pack`: how long it takes to make and to verify audit packs.

A case of 200 events lies spread over a ledger of 100,000; beside it lives told in the words
of the reference books. Packs are taken through the web application, without a network between.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eventsourcing.persistence import StoredEvent
from flask import Flask

from api.app import create_app
from benchmarks.case_lives import Writer, lives
from benchmarks.processor_time import server_seconds
from domain.circumstances import Circumstances
from domain.personal import PersonalText, StaffText
from domain.values import Actor, ActorKind, Customer, Role
from projections.ledger.directory import CheckpointDirectory
from projections.ledger.feeding import LedgerFeeder
from projections.ledger.places import Publisher
from projections.ledger.signing import CheckpointSigner
from projections.packs.verification import verify_pack
from service.access_tokens import AccessTokens
from service.assembly import Service
from service.embedded_postgres import database_for
from service.migrating import migrate_database
from service.settings import Settings

EVENTS_OF_CASE = 200
OTHERS_BETWEEN = 500
EVENTS_OF_PERIOD = 3_800
TRIES = 15


def main() -> None:
    """Print every figure as JSON."""
    home = tempfile.TemporaryDirectory(prefix="amends-pack-")
    with home as directory, database_for(Settings(data_dir=Path(directory))) as settings:
        migrate_database(settings)
        app = create_app(replace(settings, rate_limit_per_minute=0))
        service: Service = app.extensions["amends"].service
        begin = datetime.now(UTC)
        _lives(service)
        end = datetime.now(UTC)
        case_id = _case(service)
        _sign(service)
        times = f"from={quote(begin.isoformat())}&to={quote(end.isoformat())}"
        token = AccessTokens(service.engine).create("auditor", list(Role))[1]
        take = _taker(app, token)
        figures = {
            "case": _measured(service, lambda: take(f"/v1/cases/{case_id}/audit-pack"), TRIES),
            "period": _measured(service, lambda: take(f"/v1/audit-pack?{times}"), 3),
        }
        service.engine.dispose()
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


def _taker(app: Flask, token: str) -> Callable[[str], bytes]:
    def take(path: str) -> bytes:
        answer = app.test_client().get(path, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_data()

    return take


def _measured(service: Service, take: Callable[[], bytes], tries: int) -> dict[str, Any]:
    """Wall and processor time of packs made and verified, medians in seconds."""
    pack = take()
    made, cpu, verified = [], [], []
    for _ in range(tries):
        before = _cpu() + server_seconds(service), time.perf_counter()
        pack = take()
        made.append(time.perf_counter() - before[1])
        cpu.append(_cpu() + server_seconds(service) - before[0])
        begin = time.perf_counter()
        found = verify_pack(memoryview(pack))
        verified.append(time.perf_counter() - begin)
        assert found.ok, found.wrong
    return {
        "cases": found.cases,
        "events": found.events,
        "bytes": len(pack),
        "made_seconds": round(statistics.median(made), 3),
        "made_seconds_slowest": round(max(made), 3),
        "made_processor_seconds": round(statistics.median(cpu), 3),
        "verified_seconds": round(statistics.median(verified), 3),
        "memory_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _cpu() -> float:
    return time.process_time()


def _lives(service: Service) -> None:
    """Cases as the words of the reference books tell them."""
    for events in lives(EVENTS_OF_PERIOD):
        service.cases.record(events)


def _case(service: Service) -> str:
    """One long case, its events far apart in the ledger."""
    chance = random.Random(5)
    writer = Writer(chance)
    by = Circumstances(
        actor=Actor(id="bench", kind=ActorKind.SYSTEM),
        roles=frozenset(Role),
        now=datetime.now(UTC),
        correlation_id="bench",
        reference_number=1,
    )
    told = {"channel": "phone", "customer": Customer(ref="CUST-PACK")}
    summary = PersonalText(writer.text(8))
    case = service.cases.begin("report", {**told, "summary": summary}, by).case
    for _ in range(EVENTS_OF_CASE - 1):
        _others(service, chance)
        details = {
            "channel": "phone",
            "direction": "inbound",
            "people": (PersonalText(writer.text(2)),),
            "content": PersonalText(writer.text(60)),
            "result": StaffText(writer.text(12)),
        }
        service.cases.take_step(case.id, "log_interaction", details, expected_version=None, by=by)
    return str(case.id)


def _others(service: Service, chance: random.Random) -> None:
    service.recorder.append(
        [
            StoredEvent(uuid4(), 1, "interaction_logged:1", chance.randbytes(256))
            for _ in range(OTHERS_BETWEEN)
        ]
    )


def _sign(service: Service) -> None:
    feeder = LedgerFeeder(service.engine)
    while feeder.catch_up():
        pass
    directory = CheckpointDirectory(service.settings.published_dir)
    key = Ed25519PrivateKey.generate()
    CheckpointSigner(service.engine, feeder, "example.com/bench", [key], [directory]).sign()
    Publisher(service.engine, directory).publish()


if __name__ == "__main__":
    main()
