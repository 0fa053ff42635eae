"""The table of watches names every round that a worker does, and each tells how it goes."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import text

from api.cli import worker
from projections.watches import WATCHES, Pulse
from service.assembly import Service
from service.settings import Settings
from tests.cli.conftest import Run, Start
from tests.cli.processes import environment_of, free_port, until
from tests.projections.ledger.a_witness import AWitness

OF_ITS_OWN = {"feeding", "rebuilds", "housekeeping"}
"""What `projections.worker` does in turns with its heartbeat."""


def heard(service: Service) -> dict[str, float | None]:
    """What the last worker that beat told of its watches."""
    said = text("SELECT silences FROM projection_workers ORDER BY beat_at DESC LIMIT 1")
    with service.engine.connect() as connection:
        found: dict[str, float | None] | None = connection.execute(said).scalar()
    return found or {}


@pytest.fixture
def publishing(tmp_path: Path) -> dict[str, str]:
    """Variables of a worker that signs, and has a witness that does not answer."""
    forms = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = tmp_path / "ledger.key"
    key.write_bytes(Ed25519PrivateKey.generate().private_bytes(*forms))
    key.chmod(0o600)
    nobody = f"http://127.0.0.1:{free_port()}"
    return {
        "AMENDS_LEDGER_KEY_FILE": str(key),
        "AMENDS_WITNESSES": f"witness w1 {AWitness([]).vkey} {nobody}",
    }


def test_a_worker_tells_of_every_watch_of_the_table(
    start: Start, service: Service, settings: Settings, publishing: dict[str, str]
) -> None:
    running = start("worker", env={**environment_of(settings), **publishing})
    until(lambda: heard(service).get("reviews") is not None)
    told = heard(service)
    running.terminate()
    running.communicate(timeout=60)

    assert set(told) == set(WATCHES)


def test_whatever_a_worker_does_in_a_thread_has_a_pulse(
    run: Run, monkeypatch: pytest.MonkeyPatch, publishing: dict[str, str]
) -> None:
    before = set(threading.enumerate())
    pulses: list[str] = []
    threads: list[threading.Thread] = []

    def instead(*_: object, beside: list[Pulse], **options: Any) -> None:
        pulses.extend(pulse.watch.name for pulse in beside)
        threads.extend(each for each in threading.enumerate() if each not in before)

    monkeypatch.setattr(worker, "run_worker", instead)
    result = run("worker", env=publishing)

    assert result.exit_code == 0, result.output
    assert len(threads) == len(pulses)
    assert sorted(pulses) == sorted(WATCHES.keys() - OF_ITS_OWN)
