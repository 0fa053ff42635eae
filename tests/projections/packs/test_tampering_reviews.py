"""A pack in which anything about reviews was edited is found out, digests made anew or not."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from projections.ledger.notes import VerifierKey
from projections.packs import layout
from service.assembly import Service
from tests.api.conftest import Callers, app, callers, service
from tests.packs import files_of, packed_again, verified
from tests.projections.ledger.a_ledger import ORIGIN, ALedger
from tests.projections.packs import tampering, tampering_listing, tampering_reviews
from tests.projections.packs.tampering import Edit, Files
from tests.review_packs import a_reviewed_period

__all__ = ["app", "callers", "service"]
EDITS_OF_REVIEWS = (*tampering_reviews.EDITS, *tampering_listing.EDITS)
OF_LONG_CASES = {"drop_event", "drop_document"}
"""These need a case of more events than one; `edit_about` and `add` have their like for reviews."""
EDITS_OF_CASES = tuple(
    edit
    for edit in tampering.EDITS
    if edit.what.__name__ not in {*OF_LONG_CASES, "edit_about", "add"}
)
ROUNDS = 25
SEED = 20_261_122


def named(edit: Edit) -> str:
    return f"{edit.what.__name__}-{edit.hidden}"


@pytest.fixture(scope="module")
def ledger(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> ALedger:
    path: Path = tmp_path_factory.mktemp("places") / "checkpoints"
    return ALedger(app.extensions["amends"].engine, path)


@pytest.fixture(scope="module")
def packs(callers: Callers, service: Service, ledger: ALedger) -> tuple[Files, Files]:
    """Packs of two periods of the same ledger, other reviews in each, under one checkpoint."""
    days = ((date(2024, 1, 8), date(2020, 1, 10)), (date(2024, 1, 15), date(2020, 4, 10)))
    periods = [
        a_reviewed_period(callers, service, ledger, monday=monday, quarter=quarter)
        for monday, quarter in days
    ]
    answers = [callers.auditor.get(period.address) for period in periods]
    return files_of(answers[0].get_data()), files_of(answers[1].get_data())


@pytest.mark.parametrize("edit", EDITS_OF_REVIEWS, ids=named)
def test_every_random_edit_of_a_review_is_found(edit: Edit, packs: tuple[Files, Files]) -> None:
    """28 kinds of edits, 25 of each: 700 packs."""
    files, other = packs
    for round_number in range(ROUNDS):
        chance = random.Random(f"{SEED} {edit.what.__name__} {round_number}")

        pack, name = edit.done(files, other, chance)
        found = verified(pack)

        assert not found.ok, (round_number, name)
        assert found.wrong[0].says
        if not edit.hidden:
            assert name in {flaw.file for flaw in found.wrong}


@pytest.mark.parametrize("edit", EDITS_OF_CASES, ids=named)
def test_every_random_edit_of_any_pack_is_found_beside_reviews(
    edit: Edit, packs: tuple[Files, Files]
) -> None:
    files, other = packs
    for round_number in range(ROUNDS):
        chance = random.Random(f"{SEED} {edit.what.__name__} {round_number}")

        pack, name = edit.done(files, other, chance)

        assert not verified(pack).ok, (round_number, name)


def test_an_honest_pack_is_not_refused(packs: tuple[Files, Files], ledger: ALedger) -> None:
    for files in packs:
        found = verified(packed_again(files), keys=[VerifierKey.of(ORIGIN, ledger.key)])

        assert found.wrong == []
        assert (found.reviews, found.corrective_actions, found.records) == (2, 1, 7)


def test_both_packs_stand_under_one_checkpoint(packs: tuple[Files, Files]) -> None:
    """Or what is taken from the other one would be found by its checkpoint alone."""
    files, other = packs

    assert files[layout.CHECKPOINT] == other[layout.CHECKPOINT]
