"""CFPB rows: four layouts, three ways to write a date, and nothing that the row does not say."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from domain.personal import PersonalText
from domain.values import SourceRecord, Status
from service.importers import cfpb
from service.importers.reading import Row, RowFile
from service.importers.record import BadRow

DATA = Path(__file__).parents[2] / "data"
LAYOUTS = (
    "cfpb_full_columns.csv",
    "cfpb_2013_disputes.csv",
    "cfpb_2014.csv",
    "cfpb_2023_narratives.csv",
)
NARRATIVE = "They never answered me."

ROW = {
    "complaint_id": "1095612",
    "date_received": "10/31/2014",
    "product": "Mortgage",
    "sub_product": "FHA mortgage",
    "issue": "Loan servicing, payments, escrow account",
    "sub_issue": "",
    "company": "Specialized Loan Servicing LLC",
    "state": "OR",
    "zip_code": "97115",
    "submitted_via": "Web",
    "date_sent_to_company": "11/05/2014",
    "company_response": "Closed with explanation",
    "timely_response": "Yes",
    "consumer_disputed": "No",
    "narrative": NARRATIVE,
}


def details(**changes: str) -> Any:
    """What the event is told about a row with these changes."""
    return cfpb.read({**ROW, **changes}).beginning.details


def test_a_row_becomes_what_it_says() -> None:
    record = cfpb.read(ROW)

    told = dict(record.beginning.details)
    facts = {fact.name: fact.value for fact in told.pop("facts")}
    assert told == {
        "source": SourceRecord(system="cfpb", external_id="1095612"),
        "row_digest": record.digest,
        "leads_to": Status.RESOLVED,
        "received_on": date(2014, 10, 31),
        "channel": "web",
        "product": "Mortgage",
        "issue": "Loan servicing, payments, escrow account",
        "company": "Specialized Loan Servicing LLC",
        "forwarded_on": date(2014, 11, 5),
        "outcome": "Closed with explanation",
        "timely": True,
        "disputed": False,
        "narrative": PersonalText(NARRATIVE),
    }
    assert facts == {
        "sub_product": "FHA mortgage",
        "state": "OR",
        "zip_code": "97115",
        "submitted_via": "Web",
    }
    assert record.beginning.occurred_at == datetime(2014, 10, 31, tzinfo=UTC)
    assert record.entry is None


def test_what_a_row_does_not_say_stays_unknown() -> None:
    silent = ("product", "issue", "company", "submitted_via", "date_sent_to_company")
    told = details(
        **dict.fromkeys(silent, ""),
        company_response="",
        timely_response="",
        consumer_disputed="",
        narrative="  ",
    )

    unknown = {name for name, value in told.items() if value is None}
    assert unknown == {
        "channel",
        "product",
        "issue",
        "company",
        "forwarded_on",
        "outcome",
        "timely",
        "disputed",
        "narrative",
    }
    assert told["leads_to"] is Status.REPORTED


@pytest.mark.parametrize(
    ("response", "disputed", "status"),
    [
        ("", "", Status.REPORTED),
        ("In progress", "N/A", Status.REPORTED),
        ("Some wording of next year", "", Status.REPORTED),
        ("Closed", "No", Status.RESOLVED),
        ("Closed with monetary relief", "N/A", Status.RESOLVED),
        ("Untimely response", "", Status.RESOLVED),
        ("Closed with explanation", "Yes", Status.FOLLOWED_UP),
    ],
)
def test_the_status_is_what_the_record_proves(response: str, disputed: str, status: Status) -> None:
    told = details(company_response=response, consumer_disputed=disputed)

    assert told["leads_to"] is status
    assert told["outcome"] == (response or None)


@pytest.mark.parametrize(
    ("submitted_via", "channel"),
    [
        ("Web", "web"),
        ("Phone", "phone"),
        ("Postal mail", "letter"),
        ("Fax", "fax"),
        ("Email", "mail"),
        ("Referral", "referral"),
        ("Web Referral", None),
        ("Pigeon", None),
    ],
)
def test_a_channel_is_never_guessed(submitted_via: str, channel: str | None) -> None:
    told = details(submitted_via=submitted_via)

    assert told["channel"] == channel
    assert ("submitted_via", submitted_via) in {(f.name, f.value) for f in told["facts"]}


def test_an_answer_that_does_not_apply_is_unknown_and_kept_as_given() -> None:
    told = details(consumer_disputed="N/A")

    assert told["disputed"] is None
    assert ("consumer_disputed", "N/A") in {(f.name, f.value) for f in told["facts"]}


@pytest.mark.parametrize(
    ("text", "day", "instant"),
    [
        ("8/3/2013", date(2013, 8, 3), datetime(2013, 8, 3, tzinfo=UTC)),
        ("08/03/2013", date(2013, 8, 3), datetime(2013, 8, 3, tzinfo=UTC)),
        ("2013-08-03", date(2013, 8, 3), datetime(2013, 8, 3, tzinfo=UTC)),
        ("2013-08-03T22:30:00", date(2013, 8, 3), datetime(2013, 8, 3, 22, 30, tzinfo=UTC)),
        (
            "2013-08-03T22:30:00-05:00",
            date(2013, 8, 3),
            datetime(2013, 8, 3, 22, 30, tzinfo=timezone(timedelta(hours=-5))),
        ),
    ],
)
def test_a_date_is_the_day_that_the_source_writes(text: str, day: date, instant: datetime) -> None:
    record = cfpb.read({**ROW, "date_received": text})

    assert record.beginning.details["received_on"] == day
    assert record.beginning.occurred_at == instant


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("complaint_id", "", "complaint_id is missing"),
        ("complaint_id", "12 34", "complaint_id is no number"),
        ("date_received", "", "date_received is missing"),
        ("date_received", "31/10/2014", "date_received is no date"),
        ("date_received", "2014-02-30", "date_received is no date"),
        ("date_received", "20141031", "date_received is no date"),
        ("date_received", "2014-10-31T25:00:00Z", "date_received is no date"),
        ("date_received", "1/1/0001", "date_received lies before 1900"),
        ("date_sent_to_company", "soon", "date_sent_to_company is no date"),
        ("timely_response", "Perhaps", "timely_response is neither Yes nor No"),
        ("consumer_disputed", "Secret", "consumer_disputed is neither Yes nor No"),
    ],
)
def test_a_row_that_cannot_be_understood_says_which_column(
    column: str, value: str, reason: str
) -> None:
    with pytest.raises(BadRow) as bad:
        cfpb.read({**ROW, column: value})

    assert str(bad.value) == reason


def test_the_digest_changes_with_what_is_said_and_not_with_how_it_is_laid_out() -> None:
    digest = cfpb.read(ROW).digest

    other_order = dict(reversed(ROW.items()))
    other_dates = {**ROW, "date_received": "2014-10-31T12:00:00-05:00", "tags": ""}
    assert cfpb.read(other_order).digest == digest
    assert cfpb.read(other_dates).digest == digest
    assert cfpb.read({**ROW, "narrative": NARRATIVE + "."}).digest != digest
    assert cfpb.read({**ROW, "issue": ROW["company"], "company": ROW["issue"]}).digest != digest


def test_the_same_complaint_is_the_same_case_in_every_layout() -> None:
    one, other = cfpb.read(ROW), cfpb.read({**ROW, "product": "Credit card"})

    assert one.case_id == other.case_id
    assert str(one.case_id) == "95d0e21d-250d-5a74-a5d7-7a5176161b05"


def raw_rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_read_to_its_last_value(name: str) -> None:
    """Each cell of the file is found again in the event, word for word or as date or answer."""
    raw = list(raw_rows(name))

    with RowFile(DATA / name, cfpb.COLUMNS) as file:
        records = [cfpb.read(row.values) for row in file if isinstance(row, Row)]

    assert len(records) == len(raw)
    for record, cells in zip(records, raw, strict=True):
        assert said(record.beginning.details) == Counter(filter(None, map(plain, cells.values())))


def plain(cell: str) -> str:
    """A cell with its date written one way."""
    for form in ("%m/%d/%Y", "%Y-%m-%dT%H:%M:%S%z"):
        try:
            return datetime.strptime(cell, form).date().isoformat()  # noqa: DTZ007 - a day only
        except ValueError:
            continue
    return cell


def said(told: Any) -> Counter[str]:
    """Every value of the event as the file would write it."""
    answers = {True: "Yes", False: "No", None: ""}
    dates = [told["received_on"].isoformat(), told["forwarded_on"].isoformat()]
    texts = [told[name] or "" for name in ("product", "issue", "company", "outcome")]
    narrative = told["narrative"].reveal() if told["narrative"] else ""
    facts = [fact.value for fact in told["facts"]]
    answered = [answers[told["timely"]], answers[told["disputed"]]]
    values = [told["source"].external_id, narrative, *dates, *texts, *answered, *facts]
    return Counter(filter(None, values))
