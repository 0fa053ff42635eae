"""`amends ledger`: what an auditor types, and what a script reads."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from api.cli.exits import Exit
from projections.ledger.notes import VerifierKey
from projections.ledger.receipts import receipt_for
from service.assembly import Service
from service.settings import Settings
from tests.cli.conftest import Run
from tests.projections.ledger.a_ledger import ORIGIN, ALedger, as_superuser

CHANCE = random.Random(8)


@pytest.fixture
def ledger(service: Service) -> ALedger:
    """A signed and published ledger of forty events."""
    made = ALedger(service.engine, service.settings.published_dir)
    made.grow(40, CHANCE)
    return made


@pytest.fixture
def receipt(ledger: ALedger, tmp_path: Path) -> Path:
    """A file with the receipt of the seventh event."""
    with ledger.engine.connect() as connection:
        text = str(receipt_for(connection, ledger.positions[6]))
    file = tmp_path / "event.tlog-proof"
    file.write_text(text)
    return file


def test_a_clean_ledger_verifies(run: Run, ledger: ALedger) -> None:
    result = run("ledger", "verify")

    assert result.exit_code == Exit.OK
    assert "40 events" in result.stdout
    assert "Nothing is wrong." in result.stdout


def test_the_first_wrong_position_is_named(
    run: Run, ledger: ALedger, settings: Settings, postgres_url: str
) -> None:
    positions = [ledger.positions[3], ledger.positions[30]]
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        cursor.execute("UPDATE events SET topic = 'x' WHERE position = ANY (%s)", (positions,))

    told, parsed = run("ledger", "verify"), run("ledger", "verify", "--json")

    assert (told.exit_code, parsed.exit_code) == (Exit.FOUND, Exit.FOUND)
    assert str(positions[0]) in told.stdout
    assert "2 things are wrong; the first one: the event was changed." in told.stdout
    found = json.loads(parsed.stdout)
    assert (found["ok"], found["wrong_count"]) == (False, 2)
    assert found["first"]["kind"] == "event_changed"
    assert (found["first"]["position"], found["first"]["index"]) == (positions[0], 3)


def test_keys_can_be_named_instead_of_taken_from_the_published_ones(
    run: Run, ledger: ALedger, tmp_path: Path
) -> None:
    mine, foreign, none = tmp_path / "mine", tmp_path / "foreign", tmp_path / "none"
    mine.write_text(f"{VerifierKey.of(ORIGIN, ledger.key)}\n")
    foreign.write_text(str(VerifierKey("example.com/other", bytes(range(32)))))
    none.write_text("no key")

    codes = [
        run("ledger", "verify", "--keys", str(file)).exit_code for file in (mine, foreign, none)
    ]

    assert codes == [Exit.OK, Exit.FOUND, Exit.USAGE]


def test_without_any_key_it_says_that_no_signature_was_verified(run: Run, service: Service) -> None:
    result = run("ledger", "verify")

    assert result.exit_code == Exit.OK
    assert "no signature was verified" in result.stderr


def test_a_receipt_verifies_without_a_database(run: Run, ledger: ALedger, receipt: Path) -> None:
    nowhere = {"AMENDS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}

    told = run("ledger", "verify-receipt", str(receipt), env=nowhere)
    parsed = run("ledger", "verify-receipt", str(receipt), "--json", env=nowhere)

    assert told.exit_code == parsed.exit_code == Exit.OK
    assert "This event is in the ledger example.com/tests of 40 events." in told.stdout
    assert json.loads(parsed.stdout)["event"]["position"] == ledger.positions[6]


@pytest.mark.parametrize("change", ["extra AAYAAAAI", "index 1", "garbage", "\n\n", "\N{EM DASH}"])
def test_a_receipt_with_anything_changed_proves_nothing(
    run: Run, receipt: Path, change: str
) -> None:
    text = receipt.read_text()
    prefix = change.split()[0] if change.strip() else change
    start = text.find(prefix)
    receipt.write_text(change + text[start + len(change) + 3 :] if start >= 0 else change)

    result = run("ledger", "verify-receipt", str(receipt), "--json")

    assert result.exit_code == Exit.FOUND
    assert json.loads(result.stdout)["ok"] is False


def test_a_file_of_bytes_is_no_receipt(run: Run, ledger: ALedger, tmp_path: Path) -> None:
    file = tmp_path / "bytes"
    file.write_bytes(b"\xff\xfe")

    result = run("ledger", "verify-receipt", str(file))

    assert result.exit_code == Exit.FOUND


def test_a_receipt_needs_a_key(run: Run, receipt: Path, tmp_path: Path) -> None:
    elsewhere = {"AMENDS_CHECKPOINT_DIR": str(tmp_path / "nothing here")}

    result = run("ledger", "verify-receipt", str(receipt), env=elsewhere)

    assert result.exit_code == Exit.USAGE


def test_published_checkpoints_that_cannot_be_read_are_said_so(
    run: Run, ledger: ALedger, tmp_path: Path
) -> None:
    (ledger.directory.path / "keys").unlink()
    (ledger.directory.path / "keys").write_text("nonsense")

    result = run("ledger", "verify")

    assert result.exit_code == Exit.CONFIGURATION
