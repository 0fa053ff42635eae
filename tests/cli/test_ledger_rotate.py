"""`amends ledger rotate-key`: begun, told of, finished, and refused where it would lose proofs."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.cli import ledger_rotate
from api.cli.exits import CommandError, Exit
from api.cli.findings import Finding, Level
from api.cli.ledger_checks import look_at_the_ledger
from api.ledger_health import look_at_ledger
from projections.ledger.notes import VerifierKey
from projections.ledger.rounds import LedgerRound, signing_keys_of
from service.assembly import Service
from service.ledger_key import begin_changeover, ensure_ledger_key, old_ledger_key, parse_ledger_key
from service.settings import Settings
from tests.cli.conftest import Run
from tests.projections.ledger.a_ledger import ALedger


def with_keys(service: Service) -> Settings:
    """The settings of a process that just began, with the keys in the data directory."""
    data_dir = service.settings.data_dir
    return Settings(
        database_url=service.settings.database_url,
        data_dir=data_dir,
        checkpoint_dir=service.settings.checkpoint_dir,
        ledger_key=ensure_ledger_key(data_dir),
        ledger_old_key=old_ledger_key(data_dir),
    )


def signing(service: Service) -> LedgerRound:
    """A worker that just began."""
    return LedgerRound(replace(service, settings=with_keys(service)))


def told_of_keys(service: Service) -> list[Finding]:
    """What the doctor says of the keys that are set, as it looks at them in the data directory."""
    found = look_at_the_ledger(service.engine, with_keys(service))
    return [each for each in found if "keys" in each.check]


def public_key(service: Service) -> VerifierKey:
    key = parse_ledger_key(ensure_ledger_key(service.settings.data_dir))
    return VerifierKey.of(service.settings.ledger_origin, key)


def test_a_key_is_changed_with_both_signing_in_between(
    service: Service, ledger: ALedger, capsys: pytest.CaptureFixture[str]
) -> None:
    signing(service)()
    old = public_key(service)

    ledger_rotate._begin(service)

    new = public_key(service)
    assert capsys.readouterr().out == f"{new}\n"
    assert new != old
    with pytest.raises(CommandError, match="not signed by the new key"):
        ledger_rotate._finish(service)
    assert [each.level for each in told_of_keys(service)] == [Level.WARNING]
    ledger.record(3, random.Random(4))
    signing(service).finish()
    assert look_at_ledger(service.engine).signing_keys == 2
    assert told_of_keys(service) == []
    ledger_rotate._finish(service)
    assert "restart the workers" in str(told_of_keys(service))
    ledger.record(3, random.Random(4))
    signing(service).finish()
    assert look_at_ledger(service.engine).signing_keys == 1
    assert told_of_keys(service) == []
    assert ledger.directory.keys() == [old, new]


def test_a_second_change_before_the_first_is_finished_is_refused(service: Service) -> None:
    ensure_ledger_key(service.settings.data_dir)
    begin_changeover(service.settings.data_dir)

    with pytest.raises(CommandError) as refusal:
        ledger_rotate._begin(service)

    assert refusal.value.exit_code == Exit.REFUSED
    assert "--finish" in refusal.value.advice


def test_a_key_that_is_set_elsewhere_is_changed_there(run: Run, service: Service) -> None:
    result = run("ledger", "rotate-key")

    assert result.exit_code == Exit.CONFIGURATION
    assert "AMENDS_LEDGER_OLD_KEY_FILE" in result.stderr


def test_a_changeover_that_was_cut_off_signs_once(tmp_path: Path) -> None:
    text = ensure_ledger_key(tmp_path)

    keys = signing_keys_of(Settings(ledger_key=text, ledger_old_key=text))

    assert len(keys) == 1
    assert isinstance(keys[0], Ed25519PrivateKey)
