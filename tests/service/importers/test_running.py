"""Importing files into a real store: everything once, nothing invented, nothing left half done."""

import csv
import gzip
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from domain.conflict_case import ConflictCase
from domain.values import ActorKind, Via
from service.assembly import Service
from service.importers.report import ChangedRow, Progress, UnreadableRow
from service.importers.running import BATCH_ROWS, Source, import_file
from service.importers.sample import SAMPLE

DATA = Path(__file__).parents[2] / "data"
FULL = DATA / "cfpb_full_columns.csv"
HEADER = (
    "Complaint ID,Product,Sub-product,Issue,Sub-issue,State,ZIP code,Submitted via,"
    "Date received,Date sent to company,Company,Company response,Timely response?,"
    "Consumer disputed?,Consumer complaint narrative"
)


WriteRows = Callable[..., Path]


@pytest.fixture
def write_rows(tmp_path: Path) -> WriteRows:
    def write_rows(*rows: str, header: str = HEADER) -> Path:
        path = tmp_path / "complaints.csv"
        path.write_bytes("\n".join([header, *rows, ""]).encode(errors="surrogateescape"))
        return path

    return write_rows


def complaint(number: object, *, day: str = "10/31/2014", narrative: str = "") -> str:
    return f"{number},Mortgage,,Late fee,,OR,97115,Web,{day},{day},A bank,Closed,Yes,No,{narrative}"


def stored_cases(service: Service) -> list[ConflictCase]:
    """Every case in the store, folded, in the order in which they were taken in."""
    with service.engine.connect() as connection:
        found = connection.execute(
            text("SELECT originator_id FROM events WHERE originator_version = 1 ORDER BY position")
        )
        case_ids = list(found.scalars())
    return [service.cases.get(case_id) for case_id in case_ids]


def count_events(service: Service) -> int:
    with service.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM events")).scalar_one())


def count_column(path: Path, title: str) -> Counter[str]:
    """What a column holds, counted without any of the importer's code."""
    opened: Any = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", newline="", encoding="utf-8") as file:
        return Counter(row[title] for row in csv.DictReader(file))


def test_counts_of_the_sample_equal_those_of_the_file(service: Service) -> None:
    report = import_file(Source.CFPB, SAMPLE, service)

    imported = [case.imported for case in stored_cases(service)]
    answers = {True: "Yes", False: "No", None: ""}
    assert (report.rows, report.imported, report.entries) == (360, 360, 0)
    assert report.complete
    assert Counter(each.outcome for each in imported if each) == count_column(
        SAMPLE, "Company response to consumer"
    )
    assert Counter(answers[each.timely] for each in imported if each) == count_column(
        SAMPLE, "Timely response?"
    )
    disputed = count_column(SAMPLE, "Consumer disputed?")
    disputed[""] += disputed.pop("N/A")
    assert Counter(answers[each.disputed] for each in imported if each) == disputed


def test_an_imported_case_tells_who_brought_it_in_and_by_which_run(service: Service) -> None:
    report = import_file(Source.CFPB, FULL, service)

    case = stored_cases(service)[0]
    assert case.imported is not None
    assert case.imported.actor.id == "importer:cfpb"
    assert case.imported.actor.kind is ActorKind.SYSTEM
    assert case.imported.via is Via.IMPORT
    assert case.imported.correlation_id == report.run_id
    assert case.subject_ref == f"cfpb:{case.imported.source.external_id}"


def test_every_case_has_a_reference_of_its_own(service: Service) -> None:
    import_file(Source.CFPB, FULL, service)

    references = [case.reference for case in stored_cases(service)]
    assert len(set(references)) == len(references) == 20


def test_narratives_are_stored_sealed_and_read_back_whole(service: Service) -> None:
    with FULL.open(newline="", encoding="utf-8") as file:
        told = {
            row["Complaint ID"]: row["Consumer complaint narrative"] for row in csv.DictReader(file)
        }

    import_file(Source.CFPB, FULL, service)

    for case in stored_cases(service):
        assert case.imported is not None
        narrative = case.imported.narrative
        assert (narrative.reveal() if narrative else "") == told[case.imported.source.external_id]
    with service.engine.connect() as connection:
        stored = b"".join(
            bytes(state) for state in connection.execute(text("SELECT state FROM events")).scalars()
        )
    openings = [each[:40] for each in told.values() if each]
    assert len(openings) == 4
    assert not [opening for opening in openings if opening.encode() in stored]


@pytest.mark.parametrize("source", list(Source))
def test_importing_a_file_twice_adds_no_event(service: Service, source: Source) -> None:
    path = FULL if source is Source.CFPB else DATA / "uci_incidents_excerpt.csv"
    import_file(source, path, service)
    before = count_events(service)

    report = import_file(source, path, service)

    assert count_events(service) == before
    assert (report.imported, report.entries) == (0, 0)
    assert report.already_known == report.rows
    assert report.complete


def test_a_row_that_says_something_else_now_is_named_and_adds_nothing(
    service: Service, write_rows: WriteRows
) -> None:
    import_file(Source.CFPB, write_rows(complaint(1), complaint(2)), service)

    changed = write_rows(complaint(1), complaint(2, narrative="And another thing"))
    report = import_file(Source.CFPB, changed, service)

    assert report.changed == [ChangedRow("complaints.csv", 3, "2")]
    assert report.already_known == 1
    assert count_events(service) == 2
    assert not report.complete


def test_a_complaint_that_a_file_holds_twice_is_taken_once(
    service: Service, write_rows: WriteRows
) -> None:
    path = write_rows(complaint(1), complaint(1), complaint(1, day="10/30/2014"))

    report = import_file(Source.CFPB, path, service)

    assert (report.imported, report.already_known) == (1, 1)
    assert report.changed == [ChangedRow("complaints.csv", 4, "1")]
    assert count_events(service) == 1


def test_unreadable_rows_are_listed_with_line_and_reason_and_leave_nothing(
    service: Service, write_rows: WriteRows
) -> None:
    secret = "Jane Doe"
    path = write_rows(
        complaint(1),
        complaint("", narrative=secret),
        complaint(3, day=secret),
        complaint(4, narrative=f"{secret},{secret}"),
        complaint(5, narrative="\udce9"),
        complaint(6, narrative=f"{secret}\0"),
        complaint(7, narrative=f"{secret}\x07"),
        complaint(8, narrative=f'"{secret}\n{secret}"'),
        complaint(9, day="12/31/2125"),
        complaint(10, narrative="x" * 40_001),
        complaint(11, narrative=f'"{secret}'),
        complaint(12),
        complaint(13).replace("97115", f"{secret}\x07"),
    )

    report = import_file(Source.CFPB, path, service)

    listed = [(row.line, row.reason) for row in report.unreadable]
    assert listed == [
        (3, "complaint_id is missing"),
        (4, "date_received is no date"),
        (5, "has 16 columns, not 15"),
        (6, "is not UTF-8"),
        (7, "holds a NUL character"),
        (8, "narrative: unstorable_character"),
        (11, "occurred_in_future"),
        (12, "narrative: text_length"),
        (13, "is not well-formed CSV"),
        (15, "zip_code: unstorable_character"),
    ]
    kept = [case.imported.source.external_id for case in stored_cases(service) if case.imported]
    assert kept == ["1", "8", "12"]
    assert (report.rows, report.imported) == (13, 3)
    assert report.unreadable[0] == UnreadableRow("complaints.csv", 3, "complaint_id is missing")


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


def test_an_interrupted_import_goes_on_where_it_stopped(
    service: Service, write_rows: WriteRows
) -> None:
    path = write_rows(*(complaint(number) for number in range(2 * BATCH_ROWS + 10)))

    def interrupt(progress: Progress) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        import_file(Source.CFPB, path, service, interrupt)
    stored = count_events(service)
    report = import_file(Source.CFPB, path, service)

    assert stored == BATCH_ROWS
    assert (report.already_known, report.imported) == (BATCH_ROWS, BATCH_ROWS + 10)
    assert count_events(service) == 2 * BATCH_ROWS + 10


def test_a_file_cut_off_is_taken_up_to_the_cut_and_completed_later(
    service: Service, write_rows: WriteRows, tmp_path: Path
) -> None:
    rows = [complaint(number, narrative=f"{number * 7919 % 9973}") for number in range(3_000)]
    whole = gzip.compress(write_rows(*rows).read_bytes())
    path = tmp_path / "complaints.csv.gz"

    path.write_bytes(whole[: len(whole) // 2])
    cut = import_file(Source.CFPB, path, service)
    path.write_bytes(whole)
    completed = import_file(Source.CFPB, path, service)

    assert cut.stopped == "the compressed data ends too early"
    assert 0 < cut.imported < 3_000
    assert completed.already_known == cut.imported
    assert completed.complete
    assert count_events(service) == 3_000


def test_progress_rises_to_the_end_of_the_file(service: Service, write_rows: WriteRows) -> None:
    path = write_rows(*(complaint(number) for number in range(2 * BATCH_ROWS)))
    told: list[Progress] = []

    import_file(Source.CFPB, path, service, told.append)

    assert [each.imported for each in told] == [BATCH_ROWS, 2 * BATCH_ROWS]
    assert told[-1].bytes_read == told[-1].bytes_total == path.stat().st_size


def test_two_imports_of_one_file_at_once_take_every_row_once(
    service: Service, write_rows: WriteRows
) -> None:
    path = write_rows(*(complaint(number, narrative="Oh no") for number in range(3 * BATCH_ROWS)))

    with ThreadPoolExecutor(2) as both:
        runs = [both.submit(import_file, Source.CFPB, path, service) for _ in range(2)]
        reports = [run.result() for run in runs]

    assert sum(report.imported for report in reports) == 3 * BATCH_ROWS
    assert sum(report.already_known for report in reports) == 3 * BATCH_ROWS
    assert count_events(service) == 3 * BATCH_ROWS
    narratives = [case.imported.narrative for case in stored_cases(service) if case.imported]
    assert {narrative.reveal() for narrative in narratives if narrative} == {"Oh no"}


def test_the_clock_is_handed_in(service: Service, write_rows: WriteRows) -> None:
    path = write_rows(complaint(1))

    report = import_file(Source.CFPB, path, service, clock=lambda: datetime(2014, 1, 1, tzinfo=UTC))

    assert [row.reason for row in report.unreadable] == ["occurred_in_future"]
