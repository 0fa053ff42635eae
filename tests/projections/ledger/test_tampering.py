"""Whatever a superuser of the database does to history is found, and where it begins."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from sqlalchemy import Engine

from projections.ledger.findings import Kind
from tests.projections.ledger.a_ledger import ALedger, as_superuser, copy_tables, empty, kept_aside
from tests.projections.ledger.tampering import TAMPERINGS, Tampering

SEEDS = range(3)


@pytest.fixture(scope="module")
def unsafe(
    shared_engine: Engine, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ALedger, Cursor]]:
    """A ledger of 700 events that every test finds as it was, and a superuser."""
    made = ALedger(shared_engine, tmp_path_factory.mktemp("places") / "checkpoints")
    made.grow(700, random.Random(3))
    with as_superuser(made.superuser_dsn(postgres_url)) as cursor:
        copy_tables(cursor)
        yield made, cursor


@pytest.fixture
def ledger(unsafe: tuple[ALedger, Cursor]) -> ALedger:
    return unsafe[0]


@pytest.fixture
def superuser(unsafe: tuple[ALedger, Cursor]) -> Cursor:
    return unsafe[1]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_a_tampering_is_found_where_it_begins(
    ledger: ALedger, superuser: Cursor, tamper: object, seed: int
) -> None:
    assert callable(tamper)
    with kept_aside(ledger, superuser):
        expected = tamper(Tampering(ledger, superuser, random.Random(seed)))

        found = ledger.verify()

    assert expected.is_met_by(found), f"expected {expected}, found {found.first}"


def test_after_it_was_undone_all_is_well(ledger: ALedger) -> None:
    found = ledger.verify()

    assert found.wrong == []
    assert found.events == 700
    assert found.published > 1


@pytest.mark.parametrize("seed", SEEDS)
def test_a_clean_store_raises_no_alarm(engine: Engine, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    ledger = ALedger(engine, tmp_path / "checkpoints")
    ledger.grow(chance.randint(1, 600), chance)
    ledger.record(chance.randint(1, 30), chance)

    found = ledger.verify()

    assert found.wrong == []
    assert found.waiting > 0


def test_an_empty_store_raises_no_alarm(engine: Engine, tmp_path: Path) -> None:
    ledger = ALedger(engine, tmp_path / "checkpoints")

    found = ledger.verify()

    assert (found.ok, found.events, found.first) == (True, 0, None)


def test_a_store_that_was_emptied_is_found_from_what_was_published(
    ledger: ALedger, superuser: Cursor
) -> None:
    with kept_aside(ledger, superuser):
        empty(superuser)

        found = ledger.verify()

    assert found.first is not None
    assert (found.first.kind, found.first.index) == (Kind.MISSING, 0)
