"""A pack in which anything was edited is found out, also where the digests were made anew."""

from __future__ import annotations

import random

import pytest

from projections.ledger.notes import VerifierKey
from projections.packs import layout
from tests.api.conftest import Callers, app, callers, ledger
from tests.packs import a_life, files_of, packed_again, verified
from tests.projections.ledger.a_ledger import ORIGIN, ALedger
from tests.projections.packs.tampering import EDITS, Edit, Files

__all__ = ["app", "callers", "ledger"]
ROUNDS = 25
SEED = 20_261_122


@pytest.fixture(scope="module")
def packs(callers: Callers, ledger: ALedger) -> tuple[Files, Files]:
    """Two packs of the same ledger: one case in English, another in Chinese."""
    cases = [a_life(callers, language, f"CUST-{language}") for language in ("en", "zh")]
    ledger.keep()
    answers = [callers.auditor.get(f"/v1/cases/{case['id']}/audit-pack") for case in cases]
    return files_of(answers[0].get_data()), files_of(answers[1].get_data())


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.what.__name__}-{edit.hidden}")
def test_every_random_edit_is_found(edit: Edit, packs: tuple[Files, Files]) -> None:
    """18 kinds of edits, 25 of each: 450 packs."""
    files, other = packs
    for round_number in range(ROUNDS):
        chance = random.Random(f"{SEED} {edit.what.__name__} {round_number}")

        pack, name = edit.done(files, other, chance)
        found = verified(pack)

        assert not found.ok, (round_number, name)
        assert found.wrong[0].says
        if not edit.hidden:
            named = {flaw.file for flaw in found.wrong}
            assert name == layout.SUMS or named & {name, layout.SUMS}


def test_there_are_at_least_three_hundred() -> None:
    assert len(EDITS) * ROUNDS >= 300


def test_an_honest_pack_is_not_refused(packs: tuple[Files, Files], ledger: ALedger) -> None:
    for files in packs:
        found = verified(packed_again(files), keys=[VerifierKey.of(ORIGIN, ledger.key)])

        assert found.wrong == []
        assert found.events > 20
