"""A new signing key: for a while both sign, so whoever trusts one of them verifies everything."""

from __future__ import annotations

import random
from pathlib import Path

import metamorphic_log
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from projections.ledger.cosigning import Cosigner
from projections.ledger.findings import Kind
from projections.ledger.notes import Checkpoint, Note, VerifierKey
from projections.ledger.verification import verify_ledger
from projections.ledger.witnesses import Witness
from tests.projections.ledger.a_ledger import ORIGIN, ALedger
from tests.projections.ledger.a_witness import AWitness, serving

CHANCE = random.Random(12)


@pytest.fixture
def ledger(engine: Engine, tmp_path: Path) -> ALedger:
    """A ledger with a past, signed by its first key."""
    made = ALedger(engine, tmp_path / "checkpoints")
    made.grow(30, CHANCE)
    return made


def begin(ledger: ALedger) -> tuple[VerifierKey, VerifierKey]:
    """From now on a new key signs, and the old one beside it; both of them, the old one first."""
    ledger.old_keys = [ledger.key]
    ledger.key = Ed25519PrivateKey.generate()
    return VerifierKey.of(ORIGIN, ledger.old_keys[0]), VerifierKey.of(ORIGIN, ledger.key)


def test_during_a_changeover_either_key_verifies(ledger: ALedger) -> None:
    old, new = begin(ledger)

    ledger.grow(20, CHANCE)

    note = (ledger.directory.path / "checkpoint").read_text()
    assert Note.parse(note).signers([old, new]) == [new, old]
    for key in (old, new):
        assert metamorphic_log.checkpoint_verify(note, [str(key)]).size == 50
    assert ledger.directory.keys() == [old, new]


def test_who_knows_the_old_key_only_verifies_until_the_end(ledger: ALedger) -> None:
    old, new = begin(ledger)
    ledger.grow(20, CHANCE)
    until_then = verify_ledger(ledger.engine, [ledger.directory], [old])
    ledger.old_keys = []
    ledger.grow(20, CHANCE)

    by_old = verify_ledger(ledger.engine, [ledger.directory], [old])
    by_both = verify_ledger(ledger.engine, [ledger.directory], [old, new])

    assert {wrong.kind for wrong in until_then.wrong} == {Kind.KEY}
    assert {wrong.kind for wrong in by_old.wrong} == {Kind.KEY, Kind.CHECKPOINT}
    assert min(wrong.index for wrong in by_old.wrong if wrong.index) >= 50
    assert by_both.ok


def test_a_witness_that_knows_the_old_key_cosigns_during_a_changeover(ledger: ALedger) -> None:
    old, new = begin(ledger)
    witness = AWitness([str(old)])
    ledger.grow(20, CHANCE)

    with serving(witness.respond) as address:
        known = Witness("w1", VerifierKey.parse(witness.vkey), address)
        Cosigner(ledger.engine, known).publish()
        witness.log_keys = [str(new)]
        ledger.old_keys = []
        ledger.grow(5, CHANCE)
        Cosigner(ledger.engine, known).publish()

    assert witness.asked == [(0, 200), (50, 200)]


def test_each_key_signs_once() -> None:
    key, old = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()

    note = Checkpoint(ORIGIN, 3, bytes(32)).signed(key, old)

    assert len(note.signatures) == 2
    assert len(Checkpoint(ORIGIN, 3, bytes(32)).signed(key).signatures) == 1
