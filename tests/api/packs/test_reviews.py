"""Packs of a period hold its reviews and corrective actions; every other pack is as before."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from api import audit_pack
from domain.records import Record, of_reviews
from projections.ledger.notes import VerifierKey
from projections.packs import layout
from projections.packs.evidence import Limits
from projections.packs.moved_reviews import KINDS
from projections.packs.streams import BOTH
from service.assembly import Service
from tests.api.conftest import Callers, shown
from tests.api.packs.steps import between, of_case, pack_of, python_in, run, unpack
from tests.api.reviews.steps import hold, open_one
from tests.api.test_errors import assert_problem
from tests.packs import files_of, verified
from tests.projections.ledger.a_ledger import ORIGIN, ALedger, as_superuser
from tests.review_packs import ReviewedPeriod, a_reviewed_period, address_of, complete


@pytest.fixture(scope="module")
def period(callers: Callers, service: Service, ledger: ALedger) -> ReviewedPeriod:
    days = {"monday": date(2024, 1, 8), "quarter": date(2020, 1, 10)}
    return a_reviewed_period(callers, service, ledger, **days)


def test_a_pack_of_a_period_holds_its_reviews_and_corrective_actions(
    callers: Callers, period: ReviewedPeriod, ledger: ALedger
) -> None:
    files = files_of(pack := pack_of(callers.auditor, period.address))

    about = json.loads(files[layout.ABOUT])
    found = verified(pack, keys=[VerifierKey.of(ORIGIN, ledger.key)])
    assert found.wrong == []
    assert (found.cases, found.events) == (1, 1)
    assert (found.reviews, found.corrective_actions, found.records) == (2, 1, 7)
    assert about["format_version"] == 2
    assert about["reviews"] == [
        {
            "review_id": period.review,
            "kind": "voice_of_customer",
            "scheduled_on": "2024-01-08",
            "last_version": 3,
        },
        {
            "review_id": period.audit,
            "kind": "quarterly_audit",
            "scheduled_on": "2020-01-10",
            "last_version": 2,
        },
    ]
    assert about["corrective_actions"] == [
        {
            "corrective_action_id": period.action,
            "review_id": period.audit,
            "figure": "records_complete",
            "last_version": 2,
        }
    ]


def test_what_is_readable_is_what_the_review_says(callers: Callers, period: ReviewedPeriod) -> None:
    files = files_of(pack_of(callers.auditor, period.address))

    told = json.loads(files[f"reviews/{period.review}/records.json"])["records"]
    review = callers.auditor.get(f"/v1/reviews/{period.review}")
    assert [each["record"] for each in told] == [
        "review_opened",
        "review_held",
        "review_decision_done",
    ]
    assert told[1]["data"]["file_ref"] == shown(review)["held"]["file_ref"]
    assert told[1]["data"]["decisions"][0]["owner"] == "WAREHOUSE-2"
    assert str(told[2]["position"]) == review.headers["Amends-Position"]
    action = json.loads(files[f"corrective_actions/{period.action}/records.json"])["records"]
    assert [each["record"] for each in action] == [
        "corrective_action_opened",
        "corrective_action_assigned",
    ]


def test_a_review_is_whole_from_its_opening_until_the_last_record_of_the_period(
    callers: Callers, service: Service, ledger: ALedger
) -> None:
    review = open_one(service, "voice_of_customer", date(2024, 1, 15))
    begin = datetime.now(UTC)
    hold(callers.analyst, review)
    end = datetime.now(UTC)
    complete(callers, review)
    ledger.keep()

    pack = pack_of(callers.auditor, address_of(begin, end))

    (listed,) = json.loads(files_of(pack)[layout.ABOUT])["reviews"]
    assert verified(pack).wrong == []
    assert (listed["review_id"], listed["last_version"]) == (review, 2)
    assert (verified(pack).cases, verified(pack).records) == (0, 2)


def test_packs_without_reviews_are_of_the_first_version(
    callers: Callers, service: Service, period: ReviewedPeriod, ledger: ALedger
) -> None:
    """Also where reviews moved before and after, and other records stand in the period."""
    begin = datetime.now(UTC)
    case = callers.reporter.report()
    pack_of(callers.auditor, of_case(period.case))  # who took it is a record
    end = datetime.now(UTC)
    open_one(service, "voice_of_customer", date(2024, 1, 22))
    ledger.keep()

    packs = [
        pack_of(callers.auditor, path)
        for path in (
            address_of(begin, end),
            of_case(case),
            f"/v1/customers/{case['customer']['ref']}/audit-pack",
        )
    ]

    for pack in packs:
        about = json.loads(files_of(pack)[layout.ABOUT])
        assert verified(pack).wrong == []
        assert (about["format_version"], list(about)[-1]) == (1, "cases")
        assert verified(pack).records == 0


@pytest.mark.parametrize(
    ("language", "counted"),
    [
        (
            "en",
            "Cases: 1, with 1 events. Reviews: 2, corrective actions: 1,\nwith 7 records.",
        ),
        ("zh", "案例 1 个，事件 1 个；回顾 2 次，纠正措施 1 项，记录 7 条。"),
    ],
)
def test_its_note_counts_them_and_verifies_every_receipt(
    callers: Callers, period: ReviewedPeriod, language: str, counted: str, tmp_path: Path
) -> None:
    files = files_of(pack_of(callers.auditor, period.address, Accept_Language=language))
    unpack(files, tmp_path)
    note = files["README.txt"].decode()
    lines = python_in(note)

    all_found = run([sys.executable, "-c", lines], tmp_path)
    receipt = tmp_path / f"reviews/{period.review}/receipts/000002.tlog-proof"
    receipt.write_text(receipt.read_text().replace("index ", "index 1"))
    one_is_wrong = run([sys.executable, "-c", lines], tmp_path)

    assert counted in note
    assert "reviews/ID/" in note
    assert "{" not in note.partition("\n\n")[2].partition("openssl")[0]
    assert all_found.returncode == 0, all_found.stderr
    assert one_is_wrong.returncode != 0


def test_a_pack_of_reviews_alone_is_verified_by_the_lines_of_its_note(
    callers: Callers, service: Service, ledger: ALedger, tmp_path: Path
) -> None:
    begin = datetime.now(UTC)
    open_one(service, "voice_of_customer", date(2024, 1, 29))
    end = datetime.now(UTC)
    ledger.keep()

    files = files_of(pack := pack_of(callers.auditor, address_of(begin, end)))
    unpack(files, tmp_path)
    lines = between(files["README.txt"].decode(), "receipt=", 'in the ledger"')
    proven = run(["sh", "-euc", lines], tmp_path)

    assert verified(pack).wrong == []
    assert "the event is in the ledger" in proven.stdout


def test_reviews_count_towards_what_one_request_may_take(
    callers: Callers, period: ReviewedPeriod, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = []
    for most in (Limits(3, 99, 99_999), Limits(9, 7, 99_999), Limits(4, 8, 99_999)):
        monkeypatch.setattr(audit_pack, "LIMITS_OF_A_REQUEST", most)
        answers.append(callers.auditor.get(period.address))

    assert [answer.status_code for answer in answers] == [422, 422, 200]
    assert_problem(answers[0], 422, "pack_too_large")


def test_a_review_that_is_not_signed_yet_asks_for_patience(
    callers: Callers, service: Service, ledger: ALedger
) -> None:
    begin = datetime.now(UTC)
    open_one(service, "voice_of_customer", date(2024, 2, 5))
    address = address_of(begin, datetime.now(UTC))

    early = callers.auditor.get(address)
    ledger.keep()
    later = callers.auditor.get(address)

    assert_problem(early, 503, "not_signed_yet")
    assert later.status_code == 200


@pytest.mark.parametrize(
    ("state", "status"), [("no json", 503), ("[]", 503), ('{"kind": "voice_of_customer"}', 200)]
)
def test_an_edited_record_gives_no_pack_or_one_that_is_refused(
    callers: Callers,
    period: ReviewedPeriod,
    ledger: ALedger,
    postgres_url: str,
    state: str,
    status: int,
) -> None:
    edit = "UPDATE records SET state = %s WHERE originator_id = %s AND originator_version = 1"
    with as_superuser(ledger.superuser_dsn(postgres_url)) as cursor:
        cursor.execute(
            "SELECT state FROM records WHERE originator_id = %s ORDER BY originator_version",
            (period.action,),
        )
        kept = bytes(cursor.fetchone()[0])
        cursor.execute(edit, (state.encode(), period.action))
        answer = callers.auditor.get(period.address)
        given = answer.get_data()  # it is made while it is read
        cursor.execute(edit, (kept, period.action))

    assert answer.status_code == status
    if status == 200:
        (flaw,) = verified(given).wrong
        assert flaw.file == f"corrective_actions/{period.action}/receipts/000001.tlog-proof"
    else:
        assert_problem(answer, 503, "ledger_incomplete")


def test_every_record_of_reviews_and_actions_belongs_to_a_pack() -> None:
    """But for since when a rhythm holds, which belongs to no review."""
    defined = {
        kind
        for kind in vars(of_reviews).values()
        if isinstance(kind, type) and issubclass(kind, Record) and kind is not Record
    }

    packed = {kind for kinds in KINDS.values() for kind in kinds}

    assert defined - packed == {of_reviews.ReviewRhythmBegan}
    assert packed <= defined
    assert [KINDS[streams][0].NAME for streams in BOTH] == [each.opened for each in BOTH]
