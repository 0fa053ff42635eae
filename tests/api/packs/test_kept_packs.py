"""Packs that were kept verify, and the same evidence makes those of version 1 again."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from projections.ledger.notes import VerifierKey
from projections.packs import layout
from service.assembly import Service
from service.data_keys import MasterKeys, key_ids_of
from service.event_store import NewKey
from service.master_key import load_master_key
from tests.api.conftest import Callers, Json
from tests.api.packs.steps import pack_of
from tests.golden.packs import SECRET, WITH_REVIEWS, stored_packs
from tests.packs import files_of, verified
from tests.projections.ledger.a_ledger import ORIGIN, ALedger, as_superuser

KEY = Ed25519PrivateKey.from_private_bytes(SECRET)
PACKS = stored_packs()


@pytest.fixture(scope="module")
def kept_ledger(app: Flask, postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> ALedger:
    """The ledger that the kept packs were taken from, made of what is stored in them."""
    path: Path = tmp_path_factory.mktemp("places") / "checkpoints"
    ledger = ALedger(app.extensions["amends"].engine, path)
    ledger.key = KEY
    files = files_of(PACKS["period"])
    service = app.extensions["amends"].service
    stored = [content for name, content in files.items() if name.endswith(layout.STORED)]
    # Whoever these texts are about lives: to this taker they are hidden, not erased.
    key_ids = set().union(*map(keys_of, stored))
    service.keys.save([living(service, key_id) for key_id in key_ids])
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        for each in stored:
            restore(cursor, each)
        cursor.execute("SELECT adopt_event_store()")  # or they would lie above the horizon
    ledger.keep()
    return ledger


def restore(cursor: Cursor, copied: bytes) -> None:
    cursor.execute(
        "CREATE TEMP TABLE taken (position bigint, recorded_at timestamptz, originator_id uuid, "
        "originator_version int, kind text, topic text, state bytea)"
    )
    cursor.copy_expert("COPY taken FROM STDIN (FORMAT binary)", io.BytesIO(copied))
    columns = "position, recorded_at, originator_id, originator_version, topic, state"
    cursor.execute(f"INSERT INTO events ({columns}) SELECT {columns} FROM taken")
    cursor.execute("DROP TABLE taken")


def keys_of(copied: bytes) -> set[UUID]:
    sealed = {token.decode() for token in re.findall(rb"sealed1\.[A-Za-z0-9_-]+", copied)}
    return key_ids_of(sealed)


def living(service: Service, key_id: UUID) -> NewKey:
    """A key of that id which is kept; it opens nothing, and nothing has to be opened."""
    wrapped = MasterKeys(load_master_key(service.settings)).wrap(bytes(32), key_id)
    return NewKey(key_id, f"CUST-{key_id}", wrapped)


def address_of(about: Json) -> str:
    of, language = about["of"], f"language={about['language']}"
    times = f"from={of.get('recorded_from')}&to={of.get('recorded_to')}"
    paths = {
        "case": f"/v1/cases/{of.get('case_id')}/audit-pack?{language}",
        "customer": f"/v1/customers/{of.get('subject_ref')}/audit-pack?{language}",
        "period": f"/v1/audit-pack?{times}&{language}",
    }
    return paths[of["kind"]]


@pytest.mark.parametrize("about", ["case", "customer", "period"])
def test_a_kept_pack_verifies(about: str) -> None:
    found = verified(PACKS[about], keys=[VerifierKey.of(ORIGIN, KEY)])

    assert found.wrong == []
    assert found.of["kind"] == about
    assert (found.cases, found.events) == {
        "case": (1, 2),
        "customer": (1, 1),
        "period": (2, 3),
    }[about]


def test_a_kept_pack_with_reviews_verifies() -> None:
    found = verified(WITH_REVIEWS.read_bytes(), keys=[VerifierKey.of(ORIGIN, KEY)])

    assert found.wrong == []
    assert (found.cases, found.reviews, found.corrective_actions, found.records) == (1, 2, 1, 7)


@pytest.mark.parametrize("about", ["case", "customer", "period"])
def test_the_same_evidence_makes_the_same_file_as_ever(
    callers: Callers, kept_ledger: ALedger, about: str
) -> None:
    told = json.loads(files_of(PACKS[about])[layout.ABOUT])

    made = pack_of(callers.auditor, address_of(told))

    assert files_of(made) == files_of(PACKS[about])
    assert made == PACKS[about]
