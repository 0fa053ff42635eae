"""One read model that fails holds back no other, and the round says so all the same."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, Uuid
from sqlalchemy.exc import OperationalError

from projections import builds, rebuild, rebuild_indexes, row_copy, worker
from projections.engine import ProjectionEngine, Sizes
from projections.read_model import CaseRows, ReadModel
from projections.resting import Stillness
from projections.worker import IDLE_WAIT_SECONDS, OUTAGE_WAIT_SECONDS, Feeding, Pace
from tests.projections.rows import folded_rows, stored_rows
from tests.projections.test_engine import fill
from tests.projections.toy import TOY, Counted, Looked, Opened, Tagged, ToyLog

TALLIES = Table(
    "tallies",
    MetaData(schema="tally"),
    Column("case_id", Uuid, primary_key=True),
    Column("counted", Integer, nullable=False, default=0),
)


def counted(case: CaseRows, event: Counted) -> None:
    """One more."""
    case.row(TALLIES)["counted"] += 1


IGNORED = dict.fromkeys((Opened, Tagged, Looked), "not counted")
TALLY = ReadModel("tally", 1, (TALLIES,), {Counted: counted}, IGNORED)
ROUNDS_ENOUGH = 6
PARTS_OF_FOLDING = {"write": row_copy, "end_folding": rebuild, "add_missing": rebuild_indexes}
PARTS = {"begin": rebuild, "switch": rebuild, "take_turn": builds}
OWNERS = {**PARTS, **PARTS_OF_FOLDING}


@pytest.fixture
def both(engine: Engine, toy_log: ToyLog) -> ProjectionEngine:
    """Feeds the toy model first, then the tally."""
    sizes = Sizes(page=10, rebuild_page=20)
    return ProjectionEngine(engine, toy_log, toy_log, [TOY, TALLY], sizes=sizes)


@pytest.fixture
def folding(engine: Engine, toy_log: ToyLog) -> ProjectionEngine:
    """The same for a log that is long enough to fold whole cases first."""
    sizes = Sizes(page=10, rebuild_page=20, chunk=10, folded_chunks=2)
    return ProjectionEngine(engine, toy_log, toy_log, [TOY, TALLY], sizes=sizes)


def fail_for_toy(patch: pytest.MonkeyPatch, part: str) -> None:
    """Let a part of the round fail for the toy model, as it does on a full disk of its own."""
    done = getattr(OWNERS[part], part)

    def fail(first: object, of: Any, *given: Any, **named: Any) -> object:
        if getattr(of, "projection", None) == TOY.name or of == TOY:
            raise OperationalError("", {}, Exception())
        return done(first, of, *given, **named)

    patch.setattr(OWNERS[part], part, fail)


def is_failing(engine: ProjectionEngine) -> bool:
    """Whether a round says that something failed."""
    try:
        engine.feed_all()
    except OperationalError:
        return True
    return False


@pytest.mark.parametrize("part", PARTS)
def test_the_others_are_begun_fed_and_put_in_use(
    part: str,
    both: ProjectionEngine,
    toy_log: ToyLog,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(toy_log, 40)
    fail_for_toy(monkeypatch, part)

    failing = [is_failing(both) for _ in range(ROUNDS_ENOUGH)]

    in_use = set(builds.find_all(engine)) & {"toy", "tally"}
    assert failing[-1]
    assert in_use == {"tally"}
    assert stored_rows(engine, TALLY) == folded_rows(toy_log, TALLY)
    monkeypatch.undo()
    both.catch_up()
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


@pytest.mark.parametrize("part", PARTS_OF_FOLDING)
def test_the_others_are_folded_and_put_in_use(
    part: str,
    folding: ProjectionEngine,
    toy_log: ToyLog,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(toy_log, 100)
    fail_for_toy(monkeypatch, part)

    failing = [is_failing(folding) for _ in range(5 * ROUNDS_ENOUGH)]

    in_use = set(builds.find_all(engine)) & {"toy", "tally"}
    assert failing[-1]
    assert in_use == {"tally"}
    assert stored_rows(engine, TALLY) == folded_rows(toy_log, TALLY)
    monkeypatch.undo()
    folding.catch_up()
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


def test_a_process_of_the_crew_stops_only_where_nothing_else_is_left_to_do(
    folding: ProjectionEngine, toy_log: ToyLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(toy_log, 100)
    folding.begin_rebuilds(["toy", "tally"])
    fail_for_toy(monkeypatch, "write")

    def work() -> None:
        while folding.work_on_rebuilds():
            pass

    with pytest.raises(OperationalError):
        work()

    assert folding.chunks_left(["tally"]) == 0
    assert folding.chunks_left(["toy"]) > 0


def test_a_worker_soon_goes_on_with_those_that_move(
    both: ProjectionEngine, toy_log: ToyLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(toy_log, 40)
    both.catch_up()
    feeding, pace = Feeding(both, object, Stillness()), Pace(OUTAGE_WAIT_SECONDS)
    fail_for_toy(monkeypatch, "take_turn")
    fill(toy_log, 20)

    waits = [worker._round(feeding, [], pace) for _ in range(4)]

    assert waits == [IDLE_WAIT_SECONDS * factor for factor in (1, 1, 2, 4)]
