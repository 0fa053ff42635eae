"""The ledger over HTTP: what others need to verify it without us."""

from __future__ import annotations

import base64
import json
import random

import metamorphic_log
import pytest
from sqlalchemy import text

from projections.ledger.notes import VerifierKey, opened
from projections.ledger.receipt import Receipt
from tests.api.conftest import Callers, Json, shown
from tests.api.test_errors import assert_problem
from tests.projections.ledger.a_ledger import ORIGIN, ALedger, as_superuser


@pytest.fixture(scope="module")
def case(callers: Callers, ledger: ALedger) -> Json:
    """A case in a signed ledger of some size."""
    ledger.grow(300, random.Random(4))
    reported = callers.reporter.report()
    ledger.grow(5, random.Random(5))
    return reported


@pytest.fixture
def key(ledger: ALedger) -> VerifierKey:
    return VerifierKey.of(ORIGIN, ledger.key)


def test_before_anything_is_signed_there_is_no_checkpoint(callers: Callers) -> None:
    answer = callers.handler.get("/v1/ledger/checkpoint")

    assert_problem(answer, 503, "not_signed_yet")
    assert answer.headers["Retry-After"] == "1"
    assert shown(callers.handler.get("/v1/ledger/keys")) == {"items": []}


@pytest.mark.parametrize("role", ["reporter", "auditor", "admin"])
def test_everybody_may_read_the_checkpoint_and_the_keys(
    callers: Callers, case: Json, key: VerifierKey, role: str
) -> None:
    note = callers.of(role).get("/v1/ledger/checkpoint")
    (item,) = shown(callers.of(role).get("/v1/ledger/keys"))["items"]

    assert note.content_type == "text/plain; charset=utf-8"
    assert opened(note.get_data(as_text=True), [key]).size == 306
    assert item["verifier_key"] == str(key)
    assert item["public_key_pem"].startswith("-----BEGIN PUBLIC KEY-----")


@pytest.mark.parametrize("named", ["position", "case"])
def test_a_receipt_proves_that_the_event_is_in_the_ledger(
    callers: Callers, case: Json, key: VerifierKey, named: str
) -> None:
    (event,) = shown(callers.auditor.get(f"/v1/cases/{case['id']}/events"))["items"]
    query = {
        "position": f"position={event['position']}",
        "case": f"case_id={case['id']}&version=1",
    }

    answer = callers.auditor.get(f"/v1/ledger/inclusion?{query[named]}")

    receipt = Receipt.parse(answer.get_data(as_text=True))
    proven, checkpoint = receipt.verify([key])
    assert str(receipt) == answer.get_data(as_text=True)
    assert (str(proven.originator_id), proven.position) == (case["id"], event["position"])
    assert json.loads(proven.state)["channel"] == "phone"
    assert (proven.table, checkpoint.origin) == ("events", ORIGIN)


def test_a_receipt_for_a_record_that_belongs_to_no_case(
    callers: Callers, case: Json, ledger: ALedger, key: VerifierKey
) -> None:
    tables = {position: ledger.table_at(position) for position in ledger.positions}
    position = next(each for each, table in tables.items() if table == "records")

    answer = callers.auditor.get(f"/v1/ledger/inclusion?position={position}")

    proven, _ = Receipt.parse(answer.get_data(as_text=True)).verify([key])
    assert (proven.table, proven.position) == ("records", position)


def test_an_event_that_is_not_signed_yet_asks_for_patience(
    callers: Callers, case: Json, ledger: ALedger
) -> None:
    ledger.record(1, random.Random(1))
    path = f"/v1/ledger/inclusion?position={ledger.positions[-1]}"

    early = callers.auditor.get(path)
    ledger.keep()
    later = callers.auditor.get(path)

    assert_problem(early, 503, "not_signed_yet")
    assert later.status_code == 200


@pytest.mark.parametrize(
    "query",
    ["", "?position=1&version=2", "?version=1", "?case_id=00000000-0000-0000-0000-000000000000"],
)
def test_an_event_is_named_in_one_way(callers: Callers, query: str) -> None:
    answer = callers.auditor.get(f"/v1/ledger/inclusion{query}")

    assert_problem(answer, 400, "invalid_parameter")
    assert shown(answer)["errors"][0]["code"] == "position_or_case"


@pytest.mark.parametrize(
    "query",
    ["position=3", "position=0", "case_id=00000000-0000-0000-0000-000000000000&version=1"],
)
def test_an_event_that_is_not_there_is_not_found(callers: Callers, case: Json, query: str) -> None:
    answer = callers.auditor.get(f"/v1/ledger/inclusion?{query}")

    assert_problem(answer, 404, "event_not_found")


@pytest.mark.parametrize("query", ["position=-1", "position=x", "case_id=x&version=1", "x=1"])
def test_bad_parameters_are_refused(callers: Callers, query: str) -> None:
    answer = callers.auditor.get(f"/v1/ledger/inclusion?{query}")

    assert_problem(answer, 400, "invalid_parameter")


@pytest.mark.parametrize(("old_size", "size"), [(1, 1), (1, 306), (100, 257), (256, 300)])
def test_growth_is_proven_to_another_implementation(
    callers: Callers, case: Json, old_size: int, size: int
) -> None:
    answer = shown(callers.auditor.get(f"/v1/ledger/consistency?from={old_size}&to={size}"))

    roots = [base64.b64decode(answer[end]["root"]) for end in ("from", "to")]
    proof = [base64.b64decode(each) for each in answer["proof"]]
    assert (answer["from"]["size"], answer["to"]["size"]) == (old_size, size)
    metamorphic_log.verify_consistency(old_size, size, proof, *roots)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "invalid_parameter"),
        ("?from=1", 400, "invalid_parameter"),
        ("?from=0&to=1", 400, "invalid_parameter"),
        ("?from=2&to=1", 404, "ledger_size_not_found"),
        ("?from=1&to=100000000", 404, "ledger_size_not_found"),
    ],
)
def test_sizes_that_never_were_are_refused(
    callers: Callers, case: Json, query: str, status: int, code: str
) -> None:
    assert_problem(callers.auditor.get(f"/v1/ledger/consistency{query}"), status, code)


def test_a_ledger_that_lacks_rows_proves_nothing(
    callers: Callers, case: Json, ledger: ALedger, postgres_url: str
) -> None:
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        cursor.execute("CREATE TABLE taken AS TABLE ledger.nodes")
        cursor.execute("DELETE FROM ledger.nodes")
        proofs = [
            callers.auditor.get("/v1/ledger/consistency?from=257&to=300"),
            callers.auditor.get(f"/v1/ledger/inclusion?position={ledger.positions[290]}"),
        ]
        cursor.execute("INSERT INTO ledger.nodes SELECT * FROM taken")

    for proof in proofs:
        assert_problem(proof, 503, "ledger_incomplete")


def test_what_witnesses_signed_stands_under_the_checkpoint(
    callers: Callers, case: Json, ledger: ALedger, key: VerifierKey
) -> None:
    before = callers.admin.get("/v1/ledger/checkpoint").get_data(as_text=True)
    size = opened(before, [key]).size
    line = "\N{EM DASH} witness.example/w1 " + base64.b64encode(bytes(76)).decode()
    add = text("INSERT INTO ledger.cosignatures VALUES (:size, :line, now())")
    with ledger.engine.begin() as connection:
        connection.execute(add, {"size": size, "line": line})

    note = callers.admin.get("/v1/ledger/checkpoint").get_data(as_text=True)

    assert note.endswith(f"{line}\n")
    assert opened(note, [key]).size == size
