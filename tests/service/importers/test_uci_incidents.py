"""Rows of the incident log: each an entry of its incident's log, with `?` as unknown."""

import csv
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.values import SourceRecord, Status
from service.importers import uci_incidents
from service.importers.reading import Row, RowFile
from service.importers.record import BadRow

EXCERPT = Path(__file__).parents[2] / "data" / "uci_incidents_excerpt.csv"

ROW = {
    **dict.fromkeys(uci_incidents.COLUMNS.required, "?"),
    "number": "INC0000045",
    "incident_state": "Awaiting Vendor",
    "reopen_count": "1",
    "made_sla": "true",
    "caller_id": "Caller 2403",
    "opened_at": "29/2/2016 01:16",
    "sys_updated_at": "5/3/2016 12:00",
    "contact_type": "Phone",
    "category": "Category 55",
    "u_symptom": "Symptom 72",
    "priority": "3 - Moderate",
}


def facts(told: Any) -> dict[str, str]:
    return {fact.name: fact.value for fact in told["facts"]}


def test_a_row_says_how_the_incident_came_in() -> None:
    record = uci_incidents.read(ROW)

    told = record.beginning.details
    assert {name: value for name, value in told.items() if name != "facts"} == {
        "source": SourceRecord(system="uci-incidents", external_id="INC0000045"),
        "row_digest": record.digest,
        "leads_to": Status.REPORTED,
        "received_on": date(2016, 2, 29),
        "channel": "phone",
        "product": "Category 55",
        "issue": "Symptom 72",
    }
    assert facts(told) == {
        "caller_id": "Caller 2403",
        "opened_at": "29/2/2016 01:16",
        "contact_type": "Phone",
        "priority": "3 - Moderate",
    }
    assert record.beginning.occurred_at == datetime(2016, 2, 29, 1, 16, tzinfo=UTC)


def test_a_row_is_an_entry_of_the_log() -> None:
    record = uci_incidents.read(ROW)

    assert record.entry is not None
    told = record.entry.details
    assert {name: value for name, value in told.items() if name != "facts"} == {
        "row_digest": record.digest,
        "leads_to": Status.REPORTED,
        "source_state": "Awaiting Vendor",
        "timely": True,
        "reopen_count": 1,
    }
    assert facts(told) == {
        "caller_id": "Caller 2403",
        "opened_at": "29/2/2016 01:16",
        "sys_updated_at": "5/3/2016 12:00",
        "contact_type": "Phone",
        "category": "Category 55",
        "u_symptom": "Symptom 72",
        "priority": "3 - Moderate",
    }
    assert record.entry.occurred_at == datetime(2016, 3, 5, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("New", Status.REPORTED),
        ("Active", Status.REPORTED),
        ("Awaiting User Info", Status.REPORTED),
        ("Awaiting Problem", Status.REPORTED),
        ("Awaiting Evidence", Status.REPORTED),
        ("Resolved", Status.RESOLVED),
        ("Closed", Status.CLOSED),
        ("-100", None),
        ("?", None),
    ],
)
def test_a_state_leads_where_it_proves_or_nowhere(state: str, status: Status | None) -> None:
    record = uci_incidents.read({**ROW, "incident_state": state})

    assert record.entry is not None
    assert record.entry.details["leads_to"] is status
    assert record.entry.details["source_state"] == state


def test_a_question_mark_is_unknown() -> None:
    unknown = dict.fromkeys(
        ("made_sla", "reopen_count", "contact_type", "category", "u_symptom"), "?"
    )
    record = uci_incidents.read({**ROW, **unknown})

    assert record.entry is not None
    assert record.entry.details["timely"] is None
    assert record.entry.details["reopen_count"] is None
    assert record.beginning.details["channel"] is None
    assert record.beginning.details["product"] is None
    assert record.beginning.details["issue"] is None


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("number", "?", "number is missing"),
        ("number", "", "number is missing"),
        ("number", "Jane Doe", "number is no INC number"),
        ("opened_at", "?", "opened_at is missing"),
        ("opened_at", "2/29/2016 01:16", "opened_at is no date and time"),
        ("sys_updated_at", "30/2/2016 01:16", "sys_updated_at is no date and time"),
        ("sys_updated_at", "1/3/2016", "sys_updated_at is no date and time"),
        ("sys_updated_at", "1/3/0016 01:16", "sys_updated_at lies before 1900"),
        ("made_sla", "yes", "made_sla is neither true nor false"),
        ("reopen_count", "-1", "reopen_count is no whole number"),
    ],
)
def test_a_row_that_cannot_be_understood_says_which_column(
    column: str, value: str, reason: str
) -> None:
    with pytest.raises(BadRow) as bad:
        uci_incidents.read({**ROW, column: value})

    assert str(bad.value) == reason


def test_every_known_value_of_the_excerpt_is_found_again() -> None:
    with EXCERPT.open(newline="", encoding="utf-8") as file:
        raw = list(csv.DictReader(file))

    with RowFile(EXCERPT, uci_incidents.COLUMNS) as rows:
        records = [uci_incidents.read(row.values) for row in rows if isinstance(row, Row)]

    assert len(records) == len(raw) == 78
    for record, cells in zip(records, raw, strict=True):
        assert record.entry is not None
        told = record.entry.details
        flag = str(told["timely"]).lower()
        own = [record.external_id, told["source_state"], flag, str(told["reopen_count"])]
        given = Counter(cell for cell in cells.values() if cell != "?")
        assert Counter([*own, *facts(told).values()]) == given


def test_each_row_has_a_digest_of_its_own() -> None:
    with RowFile(EXCERPT, uci_incidents.COLUMNS) as rows:
        digests = [uci_incidents.read(row.values).digest for row in rows if isinstance(row, Row)]

    assert len(set(digests)) == 78
