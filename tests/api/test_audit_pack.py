"""Taking the evidence away: what a pack holds, who may take it, and that it is on record."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote
from uuid import UUID, uuid4

import psycopg2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from psycopg2.extensions import set_wait_callback
from psycopg2.extras import wait_select

from api import audit_pack
from api.app import create_app
from domain.values import Role
from projections.ledger.leaves import (
    LeafEvent,
    position_of,
    read_at,
    read_events_of,
    read_stored,
)
from projections.ledger.notes import VerifierKey
from projections.ledger.places import PlaceUnusable
from projections.ledger.receipt import Receipt
from projections.packs import evidence, layout
from projections.packs.evidence import Limits
from service.access_tokens import AccessTokens
from service.settings import Settings
from tests.api.conftest import REPORT, Caller, Callers, Json, shown
from tests.api.test_errors import assert_problem
from tests.packs import a_life, files_of, packed_again, verified
from tests.projections.ledger.a_ledger import ORIGIN, ALedger, as_superuser
from tests.service.privacy_steps import erase

REF = "CUST-PACK"


@pytest.fixture(scope="module")
def ledger(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> ALedger:
    path: Path = tmp_path_factory.mktemp("places") / "checkpoints"
    return ALedger(app.extensions["amends"].engine, path)


@pytest.fixture(scope="module")
def case(callers: Callers, ledger: ALedger) -> Json:
    """A case in Chinese, from its report to its end, in a signed ledger."""
    told = a_life(callers, "zh", REF)
    ledger.keep()
    return told


def pack_of(caller: Caller, path: str, **headers: str) -> bytes:
    answer = caller.get(path, **headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.content_type == "application/zip"
    return answer.get_data()


def of_case(case: Json) -> str:
    return f"/v1/cases/{case['id']}/audit-pack"


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


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Conflict reported", "All times are UTC", "Phone", "AUDIT PACK")),
        ("zh-CN", ("冲突上报", "所有时间均为协调世界时", "电话", "审计包")),
    ],
)
def test_the_timeline_is_a_page_of_its_own_in_the_language_asked_for(
    callers: Callers, case: Json, language: str, words: tuple[str, ...]
) -> None:
    files = files_of(pack_of(callers.auditor, of_case(case), Accept_Language=language))

    page = files[f"cases/{case['id']}/timeline.html"].decode()
    for word in (*words[:3], case["reference"], REF, 'lang="' + language[:2]):
        assert word in page
    assert words[3] in files["README.txt"].decode()
    assert "<script" not in page
    assert re.findall(r"""(?:src|href)=|url\(|@import""", page) == []
    assert "@media print" in page


def test_the_language_may_stand_in_the_address(callers: Callers, case: Json) -> None:
    answer = callers.auditor.get(f"{of_case(case)}?language=zh", Accept_Language="en")
    refused = callers.auditor.get(f"{of_case(case)}?language=de")

    assert answer.headers["Content-Language"] == "zh"
    assert "审计包" in files_of(answer.get_data())["README.txt"].decode()
    assert_problem(refused, 400, "invalid_parameter")


def test_the_page_shows_what_was_typed_as_text(
    callers: Callers, everybody: Caller, ledger: ALedger
) -> None:
    case = callers.reporter.report({**REPORT, "summary": "<script>x</script>"})
    ledger.keep()

    files = files_of(pack_of(everybody, of_case(case)))

    assert b"&lt;script&gt;x&lt;/script&gt;" in files[f"cases/{case['id']}/timeline.html"]


def test_the_same_evidence_gives_the_same_bytes(callers: Callers, case: Json) -> None:
    first, second = (pack_of(callers.auditor, of_case(case)) for _ in range(2))

    assert first == second


def test_it_is_named_by_its_reference_too(
    callers: Callers, case: Json, read_models: object
) -> None:
    read_models.catch_up()  # type: ignore[attr-defined]

    pack = pack_of(callers.auditor, f"/v1/cases/{case['reference']}/audit-pack")

    assert verified(pack).of == {"kind": "case", "case_id": case["id"]}


def test_who_took_it_is_on_record_and_in_the_ledger(
    callers: Callers, case: Json, ledger: ALedger
) -> None:
    pack_of(callers.auditor, of_case(case), Amends_Access_Reason="audit-2026-3")

    (access, *_) = shown(callers.auditor.get(f"/v1/access-log?case_id={case['id']}"))["items"]
    ledger.keep()
    receipt = callers.auditor.get(f"/v1/ledger/inclusion?position={access['position']}")
    proven, _ = Receipt.parse(receipt.get_data(as_text=True)).verify(
        [VerifierKey.of(ORIGIN, ledger.key)]
    )
    assert (access["what"], access["reason"]) == ("take_case_pack", "audit-2026-3")
    assert access["actor"]["id"] == "auditor-1"
    assert access["cases"] == [case["id"]]
    assert access["texts"] > 5
    assert json.loads(proven.state)["what"] == "take_case_pack"


def test_it_is_on_record_before_the_first_byte_and_also_where_no_text_is_shown(
    app: Flask, callers: Callers, ledger: ALedger
) -> None:
    case = callers.reporter.report({**REPORT, "customer": {"ref": "CUST-BYTE"}})
    ledger.keep()
    asked = {"Authorization": f"Bearer {callers.auditor.token}"}

    with app.test_client().get(of_case(case), headers=asked, buffered=False) as answer:
        found = shown(callers.auditor.get(f"/v1/access-log?case_id={case['id']}"))["items"]
        assert answer.status_code == 200

    assert [(each["what"], each["texts"]) for each in found] == [("take_case_pack", 0)]


def test_a_pack_that_cannot_be_recorded_is_not_given(settings: Settings) -> None:
    app = create_app(replace(settings, rate_limit_per_minute=0, require_access_reason=True))
    front = app.extensions["amends"]
    caller = Caller(app, AccessTokens(front.engine).create("all", list(Role))[1], "all")
    case = caller.report()
    ALedger(front.engine, settings.published_dir).keep()

    refused = caller.get(of_case(case))
    given = caller.get(of_case(case), Amends_Access_Reason="audit-1")

    assert_problem(refused, 400, "access_reason_required")
    assert given.status_code == 200
    front.engine.dispose()


@pytest.mark.parametrize("role", ["reporter", "handler", "analyst", "approver", "admin"])
@pytest.mark.parametrize("of", ["case", "customer", "period"])
def test_only_auditors_and_privacy_officers_take_packs(
    callers: Callers, case: Json, role: str, of: str
) -> None:
    paths = {
        "case": of_case(case),
        "customer": f"/v1/customers/{REF}/audit-pack",
        "period": "/v1/audit-pack?from=2026-01-01&to=2026-01-02",
    }

    answer = callers.of(role).get(paths[of])

    assert_problem(answer, 403, "forbidden")
    assert shown(answer)["roles"] == ["auditor", "privacy"]


def test_a_customer_pack_holds_all_their_cases_and_nobody_elses(
    callers: Callers, case: Json, ledger: ALedger
) -> None:
    ref = f"CUST-{uuid4().hex[:8]}"
    cases = [callers.reporter.report({**REPORT, "customer": {"ref": ref}}) for _ in range(3)]
    ledger.keep()

    found = verified(pack := pack_of(callers.privacy, f"/v1/customers/{ref}/audit-pack"))

    assert (found.wrong, found.of) == ([], {"kind": "customer", "subject_ref": ref})
    assert layout.cases_in(list(files_of(pack))) == [each["id"] for each in cases]
    (access, *_) = shown(callers.auditor.get(f"/v1/access-log?subject_ref={ref}"))["items"]
    assert (access["what"], access["subject_ref"]) == ("take_customer_pack", ref)
    assert sorted(access["cases"]) == sorted(each["id"] for each in cases)


def test_a_period_pack_holds_what_was_recorded_in_it(callers: Callers, ledger: ALedger) -> None:
    before = callers.reporter.report({**REPORT, "customer": {"ref": "CUST-P"}})
    begin = datetime.now(UTC)
    later = callers.handler.take(before, "assign", {"handler": "ann"})
    case = callers.reporter.report({**REPORT, "customer": {"ref": "CUST-P"}})
    end = datetime.now(UTC)
    callers.handler.take(case, "assign", {"handler": "ann"})
    ledger.keep()
    times = f"from={quote(begin.isoformat())}&to={quote(end.isoformat())}"

    pack = pack_of(callers.auditor, f"/v1/audit-pack?{times}", Accept_Language="zh")

    about = json.loads(files_of(pack)[layout.ABOUT])
    assert verified(pack).wrong == []
    versions = {each["case_id"]: (each["first_version"], each["last_version"])
                for each in about["cases"]}  # fmt: skip
    assert versions == {before["id"]: (2, 2), case["id"]: (1, 1)}
    assert later["version"] == 2
    assert about["cases"][0]["reference"] == before["reference"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "required"),
        ("from=2026-01-01", 400, "required"),
        ("from=2026-01-02&to=2026-01-01", 400, "not_a_period"),
        ("from=2026-01-01&to=2099-01-01", 400, "not_over_yet"),
        ("from=x&to=2026-01-01", 400, "not_an_instant"),
        ("from=2001-01-01&to=2001-01-02", 404, None),
    ],
)
def test_a_period_is_over_and_in_order(
    callers: Callers, query: str, status: int, code: str | None
) -> None:
    answer = callers.auditor.get(f"/v1/audit-pack?{query}")

    assert_problem(answer, status, "invalid_parameter" if code else "nothing_recorded")
    if code:
        assert shown(answer)["errors"][0]["code"] == code


def test_what_is_not_there_is_not_found(callers: Callers) -> None:
    assert_problem(callers.auditor.get(f"/v1/cases/{uuid4()}/audit-pack"), 404, "case_not_found")
    for ref in ("CUST-404", "%20"):
        answer = callers.auditor.get(f"/v1/customers/{ref}/audit-pack")
        assert_problem(answer, 404, "customer_not_found")


def test_an_event_that_is_not_signed_yet_asks_for_patience(
    callers: Callers, ledger: ALedger
) -> None:
    case = callers.reporter.report()

    early = callers.auditor.get(of_case(case))
    ledger.keep()
    later = callers.auditor.get(of_case(case))

    assert_problem(early, 503, "not_signed_yet")
    assert early.headers["Retry-After"] == "1"
    assert later.status_code == 200


@pytest.mark.parametrize("most", [Limits(0, 99, 9999), Limits(9, 1, 9_999_999), Limits(9, 99, 100)])
def test_more_than_one_request_may_take_is_refused(
    callers: Callers, case: Json, monkeypatch: pytest.MonkeyPatch, most: Limits
) -> None:
    monkeypatch.setattr(audit_pack, "LIMITS_OF_A_REQUEST", most)

    answer = callers.auditor.get(of_case(case))

    assert_problem(answer, 422, "pack_too_large")
    assert (shown(answer)["cases"], shown(answer)["events"]) == (most.cases, most.events)
    assert "amends audit-pack" in shown(answer)["detail"]


def test_a_period_with_too_many_events_is_refused_before_all_of_it_is_read(
    callers: Callers, case: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_pack, "LIMITS_OF_A_REQUEST", Limits(9, 1, 9_999_999))
    monkeypatch.setattr(evidence, "_OF_PERIOD", "nobody asks this")
    end = quote(datetime.now(UTC).isoformat())

    answer = callers.auditor.get(f"/v1/audit-pack?from=2020-01-01&to={end}")

    assert_problem(answer, 422, "pack_too_large")


def test_a_ledger_that_lacks_rows_gives_no_pack(
    callers: Callers, case: Json, ledger: ALedger, postgres_url: str
) -> None:
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        cursor.execute("CREATE TABLE put_aside AS TABLE ledger.leaves")
        cursor.execute("DELETE FROM ledger.leaves WHERE first_index = 0")
        answer = callers.auditor.get(of_case(case))
        cursor.execute("TRUNCATE ledger.leaves")
        cursor.execute("INSERT INTO ledger.leaves SELECT * FROM put_aside")

    assert answer.status_code == 503


def test_an_edited_store_gives_a_pack_that_is_refused(
    callers: Callers, ledger: ALedger, postgres_url: str
) -> None:
    case = callers.reporter.report({**REPORT, "customer": {"ref": "CUST-EDITED"}})
    ledger.keep()
    edit = """
        UPDATE events SET state = convert_to(
            replace(convert_from(state, 'UTF8'), '"phone"', '"email"'), 'UTF8'
        ) WHERE originator_id = %s
    """
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        cursor.execute(edit, (case["id"],))

    found = verified(pack_of(callers.auditor, of_case(case)))

    assert found.wrong[0].file == layout.receipt_file(case["id"], 1)
    assert "not proven" in found.wrong[0].says


def test_a_pack_of_before_a_rotation_of_the_key_verifies_after_it(
    callers: Callers, case: Json, ledger: ALedger
) -> None:
    before = pack_of(callers.auditor, of_case(case))
    old_key, ledger.key = ledger.key, Ed25519PrivateKey.generate()
    callers.reporter.report()
    ledger.keep()

    after = pack_of(callers.auditor, of_case(case))

    published = ledger.directory.keys()
    old, new = VerifierKey.of(ORIGIN, old_key), VerifierKey.of(ORIGIN, ledger.key)
    assert published == [old, new]
    assert files_of(after)["keys"].decode().split() == [str(old), str(new)]
    for pack, key in ((before, old), (after, new)):
        assert verified(pack, keys=published).wrong == []
        assert verified(pack, keys=published).signed_by == [key]
    assert verified(after, keys=[old]).wrong[0].file == "checkpoint"
    found = [
        shown(callers.admin.get("/v1/ledger/keys"))["items"][n]["verifier_key"] for n in (0, 1)
    ]
    assert found == [str(old), str(new)]


@pytest.fixture
def in_changeover(
    callers: Callers, case: Json, ledger: ALedger, monkeypatch: pytest.MonkeyPatch
) -> tuple[bytes, VerifierKey, VerifierKey]:
    """A pack whose checkpoint two keys signed, the old one, the new one."""
    monkeypatch.setattr(ledger, "old_keys", [ledger.key])
    ledger.key = Ed25519PrivateKey.generate()
    callers.reporter.report()
    ledger.keep()
    pack = pack_of(callers.auditor, of_case(case))
    return pack, VerifierKey.of(ORIGIN, ledger.old_keys[0]), VerifierKey.of(ORIGIN, ledger.key)


def test_a_pack_of_while_the_key_changes_verifies_with_either_key(
    in_changeover: tuple[bytes, VerifierKey, VerifierKey], ledger: ALedger, tmp_path: Path
) -> None:
    pack, old, new = in_changeover
    files = files_of(pack)
    unpack(files, tmp_path)
    lines = between(files["README.txt"].decode(), "sed '/^$/", "-sigfile signature")
    published = (ledger.directory.path / "checkpoint").read_text()

    found = {
        keys: verified(pack, keys=keys, published=lambda size: published)
        for keys in ((old,), (new,), (old, new), (new, old))
    }
    by_openssl = run(["sh", "-euc", lines], tmp_path)

    assert [each.wrong for each in found.values()] == [[]] * 4
    assert {keys: set(keys) for keys in found} == {
        keys: set(each.signed_by) for keys, each in found.items()
    }
    assert "Verified Successfully" in by_openssl.stdout


def test_a_pack_of_while_the_key_changes_is_refused_by_and_with_a_foreign_key(
    in_changeover: tuple[bytes, VerifierKey, VerifierKey],
) -> None:
    pack, old, new = in_changeover
    foreign = VerifierKey.of(ORIGIN, Ed25519PrivateKey.generate())
    files = files_of(pack)
    signed_by_old, signed_by_foreign = (
        packed_again({**files, layout.SIGNER: key.pem.encode()}) for key in (old, foreign)
    )

    distrusted = verified(pack, keys=[foreign])
    beside_it = {key: verified(signed_by_foreign, keys=[key]) for key in (old, new)}

    assert [flaw.file for flaw in distrusted.wrong] == [layout.CHECKPOINT]
    for each in beside_it.values():
        assert [flaw.file for flaw in each.wrong] == [layout.SIGNER]
    assert verified(signed_by_old, keys=[new]).wrong == []


def test_its_checkpoint_is_one_that_was_published_while_publishing_works(
    callers: Callers, case: Json, ledger: ALedger
) -> None:
    late = callers.reporter.report()
    ledger.feeder.catch_up()
    ledger.signer().sign()  # and not published

    pack = pack_of(callers.auditor, of_case(case))
    early = callers.auditor.get(of_case(late))
    ledger.publisher.failed(PlaceUnusable("cannot be written"))
    unpublished = pack_of(callers.auditor, of_case(late))
    ledger.publisher.publish()

    published = {path.read_text() for path in ledger.directory.files()}
    assert files_of(pack)["checkpoint"].decode() in published
    assert_problem(early, 503, "not_signed_yet")
    assert verified(unpublished).wrong == []


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

    name = f"cases/{case['id']}/events.json"
    assert "Quvexilated" in early.decode("utf-8", "replace")
    assert "Quvexilated" not in late.decode("utf-8", "replace")
    assert json.loads(files_of(late)[name])["events"][0]["data"]["summary"] == {"erased": True}
    assert verified(early).wrong == verified(late).wrong == []
    assert verified(late).events == 2


README_LINES = r"^2\..*?^3\. [^\n]*\n(.*?)^(?:WHAT IT PROVES|能证明什么)$"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_lines_of_its_note_verify_it_with_other_tools(
    callers: Callers, case: Json, language: str, tmp_path: Path
) -> None:
    files = files_of(pack_of(callers.auditor, of_case(case), Accept_Language=language))
    unpack(files, tmp_path)
    note = files["README.txt"].decode()
    in_python = re.search(README_LINES, note, re.DOTALL | re.MULTILINE)
    assert in_python

    summed = run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], tmp_path)
    signed = run(["sh", "-euc", between(note, "sed '/^$/", "-sigfile signature")], tmp_path)
    proven = run(["sh", "-euc", between(note, "receipt=", 'in the ledger"')], tmp_path)
    rust = run([sys.executable, "-c", in_python[1]], tmp_path)

    assert summed.returncode == 0, summed.stdout
    assert "Verified Successfully" in signed.stdout
    assert "the event is in the ledger" in proven.stdout
    assert "every event is in the ledger" in rust.stdout


def test_the_lines_of_its_note_refuse_what_was_changed(
    callers: Callers, case: Json, tmp_path: Path
) -> None:
    files = files_of(pack_of(callers.auditor, of_case(case)))
    note, name = files["README.txt"].decode(), layout.receipt_file(case["id"], 1)
    files[name] = files[name].replace(b"index 0", b"index 1")
    files["checkpoint"] = files["checkpoint"].replace(b"tests\n", b"other\n", 1)
    unpack(files, tmp_path)

    signed = run(["sh", "-euc", between(note, "sed '/^$/", "-sigfile signature")], tmp_path)
    proven = run(["sh", "-euc", between(note, "receipt=", 'in the ledger"')], tmp_path)

    assert signed.returncode != 0
    assert proven.returncode != 0


def between(note: str, begin: str, end: str) -> str:
    return note[note.index(begin) : note.index(end) + len(end)]


def unpack(files: dict[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)
