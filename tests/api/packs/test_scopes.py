"""What a pack is about: a case, a customer or a period, and how much of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import uuid4

import pytest

from api import audit_pack
from projections.packs import evidence, layout
from projections.packs.evidence import Limits
from tests.api.conftest import REPORT, Callers, Json, shown
from tests.api.packs.steps import of_case, pack_of
from tests.api.test_errors import assert_problem
from tests.packs import files_of, verified
from tests.projections.ledger.a_ledger import ALedger


def test_it_is_named_by_its_reference_too(
    callers: Callers, case: Json, read_models: object
) -> None:
    read_models.catch_up()  # type: ignore[attr-defined]

    pack = pack_of(callers.auditor, f"/v1/cases/{case['reference']}/audit-pack")

    assert verified(pack).of == {"kind": "case", "case_id": case["id"]}


def test_a_customer_pack_holds_all_their_cases_and_nobody_elses(
    callers: Callers, case: Json, ledger: ALedger
) -> None:
    ref = f"CUST-{uuid4().hex[:8]}"
    cases = [callers.reporter.report({**REPORT, "customer": {"ref": ref}}) for _ in range(3)]
    ledger.keep()

    found = verified(pack := pack_of(callers.privacy, f"/v1/customers/{ref}/audit-pack"))

    assert (found.wrong, found.of) == ([], {"kind": "customer", "subject_ref": ref})
    assert layout.ids_in("cases", list(files_of(pack))) == [each["id"] for each in cases]
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
        ("from=x&to=2026-01-01", 400, "not_an_instant_or_day"),
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
