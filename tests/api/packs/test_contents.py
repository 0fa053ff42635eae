"""What a pack holds: every event as stored and readable, documents, texts, pages."""

from __future__ import annotations

import json
import random
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import psycopg2
from flask import Flask
from psycopg2.extensions import set_wait_callback
from psycopg2.extras import wait_select

from projections.ledger.leaves import (
    LeafEvent,
    position_of,
    read_at,
    read_events_of,
    read_stored,
)
from projections.ledger.notes import VerifierKey
from projections.ledger.receipt import Receipt
from projections.packs import layout
from tests.api.conftest import REPORT, Caller, Callers, Json, shown
from tests.api.packs.steps import of_case, pack_of
from tests.packs import files_of, verified
from tests.projections.ledger.a_ledger import ORIGIN, ALedger
from tests.service.privacy_steps import erase


def test_a_pack_holds_every_event_as_stored_and_readable(
    callers: Callers, case: Json, ledger: ALedger
) -> None:
    events = shown(callers.auditor.get(f"/v1/cases/{case['id']}/events?limit=200"))["items"]

    pack = pack_of(callers.auditor, of_case(case))

    files = files_of(pack)
    found = verified(pack, keys=[VerifierKey.of(ORIGIN, ledger.key)])
    leaves = layout.parse_copied(files[f"cases/{case['id']}/stored.pgcopy"])
    readable = json.loads(files[f"cases/{case['id']}/events.json"])["events"]
    assert found.wrong == []
    assert (found.cases, found.events) == (1, case["version"])
    assert [LeafEvent.parse(leaf).position for leaf in leaves] == [e["position"] for e in events]
    assert [(e["event"], e["version"]) for e in readable] == [
        (e["name"], e["version"]) for e in events
    ]
    assert readable[0]["data"]["channel"] == case["channel"]
    for version, leaf in enumerate(leaves, start=1):
        receipt = Receipt.parse(files[layout.receipt_file(case["id"], version)].decode())
        proven, _ = receipt.verify([VerifierKey.of(ORIGIN, ledger.key)])
        assert (receipt.leaf, proven.originator_version) == (leaf, version)


def test_the_stored_bytes_are_what_postgresql_copies(
    callers: Callers, case: Json, ledger: ALedger, postgres_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "stored.pgcopy"
    files = files_of(pack_of(callers.auditor, of_case(case)))
    file.write_bytes(files[f"cases/{case['id']}/stored.pgcopy"])
    columns = "position, recorded_at, originator_id, originator_version, topic, state"

    with psycopg2.connect(ledger.superuser_dsn(postgres_url)) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TEMP TABLE taken (position bigint, recorded_at timestamptz, "
                       "originator_id uuid, originator_version int, kind text, topic text, "
                       "state bytea)")  # fmt: skip
        with file.open("rb") as opened:
            cursor.copy_expert("COPY taken FROM STDIN (FORMAT binary)", opened)
        cursor.execute(f"SELECT {columns} FROM taken EXCEPT SELECT {columns} FROM events")
        others = cursor.fetchall()
        cursor.execute("SELECT count(*) FROM taken")
        (count,) = cursor.fetchone()
    connection.close()

    assert others == []
    assert count == case["version"]


def test_packs_and_receipts_are_given_by_a_process_that_watches_its_connections(
    callers: Callers, case: Json
) -> None:
    """As the processes of the web server do: the driver refuses some statements then."""
    set_wait_callback(wait_select)
    try:
        pack = callers.auditor.get(of_case(case))
        receipt = callers.auditor.get(f"/v1/ledger/inclusion?case_id={case['id']}&version=2")
    finally:
        set_wait_callback(None)

    assert (pack.status_code, receipt.status_code) == (200, 200)
    assert verified(pack.get_data()).wrong == []


def test_the_bytes_that_are_selected_are_those_that_are_copied(
    callers: Callers, case: Json, ledger: ALedger
) -> None:
    ledger.record(60, random.Random(3))
    with ledger.engine.connect() as connection, closing(connection.connection.cursor()) as cursor:
        copied = list(read_stored(cursor, -1))
        selected = [read_at(cursor, position_of(leaf)) for leaf in copied]
        of_case_id = read_events_of(cursor, UUID(case["id"]), 1, case["version"])

    assert len(copied) > 60
    assert selected == copied
    assert {LeafEvent.parse(leaf).table for leaf in copied} == {"events", "records"}
    assert of_case_id == [leaf for leaf in copied if leaf in of_case_id]
    assert len(of_case_id) == case["version"]


def test_documents_are_named_with_their_digests(callers: Callers, case: Json) -> None:
    files = files_of(pack_of(callers.auditor, of_case(case)))

    documents = json.loads(files[f"cases/{case['id']}/documents.json"])["documents"]
    attached = [each["document"] for each in case["evidence"] if each["document"]]
    assert attached
    assert [each["sha256"] for each in documents] == [each["sha256"] for each in attached]


def test_texts_are_shown_as_far_as_the_taker_may_read_them(
    callers: Callers, everybody: Caller, case: Json
) -> None:
    name = f"cases/{case['id']}/events.json"

    files = files_of(pack_of(callers.auditor, of_case(case)))
    all_files = files_of(pack_of(everybody, of_case(case)))

    hidden, seen = json.loads(files[name])["events"], json.loads(all_files[name])["events"]
    whole = shown(everybody.get(f"/v1/cases/{case['id']}"))
    assert hidden[0]["data"]["summary"] == {"hidden": True}
    assert seen[0]["data"]["summary"] == whole["summary"]
    assert whole["summary"] not in b"".join(files.values()).decode("utf-8", "replace")
    page = all_files[f"cases/{case['id']}/timeline.html"].decode()
    assert whole["summary"] in page
    assert whole["interactions"][0]["result"] in files[f"cases/{case['id']}/timeline.html"].decode()
    assert "sealed1." not in page + json.dumps(seen)


def test_the_same_evidence_gives_the_same_bytes(callers: Callers, case: Json) -> None:
    first, second = (pack_of(callers.auditor, of_case(case)) for _ in range(2))

    assert first == second


def test_of_an_erased_person_nothing_is_left_to_read_and_all_is_proven(
    app: Flask, callers: Callers, everybody: Caller, ledger: ALedger
) -> None:
    ref = f"CUST-{uuid4().hex[:8]}"
    case = callers.reporter.report(
        {**REPORT, "customer": {"ref": ref}, "summary": "Quvexilated 鱻龘"}
    )
    ledger.keep()
    early = pack_of(everybody, of_case(case))
    erase(app.extensions["amends"].service, ref)
    ledger.keep()

    late = pack_of(everybody, of_case(case))
    without_right = pack_of(callers.auditor, of_case(case))

    name = f"cases/{case['id']}/events.json"
    assert "Quvexilated" in early.decode("utf-8", "replace")
    assert "Quvexilated" not in late.decode("utf-8", "replace")
    for pack in (late, without_right):
        files = files_of(pack)
        assert json.loads(files[name])["events"][0]["data"]["summary"] == {"erased": True}
        assert "hidden" not in files[name].decode()
    assert verified(early).wrong == verified(late).wrong == verified(without_right).wrong == []
    assert verified(late).events == 2
