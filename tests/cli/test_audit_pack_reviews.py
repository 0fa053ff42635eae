"""`amends audit-pack` of a period with reviews, and that `verify-pack` needs no database for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from api.cli.exits import Exit
from domain.reviews.values import FigureGiven
from projections.ledger.notes import VerifierKey
from service.assembly import Service
from tests.api.reviews.steps import open_one
from tests.cli.conftest import ROOT, Run
from tests.given import circumstances
from tests.packs import files_of
from tests.projections.ledger.a_ledger import ORIGIN, ALedger

WITHOUT_DATABASE = """
import sys
for absent in ("psycopg2", "sqlalchemy", "flask", "eventsourcing", "alembic"):
    sys.modules[absent] = None
from api.cli import main
main()
"""


@pytest.fixture
def ledger(service: Service) -> ALedger:
    """An audit with a figure that deviates, in a signed ledger; no case at all."""
    audit = UUID(open_one(service, "quarterly_audit", date(2026, 1, 10)))
    told = FigureGiven(figure="records_complete", sampled=40, found=Decimal(50))
    by = circumstances(at=datetime.now(UTC))
    service.reviews.record_figures(audit, by, expected_version=1, figures=[told])
    ledger = ALedger(service.engine, service.settings.published_dir)
    ledger.keep()
    return ledger


def test_a_period_with_reviews_is_packed_counted_and_verified_without_a_database(
    run: Run, ledger: ALedger, tmp_path: Path
) -> None:
    file, soon = tmp_path / "pack.zip", datetime.now(UTC).isoformat()
    key = str(VerifierKey.of(ORIGIN, ledger.key))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AMENDS_")}

    taken = run("audit-pack", str(file), "--from", "2026-01-01", "--to", soon, "--language", "zh")
    verify = ["ledger", "verify-pack", str(file), "--key", key]
    told, parsed = (
        subprocess.run(
            [sys.executable, "-c", WITHOUT_DATABASE, *verify, *more],
            cwd=ROOT,
            env=kept,
            capture_output=True,
            text=True,
        )
        for more in ((), ("--json",))
    )

    held = "0 events of 0 cases, 3 records of 1 review and 1 corrective action"
    assert taken.exit_code == told.returncode == parsed.returncode == Exit.OK, taken.output
    assert f"Packed {held}" in taken.stderr
    assert f"{held} in " in told.stdout
    found = json.loads(parsed.stdout)
    counts = {name: found[name] for name in ("reviews", "corrective_actions", "records", "events")}
    assert counts == {"reviews": 1, "corrective_actions": 1, "records": 3, "events": 0}
    assert "纠正措施 1 项" in files_of(file.read_bytes())["README.txt"].decode()
