"""An event that cannot be applied parks its case, and nothing else."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text

from projections import parking
from projections.engine import ProjectionEngine
from projections.parking import SKIPPED, ParkedCase
from projections.read_model import ReadModel
from projections.unparking import CaseNotParked, Unparking
from tests.projections.rows import folded_rows, stored_rows
from tests.projections.test_engine import fill
from tests.projections.toy import (
    CASES,
    HANDLERS,
    IGNORED,
    TOY,
    Counted,
    Looked,
    Opened,
    Tagged,
    ToyLog,
    new_case_id,
)


def record_bad_case(log: ToyLog) -> tuple[UUID, int]:
    """A case whose second event cannot be applied; returns the case and that position."""
    case_id = new_case_id()
    log.record(case_id, Opened(title="bad"))
    place = log.record(case_id, Counted(amount=-1))
    log.record(case_id, Counted(amount=5), Looked(), Tagged(tag="after"))
    return case_id, place


def total_of(engine: Engine, case_id: UUID) -> int | None:
    """The toy model's total of a case."""
    with engine.connect() as connection:
        return connection.execute(select(CASES.c.total).filter_by(case_id=case_id)).scalar()


def test_the_rest_goes_on_and_the_case_waits(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 40)
    case_id, place = record_bad_case(toy_log)
    fill(toy_log, 40, seed=8)

    toy_engine.catch_up()

    (parked,) = toy_engine.parked_cases("toy")
    assert (parked.case_id, parked.position, parked.version) == (case_id, place, 2)
    assert (parked.event, parked.error, parked.attempts) == ("counted:1", "ValueError", 1)
    assert total_of(engine, case_id) == 0
    good = [each for each in toy_log.stored if each.originator_id != case_id]
    assert len(stored_rows(engine, TOY)["cases"]) == 1 + len({e.originator_id for e in good})


def test_what_comes_later_is_held_back_too(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    case_id, _ = record_bad_case(toy_log)
    toy_engine.catch_up()

    toy_log.record(case_id, Counted(amount=100))
    toy_engine.catch_up()

    assert total_of(engine, case_id) == 0
    assert len(toy_engine.parked_cases("toy")) == 1


def test_retry_replays_what_was_held_back(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(toy_log, 15)
    case_id, _ = record_bad_case(toy_log)
    toy_engine.catch_up()
    toy_log.record(case_id, Counted(amount=7))
    toy_engine.catch_up()

    def counted_at_last(case, event) -> None:  # type: ignore[no-untyped-def]
        HANDLERS[Counted](case, Counted(amount=abs(event.amount)))

    mended = ReadModel("toy", 1, TOY.tables, {**HANDLERS, Counted: counted_at_last}, IGNORED)
    again = ProjectionEngine(engine, toy_log, toy_log, [mended])
    parked = again.retry("toy", case_id)

    assert parked is None
    assert again.parked_cases("toy") == []
    assert stored_rows(engine, TOY) == folded_rows(toy_log, mended)


def test_retry_in_vain_counts_the_attempt(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    case_id, place = record_bad_case(toy_log)
    toy_engine.catch_up()

    parked = toy_engine.retry("toy", case_id)

    assert parked is not None
    assert (parked.position, parked.attempts) == (place, 2)
    assert total_of(engine, case_id) == 0


def test_retry_stops_at_the_next_event_that_fails(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    case_id, first = record_bad_case(toy_log)
    second = toy_log.record(case_id, Counted(amount=-2))
    toy_engine.catch_up()

    parked = toy_engine.skip("toy", case_id, reason="known mistake", actor="ada")

    assert parked is not None
    assert (parked.position, parked.attempts) == (second, 1)
    assert first < second
    assert total_of(engine, case_id) == 5


def test_skip_passes_over_with_a_reason_on_record(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    case_id, place = record_bad_case(toy_log)
    toy_engine.catch_up()

    parked = toy_engine.skip("toy", case_id, reason="entered twice", actor="ada")

    assert parked is None
    assert total_of(engine, case_id) == 5
    with engine.connect() as connection:
        (skipped,) = connection.execute(select(SKIPPED)).all()
    assert (skipped.position, skipped.reason, skipped.actor) == (place, "entered twice", "ada")


def test_nothing_is_passed_over_where_another_was_faster(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, first = record_bad_case(toy_log)
    second = toy_log.record(case_id, Counted(amount=-2))
    toy_engine.catch_up()
    look = Unparking._parked

    def look_and_be_overtaken(unparking: Unparking, case_id: UUID) -> ParkedCase:
        parked = look(unparking, case_id)
        monkeypatch.undo()
        toy_engine.skip("toy", case_id, reason="entered twice", actor="bob")
        return parked

    monkeypatch.setattr(Unparking, "_parked", look_and_be_overtaken)
    parked = toy_engine.skip("toy", case_id, reason="entered twice", actor="ada")

    assert parked is not None
    assert parked.position == second
    with engine.connect() as connection:
        (skipped,) = connection.execute(select(SKIPPED)).all()
    assert (skipped.position, skipped.actor) == (first, "bob")


def test_a_rebuild_passes_over_what_was_skipped(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    case_id, _ = record_bad_case(toy_log)
    toy_engine.catch_up()
    toy_engine.skip("toy", case_id, reason="entered twice", actor="ada")
    before = stored_rows(engine, TOY)

    toy_engine.begin_rebuilds(["toy"])
    toy_engine.catch_up()

    assert toy_engine.parked_cases("toy") == []
    assert stored_rows(engine, TOY) == before


def test_only_parked_cases_are_taken_up_again(toy_engine: ProjectionEngine) -> None:
    toy_engine.catch_up()

    with pytest.raises(CaseNotParked):
        toy_engine.retry("toy", new_case_id())


def test_an_unreadable_event_parks_its_case_by_name(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    case_id = new_case_id()
    toy_log.record(case_id, Opened(title="damaged"))
    place = toy_log.record(case_id, Counted(amount=4))
    toy_log.record(case_id, Counted(amount=5))
    toy_log.damage(place)

    toy_engine.catch_up()

    (parked,) = toy_engine.parked_cases("toy")
    assert (parked.case_id, parked.event, parked.error) == (case_id, "forgotten:9", "KeyError")
    toy_log.mend(place)
    assert toy_engine.retry("toy", case_id) is None
    assert total_of(engine, case_id) == 9


def test_an_event_nobody_thought_of_parks_its_case(toy_log: ToyLog, engine: Engine) -> None:
    forgetful = ReadModel("toy", 1, TOY.tables, {Opened: HANDLERS[Opened]}, {Looked: "no change"})
    toy_log.record(new_case_id(), Opened(title="a"), Looked(), Counted(amount=1))
    toy_engine = ProjectionEngine(engine, toy_log, toy_log, [forgetful])

    toy_engine.catch_up()

    (parked,) = toy_engine.parked_cases("toy")
    assert (parked.event, parked.error) == ("counted:1", "UnexpectedEvent")


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (Opened(title="nul \0 character"), "UntranslatableCharacter"),
        (Counted(amount=2**40), "NumericValueOutOfRange"),
        (
            Tagged(tag="far too long for an index " + "".join(map(chr, range(0x4E00, 0x7000)))),
            "ProgramLimitExceeded",
        ),
    ],
)
def test_a_value_that_the_table_refuses_parks_its_case(
    bad: Opened | Counted | Tagged,
    error: str,
    toy_engine: ProjectionEngine,
    toy_log: ToyLog,
    engine: Engine,
) -> None:
    fill(toy_log, 20)
    case_id = new_case_id()
    toy_log.record(case_id, Opened(title="fine"), bad)
    fill(toy_log, 20, seed=9)

    toy_engine.catch_up()

    (parked,) = toy_engine.parked_cases("toy")
    assert (parked.case_id, parked.error) == (case_id, error)
    assert len(stored_rows(engine, TOY)["cases"]) == 25


def test_many_bad_cases_on_one_page_are_all_found(
    toy_engine: ProjectionEngine, toy_log: ToyLog
) -> None:
    bad = {record_bad_case(toy_log)[0] for _ in range(30)}
    toy_engine.page_size = 500

    toy_engine.catch_up()

    assert {parked.case_id for parked in toy_engine.parked_cases("toy")} == bad


def test_what_is_parked_never_shows_what_was_typed(
    toy_engine: ProjectionEngine,
    toy_log: ToyLog,
    engine: Engine,
    capsys: pytest.CaptureFixture[str],
) -> None:
    toy_log.record(new_case_id(), Opened(title="secret words \0"))

    toy_engine.catch_up()

    with engine.connect() as connection:
        row = connection.execute(text("SELECT parked_cases::text FROM parked_cases")).scalar_one()
    assert "secret" not in row + capsys.readouterr().out
    with engine.connect() as connection:
        assert parking.find_all(connection, "toy")
