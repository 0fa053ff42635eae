"""The application on a real store: what was acknowledged is there, once, and sealed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import text

from domain import errors
from domain.conflict_case import ConflictCase
from domain.values import Status
from service.assembly import Service, build
from service.case_ids import case_id_of, new_case_id
from service.conflict_cases import Taken
from service.event_store import Command, StoreBusy
from service.settings import Settings
from tests.given import BEGAN_AT, a_story_to, circumstances, details_for

WRITERS = 50


@pytest.fixture
def service(settings: Settings) -> Service:
    return build(settings)


def report(service: Service, command: Command | None = None) -> Taken:
    details = details_for("report", ConflictCase(uuid4()))
    return service.cases.begin("report", details, circumstances(), command=command)


def a_command(fingerprint: bytes = b"f" * 32) -> Command:
    return Command(uuid4(), fingerprint)


def acknowledge(
    service: Service, reported: Taken, *, seen: int | None, command: Command | None = None
) -> Taken:
    return service.cases.take_step(
        reported.case.id,
        "acknowledge",
        details_for("acknowledge", reported.case),
        expected_version=seen,
        by=circumstances(),
        command=command,
    )


def count_events(service: Service) -> int:
    with service.engine.connect() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM events")) or 0)


def test_a_reported_case_reads_back_as_it_was_shown(service: Service) -> None:
    reported = report(service)

    read = service.cases.get(reported.case.id)

    assert read == reported.case
    assert read.version == 1


def test_personal_text_is_nowhere_readable_in_the_store(service: Service) -> None:
    reported = report(service)
    assert reported.case.report is not None
    summary = reported.case.report.summary.reveal()

    with service.engine.connect() as connection:
        rows = connection.execute(text("SELECT topic, state FROM events")).all()

    assert [row.topic for row in rows] == ["conflict_reported:1"]
    assert str(summary).encode() not in bytes(rows[0].state)


def test_a_stale_version_is_refused_with_the_current_one(service: Service) -> None:
    reported = report(service)
    acknowledge(service, reported, seen=1)

    with pytest.raises(errors.CaseHasMoved) as refusal:
        acknowledge(service, reported, seen=1)

    assert refusal.value.params == {"current_version": 2}


def test_fifty_writers_on_one_case_lose_nothing(service: Service) -> None:
    reported = report(service)

    def write(_: int) -> bool:
        try:
            acknowledge(service, reported, seen=1)
        except errors.CaseHasMoved:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as pool:
        written = list(pool.map(write, range(WRITERS)))

    assert written.count(True) == 1
    assert service.cases.get(reported.case.id).version == 2


def test_the_same_command_a_hundred_times_at_once_makes_one_case(service: Service) -> None:
    command = a_command()

    with ThreadPoolExecutor(WRITERS) as pool:
        taken = list(pool.map(lambda _: report(service, command), range(2 * WRITERS)))

    assert len({each.case.id for each in taken}) == 1
    assert [each.replayed for each in taken].count(False) == 1
    assert count_events(service) == 1


def test_a_repeated_step_gives_its_first_outcome_though_the_case_has_moved(
    service: Service,
) -> None:
    reported, command = report(service), a_command()
    first = acknowledge(service, reported, seen=1, command=command)
    acknowledge(service, reported, seen=2)

    again = acknowledge(service, reported, seen=1, command=command)

    assert again.replayed
    assert (again.case, again.position) == (first.case, first.position)


def test_one_command_for_two_requests_is_refused(service: Service) -> None:
    command = a_command()
    report(service, command)

    with pytest.raises(errors.IdempotencyKeyReused):
        report(service, Command(command.command_id, b"o" * 32))

    assert count_events(service) == 1


def test_merging_in_a_circle_is_refused(service: Service) -> None:
    one, two = report(service), report(service)
    merge = {"expected_version": 1, "by": circumstances()}
    service.cases.take_step(one.case.id, "merge_into", {"into_case_id": two.case.id}, **merge)

    with pytest.raises(errors.MergedIntoItself):
        service.cases.take_step(two.case.id, "merge_into", {"into_case_id": one.case.id}, **merge)

    assert service.cases.get(two.case.id).status is Status.REPORTED


def test_two_cases_merged_into_each_other_at_once_make_no_circle(service: Service) -> None:
    def merge(one: Taken, other: Taken, together: Barrier) -> bool:
        together.wait()
        try:
            details = {"into_case_id": other.case.id}
            service.cases.take_step(
                one.case.id, "merge_into", details, expected_version=1, by=circumstances()
            )
        except errors.MergedIntoItself:
            return False
        return True

    merged = []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(20):
            one, two, together = report(service), report(service), Barrier(2)
            there = pool.submit(merge, one, two, together)
            back = pool.submit(merge, two, one, together)
            merged.append({there.result(), back.result()})

    assert merged == [{True, False}] * 20


def test_merging_into_a_case_that_does_not_exist_is_refused(service: Service) -> None:
    one = report(service)

    with pytest.raises(errors.OtherCaseNotFound):
        service.cases.take_step(
            one.case.id,
            "merge_into",
            {"into_case_id": new_case_id()},
            expected_version=1,
            by=circumstances(),
        )


def test_a_case_as_of_an_instant_and_as_known_then(service: Service) -> None:
    story = a_story_to(Status.CLOSED)
    recorded = service.cases.record(story.events)
    middle = len(story.events) // 2

    as_of = service.cases.get(story.case.id, as_of=story.events[middle].occurred_at)
    by_version = service.cases.get(story.case.id, version=middle + 1)

    assert as_of == by_version
    assert len(recorded) == len(story.events)


def test_there_is_no_case_before_its_report_whatever_happened_earlier(service: Service) -> None:
    reported = report(service)
    earlier = BEGAN_AT - timedelta(days=2)
    service.cases.take_step(
        reported.case.id,
        "log_interaction",
        details_for("log_interaction", reported.case),
        expected_version=1,
        by=circumstances(occurred_at=earlier),
    )

    with pytest.raises(errors.CaseNotFound):
        service.cases.get(reported.case.id, as_of=earlier)

    assert service.cases.get(reported.case.id, as_of=BEGAN_AT).version == 2


def test_an_answer_that_waited_for_the_same_command_is_marked_as_replayed(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = a_command()
    first = report(service, command)

    def wait_too_long(*_: object, **__: object) -> None:
        raise StoreBusy

    monkeypatch.setattr(service.recorder, "append", wait_too_long)
    again = report(service, command)

    assert again.case == first.case
    assert again.replayed


def test_an_erased_subject_reads_as_erased_and_the_case_remains(service: Service) -> None:
    reported = report(service)

    service.keys.destroy(reported.case.subject_ref)

    assert repr(service.cases.get(reported.case.id).report.summary.reveal()) == "ERASED"  # type: ignore[union-attr]


def test_case_ids_are_version_7_and_rise_with_time() -> None:
    earlier, later = new_case_id(), new_case_id()

    assert (earlier.version, earlier.variant) == (7, "specified in RFC 4122")
    assert earlier.int >> 80 <= later.int >> 80


def test_one_record_of_another_system_makes_one_case(service: Service) -> None:
    first = report(service)
    again = {**details_for("report", first.case), "source": first.case.report.source}

    with pytest.raises(errors.AlreadyReported) as refusal:
        service.cases.begin("report", again, circumstances())

    assert refusal.value.params == {"case_id": first.case.id}
    assert service.cases.get(first.case.id).version == 1


def test_two_writers_with_one_record_make_one_case(service: Service) -> None:
    details = details_for("report", ConflictCase(uuid4()))

    def attempt(_: int) -> str:
        try:
            return str(service.cases.begin("report", details, circumstances()).case.id)
        except errors.AlreadyReported as refusal:
            return f"refused {refusal.params['case_id']}"

    with ThreadPoolExecutor(8) as pool:
        told = sorted(pool.map(attempt, range(8)))

    assert [each.split()[0] for each in told].count("refused") == 7
    assert len({each.split()[-1] for each in told}) == 1


def test_records_with_colons_in_their_names_are_told_apart() -> None:
    assert case_id_of("a:b", "c") != case_id_of("a", "b:c")
