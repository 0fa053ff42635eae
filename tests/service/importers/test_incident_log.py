"""The incident log in a real store: one case per incident, one event per row, and it may grow."""

import csv
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from uuid import uuid5

import pytest
from sqlalchemy import text

from domain.circumstances import Circumstances
from domain.conflict_case import ConflictCase
from domain.values import Actor, ActorKind, Role, Status
from service.assembly import Service
from service.case_ids import NAMESPACE
from service.importers import uci_incidents
from service.importers.running import Source, import_file

EXCERPT = Path(__file__).parents[2] / "data" / "uci_incidents_excerpt.csv"


@pytest.fixture
def raw() -> list[dict[str, str]]:
    with EXCERPT.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, uci_incidents.COLUMNS.required)
        writer.writeheader()
        writer.writerows(rows)
    return path


def incident(service: Service, number: str) -> ConflictCase:
    return service.cases.get(uuid5(NAMESPACE, f"uci-incidents:{number}"))


def incidents(service: Service) -> list[ConflictCase]:
    with service.engine.connect() as connection:
        case_ids = connection.execute(text("SELECT DISTINCT originator_id FROM events")).scalars()
        return [service.cases.get(case_id) for case_id in case_ids]


def handler() -> Circumstances:
    return Circumstances(
        actor=Actor(id="anna", kind=ActorKind.PERSON),
        roles=frozenset({Role.HANDLER}),
        now=datetime.now(UTC),
        correlation_id="talk",
    )


def test_counts_equal_those_of_the_last_row_of_each_incident(
    service: Service, raw: list[dict[str, str]]
) -> None:
    last_rows = {row["number"]: row for row in raw}

    report = import_file(Source.UCI_INCIDENTS, EXCERPT, service)

    newest = [case.imported_entries[-1] for case in incidents(service)]
    assert (report.rows, report.imported, report.entries) == (78, 11, 78)
    assert len(newest) == len(last_rows)
    assert sum(entry.reopen_count or 0 for entry in newest) == sum(
        int(row["reopen_count"]) for row in last_rows.values()
    )
    assert sum(entry.timely is True for entry in newest) == sum(
        row["made_sla"] == "true" for row in last_rows.values()
    )


def test_entries_stand_in_the_order_of_the_file_even_where_its_clock_runs_back(
    service: Service,
) -> None:
    import_file(Source.UCI_INCIDENTS, EXCERPT, service)

    entries = incident(service, "INC0000137").imported_entries
    times = [entry.occurred_at for entry in entries]
    assert [entry.source_state for entry in entries] == ["New", "New", "Resolved", "Closed"]
    assert any(later < earlier for earlier, later in pairwise(times))


def test_the_status_follows_the_states_of_the_log(
    service: Service, raw: list[dict[str, str]], tmp_path: Path
) -> None:
    rows = [row for row in raw if row["number"] == "INC0000045"]
    rows[1] = {**rows[1], "incident_state": "-100"}
    path = tmp_path / "log.csv"

    statuses = []
    for count in range(1, 5):
        import_file(Source.UCI_INCIDENTS, write(path, rows[:count]), service)
        statuses.append(incident(service, "INC0000045").status)

    assert statuses == [Status.REPORTED, Status.REPORTED, Status.RESOLVED, Status.CLOSED]


def test_a_log_that_has_grown_adds_only_its_new_rows(
    service: Service, raw: list[dict[str, str]], tmp_path: Path
) -> None:
    half = write(tmp_path / "half.csv", raw[: len(raw) // 2])

    first = import_file(Source.UCI_INCIDENTS, half, service)
    second = import_file(Source.UCI_INCIDENTS, EXCERPT, service)

    assert first.entries + second.entries == 78
    assert first.imported + second.imported == 11
    assert second.already_known == first.rows
    for case in incidents(service):
        assert case.imported is not None
        number = case.imported.source.external_id
        states = [row["incident_state"] for row in raw if row["number"] == number]
        assert [entry.source_state for entry in case.imported_entries] == states


def test_a_case_continued_here_is_no_longer_moved_by_the_old_log(
    service: Service, raw: list[dict[str, str]], tmp_path: Path
) -> None:
    rows = [row for row in raw if row["number"] == "INC0000045"]
    import_file(Source.UCI_INCIDENTS, write(tmp_path / "log.csv", rows[:1]), service)
    case = incident(service, "INC0000045")
    service.cases.take_step(
        case.id, "assign", {"handler": "anna"}, expected_version=case.version, by=handler()
    )

    import_file(Source.UCI_INCIDENTS, write(tmp_path / "log.csv", rows), service)

    case = incident(service, "INC0000045")
    assert case.status is Status.REPORTED
    assert [entry.source_state for entry in case.imported_entries][-1] == "Closed"


def test_a_case_whose_first_row_is_refused_begins_with_the_next(
    service: Service, raw: list[dict[str, str]], tmp_path: Path
) -> None:
    rows = [row for row in raw if row["number"] == "INC0000045"]
    rows[0] = {**rows[0], "sys_updated_at": "29/2/2116 01:23"}

    report = import_file(Source.UCI_INCIDENTS, write(tmp_path / "log.csv", rows), service)

    assert [(row.line, row.reason) for row in report.unreadable] == [(2, "occurred_in_future")]
    assert (report.imported, report.entries) == (1, 3)
    assert incident(service, "INC0000045").version == 4
