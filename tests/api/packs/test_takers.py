"""Who may take a pack, and that it is on record before the first byte."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from flask import Flask

from api.app import create_app
from domain.values import Role
from projections.ledger.notes import VerifierKey
from projections.ledger.receipt import Receipt
from service.access_tokens import AccessTokens
from service.settings import Settings
from tests.api.conftest import REPORT, Caller, Callers, Json, shown
from tests.api.packs.steps import REF, of_case, pack_of
from tests.api.test_errors import assert_problem
from tests.projections.ledger.a_ledger import ORIGIN, ALedger


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
